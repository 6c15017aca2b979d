"""Why a paper came or didn't: subscription by subscription, and stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from paperwire.core.deliveries.ledger import Past
from paperwire.core.matching.occasions import not_included
from paperwire.core.matching.verdict import Stage, Verdict
from paperwire.core.meaning.aim import Scored
from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import ARRIVAL, FOR_KEEPERS, NOTICES, Paper
from paperwire.core.query.language import Check, Query, check, parse
from paperwire.core.query.terms.on_list import PUBLIC_NAME
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription, mute_keys, mute_value
from paperwire.errors import LikeError
from paperwire.pipeline.hold import Hold
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers.meaning import scored
from paperwire.store.unit import Unit
from paperwire.texts import Texts


async def checked(context: Context, query: Query, paper: Paper, texts: Texts) -> Check:
    """Try a query as it stands now on one paper; raises LikeError."""
    if query.like is None:
        return check(query, paper)
    nearness = await scored(context, query, paper, texts)
    return check(query.aimed(nearness.aim), paper, nearness.vector, nearness)


@dataclass(frozen=True, slots=True)
class WhyHere:
    """Why a paper came to a chat, or didn't: what each of its subscriptions makes of it, and what else it came for.

    `for_keepers` are facts that were sent because the paper is saved or watched, or was received and is retracted;
    `former` is what became of it under subscriptions that are gone, where none of those left matches.
    """

    verdicts: Sequence[Verdict]
    for_keepers: Sequence[Stage]
    former: Sequence[Stage]


async def why_here(context: Context, caller: Caller, paper: Paper) -> WhyHere:
    """Why a stored paper came to the actor's own chats, or to a shared place, or didn't."""
    held_since = await Hold(context.store).since()
    subscriptions = await people.subscriptions_here(context, caller)
    checks = [await _check_of(context, subscription, paper, caller.texts) for subscription in subscriptions]
    async with context.store.read() as unit:
        results: list[Verdict] = []
        for subscription, result in zip(subscriptions, checks, strict=True):
            places = (await unit.places.get_many(subscription.destinations)).values() if result.matches else ()
            stages = [await _stage(context, unit, subscription, place, paper, held_since) for place in places]
            results.append(Verdict(subscription, result, tuple(stages)))
        matching = [result.subscription.query for result in results if result.check.matches]
        for_keepers, former = [], []
        for place in await people.places_here(unit, caller):
            history = await unit.ledger.history(place.number, paper.number)
            facts = await _kept_facts(unit, place, paper, history, matching)
            for_keepers += [replace(_told(context, past, place, held_since), occasion=past.occasion) for past in facts]
            left = [past for past in history if past not in facts]
            if left and not matching and left[-1].state != "owed":
                former.append(_settled(left[-1], place))
        return WhyHere(results, for_keepers, former)


async def _check_of(context: Context, subscription: Subscription, paper: Paper, texts: Texts) -> Check:
    """Try the query of a subscription on one paper; a match by meaning is reported as it was when it was made."""
    query = parse(subscription.text)
    if query.list:
        return await _check_list(context, subscription, query, paper)
    if query.like is None:
        return check(query, paper)
    async with context.store.read() as unit:
        meaning = await unit.meanings.of(subscription.query)
        scores = await unit.meanings.scores_of(paper.number, [subscription.query])
    try:
        result = await checked(context, query.of((meaning and meaning.list_of) or 0), paper, texts)
    except LikeError:
        result = replace(check(query, paper), matches=False)
    score = scores.get(subscription.query)
    if score is None:
        return result
    nearness = result.nearness or Scored(like=query.like.show(""), score=score.score)
    return replace(result, matches=True, nearness=nearness.at(score.score, score.threshold))


async def _check_list(context: Context, subscription: Subscription, query: Query, paper: Paper) -> Check:
    """Try a subscription to a list, which is met by what is on it."""
    async with context.store.read() as unit:
        place = await unit.places.get(subscription.place)
        of_list = PUBLIC if query.list == PUBLIC_NAME or place is None else place.list
        matches = await unit.lists.submission(of_list, paper.number) is not None
    return replace(check(query, paper), matches=matches)


async def _kept_facts(
    unit: Unit, place: StoredPlace, paper: Paper, history: Sequence[Past], queries: Sequence[int]
) -> list[Past]:
    """What of a paper's history at a place was news there for the paper's own sake, and not to these queries."""
    facts = [past for past in history if past.occasion in FOR_KEEPERS]
    if not facts:
        return []
    is_kept = await unit.ledger.is_kept(place.number, paper.number)
    by_query = {past.occasion for query in queries for past in await _matched(unit, query, paper, facts)}
    return [past for past in facts if past.occasion not in by_query and (is_kept or past.occasion in NOTICES)]


async def _matched(unit: Unit, query: int, paper: Paper, history: Sequence[Past]) -> list[Past]:
    """What of a paper's history at a place a query matched."""
    keys = {past.occasion: (query, paper.number, past.occasion.code) for past in history}
    matches = await unit.fanout.matched_at(keys.values())
    return [past for past in history if keys[past.occasion] in matches]


