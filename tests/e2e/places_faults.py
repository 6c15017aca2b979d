"""Both platforms on a bad day: a share of all requests fails in one of the ways in which requests fail."""

import asyncio
from collections import Counter, defaultdict
from contextvars import ContextVar

from product import papers_of

from paperwire.core.messages.failures import MOST_UNKNOWNS
from servers.discord import DiscordServer
from servers.discord_faults import Fault as DiscordFault
from servers.telegram import TelegramServer
from servers.telegram_faults import Fault as TelegramFault

KINDS = ("server_error", "unavailable", "flood", "reset", "reset_after", "hang", "hang_after")
"""5xx, 429, torn and silent connections; those named `after` tear or fall silent when the request has been obeyed."""
SILENT = frozenset({"reset", "reset_after", "hang", "hang_after"})
"""Those after which nobody knows whether the request was obeyed."""
DOZEN = 12
FAULT = ContextVar("FAULT", default=None)
"""The fault of the request that is being served."""


class Bad:
    """A server of which `share` of all requests fail; `lag` is how many seconds a message or receipt takes at most.

    No place meets so many silences in a row that a message is not sent again.
    """

    share = 0.0
    lag = 0.0

    def __init__(self, **rest):
        super().__init__(**rest)
        self.met = Counter()
        self.silences = Counter()
        self.asked = 0
        self._fates = []

    def _fault(self, *asked):
        self.asked += bool(self.share)
        place = self._place(*asked)
        fault = super()._fault(*asked)
        if fault is None and self._fails():
            may_be_silent = self.silences[place] < MOST_UNKNOWNS - 1
            kinds = [kind for kind in KINDS if may_be_silent or kind not in SILENT]
            fault = self.fault(self.random.choice(kinds), value=1)
        if fault:
            self.met[fault.kind] += 1
            self.silences[place] += place is not None and fault.kind in SILENT
        else:
            del self.silences[place]
        return fault

    def _fails(self):
        """Whether the next request fails: of each dozen the share does, as chance alone may spare a few dozen."""
        if not self.share:
            return False
        if not self._fates:
            self._fates = [number < DOZEN * self.share for number in range(DOZEN)]
            self.random.shuffle(self._fates)
        return self._fates.pop()


class BadTelegram(Bad, TelegramServer):
    """`unanswered` are the papers of messages that arrived and were not confirmed, `sending` how many are under way."""

    fault = TelegramFault

    def __init__(self, **rest):
        super().__init__(**rest)
        self.unanswered = defaultdict(Counter)
        self.unanswered_messages = 0
        self.sending = 0

    def _place(self, method, values):
        return (values["chat_id"], values.get("message_thread_id")) if method == "sendMessage" else None

    async def _answer(self, request, method, values, fault):
        under_way = method == "sendMessage"
        self.sending += under_way
        try:
            await asyncio.sleep(self.random.uniform(0, self.lag))
            FAULT.set(fault)
            answer = await super()._answer(request, method, values, fault)
            await asyncio.sleep(self.random.uniform(0, self.lag))
        finally:
            self.sending -= under_way
        return answer

    async def _on_send_message(self, values):
        answer = await super()._on_send_message(values)
        fault = FAULT.get()
        if fault and fault.kind.endswith("_after"):
            message = self.chats[values["chat_id"]].sent[-1]
            self.unanswered[message.chat, message.thread].update(papers_of(message))
            self.unanswered_messages += 1
        return answer


class BadDiscord(Bad, DiscordServer):
    """Here the receipts alone are late."""

    fault = DiscordFault

    def _place(self, kind, request):
        return request.match_info["channel"] if kind == "message" else None

    async def _on_message(self, *asked):
        answer = await super()._on_message(*asked)
        await asyncio.sleep(self.random.uniform(0, self.lag))
        return answer
