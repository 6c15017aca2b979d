"""Tells operators of trouble, once, and of its end, once, whatever number of processes there is."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from paperwire.core.health import Health
from paperwire.core.messages.message import Message, Span, message_of
from paperwire.errors import SendError, StoreError
from paperwire.ports.callers import Actor
from paperwire.ports.channels import Channel, Conversation
from paperwire.ports.options import Now
from paperwire.services.running.trouble import patience_with, troubles_of
from paperwire.store.unit import Store
from paperwire.texts import ENGLISH
from paperwire.wording.times import utc
from paperwire.worker.lease import Lease

_log = structlog.get_logger(__name__)

LOOK_INTERVAL = timedelta(minutes=1)
OVER_AFTER = timedelta(minutes=5)
"""How long a trouble has to be gone before it counts as over; twice as long each time it came back within a day."""
LONGEST_QUIET = timedelta(hours=12)
TROUBLE_REMEMBERED = timedelta(days=1)
_LONGEST_PAUSE = timedelta(hours=1)
_SEND_TIMEOUT = 60.0  # seconds for one message to one operator
_KEY = "trouble "


@dataclass
class Trouble:
    """One trouble as it is stored: since when, when it was seen last, what is the matter, and who was notified of it.

    `over_at` is when its end was reported; then `told` is empty. `returns` is how often it came back since.
    """

    since: datetime
    seen_at: datetime
    problem: str
    told: list[str] = field(default_factory=list)
    over_at: datetime | None = None
    returns: int = 0

    def dumped(self) -> str:
        """As text; instants as ISO 8601."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def load(cls, text: str) -> Trouble:
        """What `dumped` wrote."""
        values: dict[str, Any] = json.loads(text)
        for name in ("since", "seen_at", "over_at"):
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        return cls(**values)

    @property
    def quiet(self) -> timedelta:
        """How long it has to be gone to be over."""
        return min(OVER_AFTER * 2.0**self.returns, LONGEST_QUIET)

    def seen(self, problem: str, now: datetime) -> None:
        """Note that it goes on, or has come back, perhaps before all were notified of its end."""
        if self.over_at is not None or (self.told and now - self.seen_at >= self.quiet):
            self.since, self.over_at, self.returns = now, None, self.returns + 1
        self.seen_at, self.problem = now, problem


class Operators:
    """Sends messages to the accounts of operators; one that can't be reached is tried again, each time later."""

    def __init__(self, names: Sequence[str], channels: Mapping[str, Channel], now: Now) -> None:
        self.names = names
        self._channels = channels
        self._now = now
        self._failed: dict[str, tuple[int, datetime]] = {}

    async def tell(self, name: str, message: Message) -> bool:
        """Whether a message reached an operator."""
        count, until = self._failed.get(name, (0, self._now()))
        if until > self._now():
            return False
        try:
            async with asyncio.timeout(_SEND_TIMEOUT):
                await self._send(name, message)
        except (SendError, TimeoutError) as error:
            self._failed[name] = count + 1, self._now() + min(LOOK_INTERVAL * 2.0 ** min(count, 12), _LONGEST_PAUSE)
            _log.warning("operator not notified", operator=name, problem=str(error) or "no answer in time")
            return False
        except Exception:  # noqa: BLE001 -- whatever a library raises, other operators are notified
            self._failed[name] = count + 1, self._now() + _LONGEST_PAUSE
            _log.exception("operator not notified", operator=name)
            return False
        self._failed.pop(name, None)
        return True

    async def _send(self, name: str, message: Message) -> None:
        kind, _, user = name.partition(":")
        channel = self._channels.get(kind)
        if channel is None:
            raise SendError(f"{kind} isn't connected")
        address = user
        if isinstance(channel, Conversation):
            address = await channel.private_address(Actor(channel=kind, user_id=user))
        await channel.wait_for_slot(address)
        await channel.send(address, message)


