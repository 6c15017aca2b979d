"""Edits answers when there is more to say, and retries where Discord refuses for now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from paperwire.channels._conversation import persist
from paperwire.channels.discord.attempt import attempt
from paperwire.channels.discord.connect import Gate
from paperwire.channels.discord.faults import TROUBLES, fault


class AnswerChanges:
    """Makes requests that may be repeated; `timeout` is how long one may take, in seconds."""

    def __init__(self, gate: Gate, *, timeout: float) -> None:
        self._gate = gate
        self._timeout = timeout

    async def show(self, request: Callable[..., Awaitable[object]], parts: Callable[[], dict[str, Any]]) -> None:
        """Make a request with its arguments, a few times where it fails; raises SendError.

        `parts` makes the arguments of each try, as a file among them is read once.
        """

        async def once() -> None:
            arguments = parts()
            try:
                with attempt(self._gate.answer, self._gate.done):
                    async with asyncio.timeout(self._timeout):
                        await request(**arguments)
            except TROUBLES as error:
                raise fault(error) from None

        await persist(once, repeatable=True)
