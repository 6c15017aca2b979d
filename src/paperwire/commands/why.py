"""`/why`: which terms of a query a paper has, and why it did or didn't reach a place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from paperwire.commands import people
from paperwire.commands.context import Command, Context, find_paper, local, place_name, say, unquoted
from paperwire.commands.meaning import Scored, scored, whose
from paperwire.commands.occasions import OCCASIONS, not_included
from paperwire.commands.papers import stored
from paperwire.commands.queries import read_query
from paperwire.commands.subscriptions import no_subscriptions
from paperwire.core.meaning.vectors import Packed
from paperwire.core.messages.card import brief
from paperwire.core.messages.closed import pause_reason
from paperwire.core.messages.message import Line, Span
from paperwire.core.papers.categories import is_category, uncollected
from paperwire.core.papers.identity import is_arxiv, stamp_at
from paperwire.core.papers.paper import ARRIVAL, Paper
from paperwire.core.query.language import Query, TermResult, parse
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.on_list import OPEN
from paperwire.core.subscriptions.mutes import mute_keys, mute_value
from paperwire.core.subscriptions.subscription import Destination, Subscription
from paperwire.core.text.clean import clean
from paperwire.errors import LikeError
from paperwire.pipeline.hold import Hold
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.store.outbox.history import Past
from paperwire.store.tables.lists import PUBLIC
from paperwire.store.unit import Unit
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec(
    "why",
    gettext_noop("Why a paper did or didn't reach you, or whether a query matches it"),
    (Argument("query", gettext_noop("a paper (arXiv id or address), and a query if you like")),),
)

_MOST = 20
_MOST_CATEGORIES = 5
_LONGEST_REASON = 200

Kind: TypeAlias = Literal[
    "sent", "given_up", "unknown", "dropped", "place_paused", "on_hold", "unanswered", "failing", "channel_down", "due",
    "occasion", "subscription_paused", "muted", "before", "quiet", "unmatched", "not_owed",
]  # fmt: skip

_STAGES: dict[Kind, str] = {
    "sent": gettext_noop("→ sent to %(place)s on %(at)s"),
    "given_up": gettext_noop("→ not sent to %(place)s: given up after %(attempts)s on %(at)s: %(reason)s"),
    "unknown": gettext_noop(
        "→ may have reached %(place)s: sent %(times)s without an answer, last on %(at)s; won't be sent again"
    ),
    "dropped": gettext_noop("→ not sent to %(place)s: dropped by the operator on %(at)s"),
    "place_paused": gettext_noop("→ not sent yet: %(place)s is paused (%(reason)s); /resume sends it"),
    "on_hold": gettext_noop("→ not sent yet: all deliveries have been on hold since %(since)s"),
    "unanswered": gettext_noop("→ may have reached %(place)s: sent %(times)s without an answer; next try on %(next)s"),
    "failing": gettext_noop("→ not sent to %(place)s yet: failing since %(since)s (%(reason)s); next try on %(next)s"),
    "channel_down": gettext_noop("→ not sent to %(place)s yet: %(channel)s isn't working; next try on %(next)s"),
    "due": gettext_noop("→ will be sent to %(place)s on %(next)s"),
    "occasion": gettext_noop("→ not sent: this subscription doesn't include %(missing)s"),
    "subscription_paused": gettext_noop("→ not sent: this subscription is paused"),
    "muted": gettext_noop("→ not sent: %(reason)s is muted in %(place)s; /mutes lists what is"),
    "before": gettext_noop("→ not sent: it appeared on %(at)s, before the subscription began on %(since)s"),
    "quiet": gettext_noop("→ not sent: it came with the first run, an import or a backfill, which are never sent"),
    "unmatched": gettext_noop("→ just arrived, about to be matched"),
    "not_owed": gettext_noop(
        "→ not sent to %(place)s: muted or paused there when the paper appeared, or sent long ago"
    ),
}


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a query matches a paper, term by term; `threshold` is the number of upvotes it asks for, if any.

    `nearness` is how near the paper is to what `like:` asks for, None without one.
    """

    matches: bool
    terms: tuple[TermResult, ...]
    upvotes: int
    threshold: int | None
    nearness: Scored | None = None

    @property
    def has_upvotes(self) -> bool:
        """Whether the paper has as many upvotes as the query asks for."""
        return self.threshold is None or self.upvotes >= self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a paper came on its way to a place, and the facts that belong to this kind of stage."""

    kind: Kind
    place: Destination
    at: datetime | None = None
    since: datetime | None = None
    next_at: datetime | None = None
    reason: str = ""
    count: int = 0
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one subscription makes of a paper: how it matches, and if it does, a stage for each of its places."""

    subscription: Subscription
    check: Check
    stages: tuple[Stage, ...]


