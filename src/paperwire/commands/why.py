"""Why a paper did or did not reach a place: the stages it went through, up to the one where it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.desk import find_paper, is_shared, local, place_name, read_query, say, unquoted
from paperwire.commands.searching import stored
from paperwire.core.messages.card import brief
from paperwire.core.messages.message import Span
from paperwire.core.papers.categories import uncollected
from paperwire.core.papers.identity import is_arxiv, stamp_at
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.subscriptions.mutes import mute_keys, mute_value
from paperwire.core.text.clean import clean
from paperwire.pipeline.hold import Hold
from paperwire.wording import why as words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from paperwire.commands.desk import Desk
    from paperwire.core.messages.message import Line
    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.language import Query, TermResult
    from paperwire.core.subscriptions.subscription import Destination, Subscription
    from paperwire.ports import Reply, Request
    from paperwire.store.outbox.history import Past
    from paperwire.store.papers.papers import PaperEvent
    from paperwire.store.unit import Unit

_MOST = 20
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class _Stops:
    """What keeps all deliveries back, or those of a channel."""

    now: datetime
    held_since: datetime | None
    closed_until: Callable[[str], datetime | None]


async def answer_why(desk: Desk, request: Request) -> Reply:
    """`/why PAPER`, over one's own subscriptions or this place's, and `/why PAPER QUERY`."""
    typed = unquoted(request.args)
    stamp = stamp_at(typed)  # which has blanks of its own
    named, text = (typed[: stamp[1]], typed[stamp[1] :]) if stamp else typed.partition(" ")[::2]
    query = read_query(text.strip()) if text.strip() else None
    paper = await find_paper(desk, named)
    return say(items=[brief(paper)], foot=await _why(desk, request, paper, query))


async def press_why(desk: Desk, request: Request, part: str) -> Reply:
    """The button under a paper: `why:PAPER`."""
    paper = await stored(desk, part)
    return say(items=[brief(paper)], foot=await _why(desk, request, paper, None))


async def _why(desk: Desk, request: Request, paper: Paper, query: Query | None) -> Sequence[str | Line]:
    if query is not None:
        return why_query(query, paper)
    if not paper.number:
        return [not_stored(desk, paper)]
    return await _walk(desk, request, paper)


def why_query(query: Query, paper: Paper) -> list[str]:
    """Whether a query finds a paper, and each of its terms with whether the paper has it."""
    results = query.explain(Doc.of(paper))
    enough = query.upvotes is None or (paper.upvotes or 0) >= query.upvotes
    matches = query.matches(Doc.of(paper)) and enough
    lines = [words.MATCHES if matches else words.DOES_NOT_MATCH]
    lines += [words.term(result.text, holds=result.holds, wanted=result.wanted) for result in results[:_MOST]]
    if query.upvotes is not None:
        lines.append(words.score(paper.upvotes or 0, query.upvotes))
    return lines


def not_stored(desk: Desk, paper: Paper) -> str:
    """Why a paper that a source has is not among those stored."""
    if is_arxiv(paper.id) and len(uncollected(paper.categories, desk.followed)) == len(paper.categories):
        return words.class_not_collected(paper.categories)
    return words.NOT_STORED


async def _walk(desk: Desk, request: Request, paper: Paper) -> list[str | Line]:
    stops = _Stops(now=desk.now(), held_since=await Hold(desk.store).since(), closed_until=desk.closed_until)
    async with desk.store.read() as unit:
        found = await people.subscriptions_here(unit, request)
        if not found:
            return [words.NO_SUBSCRIPTIONS_HERE if is_shared(request.place) else words.NO_SUBSCRIPTIONS]
        doc = Doc.of(paper)
        queries = [(one, parse(one.text)) for one in found]
        hits = [one for one, query in queries if _finds(query, doc, paper)]
        if not hits:
            return [words.NONE_MATCHES, *(_failure(one, query, doc, paper) for one, query in queries[:_MOST])]
        lines: list[str | Line] = []
        for one in hits[:_MOST]:
            lines.append((Span(words.FOUND_BY), Span(one.name or one.text, "code"), Span(f" (#{one.number})")))
            places = (await unit.people.destinations(one.destinations)).values()
            lines += [await _stage(unit, one, place, paper, stops) for place in places]
        return lines


def _finds(query: Query, doc: Doc, paper: Paper) -> bool:
    return query.matches(doc) and (query.upvotes is None or (paper.upvotes or 0) >= query.upvotes)


def _failure(one: Subscription, query: Query, doc: Doc, paper: Paper) -> Line:
    """The terms for which a subscription did not find the paper."""
    wrong = [_wrong(result) for result in query.explain(doc) if result.wanted != result.holds]
    if query.upvotes is not None and (paper.upvotes or 0) < query.upvotes:
        wrong.append(words.score(paper.upvotes or 0, query.upvotes))
    return (Span(f"#{one.number} "), Span(one.name or one.text, "code"), Span(words.failed(wrong[:_MOST])))


def _wrong(result: TermResult) -> str:
    return words.lacks(result.text) if result.wanted else words.has_excluded(result.text)


async def _stage(unit: Unit, one: Subscription, place: Destination, paper: Paper, stops: _Stops) -> str:
    """How far the paper came on its way to one place."""
    name = place_name(place)
    history = await unit.outbox.history(place.number, paper.number)
    if history:
        last = history[-1]
        return _waits(last, place, name, stops) if last.state == "owed" else _became(last, place, name)
    if one.paused:
        return words.SUBSCRIPTION_PAUSED
    if muted := await _muted(unit, one, place, paper):
        return words.muted(name, muted)
    return _never_owed(await unit.papers.events_of(paper.number), one, place, paper)


def _became(last: Past, place: Destination, name: str) -> str:
    """What became of a delivery that is settled."""
    when = local(last.settled_at or last.due_at, place.zone)
    if last.state == "given_up":
        reason = clean(last.reason, _LONGEST_REASON) or "the reason was not kept"
        tried = f" after {last.attempts:,} attempts" if last.attempts > 1 else ""
        return f"→ not sent to {name}: given up{tried}, {when}: {reason}"
    if last.state == "unknown":
        return f"→ may have reached {name}: sent {_times(last.unknowns)} without an answer, {when}; not sent again"
    if last.state == "dropped":
        return f"→ not sent to {name}: dropped by the operator, {when}"
    return words.sent(name, when)


def _waits(last: Past, place: Destination, name: str, stops: _Stops) -> str:
    """What keeps a delivery back that is not sent yet, and until when."""
    if last.paused:
        return words.waits_paused(name, last.paused)
    if stops.held_since is not None:
        return f"→ not sent yet: all deliveries have been on hold since {local(stops.held_since, place.zone)}"
    closed_until = stops.closed_until(place.channel)
    when = local(max(last.due_at, last.held_until or last.due_at, closed_until or last.due_at), place.zone)
    reason = clean(last.reason, _LONGEST_REASON)
    if last.unknowns:
        return f"→ may have reached {name}: sent {_times(last.unknowns)} without an answer; next try {when}"
    if last.attempts and last.failed_at is not None:
        since = local(last.failed_at, place.zone)
        return f"→ not sent to {name} yet: failing since {since} ({reason}); next try {when}"
    if closed_until is not None and last.due_at <= stops.now:
        return f"→ not sent to {name} yet: {place.channel} isn't working; next try {when}"
    return words.waits(name, when)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _never_owed(events: Sequence[PaperEvent], one: Subscription, place: Destination, paper: Paper) -> str:
    """Why a paper that a subscription finds was never owed to a place."""
    if paper.seen_at is not None and paper.seen_at < one.began_at:
        return words.before(local(paper.seen_at, place.zone), local(one.began_at, place.zone))
    if all(event.quiet for event in events):
        return words.QUIET
    if any(not event.matched for event in events):
        return words.NOT_YET_MATCHED
    return words.nothing_owed(place_name(place))


async def _muted(unit: Unit, one: Subscription, place: Destination, paper: Paper) -> str:
    """What mutes the paper at a place, empty for nothing."""
    keys = mute_keys(paper) | {("subscription", mute_value("subscription", str(one.number)))}
    for mute in await unit.people.mutes(place.number):
        if (mute.kind, mute.value) in keys:
            return words.THIS_SUBSCRIPTION if mute.kind == "subscription" else mute.value
    return ""
