"""The operator's hold: after a restored copy nothing is sent until the operator has looked at what would be.

A mark of how far sending has come, in the database and in a file next to it, shows that a copy is older.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import structlog

from paperwire.store.unit import Store, Unit

_KEY = "hold"


class Hold:
    """The hold of one database; everything but sending goes on under it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def is_on(self) -> bool:
        return await self.since() is not None

    async def stops(self, unit: Unit) -> bool:
        """Whether deliveries wait, asked inside a transaction."""
        return bool(await unit.settings.get(_KEY))

    async def since(self) -> datetime | None:
        """When the hold began, None if there is none."""
        async with self._store.read() as unit:
            began_at = await unit.settings.get(_KEY)
        return datetime.fromisoformat(began_at) if began_at else None

    async def begin(self) -> None:
        """Hold all deliveries from now on."""
        async with self._store.write() as unit:
            await unit.settings.put(_KEY, unit.now.isoformat())

    async def end(self) -> None:
        """Let deliveries go out again."""
        async with self._store.write() as unit:
            await unit.settings.put(_KEY, "")


_log = structlog.get_logger(__name__)
_MARK_KEY = "sent mark"
_OLDER = "the database is older than what was last sent from it"
_HINT = "`paperwire outbox` lists what is owed, `outbox --release` sends it, `outbox drop --owed` drops it"


@dataclass(frozen=True, slots=True)
class _Mark:
    """The number of a mark, and of which database it is, as copies have the same history."""

    history: str
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; raises ValueError."""
        history, number = text.split()
        return cls(history, int(number))

    def __str__(self) -> str:
        return f"{self.history} {self.number}"


class SentMark:
    """The mark of one database; `file` is next to it and not part of any copy.

    It goes forward while messages are sent, in the database first. So a file that is ahead means that messages went
    out which the database knows nothing of.
    """

    def __init__(self, store: Store, file: Path) -> None:
        self._store = store
        self._file = file

    async def hold_if_older(self, hold: Hold) -> None:
        """Hold all deliveries if the database is older than what was last sent; from then on the two marks agree."""
        written = self._read()
        async with self._store.write() as unit:
            stored = _Mark.parse(await unit.settings.ensure(_MARK_KEY, str(_Mark(secrets.token_hex(8), 0))))
        if written is None:
            return
        mark, at = written
        if mark.history != stored.history or mark.number <= stored.number:
            return
        _log.warning("deliveries are on hold", problem=_OLDER, last_sent=f"{at:%Y-%m-%dT%H:%M:%SZ}", hint=_HINT)
        await hold.begin()
        async with self._store.write() as unit:
            await unit.settings.put(_MARK_KEY, str(mark))

    async def advance(self) -> None:
        """Let the mark go forward by one; a folder that cannot be written to is logged."""
        async with self._store.write() as unit:
            stored = _Mark.parse(await unit.settings.ensure_locked(_MARK_KEY, str(_Mark(secrets.token_hex(8), 0))))
            mark = _Mark(stored.history, stored.number + 1)
            await unit.settings.put(_MARK_KEY, str(mark))
        draft = self._file.with_name(f".{self._file.name}.draft")
        try:
            draft.unlink(missing_ok=True)
            draft.touch(0o600)
            draft.write_text(f"{mark}\n{unit.now.isoformat()}\n", encoding="utf-8")
            draft.replace(self._file)
        except OSError as error:
            _log.warning("the mark of what was sent was not written", file=str(self._file), problem=error.strerror)

    def _read(self) -> tuple[_Mark, datetime] | None:
        """The mark in the file and when it was written; None where there is none that can be read."""
        try:
            mark, at = self._file.read_text(encoding="utf-8").splitlines()
            return _Mark.parse(mark), datetime.fromisoformat(at)
        except (OSError, ValueError):
            return None