async def _stage(  # noqa: PLR0911, PLR0913, PLR0917 -- all that can stop a paper
    context: Context,
    unit: Unit,
    subscription: Subscription,
    place: StoredPlace,
    paper: Paper,
    held_since: datetime | None,
) -> Stage:
    events = await unit.papers.events_of(paper.number)
    missing = not_included(subscription, events)
    history = [
        past
        for past in await unit.ledger.history(place.number, paper.number)
        if past.state != "owed" or past.occasion != ARRIVAL or not missing
    ]
    if history:
        last = (await _matched(unit, subscription.query, paper, history) or history)[-1]
        return replace(_told(context, last, place, held_since), occasion=last.occasion)
    if missing:
        return Stage(kind="occasion", place=place, missing=missing)
    if subscription.paused:
        return Stage(kind="subscription_paused", place=place)
    keys = mute_keys(paper) | {("subscription", mute_value("subscription", str(subscription.number)))}
    for mute in await unit.places.mutes(place.number):
        if (mute.kind, mute.value) in keys:
            return Stage(kind="muted", place=place, reason="" if mute.kind == "subscription" else mute.value)
    if paper.seen_at is not None and paper.seen_at < subscription.began_at:
        return Stage(kind="before", place=place, at=paper.seen_at, since=subscription.began_at)
    if all(event.quiet for event in events):
        return Stage(kind="quiet", place=place)
    return Stage(kind="not_owed" if all(event.matched for event in events) else "unmatched", place=place)


def _told(context: Context, past: Past, place: StoredPlace, held_since: datetime | None) -> Stage:
    """How far a delivery came."""
    return _waiting(context, past, place, held_since) if past.state == "owed" else _settled(past, place)


def _settled(past: Past, place: StoredPlace) -> Stage:
    """A delivery that was sent, or never will be."""
    assert past.state != "owed"  # noqa: S101 -- for the type checker
    count = past.unknowns if past.state == "unknown" else past.attempts
    return Stage(kind=past.state, place=place, at=past.settled_at or past.due_at, reason=past.reason, count=count)


def _waiting(context: Context, past: Past, place: StoredPlace, held_since: datetime | None) -> Stage:
    """A delivery that isn't sent yet: what keeps it back, and until when."""
    if past.paused:
        return Stage(kind="place_paused", place=place, reason=past.paused)
    if held_since is not None:
        return Stage(kind="on_hold", place=place, since=held_since)
    down_until = context.down_until(place.channel)
    next_at = max(past.due_at, past.hold_until or past.due_at, down_until or past.due_at)
    if past.unknowns:
        return Stage(kind="unanswered", place=place, next_at=next_at, count=past.unknowns)
    if past.attempts and past.failed_at is not None:
        return Stage(kind="failing", place=place, since=past.failed_at, next_at=next_at, reason=past.reason)
    is_down = down_until is not None and past.due_at <= context.now()
    return Stage(kind="channel_down" if is_down else "due", place=place, next_at=next_at)
