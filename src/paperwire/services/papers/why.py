"""Why a paper came or didn't: subscription by subscription, and stage by stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from paperwire.core.deliveries.ledger import Past
from paperwire.core.matching.occasions import not_included
from paperwire.core.matching.verdict import Stage, Verdict
from paperwire.core.meaning.aim import Scored
from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import ARRIVAL, Paper
from paperwire.core.query.language import Check, Query, check, parse
from paperwire.core.query.terms.on_list import OPEN
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


async def verdicts(context: Context, caller: Caller, paper: Paper) -> tuple[list[Verdict], list[Stage]]:
    """What each of the actor's subscriptions, or in a shared place each that goes there, makes of a stored paper.

    Where none matches, also what became of the paper here under subscriptions that are gone.
    """
    held_since = await Hold(context.store).since()
    subscriptions = await people.subscriptions_here(context, caller)
    checks = [await _check_of(context, subscription, paper, caller.texts) for subscription in subscriptions]
    async with context.store.read() as unit:
        results: list[Verdict] = []
        for subscription, result in zip(subscriptions, checks, strict=True):
            places = (await unit.places.get_many(subscription.destinations)).values() if result.matches else ()
            stages = [await _stage(context, unit, subscription, place, paper, held_since) for place in places]
            results.append(Verdict(subscription, result, tuple(stages)))
        if any(result.check.matches for result in results):
            return results, []
        return results, await _former_stages(unit, caller, paper)


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
        of_list = PUBLIC if query.list == OPEN or place is None else place.list
        matches = await unit.lists.submission(of_list, paper.number) is not None
    return replace(check(query, paper), matches=matches)


async def _former_stages(unit: Unit, caller: Caller, paper: Paper) -> list[Stage]:
    """What became here of a paper that no subscription matches any more; nothing if it never was owed."""
    stages = []
    for place in await people.places_here(unit, caller):
        history = await unit.ledger.history(place.number, paper.number)
        if history and history[-1].state != "owed":
            stages.append(_settled(history[-1], place))
    return stages


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
        last = history[-1]
        stage = _waiting(context, last, place, held_since) if last.state == "owed" else _settled(last, place)
        return replace(stage, occasion=last.occasion)
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
