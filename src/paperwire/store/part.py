"""What every part of a unit of work shares: the open transaction and its instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


class Part:
    """A group of questions and orders to the database inside one transaction, which began at `now` (aware, UTC)."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self._db = connection
        self._now = now
