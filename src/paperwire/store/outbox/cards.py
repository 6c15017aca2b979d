"""Which paper a message to a shared place shows alone, so that a reaction to it is a vote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.deliveries.due import Key
from paperwire.store.database.lists import among, number_list
from paperwire.store.database.statements import insert_new
from paperwire.store.owners import IS_SHARED
from paperwire.store.tables.lists import CardRow
from paperwire.store.tables.people import DestinationRow


async def keep_cards(
    db: AsyncConnection, now: datetime, keys: Mapping[int, Iterable[Key]], ids: Mapping[int, str]
) -> None:
    """Note which paper a message to a shared place shows alone."""
    papers = {place: [number for number, _ in its] for place, its in keys.items()}
    alone = [(place, its[0], ids[place]) for place, its in papers.items() if len(its) == 1 and ids.get(place)]
    if not alone:
        return
    about = {place: (paper, message) for place, paper, message in alone}
    shared = select(col(DestinationRow.number)).where(among(col(DestinationRow.number), "places"), IS_SHARED)
    places = await db.scalars(shared, {"places": number_list(sorted(about))})
    row = {"at": now}
    rows = [row | {"destination": at, "paper": about[at][0], "message": about[at][1]} for at in places]
    if rows:
        await db.execute(insert_new(db, CardRow).on_conflict_do_nothing(), rows)
