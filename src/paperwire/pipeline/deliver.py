"""Third stage: sends what places are owed; `turns.py` says how one of them is served."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

import structlog

from paperwire.errors import StoreError
from paperwire.pipeline.bundle_message import DigestWords, Writer
from paperwire.pipeline.failure import Failures
from paperwire.pipeline.gate import ChannelGate, Delivered, Sends
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.notice import Leave, Notices
from paperwire.pipeline.turns import Turns
from paperwire.ports.channels import Channel
from paperwire.ports.options import Now
from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)


class Delivery:
    """Empties the outbox of one process's channels, unless an operator holds everything.

    `notices` tells the owners of places that turn out to be closed, and places that work again what was given up.
    `leave` gives each message to a place its way out; `sends` hears how each send ended. Papers can be voted for in
    places with a list, with a `public_list` in all.
    """

    def __init__(  # noqa: PLR0913 -- what a delivery is made of, each named
        self,
        store: Store,
        channels: Mapping[str, Channel],
        *,
        owner: str,
        now: Now,
        hold: Hold,
        leave: Leave = lambda _place: None,
        words: DigestWords | None = None,
        public_list: bool = False,
        sends: Sends | None = None,
    ) -> None:
        self._store = store
        self._owner = owner
        self._hold = hold
        sends = sends or Sends(now)
        self._gates = {kind: ChannelGate(store, channel, now, sends) for kind, channel in channels.items()}
        self.notices = Notices(store, channels, leave=leave)
        failures = Failures(store, owner, now, self.notices, sends)
        writer = Writer(leave=leave, words=words or DigestWords(), public_list=public_list)
        self._turns = Turns(store, owner, now, hold, failures, writer)

    def delivered(self, kind: str) -> Delivered:
        """What went out by a channel since this was last asked."""
        return self._gates[kind].take_delivered()

    async def run(self, kind: str) -> int:
        """Serve each place of a channel whose turn has come or comes meanwhile; how many messages went out.

        Raises StoreError if the database cannot be asked whose turn it is; a failure at one place ends its turn only.
        """
        gate = self._gates[kind]
        await self.notices.look(kind)
        await gate.look()
        return await self._turns.serve_all(gate)

    async def next_due(self, kind: str) -> datetime | None:
        """When a place of the channel has its next turn, or None while nothing is owed or all is on hold."""
        if await self._hold.is_on():
            return None
        gate = self._gates[kind]
        due = await gate.next_due()
        return max(due, gate.next_try_at) if due else None

    def down_until(self, kind: str) -> datetime | None:
        """Until when nothing is sent over a channel because it does not work, None if it does."""
        gate = self._gates.get(kind)
        return gate.next_try_at if gate is not None and gate.is_open else None

    async def begin(self) -> None:
        """Give back the places that an earlier process of the same name had leased when it died."""
        async with self._store.write() as unit:
            await unit.outbox.release_all(self._owner)

    async def shut_down(self) -> None:
        """Wait briefly for sends in flight, and give back the places that this process leases."""
        telling = asyncio.create_task(self.notices.shut_down())
        await self._turns.finish()
        await asyncio.gather(telling, return_exceptions=True)
        try:
            await self.begin()
        except StoreError as error:
            _log.warning("places were not given back", problem=str(error))