@dataclass
class Watch:
    """Looks every minute, one process at a time; what was reported is stored, so that no restart reports it again.

    While the database itself can't be used, each process with this watch tells of that from memory.
    """

    store: Store
    operators: Operators
    health: Callable[[], Awaitable[Health]]
    free: Callable[[], float | None]
    owner: str
    now: Now
    limits: Callable[[], Mapping[str, str]] = dict
    _database: Trouble | None = None

    async def run(self) -> timedelta:
        """Look once; how long to rest."""
        try:
            await Lease(self.store, "watch", self.owner).attempt(self._look)
        except StoreError as error:
            await self._without_database(str(error))
        else:
            if self._database is not None and await self._is_over("database", self._database):
                self._database = None
        return LOOK_INTERVAL

    async def _look(self) -> None:
        present = {**troubles_of(await self.health(), self.free(), self.now()), **self.limits()}
        async with self.store.read() as unit:
            stored = {name: Trouble.load(text) for name, text in (await unit.settings.beginning(_KEY)).items()}
        for name in sorted(present.keys() | stored.keys()):
            trouble = stored.get(name)
            if (problem := present.get(name)) is not None:
                trouble = trouble or Trouble(self.now(), self.now(), problem)
                trouble.seen(problem, self.now())
                await self._keep(name, trouble)
                await self._go_on(name, trouble)
            elif trouble is not None and await self._is_over(name, trouble):
                await self._forget(name)

    async def _go_on(self, name: str, trouble: Trouble) -> None:
        """Tell those who don't know yet of a trouble that lasts."""
        if self.now() - trouble.since < patience_with(name):
            return
        for operator in self.operators.names:
            if operator not in trouble.told and await self.operators.tell(operator, _began(name, trouble)):
                trouble.told.append(operator)
                await self._keep(name, trouble)

    async def _is_over(self, name: str, trouble: Trouble) -> bool:
        """Whether a trouble that is gone can be forgotten; those who know of it are notified of its end before."""
        now = self.now()
        if trouble.over_at is not None:
            return now - trouble.over_at >= TROUBLE_REMEMBERED
        if now - trouble.seen_at < trouble.quiet:
            return False
        if not trouble.told or now - trouble.seen_at >= trouble.quiet + TROUBLE_REMEMBERED:
            return True
        for operator in list(trouble.told):
            gone = operator not in self.operators.names
            if gone or await self.operators.tell(operator, _ended(name, trouble)):
                trouble.told.remove(operator)
                if not trouble.told:
                    trouble.over_at = now
                await self._keep(name, trouble)
        return False

    async def _without_database(self, problem: str) -> None:
        _log.warning("operators are notified from memory", problem=problem)
        trouble = self._database or Trouble(self.now(), self.now(), problem)
        trouble.seen(problem, self.now())
        self._database = trouble
        await self._go_on("database", trouble)

    async def _keep(self, name: str, trouble: Trouble) -> None:
        if trouble is not self._database:
            async with self.store.write() as unit:
                await unit.settings.put(_KEY + name, trouble.dumped())

    async def _forget(self, name: str) -> None:
        async with self.store.write() as unit:
            await unit.settings.remove(_KEY + name)


def _began(name: str, trouble: Trouble) -> Message:
    since = ENGLISH.gettext("Since %(when)s. You will be notified when it is over.", when=utc(trouble.since))
    # Translators: the title of a message to the operator: %(name)s is what fails.
    return _message(name, trouble, ENGLISH.gettext("⚠ Trouble: %(name)s", name=name), since)


def _ended(name: str, trouble: Trouble) -> Message:
    times = {"since": utc(trouble.since), "until": utc(trouble.seen_at)}
    return _message(
        name,
        trouble,
        # Translators: the title of a message to the operator: %(name)s works again.
        ENGLISH.gettext("Over: %(name)s", name=name),
        # Translators: how long a trouble was: %(since)s and %(until)s are times.
        ENGLISH.gettext("From %(since)s to %(until)s.", **times),
    )


def _message(name: str, trouble: Trouble, title: str, when: str) -> Message:
    message = message_of((Span(title, "bold"),), trouble.problem, when)
    key = hashlib.sha256(f"{title} {name} {trouble.since.isoformat()}".encode()).hexdigest()
    return Message(head=message.head, key=key)
