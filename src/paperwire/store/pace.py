"""One pace for all processes: turns at outside services are taken in the database and waited for outside of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Update, select, update
from sqlmodel import col

from paperwire.errors import SourceBusy
from paperwire.store.database.part import Transaction
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.service import PaceRow
from paperwire.store.service import Leases

SLOT_TIMEOUT = timedelta(seconds=200)
"""A slot that is not given back after so long is free again, unless its process was found dead before."""
LONGEST_YIELD = timedelta(minutes=5)
"""How long a patient request lets others go first: longer than an announcement takes, so that neither view starves."""
LONGEST_AROUND = LONGEST_YIELD + 2 * SLOT_TIMEOUT
"""The same for a slot in which another one is waited for: until patience ends, after a last request, and its own."""
_CLEARANCE = 3
"""Intervals that patient requests keep from the last other one: the next part of an announcement follows it sooner."""
_NO_TIME, _A_SECOND = timedelta(0), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Ask:
    service: str
    interval: timedelta
    endpoint: str
    patient: bool
    longest: timedelta


class _Line:
    """The requests of this process to one service, of which one at a time is at the front."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def enter(self, *, patient: bool) -> None:
        """Wait until this request is at the front."""
        self._waiting += not patient
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= not patient

    @property
    def is_wanted(self) -> bool:
        """Whether a request waits that isn't patient."""
        return self._waiting > 0

    def leave(self) -> None:
        self._lock.release()


@dataclass(frozen=True)
class StorePace:
    """The `ports.Pace` of a database: one request at a time over all processes, `interval` seconds between them."""

    write: Callable[[], AbstractAsyncContextManager[Transaction]]
    _: KW_ONLY
    owner: str
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _lines: defaultdict[str, _Line] = field(default_factory=lambda: defaultdict(_Line))

    @asynccontextmanager
    async def slot(
        self, service: str, interval: float, *, endpoint: str = "", patient: bool = False, around: bool = False
    ) -> AsyncIterator[None]:
        """The slot for one request to `service`, entered when it may go out.

        The next slot is free `interval` seconds after this one has ended. A `patient` request has none while another
        one waits for its own, in any process, or had one just before; but after LONGEST_YIELD it goes before them all.
        `around` says that another slot is waited
        for within this one. Raises SourceBusy while `endpoint` (if empty, the service) wants to be left alone, in
        whichever process it said so.
        """
        longest = LONGEST_AROUND if around else SLOT_TIMEOUT
        ask = _Ask(service, timedelta(seconds=interval), endpoint or service, patient, longest)
        line = self._lines[service]
        await self._wait(ask, line)
        try:
            yield
        finally:
            try:
                if ask.interval:
                    await self._give_back(ask)
            finally:
                line.leave()

    async def rest(self, endpoint: str, until: datetime) -> None:
        """Let no process ask `endpoint` before `until`."""
        async with self.write() as unit:
            await _close(unit, endpoint, until)

    async def _wait(self, ask: _Ask, line: _Line) -> None:
        """Return at the front of the line and with the slot."""
        since: datetime | None = None
        while True:
            await line.enter(patient=ask.patient)
            try:
                now, wait = await self._take(ask, since, is_wanted=line.is_wanted)
                since = min(since or now, now)  # earlier if the clock went back
                while wait > _NO_TIME and not _is_patient(ask, since, now):
                    await self.sleep(wait.total_seconds())
                    now, wait = await self._take(ask, since)
            except BaseException:
                line.leave()
                raise
            if wait <= _NO_TIME:
                return
            line.leave()  # those that are not patient go first meanwhile
            await self.sleep(wait.total_seconds())

    async def _take(self, ask: _Ask, since: datetime | None, *, is_wanted: bool = False) -> tuple[datetime, timedelta]:
        """Take the slot, or say in how long to ask again, as another process may take any time. With the time now.

        A request that is patient, which has waited `since` then, leaves a slot that `is_wanted` by others.
        """
        async with self.write() as unit:
            now = unit.now
            patient = _is_patient(ask, since or now, now)
            new = insert_new(unit.connection, PaceRow).values(service=ask.service, next_at=now)
            await unit.connection.execute(new.on_conflict_do_nothing())
            statement = select(col(PaceRow.next_at)).where(col(PaceRow.service) == ask.service).with_for_update()
            next_at: datetime = (await unit.connection.execute(statement)).scalar_one()
            closed = await _left(unit, ask.endpoint)
            if closed > _NO_TIME:
                raise SourceBusy(
                    f"{ask.endpoint} asked us to wait; {closed.total_seconds():.0f} s are left",
                    closed.total_seconds(),
                    sent=False,
                )
            if patient and is_wanted:
                return now, ask.interval or _A_SECOND
            if ask.interval and (ahead := await self._ahead(unit, ask, patient=patient)):
                return now, ahead
            wait = next_at - now
            # A slot further ahead than the next one can be is left from a clock that went back.
            if _NO_TIME < wait <= ask.interval:
                return now, wait
            if ask.interval:
                if not await Leases(unit.connection, now).acquire(_lease_of(ask.service), self.owner, ask.longest):
                    return now, ask.interval
                await unit.connection.execute(_moved(ask.service, now + ask.interval))
                if ask.patient and not patient:
                    await _close(unit, _overdue(ask.service), now)
            return now, _NO_TIME

    @staticmethod
    async def _ahead(unit: Transaction, ask: _Ask, *, patient: bool) -> timedelta:
        """How long others go first; nothing if this one does, which then says so to all processes."""
        clearance = _CLEARANCE * ask.interval
        if ask.patient and not patient:
            await _close(unit, _overdue(ask.service), unit.now + clearance)
        elif _NO_TIME < await _left(unit, _overdue(ask.service)) <= clearance:
            return ask.interval
        if not patient:
            await _announce(unit, ask)
            return _NO_TIME
        ahead = await _left(unit, _others(ask.service))
        return ahead if _NO_TIME < ahead <= clearance else _NO_TIME

    async def _give_back(self, ask: _Ask) -> None:
        async with self.write() as unit:
            await unit.connection.execute(_moved(ask.service, unit.now + ask.interval))  # locked first, as in `_take`
            if not ask.patient:
                await _announce(unit, ask)
            await Leases(unit.connection, unit.now).release(_lease_of(ask.service), self.owner)


