"""Which occasions a subscription includes: in words, by button, and added or removed."""

from __future__ import annotations

from collections.abc import Iterable

from paperwire.commands import people
from paperwire.commands.context import Context, StaleButton
from paperwire.core.messages.message import Button
from paperwire.core.papers.paper import ARRIVALS, EventKind
from paperwire.core.query.language import Query, parse
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.errors import CommandError
from paperwire.ports.requests import Caller
from paperwire.store.papers.papers import PaperEvent
from paperwire.texts import Texts, gettext_noop

ARRIVAL = frozenset({"arrival"})
OCCASIONS = {
    "arrival": gettext_noop("new papers"),
    "versions": gettext_noop("new versions"),
    "withdrawn": gettext_noop("withdrawals"),
}
"""What a subscription may include, as typed and in words."""
_LABELS = {
    "arrival": (gettext_noop("Add new papers"), gettext_noop("Remove new papers")),
    "versions": (gettext_noop("Add new versions"), gettext_noop("Remove new versions")),
    "withdrawn": (gettext_noop("Add withdrawals"), gettext_noop("Remove withdrawals")),
}


_INCLUDED_BY: dict[str, str] = {
    **dict.fromkeys(ARRIVALS, "arrival"),
    EventKind.REPLACED: "versions",
    EventKind.WITHDRAWN: "withdrawn",
}
"""Which of a subscription's occasions includes what is stated of a paper."""


class LastOccasion(CommandError):
    """All that a subscription includes can't be removed from it."""


def read_occasions(text: str, texts: Texts) -> frozenset[str]:
    """Words of `OCCASIONS`, joined by commas or blanks; raises CommandError."""
    occasions = frozenset(text.casefold().replace(",", " ").split())
    if not occasions or not occasions <= OCCASIONS.keys():
        raise CommandError(texts.gettext("Use one or more of: %(choices)s.", choices=", ".join(OCCASIONS)))
    return occasions


def has_own_occasion(query: Query) -> bool:
    """Whether a query says itself when a paper is news, as a trending query and a list do; others don't apply to it."""
    return query.upvotes is not None or bool(query.list)


def check_occasions(query: Query, occasions: frozenset[str], texts: Texts) -> None:
    """Raise CommandError for occasions that the query could never meet."""
    if occasions and has_own_occasion(query):
        raise CommandError(
            texts.gettext(
                "occasions: can't be combined with upvotes>=N or list:. These send a paper once, when it has the"
                " upvotes or is submitted. To hear of its new versions, /watch it."
            )
        )


def occasions_line(subscription: Subscription, texts: Texts) -> str:
    """Everything that the subscription sends; empty where its query says that."""
    if has_own_occasion(parse(subscription.text)):
        return ""
    occasions = [texts.gettext(name) for key, name in OCCASIONS.items() if key in subscription.occasions]
    if sends_papers(subscription):
        return texts.gettext("Includes %(occasions)s.", occasions=texts.join(occasions))
    return texts.gettext("Includes %(occasions)s, but no new papers.", occasions=texts.join(occasions))


def sends_papers(subscription: Subscription) -> bool:
    """Whether it sends papers that are new to its readers."""
    return subscription.occasions >= ARRIVAL or has_own_occasion(parse(subscription.text))


def not_included(subscription: Subscription, events: Iterable[PaperEvent]) -> frozenset[str]:
    """What a paper was news for, by what was said of it, if the subscription includes nothing of that; else nothing."""
    if has_own_occasion(parse(subscription.text)):
        return frozenset()
    kinds = frozenset(_INCLUDED_BY[event.kind] for event in events if event.kind in _INCLUDED_BY)
    return frozenset() if kinds & subscription.occasions else kinds


def changes(subscription: Subscription, texts: Texts) -> list[tuple[bool, str, str]]:
    """What may be changed of what it includes: (whether it would be added, occasion, label).

    New papers are offered only besides something else.
    """
    if has_own_occasion(parse(subscription.text)):
        return []
    return [
        (name not in subscription.occasions, name, texts.gettext(labels[name in subscription.occasions]))
        for name, labels in _LABELS.items()
        if name != "arrival" or subscription.occasions != ARRIVAL
    ]


def occasion_buttons(subscription: Subscription, texts: Texts) -> list[Button]:
    """The same as buttons, each of which names the state that it brings about."""
    number = subscription.number
    return [
        Button(label, f"also:{number}:{name}" if adds else removal(number, frozenset({name})))
        for adds, name, label in changes(subscription, texts)
    ]


def removal(number: int, occasions: frozenset[str]) -> str:
    """The action that removes occasions from a subscription."""
    return f"drop:{number}:{','.join(sorted(occasions))}"


async def include(context: Context, caller: Caller, part: str, names: str) -> None:
    """Let a subscription include occasions too, joined by commas."""
    occasions = _known(names)
    subscription = await people.changeable(context, caller, part)
    check_occasions(parse(subscription.text), occasions, caller.texts)
    async with context.store.write() as unit:
        await unit.subscriptions.include(subscription.number, occasions)


async def exclude(context: Context, caller: Caller, part: str, names: str) -> None:
    """Let a subscription include occasions no longer; raises CommandError if none would be left."""
    occasions, texts = _known(names), caller.texts
    subscription = await people.changeable(context, caller, part)
    check_occasions(parse(subscription.text), occasions, texts)
    async with context.store.write() as unit:
        now = await unit.subscriptions.exclude(subscription.number, occasions)
    if now is None:
        raise people.no_such_subscription(caller)
    if not now.occasions.isdisjoint(occasions):
        names = texts.join([texts.gettext(name) for key, name in OCCASIONS.items() if key in now.occasions])
        raise LastOccasion(
            texts.gettext(
                "This subscription includes %(occasions)s and nothing else, so they can't be removed. To get nothing of"
                " it, delete it.",
                occasions=names,
            )
        )


def _known(names: str) -> frozenset[str]:
    occasions = frozenset(names.split(","))
    if not occasions <= OCCASIONS.keys():
        raise StaleButton
    return occasions
