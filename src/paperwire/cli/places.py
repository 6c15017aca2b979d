"""`places`: where papers go, what is closed and why, and opening again what was closed wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, command, go, out, settings_of, show_json
from paperwire.config import Settings
from paperwire.core.deliveries.ledger import KnownPlace
from paperwire.errors import CloseReason, CommandError
from paperwire.services.access import Access
from paperwire.store.unit import Unit


@command("places")
def places(
    context: typer.Context,
    reopen: Annotated[
        str,
        typer.Option(metavar="KIND|ADDRESS", help="Open again what is closed: all of a channel, or one place."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List chats and addresses, the closed ones first, or open closed ones again; what they missed is sent."""
    settings = settings_of(context)
    if reopen:
        opened = go(_reopen(settings, reopen))
        if as_json:
            show_json({"reopened": opened})
        else:
            out.print("1 place is open again" if len(opened) == 1 else f"{len(opened):,} places are open again")
        return
    rows = [_row(place) for place in go(_read(settings))]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        out.print("  ".join(str(value) for value in row.values()), soft_wrap=True)


async def _read(settings: Settings) -> Sequence[KnownPlace]:
    async with opening.opened(settings, opening.clock(), write=False) as store, store.read() as unit:
        return await unit.ledger.known_places()


def _row(place: KnownPlace) -> dict[str, Any]:
    paused = f"closed: {place.paused}" if place.is_closed else "paused"
    return {
        "number": place.number,
        "channel": place.channel,
        "address": place.address,
        "state": paused if place.paused else "open",
        "owed": place.owed,
    }


async def _reopen(settings: Settings, which: str) -> list[int]:
    async with opening.opened(settings, opening.clock(), write=True) as store, store.write() as unit:
        access = opening.access_of(settings, opening.secret_key(settings, store))
        opened = [place.number for place in await _closed(unit, which) if await _admits(access, unit, place.number)]
        for number in opened:
            await unit.places.resume(number)
    return opened


async def _admits(access: Access, unit: Unit, number: int) -> bool:
    """Whether papers may go to a place, whatever closed it."""
    place = await unit.places.get(number)
    return place is not None and await access.admits_place(unit, place)


async def _closed(unit: Unit, which: str) -> list[KnownPlace]:
    """The closed places that `which` names: all of a channel, or one by its number, address or channel:address.

    What was closed as its owner may not use this instance opens when the service starts with settings that let them in.
    """
    places = await unit.ledger.known_places()
    named = [
        place
        for place in places
        if which in {place.channel, place.address, f"{place.channel}:{place.address}", str(place.number)}
    ]
    if not named:
        raise CommandError(f"no place is called {which!r}; `paperwire places` lists them all")
    return [place for place in named if place.is_closed and place.paused != CloseReason.NOT_ALLOWED]