def check(query: Query, paper: Paper, vector: Packed | None = None, nearness: Scored | None = None) -> Check:
    """Try a query on one paper, which has this vector if that is known."""
    doc = Doc.of(paper, vector)
    matches = query.matches(doc) and query.is_enough(doc)
    return Check(matches, query.explain(doc), paper.upvotes or 0, query.upvotes, nearness)


async def checked(context: Context, query: Query, paper: Paper, texts: Texts) -> Check:
    """Try a query as it stands now on one paper; raises LikeError."""
    if query.like is None:
        return check(query, paper)
    nearness = await scored(context, query, paper, texts)
    return check(query.aimed(nearness.aim), paper, nearness.vector, nearness)


async def verdicts(context: Context, request: Request, paper: Paper) -> tuple[list[Verdict], list[Stage]]:
    """What each of the actor's subscriptions, or in a shared place each that goes there, makes of a stored paper.

    Where none matches, also what became of the paper here under subscriptions that are gone.
    """
    held_since = await Hold(context.store).since()
    async with context.store.read() as unit:
        subscriptions = await people.subscriptions_here(unit, request)
    checks = [await _check_of(context, subscription, paper, request.texts) for subscription in subscriptions]
    async with context.store.read() as unit:
        results: list[Verdict] = []
        for subscription, result in zip(subscriptions, checks, strict=True):
            places = (await unit.people.destinations(subscription.destinations)).values() if result.matches else ()
            stages = [await _stage(context, unit, subscription, place, paper, held_since) for place in places]
            results.append(Verdict(subscription, result, tuple(stages)))
        if any(result.check.matches for result in results):
            return results, []
        return results, await _former_stages(unit, request, paper)


async def _check_of(context: Context, subscription: Subscription, paper: Paper, texts: Texts) -> Check:
    """Try the query of a subscription on one paper; a match by meaning is reported as it was when it was made."""
    query = parse(subscription.text)
    if query.list:
        return await _check_list(context, subscription, query, paper)
    if query.like is None:
        return check(query, paper)
    async with context.store.read() as unit:
        meaning = await unit.meanings.of(subscription.query)
        kept = await unit.meanings.scores_of(paper.number, [subscription.query])
    try:
        result = await checked(context, query.of((meaning and meaning.list_of) or 0), paper, texts)
    except LikeError:
        result = replace(check(query, paper), matches=False)
    score = kept.get(subscription.query)
    if score is None:
        return result
    nearness = result.nearness or Scored(like=query.like.show(""), score=score.score)
    return replace(result, matches=True, nearness=nearness.at(score.score, score.threshold))


async def _check_list(context: Context, subscription: Subscription, query: Query, paper: Paper) -> Check:
    """Try a subscription to a list, which is met by what is on it."""
    async with context.store.read() as unit:
        place = await unit.people.destination(subscription.place)
        of_list = PUBLIC if query.list == OPEN or place is None else place.list
        matches = await unit.lists.submission(of_list, paper.number) is not None
    return replace(check(query, paper), matches=matches)


async def _former_stages(unit: Unit, request: Request, paper: Paper) -> list[Stage]:
    """What became here of a paper that no subscription matches any more; nothing if it never was owed."""
    stages = []
    for place in await people.places_here(unit, request):
        history = await unit.outbox.history(place.number, paper.number)
        if history and history[-1].state != "owed":
            stages.append(_settled(history[-1], place))
    return stages


