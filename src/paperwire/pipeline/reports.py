"""The states of channels and the roles of processes: each reports its own, and each can name them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta

import structlog

from paperwire.core.health import ChannelHealth, is_up
from paperwire.errors import StoreError
from paperwire.ports.channels import Channel
from paperwire.ports.options import Now
from paperwire.store.unit import Store, Unit

_log = structlog.get_logger(__name__)

LOOKS = timedelta(seconds=1)
"""How often a process looks whether the state of a channel has changed."""
REPORT_INTERVAL = timedelta(seconds=20)
"""How often a state that stays the same is reported again."""
STALE = timedelta(seconds=70)
"""A report older than this is no longer believed: its process is gone, or cannot write."""


@dataclass
class ChannelReports:
    """Stores the roles of this process, and the states of the channels it runs whenever they change; at intervals both.

    `state` words the state of a channel.
    """

    store: Store
    channels: Mapping[str, Channel]
    _: KW_ONLY
    owner: str
    now: Now
    roles: frozenset[str] = frozenset()
    state: Callable[[Channel], str] = lambda channel: channel.state()
    _reported: dict[str, str] = field(default_factory=dict)
    _at: datetime | None = None

    async def run(self) -> timedelta:
        """Report if there is something new or the last report grows old; how long to rest."""
        if not self.channels and not self.roles:
            return REPORT_INTERVAL
        states = {kind: self.state(channel) for kind, channel in self.channels.items()}
        now = self.now()
        if states != self._reported or self._at is None or not timedelta(0) <= now - self._at < REPORT_INTERVAL:
            async with self.store.write() as unit:
                await unit.channels.report(self.owner, states, forget_before=now - STALE)
                await unit.leases.show_roles(self.owner, self.roles, STALE)
            self._reported, self._at = states, now
        return LOOKS if self.channels else REPORT_INTERVAL

    async def end(self) -> None:
        """Take the reports back: this process stops."""
        if self._at is None:
            return
        try:
            async with self.store.write() as unit:
                await unit.channels.withdraw(self.owner)
                await unit.leases.show_roles(self.owner, (), STALE)
        except StoreError as error:
            _log.warning("states of channels not taken back", problem=str(error))


async def channel_states(
    unit: Unit, kinds: Iterable[str], own: Mapping[str, str], owner: str
) -> tuple[ChannelHealth, ...]:
    """The state of each channel of `kinds` or that any process reports, by kind; empty where none runs it.

    `own` are the present states of those that this process, `owner`, runs. Of several processes the one that sends is
    believed if it says that nothing gets through, then the one that listens, then the one that sends, then this one,
    then the one that reported last.
    """
    states: dict[str, dict[str, str]] = {kind: {owner: state} for kind, state in own.items()}
    for report in await unit.channels.since(unit.now - STALE):
        states.setdefault(report.channel, {}).setdefault(report.owner, report.state)
    reported = [ChannelHealth(kind=kind, state=await _of_holder(unit, kind, states[kind])) for kind in states]
    missing = [ChannelHealth(kind=kind, state="") for kind in kinds if kind not in states]
    return tuple(sorted([*reported, *missing], key=lambda channel: channel.kind))


async def _of_holder(unit: Unit, kind: str, states: Mapping[str, str]) -> str:
    sends, listens = [states.get(await unit.leases.holder(f"{role} {kind}") or "") for role in ("deliver", "listen")]
    if sends and not is_up(sends):
        return sends
    return listens or sends or next(iter(states.values()))
