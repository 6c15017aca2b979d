"""What a chat goes on with in its next message: questions that wait for an answer, and texts too long for a button."""

from __future__ import annotations

import base64
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b

import structlog

from paperwire.errors import StoreError
from paperwire.ports.callers import Actor, Caller
from paperwire.ports.requests import Question, Reply, Request, Update
from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

QUESTION_WAITS = timedelta(days=1)
"""How long the next message answers a question; what replies to it, or fills its form, does as long as it is kept."""
_REMEMBERED = 5000
ROOM = 64
"""The most bytes a button's action may have (Telegram's callback_data)."""
_MARK = "~"  # no query begins so: a query with it is refused
_KEY = re.compile(rf":({_MARK}[\w-]{{16}})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question, and the words and options of the request that it is to complete."""

    question: Question
    command: str
    args: str
    options: Mapping[str, str]

    def answered(self, request: Request) -> Request:
        """The request with its answer, under the rights of the person who answers; its own words come last."""
        args = f"{request.args} {self.args}".strip()
        return replace(request, command=self.command, args=args, options=self.options)


@dataclass(frozen=True, slots=True)
class YesOrNo:
    """A question with two buttons: the actions of its yes and its no."""

    yes: str
    no: str


async def ask(store: Store, caller: Caller, waiting: Waiting) -> None:
    """Let a question wait for the caller's next message; an older one to them in this place is forgotten."""
    question = waiting.question
    values = {
        "command": question.command,
        "label": question.label,
        "example": question.example,
        "fixed": dict(question.options),
        "asked": waiting.command,
        "args": waiting.args,
        "options": dict(waiting.options),
    }
    async with store.write() as unit:
        await unit.chat_memory.ask(caller.actor, caller.place.address, values)


async def ask_again(store: Store, caller: Caller, question: YesOrNo) -> None:
    """Let a question with two buttons wait on for the caller's next message."""
    async with store.write() as unit:
        await unit.chat_memory.ask(caller.actor, caller.place.address, {"yes": question.yes, "no": question.no})


async def take(store: Store, request: Request) -> Waiting | YesOrNo | None:
    """The question that waits for who asks in this place, which is then over; None if there is none or it is old."""
    async with store.read() as unit:
        stored = await unit.chat_memory.question(request.actor, request.place.address)
    if stored is None:
        return None
    async with store.write() as unit:
        values, since = stored
        is_late = not request.replied and unit.now - since > QUESTION_WAITS
        if not await unit.chat_memory.answered(request.actor, request.place.address) or is_late:
            return None
    if "yes" in values:
        return YesOrNo(values["yes"], values["no"])
    question = Question(values["command"], values["label"], values["example"], values["fixed"])
    return Waiting(question, values["asked"], values["args"], values["options"])


async def note_asked(store: Store, caller: Caller, message: str) -> None:
    """Keep which message or form asks the question that waits for the caller; a fault costs only that."""
    try:
        async with store.write() as unit:
            await unit.chat_memory.asked_in(caller.actor, caller.place.address, message)
    except StoreError as error:
        _log.warning("message of a question not kept", problem=str(error))


async def is_asked(store: Store, caller: Caller, message: str) -> bool:
    """Whether a message or form asks the caller what waits for their answer here."""
    async with store.read() as unit:
        stored = await unit.chat_memory.question(caller.actor, caller.place.address)
    return stored is not None and stored[0].get("message", message) == message


class LongTexts:
    """Puts texts into actions: as they are where they fit, else as a short key by which they are kept for a month."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()

    def action(self, start: str, text: str) -> str:
        """The action `start` + `text`, of at most 64 bytes; `start` is short and ends in a colon."""
        if len((start + text).encode("utf-8", "surrogatepass")) <= ROOM and not text.startswith(_MARK):
            return start + text
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        key = _MARK + base64.urlsafe_b64encode(digest).decode("ascii")
        self._remember(key, text)
        return start + key

    def text(self, part: str) -> str | None:
        """The text that `action` put in; None if it was too long and isn't kept any more."""
        return self._texts.get(part) if part.startswith(_MARK) else part

    async def recall(self, store: Store, action: str) -> None:
        """Read the text that a pressed button stands for, unless it is still in memory."""
        key = _KEY.search(action)
        if key is None or key[1] in self._texts:
            return
        async with store.read() as unit:
            text = await unit.chat_memory.text(key[1])
        if text is not None:
            self._remember(key[1], text)

    async def keep(self, store: Store, actor: Actor, reply: Reply) -> Reply:
        """Write down what the buttons of a reply stand for, and of what it becomes later; a fault costs only that."""
        texts = {key: self._texts[key] for key in _keys(reply) if key in self._texts}
        try:
            if texts:
                async with store.write() as unit:
                    await unit.chat_memory.keep_texts(actor, texts)
        except StoreError as error:
            _log.warning("texts of buttons not kept", problem=str(error))
        later = reply.update
        if later is None:
            return reply

        async def update() -> Update | None:
            became = await later()
            return became and replace(became, reply=await self.keep(store, actor, became.reply))

        return replace(reply, update=update)

    def _remember(self, key: str, text: str) -> None:
        self._texts[key] = text
        self._texts.move_to_end(key)
        if len(self._texts) > _REMEMBERED:
            self._texts.popitem(last=False)


def _keys(reply: Reply) -> Iterator[str]:
    for row in reply.message.buttons:
        for button in row:
            if key := _KEY.search(button.action):
                yield key[1]
