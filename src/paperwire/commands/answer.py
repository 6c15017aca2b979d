"""Answers requests: finds the command or button, checks rights and limits, and words refusals."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace

import structlog

from paperwire.commands import free_text, papers
from paperwire.commands.completions import complete
from paperwire.commands.context import Chat, Command, Press, refusal, say
from paperwire.commands.help import unknown_command
from paperwire.commands.memory import CANCEL, Waiting, ask, take
from paperwire.commands.table import COMMANDS
from paperwire.core.messages.message import Button, Message, Span
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, LikeError, StoreBusy
from paperwire.observe import COMMANDS as COUNTER
from paperwire.ports.requests import Reply, Request
from paperwire.services import people
from paperwire.services.access import name_of
from paperwire.services.limits import Limits
from paperwire.services.lists import settle
from paperwire.services.people import only_managers
from paperwire.services.typed import QueryRefused, StaleButton
from paperwire.store.lanes import Lane, using
from paperwire.texts import gettext_noop
from paperwire.wording.busy import busy_words
from paperwire.wording.queries import sentence

_log = structlog.get_logger(__name__)

_REPORT = "place:"
_HAPPENED = ("place:closed", "place:moved")
"""Reports of what became of a place, by an answer or elsewhere."""
_VOTES = ("place:upvoted", "place:unvoted")


class Commands:
    """Answers requests from every channel alike."""

    def __init__(self, context: Chat, commands: Sequence[Command] = COMMANDS) -> None:
        self.context = context
        self._by_name = {command.spec.name: command for command in commands}
        self._buttons = presses(commands)
        self._limits = Limits()

    async def handle(self, request: Request) -> Reply:
        """Answer one command or button; a refusal is an answer too, and nothing raises."""
        with using(Lane.COMMANDS, f"{request.actor.channel}:{request.actor.user_id}"):
            if request.completing:
                return await self._complete(request)
            return await self.context.recent.keep(self.context.store, request.actor, await self._handle(request))

    async def _handle(self, request: Request) -> Reply:
        COUNTER.labels(request.actor.channel, self._counted(request)).inc()
        try:
            return await self._turned_away(request) or await self._admitted(request)
        except StaleButton:
            return _refused(request, gettext_noop("This button is too old. Send the command again."))
        except CommandError as error:
            return self._corrected(error) if isinstance(error, QueryRefused) else refusal(error)
        except StoreBusy as error:
            return refusal(CommandError(busy_words(error, request.texts)))
        except Exception:  # noqa: BLE001 -- whatever goes wrong, the person who asked gets an answer
            _log.exception("command failed", command=self._counted(request))
            return _refused(request, gettext_noop("Something went wrong on our side. Try again later."))

    async def _admitted(self, request: Request) -> Reply:
        """The answer to someone who may use this instance, within the limits."""
        if not request.action.startswith(_REPORT):
            self._limits.check(request, (request.args, *request.options.values()), self.context.now())
        if not request.locale:
            request = replace(request, locale=await people.locale_of(self.context, request.actor))
        return await self._answer(request)

    async def _turned_away(self, request: Request) -> Reply | None:
        """The refusal of someone who may not use this instance; None of all others.

        Soon after the first one there is nothing, or only what the asker alone sees: no chat is flooded.
        """
        access = self.context.access
        if request.action.startswith(_HAPPENED) or await people.is_let_in(self.context, request):
            return None
        if request.action.startswith(_VOTES):
            return say()
        reply = refusal(access.refusal(request.actor, request.texts))
        if not access.is_refused_again(name_of(request.actor), self.context.now()):
            return reply
        words = " ".join(span.text for line in reply.message.head for span in line)
        return replace(reply, message=Message(), toast=words)

    async def _answer(self, request: Request) -> Reply:
        """The answer to a button, a command, or text, which may answer a question of ours."""
        await settle(self.context, request.place)
        if request.action:
            return await self._press(request)
        waiting = await take(self.context.store, request)  # another command is a change of mind
        typed = (request.command or request.args).strip().casefold().removeprefix("/")
        if waiting is not None and typed == CANCEL:
            return say(request.texts.gettext("Cancelled. Nothing was changed."))
        if waiting is None or request.command:
            return _with_file(request, await self._command(request))
        try:
            return await self._command(waiting.answered(request))
        except CommandError as error:
            await ask(self.context.store, request, waiting)
            reply = self._corrected(error) if isinstance(error, QueryRefused) else refusal(error)
            return replace(reply, question=waiting.question)
        except StoreBusy:
            await ask(self.context.store, request, waiting)
            raise

    def _corrected(self, error: QueryRefused) -> Reply:
        """The refusal of a query, with what to type instead as a button."""
        reply = refusal(error)
        if not error.corrected:
            return reply
        button = Button(error.corrected, self.context.recent.action(f"{error.verb}:", error.text))
        return replace(reply, message=replace(reply.message, buttons=((button,),)))

    async def _complete(self, request: Request) -> Reply:
        """Choices for what is being typed; whatever goes wrong, there are none."""
        try:
            return (
                await complete(self.context, request)
                if await people.is_let_in(self.context, request)
                else Reply(message=Message())
            )
        except StoreBusy:
            return Reply(message=Message())
        except Exception:  # noqa: BLE001 -- people type on without them
            _log.exception("completion failed", completes=request.completing)
            return Reply(message=Message())

    def _counted(self, request: Request) -> str:
        """The name under which a request is counted: one of ours, whatever was typed."""
        name = request.action.partition(":")[0] if request.action else request.command.casefold()
        return name if name in (self._buttons if request.action else self._by_name) else "other"

    async def _press(self, request: Request) -> Reply:
        verb, _, part = request.action.partition(":")
        press = self._buttons.get(verb)
        if press is None:
            raise StaleButton
        await self.context.recent.recall(self.context.store, request.action)
        reply = await _resolved(press(self.context, request, part), request)
        if reply.question is not None:
            waiting = Waiting(reply.question, reply.question.command, "", reply.question.options)
            await ask(self.context.store, request, waiting)
        return reply

    async def _command(self, request: Request) -> Reply:
        name = request.command.casefold().removeprefix("/")
        if not name:
            return await free_text.answer(self.context, request)
        command = self._by_name.get(name)
        if command is None:
            raise unknown_command(name, self.context.specs, request.texts)
        if name == "start" and (other := request.args.strip().casefold()) in self._by_name:
            # A link into the private chat names the command it is for.
            return await self._command(replace(request, command=other, args=""))
        if command.spec.who == "manager":
            only_managers(request)
        reply = await _resolved(command.answer(self.context, request), request)
        if reply.question is not None:
            waiting = Waiting(reply.question, request.command, request.args, request.options)
            await ask(self.context.store, request, waiting)
        return replace(reply, private=True) if command.spec.private else reply


def presses(commands: Iterable[Command]) -> dict[str, Press]:
    """What answers a button, by the first word of its action: a command, or what several commands share."""
    of_commands = {verb: press for command in commands for verb, press in command.buttons.items()}
    return of_commands | papers.BUTTONS


async def _resolved(answer: Awaitable[Reply], request: Request) -> Reply:
    """The answer; a `like:` that can't be answered is refused as other mistakes are."""
    try:
        return await answer
    except LikeError as error:
        raise CommandError(sentence(error, request.texts)) from None


def _with_file(request: Request, reply: Reply) -> Reply:
    """The reply, saying too that a file which came with the request wasn't read."""
    if not request.unread:
        return reply
    text = request.texts.gettext(
        "%(file)s can't be read. Send papers as text: a list of links or ids, or a .bib, RIS or CSL-JSON file of at "
        "most 4 MB.",
        file=clean(request.unread, 60),
    )
    words_alone = not request.command and not request.args
    message = Message() if words_alone else reply.message
    return replace(reply, message=replace(message, foot=(*message.foot, (Span(text),))))


def _refused(request: Request, message: str) -> Reply:
    return refusal(CommandError(request.texts.gettext(message)))