def _is_patient(ask: _Ask, since: datetime, now: datetime) -> bool:
    """Whether a request still lets others go first; after LONGEST_YIELD it goes before them."""
    return ask.patient and now - since < LONGEST_YIELD


async def _left(unit: Transaction, name: str) -> timedelta:
    """How long something stays closed."""
    until = (
        await unit.connection.execute(select(col(PaceRow.closed_until)).where(col(PaceRow.service) == name))
    ).scalar()
    return _NO_TIME if until is None else until - unit.now


async def _announce(unit: Transaction, ask: _Ask) -> None:
    """Tell patient requests of all processes that another one waits for its slot, or has just had it."""
    await _close(unit, _others(ask.service), unit.now + _CLEARANCE * ask.interval)


async def _close(unit: Transaction, name: str, until: datetime) -> None:
    new = insert_new(unit.connection, PaceRow).values(service=name, next_at=unit.now, closed_until=until)
    await unit.connection.execute(new.on_conflict_do_update(index_elements=["service"], set_={"closed_until": until}))


def _lease_of(service: str) -> str:
    return f"turn:{service}"


def _others(service: str) -> str:
    """The row that is closed to patient requests while others go first."""
    return f"patient:{service}"


def _overdue(service: str) -> str:
    """The row that is closed to all other requests while one goes first whose patience has ended."""
    return f"overdue:{service}"


def _moved(service: str, next_at: datetime) -> Update:
    return update(PaceRow).where(col(PaceRow.service) == service).values(next_at=next_at)
