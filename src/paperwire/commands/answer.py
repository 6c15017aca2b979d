"""The door of the commands: a request comes in, the right function answers, and whatever is wrong is said kindly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import structlog

from paperwire.commands import (
    account,
    feed,
    hello,
    papers,
    places,
    preview,
    save,
    saved,
    search,
    status,
    subscribe,
    subscriptions,
    trending,
    unsubscribe,
    watch,
    why,
)  # fmt: skip
from paperwire.commands.context import LONGEST_ARGUMENTS, Context, StaleButton, is_shared, only_managers, refusal, say
from paperwire.commands.limits import Limits
from paperwire.commands.table import SPECS
from paperwire.errors import CommandError
from paperwire.observe import COMMANDS
from paperwire.texts import texts_in
from paperwire.wording import commands as words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from paperwire.ports import Reply, Request

Answer: TypeAlias = "Callable[[Context, Request], Awaitable[Reply]]"
Press: TypeAlias = "Callable[[Context, Request, str], Awaitable[Reply]]"

_log = structlog.get_logger(__name__)

_COMMANDS = tuple(
    module.COMMAND
    for module in (
        feed, preview, save, saved, search, subscribe, subscriptions, trending, unsubscribe, watch, why,
    )
)  # fmt: skip

ANSWERS: dict[str, Answer] = {
    **{command.spec.name: command.answer for command in _COMMANDS},
    "start": hello.answer_start,
    "help": hello.answer_help,
    "digest": places.answer_digest,
    "quiet": places.answer_quiet,
    "style": places.answer_style,
    "mutes": places.answer_mutes,
    "pause": places.answer_pause,
    "resume": places.answer_resume,
    "status": status.answer_status,
    "export": account.answer_export,
    "forget": account.answer_forget,
    "link": account.answer_link,
}
"""Each command of the table and what answers it."""

PRESSES: dict[str, Press] = {
    **{verb: press for command in _COMMANDS for verb, press in command.buttons.items()},
    **papers.BUTTONS,
    "mute": places.choose_mute,
    "muted": places.mute,
    "lift": places.lift,
    "resume": places.press_resume,
    "forget": account.press_forget,
    "join": account.press_join,
    "help": hello.press_help,
    "place": places.place_changed,
}
"""Each verb of a button's action and what answers it; `place` is what channels themselves report."""

_SPECS = {spec.name: spec for spec in SPECS}
_SYSTEM = "place:"


class Commands:
    """Answers requests from every channel alike; `context` holds what that takes."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._limits = Limits()

    async def handle(self, request: Request) -> Reply:
        """The answer to one command or button; a refusal is an answer too, nothing a person does raises."""
        COMMANDS.labels(request.actor.channel, _counted(request)).inc()
        try:
            if not request.action.startswith(_SYSTEM):
                self._in_measure(request)
            if request.action:
                return await self._press(request)
            return await self._command(request)
        except StaleButton:
            texts = texts_in(request.locale)
            return refusal(CommandError(texts.gettext("This button is too old. Send the command again.")))
        except CommandError as error:
            return refusal(error)
        except Exception:  # noqa: BLE001 - a person who asked gets an answer, whatever went wrong here
            _log.exception("command failed", command=_counted(request))
            return refusal(CommandError(words.OUR_FAULT))

    def _in_measure(self, request: Request) -> None:
        if wait := self._limits.wait(request, self.context.now()):
            raise CommandError(words.too_fast(wait))
        if len(request.args) > LONGEST_ARGUMENTS or any(
            len(text) > LONGEST_ARGUMENTS for text in request.options.values()
        ):
            raise CommandError(words.too_long(LONGEST_ARGUMENTS))

    async def _press(self, request: Request) -> Reply:
        verb, _, part = request.action.partition(":")
        press = PRESSES.get(verb)
        if press is None:
            raise CommandError(words.OLD_BUTTON)
        return await press(self.context, request, part)

    async def _command(self, request: Request) -> Reply:
        name = request.command.casefold().removeprefix("/")
        if not name:
            return _only_text(request)
        spec = _SPECS.get(name)
        if spec is None:
            raise CommandError(hello.unknown(name))
        if spec.name == "start" and (other := _SPECS.get(request.args.strip().casefold())) is not None:
            # A link into the private chat names the command it was made for.
            return await self._command(replace(request, command=other.name, args=""))
        if spec.who == "manager":
            only_managers(request)
        reply = await ANSWERS[spec.name](self.context, request)
        return replace(reply, private=True) if spec.private else reply


def _counted(request: Request) -> str:
    """The name under which a request is counted: one of ours, whatever people type."""
    name = request.action.partition(":")[0] if request.action else request.command.casefold()
    return name if name in (PRESSES if request.action else ANSWERS) else "other"


def _only_text(request: Request) -> Reply:
    """Words without a command: in private what could be done with them, in a shared place nothing at all."""
    if is_shared(request.place):
        return say()
    return say(words.no_command(" ".join(request.args.split())[:200]))
