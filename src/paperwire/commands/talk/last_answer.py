"""What the last answer offered, for those who type it instead of pressing: yes, no or undo.

A yes or no is read in private chats alone: elsewhere people say it to each other.
"""

from __future__ import annotations

import re
from dataclasses import replace

import structlog

from paperwire.commands.context import say
from paperwire.commands.memory import YesOrNo
from paperwire.errors import StoreError
from paperwire.ports.callers import Caller
from paperwire.ports.requests import Reply, Request
from paperwire.store.unit import Store
from paperwire.texts import Texts

_log = structlog.get_logger(__name__)

_UNDO = "undo"
_FINAL = re.compile(
    r"unlearn:.*|(?:newfeed|unlink):(?:.*:)?yes(?::.*)?|(?:language|checkups):.*|"
    r"/?(?:feed reset|(?:agenda|checkup|language) \S.*)",
    re.IGNORECASE | re.DOTALL,
)
"""Buttons and words whose change can't be undone: what was offered before is for an earlier change."""


async def note_offered(store: Store, caller: Request, reply: Reply) -> None:
    """Keep the question of an answer and its way back, until the next message; a fault costs only that."""
    if caller.action.startswith("place:"):  # reported, not asked
        return
    offered = {}
    if not caller.place.is_shared and (question := _question(reply, caller.texts)):
        offered[caller.place.address] = {"yes": question.yes, "no": question.no}
    if undo := _undo(reply, caller.texts):
        offered[_way_back(caller)] = {_UNDO: undo}
    elif _FINAL.fullmatch(caller.action or f"{caller.command} {caller.args}".strip()):
        offered[_way_back(caller)] = {_UNDO: ""}
    try:
        if offered:
            async with store.write() as unit:
                for address, values in offered.items():
                    await unit.chat_memory.ask(caller.actor, address, values)
    except StoreError as error:
        _log.warning("offers of an answer not kept", problem=str(error))


async def note_pressed(store: Store, caller: Caller, action: str) -> None:
    """Let words answer no question any more once a button was pressed, and undo nothing that a button undid."""
    async with store.read() as unit:
        question = await unit.chat_memory.question(caller.actor, caller.place.address)
        undo = await unit.chat_memory.question(caller.actor, _way_back(caller))
    is_left = question is not None and "yes" in question[0]
    addresses = [caller.place.address] if is_left else []
    addresses += [_way_back(caller)] if undo is not None and undo[0][_UNDO] == action else []
    if addresses:
        async with store.write() as unit:
            for address in addresses:
                await unit.chat_memory.answered(caller.actor, address)


async def take_undo(store: Store, caller: Caller) -> str | None:
    """The action that takes back what was last changed here, which is then used.

    Empty if what was last changed can't be taken back so, None if nothing was changed.
    """
    async with store.write() as unit:
        stored = await unit.chat_memory.question(caller.actor, _way_back(caller))
        await unit.chat_memory.answered(caller.actor, _way_back(caller))
    return str(stored[0][_UNDO]) if stored is not None else None


def as_message(reply: Reply) -> Reply:
    """The answer to a button, as one to words: a message of its own."""
    has_message = bool(reply.message.head or reply.message.items)
    reply = reply if has_message or not reply.toast else say(reply.toast)
    return replace(reply, edit=False, expands=False)


def _question(reply: Reply, texts: Texts) -> YesOrNo | None:
    no = texts.gettext("No")
    rows = [row for row in reply.message.buttons if len(row) == 2 and row[1].label == no]
    return YesOrNo(rows[0][0].action, rows[0][1].action) if len(rows) == 1 else None


def _undo(reply: Reply, texts: Texts) -> str:
    label = texts.gettext("Undo")
    buttons = (button for row in reply.message.buttons for button in row)
    return reply.undo or next((button.action for button in buttons if button.label == label), "")


def _way_back(caller: Caller) -> str:
    return f"{caller.place.address} {_UNDO}"
