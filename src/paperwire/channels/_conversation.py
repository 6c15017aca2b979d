"""What channels that people talk to share: the state of their connection, and a reply to every request."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from paperwire.core.messages.message import Message, Span
from paperwire.core.papers.mentions import mentioned
from paperwire.errors import Retry, SendError, Unknown
from paperwire.ports.options import Now
from paperwire.ports.requests import Handler, Reply, Request, Update

log = structlog.get_logger(__name__)

T = TypeVar("T")

TEXT_FILES = (".bib", ".bbl", ".ris", ".json", ".txt", ".md", ".tex", ".csv", ".tsv", ".opml", ".xml")
LONGEST_FILE = 4 * 2**20
"""Bytes of a file that is read."""
REQUESTS_IN_PARALLEL = 32
"""Maximum requests that one channel has handled at the same time."""

EDITED_WITHIN = timedelta(minutes=1)
"""How long after it was sent an edited message is read again."""
_MOST_EDITS = 1000

UPVOTES = ("👍", "❤", "🔥", "⬆")
"""How the reactions begin that are a vote for a paper, whatever their skin; all of a person's are one vote."""

RETRY_SOON, RETRY_LATER, COPY_AFTER = 5.0, 300.0, 120.0
"""Seconds until the next try: after what will pass, after what a person has to mend (a refused token), and of what may
have arrived, where the platform doesn't recognise a repeat and the reader gets a copy."""

ANSWER_PATIENCE = 61.0
"""The longest an answer to a person waits because its platform allows nothing sooner, in seconds."""

PAUSES = (0.5, 2.0, 8.0)
"""Seconds between the tries of an answer, at least."""


