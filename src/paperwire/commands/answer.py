"""Answers requests: finds the command or button, checks rights and limits, and words refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import structlog

from paperwire.commands.buttons import in_rows, offered
from paperwire.commands.context import Chat, Command, Press, refusal, say
from paperwire.commands.memory import Waiting, YesOrNo, ask, ask_again, is_asked, note_asked, take
from paperwire.commands.papers import inline, papers
from paperwire.commands.papers.inline import INLINE
from paperwire.commands.places.pause import paused_first
from paperwire.commands.subscriptions import calmer, less
from paperwire.commands.table import COMMANDS
from paperwire.commands.talk import free_text, plain_words, publish
from paperwire.commands.talk.completions import complete
from paperwire.commands.talk.help import check_answered
from paperwire.commands.talk.last_answer import as_message, note_offered, note_pressed, take_undo
from paperwire.commands.talk.typed_commands import UnknownCommand, unknown_command, without_slash
from paperwire.core.messages.message import Button, Message, Span
from paperwire.core.papers.mentions import named_by_file
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, LikeError, StoreBusy
from paperwire.observe import COMMANDS as COUNTER
from paperwire.ports.requests import Reply, Request
from paperwire.services import people
from paperwire.services.access import name_of
from paperwire.services.limits import Limits
from paperwire.services.papers.lists import settle
from paperwire.services.people import only_managers
from paperwire.services.places.language import in_language
from paperwire.services.places.zones import UnclearZone, nearest_first
from paperwire.services.typed import QueryRefused, StaleButton, unquoted
from paperwire.store.lanes import Lane, using
from paperwire.wording.busy import busy_words
from paperwire.wording.queries import sentence

_log = structlog.get_logger(__name__)

_REPORT = "place:"
_HAPPENED = ("place:closed", "place:left", "place:moved")
"""Reports of what happened to a place, whose actor may be anyone."""
RUN = "run"
"""The button that runs a command with its words, whatever command that is."""
_LABEL = 60
_PER_ROW = 2
_VOTES = ("place:upvoted", "place:unvoted")


class Commands:
    """Answers requests from every channel alike."""

    def __init__(self, context: Chat, commands: Sequence[Command] = COMMANDS) -> None:
        self.context = context
        self._by_name = {command.spec.name: command for command in commands}
        self._buttons = presses(commands)
        self._limits = Limits()

    async def handle(self, request: Request) -> Reply:
        """Answer one command, button or completion; a refusal is an answer too, and nothing raises."""
        with using(Lane.COMMANDS, f"{request.actor.channel}:{request.actor.user_id}"):
            try:
                if not request.completing:
                    COUNTER.labels(request.actor.channel, self._counted(request)).inc()
                request = await in_language(self.context, request)
                reply = await (self._complete(request) if request.completing else self._handle(request))
            except Exception as error:  # noqa: BLE001 -- whatever goes wrong, the person who asked gets an answer
                reply = self._refused(error, request)
            if request.completing:
                return reply
            await note_offered(self.context.store, request, reply)
            if reply.question is not None:
                reply = replace(reply, on_asked=partial(note_asked, self.context.store, request))
            reply = replace(reply, language=request.reads)
            return await self.context.long_texts.keep(self.context.store, request.actor, reply)

    async def _handle(self, request: Request) -> Reply:
        if not request.command:
            request = replace(request, args=request.texts.word_in_english(request.args))
        is_undo = plain_words.is_undo(request.args)
        if request.replied and not is_undo and not await is_asked(self.context.store, request, request.replied):
            # In a chat people talk about what we sent; a form says so.
            return say(toast=request.texts.gettext("This was answered already, or is too old. Send the command again."))
        return await self._turned_away(request) or await self._admitted(request)

    def _refused(self, error: Exception, request: Request) -> Reply:
        """The answer to a request that raised: why it is refused, or that something went wrong; no choices."""
        if request.completing and request.completing != INLINE:
            if not isinstance(error, StoreBusy):
                _log.error("completion failed", completes=request.completing, exc_info=error)
            return Reply(message=Message())
        texts = request.texts
        match error:
            case StaleButton():
                text = texts.gettext("This button is too old. Send the command again.")
            case CommandError():
                text = str(error)
            case LikeError():
                text = sentence(error, texts)
            case StoreBusy():
                text = busy_words(error, texts)
            case _:
                _log.error("command failed", command=self._counted(request), exc_info=error)
                text = texts.gettext("Something went wrong on our side. Try again later.")
        if request.completing:
            return inline.refused(self.context, request, refusal(text))
        link = error.link if isinstance(error, CommandError) else ""
        return refusal(text, self._corrections(error, request), link=link)

    def _corrections(self, error: Exception, request: Request) -> list[list[Button]]:
        """What to type instead of a query that can't be read, an unknown command or an unclear zone, as buttons."""
        action = self.context.long_texts.action
        match error:
            case UnknownCommand(meant=str(meant)) if meant:
                return [[Button(clean(f"/{meant}", _LABEL), action(f"{RUN}:", meant))]]
            case QueryRefused(corrected=str(corrected)) if corrected:
                return [[Button(corrected, action(f"{error.verb}:", error.text))]]
            case UnclearZone() if request.command:
                zones = nearest_first(error.zones, request.locale)
                buttons = [Button(zone, action(f"{RUN}:", _with_zone(request, error.typed, zone))) for zone in zones]
                return [list(row) for row in in_rows(buttons, _PER_ROW)]
        return []

    async def _admitted(self, request: Request) -> Reply:
        """The answer to someone who may use this instance, within the limits."""
        if not request.action.startswith(_REPORT):
            self._limits.check(request, (request.args, *request.options.values()), self.context.now())
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
        reply = refusal(str(access.refusal(request.actor, request.texts)))
        if not access.is_refused_again(name_of(request.actor), self.context.now()):
            return reply
        words = " ".join(span.text for line in reply.message.head for span in line)
        return replace(reply, message=Message(), toast=words)

    async def _answer(self, request: Request) -> Reply:
        """The answer to a button, a command, or text, which may answer a question of ours."""
        await settle(self.context, request.place)
        if request.action:
            await note_pressed(self.context.store, request, request.action)
            return await self._press(request)
        if paper := named_by_file(request.unread):
            request = replace(request, unread="", attached=f"{request.attached}\n{paper}".strip())
        waiting = await take(self.context.store, request)  # another command is a change of mind
        if (reply := await self._said(request, waiting)) is not None:
            return reply
        waiting = None if isinstance(waiting, YesOrNo) else waiting
        if waiting is None and request.place.is_shared and not request.command:
            return _with_file(request, say())  # people talk to each other
        is_answer = not request.command and not plain_words.is_said(request.args)
        meant = None if request.command else without_slash(request, self.context.specs)
        if waiting is not None and meant is not None and self._is_topic(meant, waiting):
            meant = None
        if waiting is None or not is_answer or meant:
            reply = await self._command(request)
            return _with_file(request, await paused_first(self.context, meant or request, reply))
        try:
            return await self._command(waiting.answered(request))
        except (CommandError, LikeError, StoreBusy) as error:
            await ask(self.context.store, request, waiting)
            if isinstance(error, StoreBusy):
                raise
            return replace(self._refused(error, request), question=waiting.question)

    def _is_topic(self, meant: Request, waiting: Waiting) -> bool:
        """Whether words like a command's answer a question: in its form, in a reply, or as `search engines` may."""
        completes = {spec.name: spec.args[0].completes for spec in self.context.specs if spec.args}
        asks_for_query = completes.get(waiting.command) in {"query", "subscription"}
        may_be_query = bool(meant.args) and asks_for_query and completes.get(meant.command) == "query"
        return meant.command != waiting.command and (bool(meant.replied) or may_be_query)

    async def _said(self, request: Request, waiting: Waiting | YesOrNo | None) -> Reply | None:
        """The answer to a yes or no, or to an undo, as if its button was pressed; None to any other words."""
        words = f"{request.command} {request.args}"
        is_no = plain_words.is_no(words) or plain_words.is_end(words)
        if waiting is not None and (is_no or plain_words.is_yes(words) or plain_words.is_fine(words)):
            return await self._answered(request, waiting, words, is_no=is_no)
        is_ours = bool(request.replied) or not request.place.is_shared  # elsewhere people talk to each other
        if not is_ours or request.command or not plain_words.is_undo(words):
            return None
        undo = await take_undo(self.context.store, request)
        if undo is None:
            return say(request.texts.gettext("There is nothing to undo here."))
        if not undo:
            text = request.texts.gettext(
                "The last change can't be undone. Change it again: /settings or /subscriptions"
            )
            return say(text)
        return await self._as_pressed(request, undo)

    async def _answered(self, request: Request, waiting: Waiting | YesOrNo, words: str, *, is_no: bool) -> Reply:
        """The answer to a yes, a no or an ok while a question is open; only a yes or no is one to two buttons."""
        texts, store = request.texts, self.context.store
        if isinstance(waiting, YesOrNo):
            if is_no or plain_words.is_yes(words):
                return await self._as_pressed(request, waiting.no if is_no else waiting.yes)
            await ask_again(store, request, waiting)
            return say(texts.gettext("Please answer with yes or no."))
        if is_no:
            return say(texts.gettext("Cancelled. Nothing was changed."))
        await ask(store, request, waiting)
        question = waiting.question
        lines = (question.label, (Span(question.example, "code"),), texts.gettext("To stop, send: cancel"))
        return replace(say(*lines), question=question)

    async def _as_pressed(self, request: Request, action: str) -> Reply:
        return as_message(await self._press(replace(request, action=action, command="", args="")))

    async def _complete(self, request: Request) -> Reply:
        """Choices for what is being typed; none for those who may not use this instance, or ask too often."""
        if request.completing == INLINE:
            return await self._offer(request)
        is_in_time = self._limits.has_choices(request, request.args, self.context.now())
        if not is_in_time or not await people.is_let_in(self.context, request):
            return Reply(message=Message())
        return await complete(self.context, request)

    async def _offer(self, request: Request) -> Reply:
        """Papers to post; raises CommandError as commands do."""
        if not self._limits.has_choices(request, request.args, self.context.now()):
            raise CommandError(request.texts.gettext("Too many requests. Try again in a minute."))
        return await inline.offer(self.context, request)

    def _counted(self, request: Request) -> str:
        """The name under which a request is counted: one of ours, whatever was typed."""
        name = request.action.partition(":")[0] if request.action else request.command.casefold()
        return name if name in (self._buttons if request.action else self._by_name) else "other"

    async def _press(self, request: Request) -> Reply:
        verb, _, part = request.action.partition(":")
        press = self._buttons.get(verb)
        if press is None:
            raise StaleButton
        await self.context.long_texts.recall(self.context.store, request.action)
        reply = await press(self.context, request, part)
        if reply.question is not None and verb != RUN:  # a command's question waits already
            waiting = Waiting(reply.question, reply.question.command, "", reply.question.options)
            await ask(self.context.store, request, waiting)
        return reply

    async def _command(self, request: Request) -> Reply:
        return await _command(self.context, self._by_name, request)


