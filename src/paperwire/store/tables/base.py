"""What all tables share: their catalogue, and the small integers that stand in their columns."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import ClassVar

from sqlalchemy import MetaData
from sqlmodel import SQLModel


class EventCode(IntEnum):
    """What a source said, as stored; from `PUBLISHED` on what the store itself saw change in a paper's record."""

    NEW = 1
    CROSS = 2
    REPLACED = 3
    WITHDRAWN = 4
    LISTED = 5
    SCORE = 6
    PUBLISHED = 7
    CODE = 8
    REWORDED = 9


ARRIVALS = (EventCode.NEW, EventCode.CROSS, EventCode.LISTED)
"""`core.papers.paper.ARRIVALS` as stored."""


class State(IntEnum):
    """Where a delivery stands: owed, or settled in one of the other ways.

    `GIVEN_UP` was refused, `UNKNOWN` was sent several times without an answer and may have arrived, `DROPPED` is what
    an operator took away.
    """

    OWED = 0
    SENT = 1
    GIVEN_UP = 2
    UNKNOWN = 3
    DROPPED = 4


class Want(IntFlag):
    """Which occasions a subscription asks for, as bits."""

    ARRIVAL = 1
    VERSIONS = 2
    WITHDRAWN = 4


WANTED = {"arrival": Want.ARRIVAL, "version": Want.VERSIONS, "withdrawn": Want.WITHDRAWN}
"""Which bit of a subscription's occasions asks for an occasion; a trending query asks for its own by being one."""

LIVE = 8
"""The bit of a route's `wants` that says that its subscription is neither paused nor deleted."""


class Row(SQLModel):
    """Base of all tables: one catalogue with fixed constraint names."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