class Replies:
    """Has requests handled, a few at a time."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._slots = asyncio.Semaphore(REQUESTS_IN_PARALLEL)

    async def to(self, request: Request) -> Reply:
        async with self._slots:
            return await self._handler(request)


class Edits:
    """Which messages that someone edited are read again, as if just sent: within a minute, and each of them once."""

    def __init__(self) -> None:
        self._read: OrderedDict[tuple[int, int], None] = OrderedDict()

    def is_read(self, chat: int, message: int, sent: datetime, edited: datetime) -> bool:
        """Whether the edited message is to be read; from now on it was."""
        if edited - sent > EDITED_WITHIN or (chat, message) in self._read:
            return False
        self._read[chat, message] = None
        if len(self._read) > _MOST_EDITS:
            self._read.popitem(last=False)
        return True


class BotIdentity:
    """What a platform says of our bot, such as its name: asked for when first needed, and kept.

    `ask` raises one of `faults`; then, and after `ASK_TIMEOUT`, it is not asked again for `ASK_PAUSE`.
    """

    ASK_TIMEOUT = 2.0
    """Seconds."""
    ASK_PAUSE = timedelta(minutes=1)

    def __init__(self, ask: Callable[[], Awaitable[str]], faults: tuple[type[BaseException], ...], now: Now) -> None:
        self._ask, self._now = ask, now
        self._faults: tuple[type[BaseException], ...] = (*faults, TimeoutError)
        self._lock = asyncio.Lock()
        self._known = ""
        self._not_before: datetime | None = None

    async def get(self) -> str:
        """The answer, empty as long as there is none."""
        async with self._lock:
            if self._known or (self._not_before is not None and self._now() < self._not_before):
                return self._known
            try:
                async with asyncio.timeout(self.ASK_TIMEOUT):
                    self._known = await self._ask()
            except self._faults:
                self._not_before = self._now() + self.ASK_PAUSE
        return self._known


class Tasks:
    """Work in the background for the people on a channel, which ends at the latest when `stop` is called."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin; what goes wrong ends in the log, as no caller waits for it."""
        task = asyncio.ensure_future(self._logged(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _logged(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SendError as error:
            log.warning("answer lost", channel=self._channel, reason=str(error))
        except Exception:
            log.exception("answer failed", channel=self._channel)

    async def stop(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class Updates(Tasks):
    """Waits in the background until more is known for answers that were given."""

    def follow(self, reply: Reply, show: Callable[[Update], Awaitable[None]]) -> None:
        """Have what `reply` becomes shown once it is known, if it becomes anything."""
        if reply.update is not None:
            self.start(self._follow(reply.update, show))

    async def _follow(
        self, update: Callable[[], Awaitable[Update | None]], show: Callable[[Update], Awaitable[None]]
    ) -> None:
        waiting: Callable[[], Awaitable[Update | None]] | None = update
        while waiting is not None and (change := await waiting()) is not None:
            try:
                await show(change)
            except SendError as error:  # what it becomes next is shown all the same
                log.warning("answer not updated", channel=self._channel, reason=str(error))
            waiting = change.reply.update


async def persist(send: Callable[[], Awaitable[T]], *, repeatable: bool = False) -> T:
    """Try what a person waits for a few times, where it failed for now; raises the last SendError.

    `repeatable` says that a second time changes nothing: then what may have arrived is tried again too.
    """
    for pause in PAUSES:
        try:
            return await send()
        except Retry as error:
            if error.after > ANSWER_PATIENCE:
                raise
            wait = max(pause, error.after) if error.requested else pause
        except Unknown:
            if not repeatable:
                raise
            wait = pause
        await asyncio.sleep(wait)
    return await send()


def decoded(content: bytes) -> str | None:
    """The text of a file: UTF-8, UTF-16 with its mark, or Latin-1 as old tools write it; None if it has none."""
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if text.strip() and "\0" not in text else None
    return None


def linked_papers(texts: Iterable[str]) -> str:
    """Those of the addresses that words link to, or texts of previews, that name papers; a line each."""
    return "\n".join(text for text in texts if mentioned(text, 1))


def message_of(text: str) -> Message:
    return Message(head=((Span(text),),))


def plain_text(message: Message) -> str:
    """The text of a message's own lines; empty if it also shows papers."""
    if message.items:
        return ""
    return "\n".join("".join(span.text for span in line) for line in (*message.head, *message.foot)).strip()


def is_empty(message: Message) -> bool:
    """Whether a message shows nothing, as that of a reply which is only a toast or a file."""
    return not message.items and not plain_text(message)


class ConnectionState:
    """What the listener reports, or, in a process that only sends, the sender; `kind` is the channel's."""

    def __init__(self, kind: str, now: Now) -> None:
        self._kind = kind
        self._now = now
        self._since: datetime | None = None
        self._listening = False
        self.closed()

    @property
    def is_up(self) -> bool:
        return self._listening and self.words == "connected"

    def connecting(self) -> None:
        self._listening, self._since = True, None
        self.words = "connecting"

    def up(self) -> None:
        if self._since is not None:
            log.info("channel connected again", channel=self._kind)
        self._since = None
        self.words = "connected" if self._listening else "sending only"

    def down(self, reason: str, *, token_refused: bool = False) -> None:
        """Something failed; logged once, and the state keeps since when."""
        if self._since is None:
            self._since = self._now()
            log.warning("channel disconnected", channel=self._kind, reason=reason)
        since = f"since {self._since:%Y-%m-%d %H:%M} UTC"
        if token_refused:
            self.words = f"token refused {since}: check channels.{self._kind}.token"
        else:
            self.words = f"reconnecting {since}: {reason}"

    def sent(self, reason: str = "", *, token_refused: bool = False) -> None:
        """How the last message or probe went (no `reason` = well); the listener, where there is one, knows better."""
        if self._listening:
            return
        if reason:
            self.down(reason, token_refused=token_refused)
        else:
            self.up()

    def closed(self) -> None:
        self._listening, self._since = False, None
        self.words = "sending only"


def is_readable(name: str, size: int) -> bool:
    return name.lower().endswith(TEXT_FILES) and size <= LONGEST_FILE
