"""What a subscription sends: new papers, new versions, withdrawals."""

from __future__ import annotations

from paperwire.core.matching.occasions import has_own_occasion
from paperwire.core.query.language import Query, parse
from paperwire.errors import CommandError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.typed import StaleButton
from paperwire.texts import Texts
from paperwire.wording.occasions import OCCASIONS, occasion_names


class LastOccasion(CommandError):
    """All that a subscription includes can't be removed from it."""


def read_occasions(text: str, texts: Texts) -> frozenset[str]:
    """Words of `OCCASIONS`, joined by commas or spaces; raises CommandError."""
    occasions = frozenset(text.casefold().replace(",", " ").split())
    if not occasions or not occasions <= OCCASIONS.keys():
        # Translators: %(choices)s is a list of words to type, which are never translated.
        raise CommandError(texts.gettext("Use one or more of: %(choices)s.", choices=texts.listed(OCCASIONS)))
    return occasions


def check_occasions(query: Query, occasions: frozenset[str], texts: Texts) -> None:
    """Raise CommandError for occasions that the query could never meet."""
    if occasions and has_own_occasion(query):
        raise CommandError(
            texts.gettext(
                "occasions: can't be combined with upvotes>=N or list:. These send a paper once, when it has the"
                " upvotes or is submitted. To get its new versions, /watch it."
            )
        )


async def include(context: Context, caller: Caller, part: str, names: str) -> bool:
    """Let a subscription include occasions too, joined by commas; False if it did."""
    occasions = _known(names)
    subscription = await people.changeable(context, caller, part)
    check_occasions(parse(subscription.text), occasions, caller.texts)
    async with context.store.write() as unit:
        await unit.subscriptions.include(subscription.number, occasions)
    return not occasions <= subscription.occasions


async def exclude(context: Context, caller: Caller, part: str, names: str) -> bool:
    """Let a subscription include occasions no longer; False if it didn't. Raises LastOccasion if none would be left."""
    occasions, texts = _known(names), caller.texts
    subscription = await people.changeable(context, caller, part)
    check_occasions(parse(subscription.text), occasions, texts)
    async with context.store.write() as unit:
        after = await unit.subscriptions.exclude(subscription.number, occasions)
    if after is None:
        raise people.no_such_subscription(caller)
    if not after.occasions.isdisjoint(occasions):
        names = occasion_names(after.occasions, texts)
        raise LastOccasion(
            # Translators: %(occasions)s is a list such as "new versions, withdrawals".
            texts.gettext(
                "This subscription includes %(occasions)s and nothing else, so they can't be removed. To get nothing of"
                " it, delete it.",
                occasions=names,
            )
        )
    return not occasions.isdisjoint(subscription.occasions)


def _known(names: str) -> frozenset[str]:
    occasions = frozenset(names.split(","))
    if not occasions <= OCCASIONS.keys():
        raise StaleButton
    return occasions
