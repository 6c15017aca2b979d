"""A handler that remembers, for channels that listen to a fake platform."""

import asyncio
from datetime import UTC, datetime

from paperwire.core.messages.message import Message, Span
from paperwire.ports.requests import Reply
from servers.loopback import PATIENCE

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def text(words, *buttons, **rest):
    return Message(head=((Span(words),),), buttons=(buttons,) if buttons else (), **rest)


class Recorder:
    """A handler that keeps what it is asked and answers what `replies` says for a command or action."""

    def __init__(self):
        self.requests = []
        self.replies = {}
        self.arrived = asyncio.Event()

    async def __call__(self, request):
        self.requests.append(request)
        self.arrived.set()
        reply = self.replies.get(request.command or request.action)
        if callable(reply):
            reply = await reply(request)
        return reply or Reply(message=text(f"{request.command}{request.action} {request.args}".strip()))

    async def until(self, count):
        async with asyncio.timeout(PATIENCE):
            while len(self.requests) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.requests