async def _stage(  # noqa: PLR0911, PLR0913, PLR0917 -- all that can stop a paper
    context: Context,
    unit: Unit,
    subscription: Subscription,
    place: Destination,
    paper: Paper,
    held_since: datetime | None,
) -> Stage:
    events = await unit.papers.events_of(paper.number)
    missing = not_included(subscription, events)
    history = [
        past
        for past in await unit.outbox.history(place.number, paper.number)
        if past.state != "owed" or past.occasion != ARRIVAL or not missing
    ]
    if history:
        last = history[-1]
        return _waiting(context, last, place, held_since) if last.state == "owed" else _settled(last, place)
    if missing:
        return Stage(kind="occasion", place=place, missing=missing)
    if subscription.paused:
        return Stage(kind="subscription_paused", place=place)
    keys = mute_keys(paper) | {("subscription", mute_value("subscription", str(subscription.number)))}
    for mute in await unit.people.mutes(place.number):
        if (mute.kind, mute.value) in keys:
            return Stage(kind="muted", place=place, reason="" if mute.kind == "subscription" else mute.value)
    if paper.seen_at is not None and paper.seen_at < subscription.began_at:
        return Stage(kind="before", place=place, at=paper.seen_at, since=subscription.began_at)
    if all(event.quiet for event in events):
        return Stage(kind="quiet", place=place)
    return Stage(kind="not_owed" if all(event.matched for event in events) else "unmatched", place=place)


def _settled(past: Past, place: Destination) -> Stage:
    """A delivery that was sent, or never will be."""
    assert past.state != "owed"  # noqa: S101 -- for the type checker
    count = past.unknowns if past.state == "unknown" else past.attempts
    return Stage(kind=past.state, place=place, at=past.settled_at or past.due_at, reason=past.reason, count=count)


def _waiting(context: Context, past: Past, place: Destination, held_since: datetime | None) -> Stage:
    """A delivery that isn't sent yet: what keeps it back, and until when."""
    if past.paused:
        return Stage(kind="place_paused", place=place, reason=past.paused)
    if held_since is not None:
        return Stage(kind="on_hold", place=place, since=held_since)
    closed_until = context.closed_until(place.channel)
    next_at = max(past.due_at, past.hold_until or past.due_at, closed_until or past.due_at)
    if past.unknowns:
        return Stage(kind="unanswered", place=place, next_at=next_at, count=past.unknowns)
    if past.attempts and past.failed_at is not None:
        return Stage(kind="failing", place=place, since=past.failed_at, next_at=next_at, reason=past.reason)
    is_down = closed_until is not None and past.due_at <= context.now()
    return Stage(kind="channel_down" if is_down else "due", place=place, next_at=next_at)


# --- words ---------------------------------------------------------------------------------------------------------


async def answer(context: Context, request: Request) -> Reply:
    """`/why PAPER`, over one's own subscriptions or this place's, and `/why PAPER QUERY`."""
    texts = request.texts
    typed = unquoted(request.args)
    stamp = stamp_at(typed)  # which has blanks of its own
    name, text = (typed[: stamp[1]], typed[stamp[1] :].strip()) if stamp else typed.partition(" ")[::2]
    query = read_query(text, texts) if text else None
    paper = await find_paper(context, name, texts)
    if query is not None:
        result = await checked(context, await whose(context, request, query), paper, texts)
        return say(items=[brief(paper, texts)], foot=check_lines(result, texts))
    return await _explain(context, request, paper)


async def press(context: Context, request: Request, part: str) -> Reply:
    """The button under a paper: `why:PAPER`."""
    return await _explain(context, request, await stored(context, part))


async def _explain(context: Context, request: Request, paper: Paper) -> Reply:
    texts = request.texts
    if not paper.number:
        return say(items=[brief(paper, texts)], foot=[not_stored(context, paper, texts)])
    results, former = await verdicts(context, request, paper)
    lines: list[str | Line] = []
    if not results and not former:
        lines = [no_subscriptions(request.place, texts)]
    elif results and not any(result.check.matches for result in results):
        lines = [texts.gettext("This paper is stored, but no subscription matches it:")]
        lines += [_mismatch(result, texts) for result in results[:_MOST]]
    for result in [result for result in results if result.check.matches][:_MOST]:
        one = result.subscription
        name = Span(one.name or one.text, "code")
        lines.append((Span(texts.gettext("Matched by")), Span(" "), name, Span(f" (#{one.ordinal})")))
        lines += result.check.nearness.lines(texts) if result.check.nearness is not None else []
        lines += [_stage_words(stage, texts) for stage in result.stages]
    if former:
        lines.append(texts.gettext("Matched by a subscription that was deleted or changed since:"))
        lines += [_stage_words(stage, texts) for stage in former]
    return say(items=[brief(paper, texts)], foot=lines)


