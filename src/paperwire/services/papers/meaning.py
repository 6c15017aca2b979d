"""Queries with `like:`: whose saved papers they mean, which papers are near enough, and why; papers like one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from paperwire.core.meaning.aim import Aim, Direction, Scored
from paperwire.core.meaning.categories import NEAREST, shares
from paperwire.core.meaning.feedback import BY_PAPER, BY_TEXT
from paperwire.core.meaning.nearby import Nearby, floor_of
from paperwire.core.meaning.vectors import Packed, Share, pack, unpack
from paperwire.core.messages.card import shown_title
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse, parsed
from paperwire.core.query.terms.like import Like
from paperwire.core.query.terms.words import frequency_of
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.core.text.clean import clean
from paperwire.core.text.topical import topical_words
from paperwire.core.text.words import chunks_of, words_of
from paperwire.errors import CommandError, EncoderError, LikeError, StoreBusy, Unresolved
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.directions import FEWEST_SAVED, direction_of
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.callers import Caller
from paperwire.ports.encoders import Explaining
from paperwire.services.context import Context
from paperwire.services.papers.second import reranked
from paperwire.store.unit import Store
from paperwire.texts import Texts
from paperwire.wording.meaning import closeness, few_days_line
from paperwire.wording.queries import sentence

_MOST_WORDS = 3
_TELLING = 100  # words that more of 1,000 papers have say nothing of why two are near
_LONGEST_TITLE = 80
SIMILAR = 5


async def whose(context: Context, caller: Caller, query: Query) -> Query:
    """The query as this person asks it: `like:saved` means their own list, in a private place.

    Raises LikeError for one who has no list.
    """
    if query.like is None or not query.like.is_saved or caller.place.is_shared or context.calibration is None:
        return query
    async with context.store.read() as unit:
        person = await unit.people.person_of(caller.actor)
    if person is None:
        raise LikeError(Unresolved.FEW_SAVED, query.column_of(Like), count=0, fewest=FEWEST_SAVED)
    return query.of(person.number)


async def resolved_query(context: Context, caller: Caller, query: Query) -> Query:
    """The query that a person subscribes to, by `whose`; raises LikeError where it can't be answered yet."""
    query = await whose(context, caller, query)
    if query.like is not None:
        await direction_of(context.store, context.nearness, query)
    return query


async def calibrate(context: Context, subscription: Subscription) -> None:
    """Give a subscription by meaning its threshold and the first entries of its feed now, and not only in a minute."""
    if context.calibration is not None and parse(subscription.text).like is not None:
        with suppress(EncoderError, StoreBusy):
            await context.calibration.renew([subscription.query])


async def check_resolvable(context: Context, caller: Caller | None, query: Query, texts: Texts) -> None:
    """Raise CommandError where a subscription, perhaps of a stranger, can't be served."""
    try:
        if caller is None and query.like is not None:
            await direction_of(context.store, context.nearness, query)
        elif caller is not None:
            await resolved_query(context, caller, query)
    except LikeError as error:
        raise CommandError(sentence(error, texts)) from None


async def nearby(store: Store, calibration: Calibration | None, query: Query, *, is_bounded: bool) -> Nearby:
    """How near papers are to what a query with `like:` asks for; if it `is_bounded`, only those near enough for it.

    Raises LikeError where it can't be answered.
    """
    direction = await direction_of(store, None if calibration is None else calibration.nearness, query)
    assert calibration is not None  # noqa: S101 -- without one there is no direction
    nearness = calibration.nearness
    cosines = await nearness.cosines(direction.packed)
    if is_bounded:
        threshold = await calibration.threshold(query, direction)
        return Nearby(cosines, direction.papers, threshold=inf if threshold is None else threshold.score)
    near = Nearby(cosines, direction.papers, floor=floor_of(cosines))
    near = await _asked_again(store, nearness, query, direction, near)
    return await reranked(store, nearness.second, query, direction, near)


async def _asked_again(store: Store, nearness: Nearness, query: Query, direction: Direction, near: Nearby) -> Nearby:
    """The same after feedback, of a text by its words too; of papers by their categories, of several by these alone."""
    if len(direction.papers) > 1 or query.like is None:
        return await _by_categories(store, query, direction, near)
    if query.like.text:
        async with store.read() as unit:
            near = replace(near, words=await unit.nearest.by_words(query.like.words))
    feedback = BY_TEXT if query.like.text else BY_PAPER
    answers = await nearness.of(near.first(feedback.answers))
    if not len(answers):
        return near
    moved = feedback.moved(unpack(direction.packed[np.newaxis])[0], answers)
    cosines = await nearness.cosines(pack(moved[np.newaxis])[0])
    return await _by_categories(store, query, direction, replace(near, cosines=cosines, floor=floor_of(cosines)))


async def _by_categories(store: Store, query: Query, direction: Direction, near: Nearby) -> Nearby:
    """The same with the categories of the papers asked by; as it is for a text and with `-like:`."""
    if not direction.papers or query.unlike is not None:
        return near
    async with store.read() as unit:
        first = await unit.papers.categories(near.first(NEAREST))
        origins = await unit.papers.categories(direction.papers)
    return replace(near, added=shares(origins.values(), first))


async def aimed(
    store: Store, calibration: Calibration | None, query: Query, papers: Sequence[Paper]
) -> tuple[Query, Mapping[int, Packed]]:
    """The query with what its `like:` means now, and the vectors of papers by number; raises LikeError."""
    direction = await direction_of(store, None if calibration is None else calibration.nearness, query)
    assert calibration is not None  # noqa: S101 -- without one there is no direction
    threshold = await calibration.threshold(query, direction)
    aim = None if threshold is None else Aim(direction, threshold.score)
    return query.aimed(aim), await calibration.nearness.packed([paper.number for paper in papers])


