"""`/why`: which terms of a query a paper has, and why it did or didn't reach a place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from paperwire.commands.context import Chat, Command, say
from paperwire.core.matching.verdict import Stage, VerdictKind
from paperwire.core.messages.card import brief
from paperwire.core.messages.closed import pause_reason
from paperwire.core.messages.facts import fact_lines
from paperwire.core.messages.message import FIRST, Line, Span, styled
from paperwire.core.papers.identity import stamp_at
from paperwire.core.papers.paper import ACCEPTANCE, CODE, Paper
from paperwire.core.text.clean import clean
from paperwire.ports.channels import channel_label
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.papers.meaning import whose
from paperwire.services.papers.papers import find_paper, stored
from paperwire.services.papers.why import checked, why_here
from paperwire.services.typed import read_query, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.meaning import scored_lines
from paperwire.wording.occasions import occasion_names
from paperwire.wording.places import no_subscriptions, place_name
from paperwire.wording.times import local
from paperwire.wording.why import check_lines, mismatch_line, not_stored

# Translators: of /why: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "why",
    gettext_noop("Why a paper did or didn't reach you, or whether a query matches it"),
    (Argument("query", gettext_noop("paper: arXiv id or address, and a query if you like"), completes="paper id"),),
    topic="find",
    shareable=True,
    examples=(
        ("/why 2510.00001", gettext_noop("why this paper came, or didn't")),
        ("/why 2510.00001 lora -survey", gettext_noop("whether this query matches it")),
    ),
)

_MOST_LINES = 20
_LONGEST_REASON = 200
# Translators: a line of why a paper came or didn't: %(place)s is a chat or address, %(at)s a time.
_STAGES: dict[VerdictKind, str] = {
    "sent": gettext_noop("→ sent to %(place)s on %(at)s"),
    "dropped": gettext_noop("→ not sent to %(place)s: dropped by the operator on %(at)s"),
    "counted": gettext_noop("→ not sent to %(place)s: counted on %(at)s, in a week with three times the rate"),
    "place_paused": gettext_noop("→ not sent yet: %(place)s is paused (%(reason)s); /resume sends it"),
    "on_hold": gettext_noop("→ not sent yet: all deliveries have been on hold since %(since)s"),
    "failing": gettext_noop("→ not sent to %(place)s yet: failing since %(since)s (%(reason)s); next try on %(next)s"),
    "channel_down": gettext_noop("→ not sent to %(place)s yet: %(channel)s isn't working; next try on %(next)s"),
    "due": gettext_noop("→ will be sent to %(place)s on %(next)s"),
    # Translators: %(missing)s is a list such as "new versions, withdrawals".
    "occasion": gettext_noop("→ not sent: this subscription doesn't include %(missing)s"),
    "subscription_paused": gettext_noop("→ not sent: this subscription is paused"),
    "muted": gettext_noop("→ not sent: this subscription is muted in %(place)s; /mutes lists what is"),
    "before": gettext_noop("→ not sent: it appeared on %(at)s, before the subscription began on %(since)s"),
    "quiet": gettext_noop("→ not sent: it came with the first run, an import or a backfill, which are never sent"),
    "unmatched": gettext_noop("→ just arrived, about to be matched"),
    "not_owed": gettext_noop(
        "→ not sent to %(place)s: muted or paused there when the paper appeared, or sent long ago"
    ),
}


async def answer(context: Chat, request: Request) -> Reply:
    """`/why PAPER`, over one's own subscriptions or this place's, and `/why PAPER QUERY`."""
    texts = request.texts
    typed = unquoted(request.args)
    stamp = stamp_at(typed)  # which has spaces of its own
    name, text = (typed[: stamp[1]], typed[stamp[1] :].strip()) if stamp else typed.partition(" ")[::2]
    query = read_query(text, texts) if text else None
    paper = await find_paper(context, name, texts)
    if query is not None:
        result = await checked(context, await whose(context, request, query), paper, texts)
        return say(items=[brief(paper, texts)], foot=check_lines(result, texts))
    return await _explain(context, request, paper)


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The button under a paper: `why:PAPER`."""
    return await _explain(context, request, await stored(context, part))