def not_stored(context: Context, paper: Paper, texts: Texts) -> str:
    """Why a paper that a source has is not stored, as far as that is known."""
    categories = list(filter(is_category, paper.categories))
    if is_arxiv(paper.id) and len(uncollected(categories, context.followed)) == len(categories):
        return texts.ngettext(
            "This paper isn't stored: %(names)s isn't collected here.",
            "This paper isn't stored: %(names)s aren't collected here.",
            len(categories),
            names=", ".join(categories[:_MOST_CATEGORIES]),
        )
    return texts.gettext(
        "This paper isn't stored: it was announced before Paperwire started, or comes with the next announcement."
    )


def check_lines(result: Check, texts: Texts) -> list[str]:
    """Whether a query matches a paper, and each of its terms."""
    head = (
        texts.gettext("The query matches this paper:")
        if result.matches
        else texts.gettext("The query doesn't match this paper:")
    )
    lines = [head, *(_term(term, texts) for term in result.terms[:_MOST])]
    if result.threshold is not None:
        lines.append(_upvotes(result, texts))
    return [*lines, *(result.nearness.lines(texts) if result.nearness is not None else ())]


def _term(term: TermResult, texts: Texts) -> str:
    if term.wanted:
        return f"✓ {term.text}" if term.holds else texts.gettext("✗ %(term)s: missing", term=term.text)
    return texts.gettext("✗ %(term)s: excluded, but in it", term=term.text) if term.holds else f"✓ -{term.text}"


def _upvotes(result: Check, texts: Texts) -> str:
    text = texts.gettext(
        "%(count)s of %(threshold)s upvotes",
        count=texts.number(result.upvotes),
        threshold=texts.number(result.threshold or 0),
    )
    return f"{'✓' if result.has_upvotes else '✗'} {text}"


def _mismatch(verdict: Verdict, texts: Texts) -> Line:
    one, result = verdict.subscription, verdict.check
    reasons = [
        texts.gettext("no %(term)s", term=term.text)
        if term.wanted
        else texts.gettext("has %(term)s, which is excluded", term=term.text)
        for term in result.terms
        if term.wanted != term.holds
    ]
    reasons += [] if result.has_upvotes else [_upvotes(result, texts)]
    if result.nearness is not None and not result.nearness.is_near:
        reasons += result.nearness.lines(texts)[:1]
    line = (Span(f"#{one.ordinal} "), Span(one.name or one.text, "code"))
    return (*line, Span(f": {'; '.join(reasons[:_MOST])}")) if reasons else line


def _stage_words(stage: Stage, texts: Texts) -> str:
    def moment(at: datetime | None) -> str:
        return local(at, stage.place.zone, texts) if at else ""

    reason = pause_reason(stage.reason, texts) if stage.kind == "place_paused" else clean(stage.reason, _LONGEST_REASON)
    no_reason = texts.gettext("this subscription") if stage.kind == "muted" else texts.gettext("reason unknown")
    return texts.gettext(
        _STAGES[stage.kind],
        place=place_name(stage.place, texts),
        channel=stage.place.channel,
        at=moment(stage.at),
        since=moment(stage.since),
        next=moment(stage.next_at),
        reason=reason or no_reason,
        missing=texts.join([texts.gettext(name) for key, name in OCCASIONS.items() if key in stage.missing]),
        attempts=texts.ngettext("%(num)s attempt", "%(num)s attempts", max(stage.count, 1)),
        times=texts.ngettext("once", "%(num)s times", max(stage.count, 1)),
    )


COMMANDS = (Command(SPEC, answer, {"why": press}),)
