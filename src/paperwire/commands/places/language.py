"""`/language`: the language of answers and papers, one's own or that of a shared place."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.buttons import in_rows, settings_row
from paperwire.commands.context import Chat, Command, only_managers_line, say
from paperwire.core.messages.message import Button
from paperwire.languages import served
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.people import only_managers
from paperwire.services.places.language import AUTO, chosen, read_language, set_language
from paperwire.services.typed import StaleButton, unquoted
from paperwire.texts import Texts, gettext_noop

_PER_ROW = 3

# Translators: of /language: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "language",
    gettext_noop("The language of messages: your own, or that of a group or channel"),
    (Argument("query", gettext_noop("language: its name, a code such as pt-BR, or auto"), required=False),),
    who="viewer",
    topic="settings",
    examples=(
        ("/language", gettext_noop("shows the language, with buttons to change it")),
        ("/language auto", gettext_noop("follows the language of your app")),
    ),
)


async def answer(context: Chat, request: Request) -> Reply:
    """`/language [NAME|CODE|auto]`."""
    texts, typed = request.texts, unquoted(request.args)
    if len(served()) == 1:
        return say(texts.gettext("Everything is in English: there is no other language yet."))
    before = await chosen(context, request)
    if not typed:
        return _choices(language_line(before, request, texts), request, texts)
    language = read_language(typed, request)
    texts = (await set_language(context, request, language)).texts
    reply = _choices(language_line(language, request, texts), request, texts)
    return replace(reply, undo=_undo(before, language))


async def press(context: Chat, request: Request, part: str) -> Reply:
    """One of the buttons: `language:de`, `language:auto`; `language:` shows them."""
    only_managers(request)
    if part and part not in {*served(), AUTO}:
        raise StaleButton
    before = await chosen(context, request)
    language = read_language(part, request) if part else before
    texts = (await set_language(context, request, language)).texts if part else request.texts
    message = _choices(language_line(language, request, texts), request, texts).message
    message = replace(message, buttons=(*message.buttons, tuple(settings_row(texts))))
    return Reply(message=message, edit=True, undo=_undo(before, language))


def _undo(before: str, now: str) -> str:
    """The button that chooses again what was chosen before; empty where nothing changed."""
    return "" if before == now else f"language:{before or AUTO}"


def language_line(language: str, request: Request, texts: Texts) -> str:
    """What is set, in a sentence; `language` is the tag of what was chosen, empty for none."""
    name = served().get(language, "")
    if request.place.is_shared:
        if name:
            # Translators: %(language)s is a language by its own name.
            return texts.gettext("Language here: %(language)s.", language=name)
        return texts.gettext(
            "Language here: automatic. Papers are sent in the language of the server or of who set this up."
        )
    if name:
        # Translators: %(language)s is a language by its own name.
        return texts.gettext("Your language: %(language)s.", language=name)
    return texts.gettext("Your language: automatic, as your app reports it.")


def _choices(line: str, request: Request, texts: Texts) -> Reply:
    if not request.may_change:
        return say(line, only_managers_line(texts))
    buttons = [Button(name, f"language:{tag}") for tag, name in served().items()]
    automatic = [Button(texts.gettext("Automatic"), f"language:{AUTO}")]
    return say(line, buttons=[*in_rows(buttons, _PER_ROW), automatic])


COMMANDS = (Command(SPEC, answer, {"language": press}),)
