"""Teaches a subscription by meaning: papers that are not wanted become its `-like:`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from paperwire.core.meaning.vectors import unit
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse, parsed
from paperwire.core.query.terms.like import MOST_IDS
from paperwire.core.query.terms.unlike import Unlike
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.errors import CommandError
from paperwire.pipeline.directions import direction_of
from paperwire.ports.callers import Caller
from paperwire.ports.encoders import Explaining
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers.meaning import whose
from paperwire.services.subscriptions.subscriptions import edit_query
from paperwire.services.typed import StaleButton, read_query

_UNLIKE = re.compile(r"[^\s()\"]+")


@dataclass(frozen=True, slots=True)
class Taught:
    """A subscription after it was taught, the papers it avoids now, and the words that it avoids for the last one."""

    subscription: Subscription
    papers: int
    words: tuple[str, ...]


async def less_like(context: Context, caller: Caller, part: str, paper: Paper) -> Taught:
    """Let a subscription by meaning, by its number, match fewer papers like this one; the latest 20 count.

    Raises CommandError where it has no `like:`, or where the paper can't be named or is avoided already.
    """
    subscription, query = await _taught(context, caller, part)
    texts = caller.texts
    avoided = query.unlike.ids if query.unlike else ()
    if paper.id in avoided:
        raise CommandError(texts.gettext("#%(number)s already avoids papers like this.", number=subscription.ordinal))
    if paper.id in query.ids_of_like:
        raise CommandError(texts.gettext("#%(number)s asks for papers like this one.", number=subscription.ordinal))
    ids = [*avoided, paper.id][-MOST_IDS:]
    text = f"{_without_unlike(query)} -like:{','.join(ids)}"
    if (changed := parsed(text)) is None or changed.unlike is None:
        raise CommandError(texts.gettext("The id of this paper can't be used in a query."))
    words = await avoided_words(context, await whose(context, caller, query), paper)
    _, after = await edit_query(context, caller, part, text, former=subscription.text)
    if after.text != read_query(text, texts).text:  # changed meanwhile, as by another manager
        return await less_like(context, caller, part, paper)
    return Taught(after, len(ids), words)


async def unlearn(context: Context, caller: Caller, part: str) -> Taught:
    """Let a subscription avoid no papers any more; raises CommandError where it avoids none."""
    subscription, query = await _taught(context, caller, part)
    if query.unlike is None:
        raise CommandError(caller.texts.gettext("#%(number)s doesn't avoid any papers.", number=subscription.ordinal))
    _, after = await edit_query(context, caller, part, _without_unlike(query))
    return Taught(after, 0, ())


def _without_unlike(query: Query) -> str:
    """The text of a query without its `-like:`, whichever dash that was typed with."""
    if query.unlike is None:
        return query.text
    start = query.column_of(Unlike) - 1
    return f"{query.text[:start].rstrip()}{_UNLIKE.sub('', query.text[start:], count=1)}".strip()


async def _taught(context: Context, caller: Caller, part: str) -> tuple[Subscription, Query]:
    subscription = await people.changeable(context, caller, part)
    query = parse(subscription.text)
    if context.nearness is None:
        raise CommandError(caller.texts.gettext("Search by meaning is off here."))
    if query.like is None:
        raise StaleButton
    return subscription, query


async def avoided_words(context: Context, query: Query, paper: Paper) -> tuple[str, ...]:
    """The words that set a paper apart from what a query asks for; none where the encoder can't tell words apart."""
    nearness = context.nearness
    if nearness is None or not isinstance(nearness.encoder, Explaining):
        return ()
    direction = await direction_of(context.store, nearness, query)
    vectors = await nearness.of([paper.number])
    if not len(vectors):
        return ()
    away = unit(vectors - unit(direction.packed[np.newaxis].astype(np.float32)))[0]
    return tuple(share.word for share in nearness.encoder.shares((paper.title, paper.abstract), away))