async def _command(context: Chat, commands: Mapping[str, Command], request: Request) -> Reply:
    """The answer to a command, or to words that may be one without its slash."""
    name = request.command.casefold().removeprefix("/")
    if not name:
        meant = without_slash(request, context.specs)
        plain = await plain_words.answer(context, request)
        if plain is None and meant is None:
            return await free_text.answer(context, request)
        return plain or await _command(context, commands, meant or request)
    command = commands.get(name)
    if command is None:
        if plain_words.is_end(name):
            return await plain_words.ask_what_to_end(context, request)
        raise unknown_command(name, context.specs, request.texts, words=unquoted(request.args))
    if name == "start" and (other := request.args.strip().casefold()) in commands:
        # A link into the private chat names the command it is for.
        return await _command(context, commands, replace(request, command=other, args=""))
    check_answered(context, command.spec, request)
    has_words = request.args or request.options or request.attached
    changes = command.spec.who == "manager" or (command.spec.who == "viewer" and has_words)
    if changes and not command.is_personal(request):
        only_managers(request)
    reply = await command.answer(context, request)
    if reply.question is not None:
        waiting = Waiting(reply.question, request.command, request.args, request.options)
        await ask(context.store, request, waiting)
    is_shareable = command.spec.shareable and request.place.chat == "server"
    return replace(reply, private=reply.private or command.spec.private, shareable=is_shareable)


def _with_zone(request: Request, typed: str, zone: str) -> str:
    """The command again, with a zone in place of what was typed for it."""
    before, _, after = " ".join(unquoted(request.args).split()).rpartition(" ".join(typed.split()))
    options = "".join(f" {name}:{value}" for name, value in request.options.items())
    return f"{request.command} {before}{zone}{after}{options}"


def presses(commands: Iterable[Command]) -> dict[str, Press]:
    """What answers a button, by the first word of its action: a command, or what several commands share."""
    commands = tuple(commands)
    by_name = {command.spec.name: command for command in commands}

    async def run(context: Chat, request: Request, part: str) -> Reply:
        """A command with its words, for who presses: `run:COMMAND WORDS`."""
        name, _, words = offered(context, part).partition(" ")
        return await _command(context, by_name, replace(request, action="", command=name, args=words))

    of_commands = {verb: press for command in commands for verb, press in command.buttons.items()}
    return of_commands | papers.BUTTONS | calmer.BUTTONS | less.BUTTONS | publish.BUTTONS | {RUN: run}


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