async def _explain(context: Chat, request: Request, paper: Paper) -> Reply:
    texts = request.texts
    if not paper.number:
        return say(items=[brief(paper, texts)], foot=[not_stored(context.followed, paper, texts)])
    why = await why_here(context, request, paper)
    results = why.verdicts
    lines: list[str | Line] = []
    if not results and not why.former and not why.for_keepers:
        lines = [no_subscriptions(request.place, texts)]
    elif results and not any(result.check.matches for result in results):
        lines = [texts.gettext("This paper is stored, but no subscription matches it:")]
        lines += [mismatch_line(result, texts) for result in results[:_MOST_LINES]]
    for result in [result for result in results if result.check.matches][:_MOST_LINES]:
        subscription = result.subscription
        name = Span(subscription.name or subscription.text, "code")
        # Translators: %(subscription)s is a subscription's name or query, %(number)s its number.
        by = texts.gettext("Matched by %(subscription)s (#%(number)s)", subscription=FIRST, number=subscription.ordinal)
        lines.append(styled(by, name))
        lines += scored_lines(result.check.nearness, texts) if result.check.nearness is not None else []
        for stage in result.stages:
            lines += [*_later_fact(stage, paper, texts), _stage_words(stage, texts)]
    if why.former:
        lines.append(texts.gettext("Matched by a subscription that was deleted or changed since:"))
        lines += [_stage_words(stage, texts) for stage in why.former]
    for stage in why.for_keepers:
        lines += [*_kept_head(stage, texts), *_later_fact(stage, paper, texts), _stage_words(stage, texts)]
    return say(items=[brief(paper, texts)], foot=lines)


def _kept_head(stage: Stage, texts: Texts) -> list[str]:
    """Because of what such a fact came, as it can be muted; nothing for what can't be."""
    if stage.occasion in ACCEPTANCE:
        return [texts.gettext("Acceptances of saved and watched papers")]
    return [texts.gettext("Code of saved and watched papers")] if stage.occasion == CODE else []


def _later_fact(stage: Stage, paper: Paper, texts: Texts) -> list[Line]:
    """What the paper's record said only later, if that is why it came, with the words that say so."""
    lines = fact_lines(paper, stage.occasion, texts) if stage.occasion is not None else []
    if not lines:
        return []
    fact, *quotes = lines
    # Translators: %(fact)s is what became known of a paper after it appeared, such as "now accepted".
    head = texts.gettext("News from its record: %(fact)s", fact="".join(span.text for span in fact))
    return [(Span(head),), *quotes]


def _stage_words(stage: Stage, texts: Texts) -> str:
    def moment(at: datetime | None) -> str:
        return local(at, stage.place.zone, texts) if at else ""

    reason = pause_reason(stage.reason, texts) if stage.kind == "place_paused" else clean(stage.reason, _LONGEST_REASON)
    values = {
        "place": place_name(stage.place, texts),
        "channel": channel_label(stage.place.channel),
        "at": moment(stage.at),
        "since": moment(stage.since),
        "next": moment(stage.next_at),
        # Translators: stands where the reason of a failure would: "given up after 3 attempts: reason unknown".
        "reason": reason or texts.gettext("reason unknown"),
        "missing": occasion_names(stage.missing, texts),
    }
    if stage.kind == "muted" and reason:
        # Translators: %(reason)s is what is muted: an author, a category or words.
        return texts.gettext("→ not sent: %(reason)s is muted in %(place)s; /mutes lists what is", **values)
    if stage.kind in _STAGES:
        return texts.gettext(_STAGES[stage.kind], **values)
    return _counted_words(stage.kind, max(stage.count, 1), values, texts)


def _counted_words(kind: VerdictKind, count: int, values: Mapping[str, str], texts: Texts) -> str:
    """What became of a paper that was sent or tried several times."""
    if kind == "given_up":
        # Translators: %(place)s is a chat or address, %(at)s a time, %(reason)s why it failed.
        return texts.ngettext(
            "→ not sent to %(place)s: given up after %(num)s attempt on %(at)s: %(reason)s",
            "→ not sent to %(place)s: given up after %(num)s attempts on %(at)s: %(reason)s",
            count,
            **values,
        )
    if kind == "unanswered":
        # Translators: %(place)s is a chat or address, %(next)s a time.
        return texts.ngettext(
            "→ may have reached %(place)s: sent once without an answer; next try on %(next)s",
            "→ may have reached %(place)s: sent %(num)s times without an answer; next try on %(next)s",
            count,
            **values,
        )
    # Translators: %(place)s is a chat or address, %(at)s a time.
    return texts.ngettext(
        "→ may have reached %(place)s: sent once without an answer on %(at)s; won't be sent again",
        "→ may have reached %(place)s: sent %(num)s times without an answer, last on %(at)s; won't be sent again",
        count,
        **values,
    )


COMMANDS = (Command(SPEC, answer, {"why": press}),)
