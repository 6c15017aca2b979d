"""Commands as people type them: mistyped, or without their slash."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace

from paperwire.core.papers.mentions import mentioned
from paperwire.core.query.sentences import sentence_in
from paperwire.core.subscriptions.cadence import Cadence, Quiet
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, TimeError
from paperwire.ports.requests import CommandSpec, Request
from paperwire.services.typed import unquoted
from paperwire.texts import Texts

_BETWEEN = frozenset({"to", "for", "on", "about"})  # what stands between a verb and its object in a sentence
_NUMBER = re.compile(r"#?\d{1,9}")
_TIME_OR_ADDRESS = re.compile(r"\d:\d\d|\S@\S|https?://")


class UnknownCommand(CommandError):
    """There is no such command; `meant` is the nearest one with the words that were typed, empty if none is near."""

    def __init__(self, message: str, meant: str) -> None:
        super().__init__(message)
        self.meant = meant


def unknown_command(
    name: str, specs: Sequence[CommandSpec], texts: Texts, *, words: str = "", before: str = ""
) -> UnknownCommand:
    """The refusal of a command that doesn't exist, with the nearest one that does and its words.

    `before` is the command whose word `name` is, as `help` is in `/help subscirbe`.
    """
    near = nearest_name(name.casefold(), [spec.name for spec in specs])
    hint = texts.gettext("/help lists all commands.")
    if near:
        shown = clean(f"{near} {words}".strip(), 60)
        hint = texts.gettext("Did you mean /%(command)s?", command=shown)
    # Translators: %(command)s is what was typed, %(hint)s a sentence such as "Did you mean /help?".
    message = texts.gettext("Unknown command /%(command)s. %(hint)s", command=clean(name, 40), hint=hint)
    return UnknownCommand(message, f"{before} {near} {words}".strip() if near else "")


def nearest_name(name: str, names: Sequence[str], *, strict: bool = False) -> str:
    """The name that is most likely meant, empty if none is; with `strict` a letter or two may be wrong at most."""
    starts = [candidate for candidate in names if len(name) >= 3 and candidate.startswith(name) and not strict]
    return (starts or difflib.get_close_matches(name, names, n=1, cutoff=0.85 if strict else 0.6) or [""])[0]


def without_slash(request: Request, specs: Sequence[CommandSpec]) -> Request | None:
    """The command that words are, with nothing after its name but what it takes (`trending week`); None if they aren't.

    `link prediction` and `style transfer` are topics.
    """
    name, _, words = unquoted(request.args).partition(" ")
    spec = next((each for each in specs if each.name == name.casefold()), None)
    if spec is None or not takes(spec, words, specs):
        return None
    return replace(request, command=spec.name, args=words)


def nearly_without_slash(text: str, specs: Sequence[CommandSpec]) -> str:
    """The command that mistyped words most likely are, with its words: `subscirbe lora`; empty if none."""
    name, _, words = text.partition(" ")
    near = nearest_name(name.casefold(), [spec.name for spec in specs], strict=True)
    is_taken = any(spec.name == near and takes(spec, words, specs) for spec in specs)
    return f"{near} {words}".strip() if is_taken and near != name.casefold() else ""


def takes(spec: CommandSpec, words: str, specs: Sequence[CommandSpec]) -> bool:
    """Whether words without a slash before them are a command's, and not a topic that begins with its name."""
    argument = spec.args[0] if spec.args else None
    if argument is None or not words:
        return not words
    folded = words.casefold()
    match argument.completes:
        case _ if argument.choices:
            is_taken = folded in argument.choices
        case "query":
            is_taken = sentence_in(words) is None and folded.partition(" ")[0] not in _BETWEEN
        case "command":
            is_taken = folded.removeprefix("/") in {"query", *(each.name for each in specs)}
        case "subscription":
            is_taken = _NUMBER.fullmatch(words) is not None
        case "time" | "hours":
            is_taken = folded == "off" or _is_when(words, Cadence if argument.completes == "time" else Quiet)
        case _:
            is_taken = bool(mentioned(words, 1) or _TIME_OR_ADDRESS.search(words))
    return is_taken


def _is_when(words: str, kind: type[Cadence | Quiet]) -> bool:
    try:
        kind.split(words)
    except TimeError:
        return False
    return True
