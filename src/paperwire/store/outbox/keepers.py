"""People who saved a paper or voted for it, who hear of what becomes of it in a place where no one else reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel import col

from paperwire.core.matching.news import Matched
from paperwire.core.papers.paper import ACCEPTANCE, CODE, Occasion
from paperwire.core.subscriptions.subscription import ACCEPTANCES, CODE_ARRIVALS, MuteKind
from paperwire.store.database.tables.base import UTCDateTime
from paperwire.store.database.tables.deliveries import DeliveryRow
from paperwire.store.database.tables.lists import VoteRow
from paperwire.store.database.tables.people import DestinationRow, MuteRow, SavedRow

_KEPT = union_all(
    select(col(SavedRow.person), col(SavedRow.paper), col(SavedRow.saved_at).label("at")),
    select(col(VoteRow.person), col(VoteRow.paper), col(VoteRow.at)),
).subquery("kept")
_IS_OWN = and_(col(DestinationRow.owner) == _KEPT.c.person, col(DestinationRow.kind).in_(["private", "mailbox"]))
KEEPERS = select(col(DestinationRow.number).label("destination"), _KEPT.c.paper).join_from(
    _KEPT, DestinationRow, _IS_OWN
)
"""The private places of people, each with the papers that they saved or voted for."""
_FIRST_OWN = (
    select(func.min(col(DestinationRow.number)))
    .where(_IS_OWN, col(DestinationRow.paused) == "")
    .correlate(_KEPT)
    .scalar_subquery()
)


def mute_of(occasion: Occasion) -> tuple[MuteKind, str] | None:
    """The mute that keeps such facts of all papers that are followed or saved from a place, None if there is none."""
    if occasion in ACCEPTANCE:
        return ACCEPTANCES
    return CODE_ARRIVALS if occasion == CODE else None


def hears_of(occasion: Occasion, place: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a place has not muted such facts of all papers that are followed or saved."""
    mute = mute_of(occasion)
    if mute is None:
        return true()
    kind, value = mute
    muted = and_(col(MuteRow.destination) == place, col(MuteRow.kind) == kind, col(MuteRow.value) == value)
    return ~exists().where(muted)


def kept_papers(news: Sequence[Matched], grace: timedelta) -> Select[*tuple[Any, ...]]:
    """The first private place (`destination`) of each person who kept one of these papers, with the `paper`.

    They kept it by then, with some `grace`, and were not notified of its acceptance before.
    """
    occasion = news[0].occasion
    others = sorted(other.code for other in ACCEPTANCE - {occasion}) if occasion in ACCEPTANCE else []
    is_kept = or_(
        *(
            and_(_KEPT.c.paper == item.paper.number, _KEPT.c.at <= literal(item.seen_at + grace, UTCDateTime))
            for item in news
        )
    )
    places = select(_FIRST_OWN.label("destination"), _KEPT.c.paper).where(is_kept).distinct().subquery("keepers")
    notified = exists().where(
        col(DeliveryRow.destination) == places.c.destination,
        col(DeliveryRow.paper) == places.c.paper,
        col(DeliveryRow.occasion).in_(others),
    )
    return select(places.c.destination, places.c.paper).where(places.c.destination.is_not(None), ~notified)
