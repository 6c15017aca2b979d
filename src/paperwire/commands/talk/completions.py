"""What a platform offers while a person types: queries, categories by name, subscriptions, times, zones, commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperwire.commands.context import Chat
from paperwire.commands.talk.help import listed_here
from paperwire.core.messages.message import Message
from paperwire.core.papers.categories import CATEGORIES
from paperwire.core.query.language import parse
from paperwire.core.text.clean import clean
from paperwire.errors import QueryError
from paperwire.ports.requests import Choice, Reply, Request
from paperwire.services import people
from paperwire.services.papers.search import search
from paperwire.services.places.zones import COMMON_ZONES, nearest_first, zones_like, zones_of
from paperwire.wording.queries import query_help

MOST_CHOICES = 25
"""As many as Discord shows."""
_CADENCES = ("instant", "daily 08:00", "daily 18:00", "weekly mon 08:00")
_TIMES = {
    "time": _CADENCES,
    "hours": ("off", "22:00-07:00", "20:00-08:00"),
    "meeting": ("off", "weekly fri 15:00", "weekly mon 10:00", "tomorrow 15:00"),
}
_WORDS = {"cadence": _CADENCES, "saved": ("bibtex", "ris", "import")}
_OCCASIONS = ("arrival", "versions", "withdrawn")
_SHORTEST_WORD = 3  # letters from which on a word may be the beginning of one in a paper
_LONGEST_TITLE = 75
_LONGEST_NAME = 4  # words of what was typed that may together be a category's name


async def complete(context: Chat, request: Request) -> Reply:
    """Choices for the words typed so far, by what they are (`Argument.completes`)."""
    typed = " ".join(request.args.split())
    match request.completing:
        case "query":
            choices = [*_categories(context, typed), *await _queries(context, request, typed)]
        case "paper id":
            choices = await _papers(context, typed)
        case "subscription":
            choices = await _subscriptions(context, request, typed)
        case "feed":
            choices = [*_plain(("reset",), typed), *await _subscriptions(context, request, typed)]
        case "command":
            choices = [(f"/{name}", name) for name in _commands(context, request) if name.startswith(typed.lower())]
        case "occasions":
            before, _, word = typed.replace(" ", "").rpartition(",")
            choices = _plain([f"{before},{name}".lstrip(",") for name in _OCCASIONS if name.startswith(word)], "")
        case "hours" | "meeting" | "time" as what:
            choices = list(_times(typed, _TIMES[what], request.locale))
        case what:
            choices = _plain(_WORDS[what], typed)
    return Reply(message=Message(), choices=tuple(dict.fromkeys(choices))[:MOST_CHOICES])


def _commands(context: Chat, request: Request) -> list[str]:
    return [*(spec.name for spec in listed_here(context, request)), "query"]


def _plain(texts: Sequence[str], typed: str) -> list[Choice]:
    return [(text, text) for text in texts if text.startswith(typed.lower())]


async def _papers(context: Chat, typed: str) -> list[Choice]:
    """The latest stored papers with these words, the last of them perhaps unfinished, by their titles."""
    if len(typed) < _SHORTEST_WORD or any(map(str.isdigit, typed)):
        return []  # an id that is typed or pasted
    try:
        query = parse(f"{typed}*" if typed[-1].isalpha() else typed)
    except QueryError:
        return []
    matches = await search(context.store, None, query, order="date", limit=MOST_CHOICES)
    return [(f"{clean(paper.title, _LONGEST_TITLE)} ({paper.id})", paper.id) for paper in matches.papers]


def _categories(context: Chat, typed: str) -> Iterator[Choice]:
    """The query so far with its last words as a category, where they are the beginning of one's name or title."""
    words = typed.split(" ")
    for size in range(min(_LONGEST_NAME, len(words)), 0, -1):
        before, name = " ".join(words[:-size]), " ".join(words[-size:]).casefold().removeprefix("cat:")
        if len(name) < 2:
            continue
        for category in context.followed:
            title = CATEGORIES[category].title
            if category.casefold().startswith(name) or f" {name}" in f" {title.casefold()}":
                query = f"{before} cat:{category}".strip()
                yield f"{query} – {title}", query


async def _queries(context: Chat, request: Request, typed: str) -> list[Choice]:
    """The queries of subscriptions here that hold what was typed; before anything is, examples too."""
    stored = [
        subscription.text
        for subscription in await people.subscriptions_here(context, request)
        if typed.casefold() in subscription.text.casefold()
    ]
    choices = [(clean(text, 100), text) for text in stored]
    if not typed:
        choices += [
            (f"{text} – {meaning}", text)
            for text, meaning in query_help(request.texts, by_meaning=context.calibration is not None)
        ]
    return choices


async def _subscriptions(context: Chat, request: Request, typed: str) -> list[Choice]:
    choices = []
    for subscription in await people.subscriptions_here(context, request):
        label = f"#{subscription.ordinal} {clean(subscription.name or subscription.text, 90)}"
        if typed.casefold() in label.casefold():
            choices.append((label, str(subscription.ordinal)))
    return choices


def _times(typed: str, usual: tuple[str, ...], locale: str) -> Iterator[Choice]:
    """Usual times that begin so; after a time the zones that begin so, or usual ones."""
    yield from ((text, text) for text in usual if text.startswith(typed.lower()))
    if not any(letter.isdigit() for letter in typed):
        return
    words = typed.split()
    end = max(place for place, word in enumerate(words, 1) if any(map(str.isdigit, word)))
    time, zone = " ".join(words[:end]), " ".join(words[end:])
    for name in zones_like(zone, locale) if zone else nearest_first([*zones_of(locale), *COMMON_ZONES], locale):
        yield f"{time} {name}", f"{time} {name}"
