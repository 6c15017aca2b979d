"""A loopback server that answers whatever a test wants."""

import asyncio

from aiohttp import web

from servers.loopback import Loopback


class Rude(Loopback):
    """Answers `/` with whatever `answer` makes; remembers the headers it got and how many asked at the same time."""

    method = "*"

    def __init__(self):
        super().__init__()
        self.answer = lambda request: web.Response(text="<a/>", content_type="application/xml")
        self.headers = []
        self.together = 0
        self._open = 0

    def routes(self):
        return [("/{path:.*}", self._handle)]

    async def _handle(self, request):
        self.headers.append(request.headers)
        self._open += 1
        self.together = max(self.together, self._open)
        try:
            answer = self.answer(request)
            return await answer if asyncio.iscoroutine(answer) else answer
        finally:
            self._open -= 1