async def scored(context: Context, query: Query, paper: Paper, texts: Texts) -> Scored:
    """How near a paper is to what a query with `like:` asks for now; raises LikeError."""
    calibration = context.calibration
    direction = await direction_of(context.store, context.nearness, query)
    assert calibration is not None  # noqa: S101 -- without one there is no direction
    threshold = await calibration.threshold(query, direction)
    vector = (await calibration.nearness.packed([paper.number])).get(paper.number)
    why = await reasons(context.store, calibration, query, [paper], texts)
    return Scored(
        like=query.like.show("") if query.like else "",
        aim=None if threshold is None else Aim(direction, threshold.score),
        threshold=None if threshold is None else threshold.score,
        score=None if vector is None else direction.cosine(paper.number, vector),
        vector=vector,
        is_own=paper.number in direction.papers,
        why=why.get(paper.number, ""),
        from_few="" if threshold is None else few_days_line(query, threshold.days, texts),
    )


def like_query(paper: Paper) -> str:
    """The query for papers like one: by its id, or by its title where the language has no word for such an id."""
    text = f"like:{paper.id}"
    query = parsed(text)
    is_id = query is not None and query.like is not None and str(query) == text
    return text if is_id else f'like:"{" ".join(paper.title.replace(chr(34), " ").split())}"'


async def reasons(
    store: Store, calibration: Calibration | None, query: Query, papers: Sequence[Paper], texts: Texts
) -> dict[int, str]:
    """Why papers are near to what a query asks for, by their numbers; nothing for a query without `like:`.

    Of the word table these are the words that make up the score, of other encoders words that both have; with saved
    papers also which of them is nearest.
    """
    if query.like is None or calibration is None or not papers:
        return {}
    nearness = calibration.nearness
    direction = await direction_of(store, nearness, query)
    needs_nearest = query.like.is_saved or not isinstance(nearness.encoder, Explaining)
    near = await _nearest(store, nearness, direction, papers) if needs_nearest else {}
    reasons = {}
    for paper in papers:
        nearest_saved = near.get(paper.number)
        lines = [_words(nearness, query, direction, paper, nearest_saved, texts)]
        if nearest_saved is not None and query.like.is_saved:
            title = clean(shown_title(nearest_saved, texts), _LONGEST_TITLE)
            lines.append(texts.gettext("Nearest of your saved papers: %(title)s", title=title))
        reasons[paper.number] = ". ".join(filter(None, lines))
    return {number: text for number, text in reasons.items() if text}


def _words(  # noqa: PLR0913, PLR0917 -- all that the words may come from
    nearness: Nearness, query: Query, direction: Direction, paper: Paper, near: Paper | None, texts: Texts
) -> str:
    encoder = nearness.encoder
    if isinstance(encoder, Explaining):
        vector = unpack(direction.packed[np.newaxis])[0]
        return closeness(encoder.shares((paper.title, paper.abstract), vector), texts)
    others = set(query.like.words) if query.like else set()
    if near is not None:
        others |= words_of(chunks_of(f"{near.title} . {near.abstract}"))
    written = topical_words(paper.title, paper.abstract)
    telling = sorted((frequency_of(word), word) for word in written if word in others)
    words = list(dict.fromkeys(written[word] for _, word in telling if frequency_of(word) <= _TELLING))[:_MOST_WORDS]
    # Translators: words that two papers near each other share.
    return texts.gettext("In common: %(words)s", words=texts.listed(words)) if words else ""


async def _nearest(
    store: Store, nearness: Nearness, direction: Direction, papers: Sequence[Paper]
) -> Mapping[int, Paper]:
    """Of the papers that a direction was made of, the one nearest to each of these, by the numbers of these."""
    made_of = sorted(direction.papers)
    vectors = await nearness.packed([paper.number for paper in papers]) if made_of else {}
    if not vectors:
        return {}
    async with store.read() as unit:
        origins = await unit.papers.by_number(made_of)
    scores = await nearness.scores_of(made_of, unpack(np.stack(list(vectors.values()))))
    best = [made_of[place] for place in scores.argmax(axis=0)]
    return {number: origins[near] for number, near in zip(vectors, best, strict=True) if near in origins}


@dataclass(frozen=True, slots=True)
class Similar:
    """A paper near another one; `shares` are empty where the encoder can't tell words apart."""

    paper: Paper
    shares: Sequence[Share]


async def similar(store: Store, nearness: Nearness | None, paper: Paper, texts: Texts) -> list[Similar]:
    """The stored papers nearest to one, nearest first.

    Raises CommandError where no encoder is on, or where the paper has no vector yet.
    """
    if nearness is None:
        raise CommandError(texts.gettext("Search by meaning is off here."))
    vectors = await nearness.of([paper.number])
    if not len(vectors):
        raise CommandError(texts.gettext("This paper isn't indexed by meaning yet. Try again in a few minutes."))
    query = vectors[0]
    near = await nearness.near(query, SIMILAR, without={paper.number})
    async with store.read() as unit:
        papers = await unit.papers.by_number([scored.paper for scored in near])
    encoder = nearness.encoder
    explain = encoder.shares if isinstance(encoder, Explaining) else lambda _text, _query: []
    similar = [papers[scored.paper] for scored in near if scored.paper in papers]
    return [Similar(paper, explain((paper.title, paper.abstract), query)) for paper in similar]
