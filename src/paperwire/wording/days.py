"""Describes the days of a source, and what is doubtful about them."""

from __future__ import annotations

from babel.dates import format_datetime

from paperwire.core.days.batch import PROVEN, BatchState
from paperwire.core.days.calendar import Outlook, holiday_name, is_listed, why_no_batch
from paperwire.core.days.completeness import Day
from paperwire.core.days.doubt import Doubt, Why
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.failing import named

_ARXIV = "arxiv"


def outlook_line(coming: Outlook, texts: Texts) -> str:
    """When arXiv announces papers next, and why it doesn't tonight."""
    at = format_datetime(coming.next, texts.gettext("EEEE HH:mm 'ET'"), locale=texts.locale)
    if coming.tonight:
        line = texts.gettext("Next arXiv announcement: %(when)s", when=at)
    else:
        reason = _no_announcement(coming.holiday, texts)
        line = texts.gettext("No papers tonight: %(reason)s. Next announcement: %(when)s", reason=reason, when=at)
    if is_listed(coming.next.year):
        return line
    # Translators: a part of a sentence, after the time of an announcement in %(year)s.
    unlisted = texts.gettext("the holidays of %(year)s aren't known yet", year=coming.next.year)
    return texts.clauses(line, unlisted)


def _no_announcement(holiday: str, texts: Texts) -> str:
    match holiday:
        case "":
            return texts.gettext("arXiv announces nothing on Friday and Saturday")
        case "closed":  # by the settings
            return texts.gettext("arXiv is closed")
    # Translators: why arXiv announces nothing: %(holiday)s is Thanksgiving or the like.
    return texts.gettext("US holiday (%(holiday)s)", holiday=holiday_name(holiday, texts))


def day_line(day: Day, texts: Texts) -> str:
    """One day of a source: how complete it is, and how many papers it has."""
    counts = day_counts(day, texts)
    state = day_state(day, texts)
    # Translators: the state of a day of a source and its papers: "complete (12 new, 3 replaced)".
    text = texts.gettext("%(state)s (%(counts)s)", state=state, counts=counts) if counts else state
    return texts.row(texts.listed([day.source, texts.day(day.day)]), text)


def day_counts(day: Day, texts: Texts) -> str:
    """How many papers a day has; empty where there is no batch."""
    if day.state in {BatchState.HOLIDAY, BatchState.SILENT}:
        return ""
    # Translators: of the papers of a day, in a list: announced first, in another category, or as a new version.
    counts = [texts.ngettext("%(num)s new", "%(num)s new", day.new)]
    if day.crossed:
        # Translators: of the papers of a day, in a list such as "12 new, 4 cross-listed, 3 replaced".
        counts.append(texts.ngettext("%(num)s cross-listed", "%(num)s cross-listed", day.crossed))
    if day.replaced:
        # Translators: of the papers of a day, in a list such as "12 new, 4 cross-listed, 3 replaced".
        counts.append(texts.ngettext("%(num)s replaced", "%(num)s replaced", day.replaced))
    return texts.listed(counts)


def day_state(day: Day, texts: Texts) -> str:
    if day.state in PROVEN:
        if not day.late:
            # Translators: the state of a day of a source of papers.
            return texts.gettext("complete")
        return texts.ngettext("complete, %(num)s paper found late", "complete, %(num)s papers found late", day.late)
    if day.state is BatchState.HOLIDAY:
        return _nothing_announced(why_no_batch(day.day) if day.source == _ARXIV else "", texts)
    return texts.gettext(_STATES[day.state]) if day.state in _STATES else _unconfirmed(day, texts)


# Translators: the state of a day of a source of papers.
_STATES = {
    BatchState.SILENT: gettext_noop("nothing was announced that evening"),
    BatchState.EXPECTED: gettext_noop("expected, nothing seen yet"),
    BatchState.BACKFILLED: gettext_noop("backfilled from before the first run"),
}


def _nothing_announced(reason: str, texts: Texts) -> str:
    match reason:
        case "":
            # Translators: the state of a day of a source of papers; %(holiday)s is Thanksgiving or the like.
            return texts.gettext("nothing announced")
        case "closed":  # by the settings
            return texts.gettext("nothing announced, arXiv is closed")
        case "weekend":
            return texts.gettext("nothing announced, weekend")
    # Translators: the state of a day of a source of papers; %(holiday)s is Thanksgiving or the like.
    return texts.gettext("nothing announced, %(holiday)s", holiday=holiday_name(reason, texts))


def _unconfirmed(day: Day, texts: Texts) -> str:
    missing, is_partly = what_is_missing(day, texts)
    parts = sum(day.parts.values())
    proven = parts - len(day.unproven)
    if proven or is_partly:
        # Translators: %(proven)s of %(parts)s are numbers, %(missing)s is a list such as "cs.CL: not in RSS yet".
        return texts.gettext(
            "unconfirmed, %(proven)s of %(parts)s categories are complete (%(missing)s)",
            proven=proven,
            parts=parts,
            missing=missing,
        )
    # Translators: the state of a day of a source of papers.
    state = texts.gettext("unconfirmed")
    return texts.row(state, missing) if missing else state


def what_is_missing(day: Day, texts: Texts) -> tuple[str, bool]:
    """What is missing of all of a day and what of which categories, and whether it is of some of them."""
    parts = sum(day.parts.values())
    missing = list({doubt_words(doubt, texts): "" for tally in day.unproven for doubt in tally.doubts if doubt.whole})
    reasons: dict[str, list[str]] = {}
    for tally in day.unproven:
        if own := texts.clauses(*(doubt_words(doubt, texts) for doubt in tally.doubts if not doubt.whole)):
            reasons.setdefault(own, []).append(tally.part)
    missing += [own for own, names in reasons.items() if len(names) == parts]
    partly = [texts.row(named(names, texts), own) for own, names in reasons.items() if len(names) < parts]
    return texts.clauses(*missing, *partly), bool(partly)


def doubt_words(doubt: Doubt, texts: Texts) -> str:
    views = [texts.gettext(_VIEWS[view]) if view in _VIEWS else view for view in doubt.views]
    match doubt.why:
        case Why.STALE:
            # Translators: %(view)s is where a day of arXiv is read, such as RSS.
            return texts.gettext("%(view)s still shows an older list", view=views[0])
        case Why.CUT:
            # Translators: %(view)s is where a day of arXiv is read, such as RSS.
            return texts.gettext("%(view)s ends before its list does", view=views[0])
        case Why.LACKS:
            # Translators: %(views)s are where a day of arXiv is read: "RSS, OAI-PMH".
            return texts.gettext("not in %(views)s yet", views=texts.either(views))
        case Why.DIFFER:
            # Translators: %(views)s are where a day of arXiv is read: "RSS, OAI-PMH".
            return texts.ngettext(
                "%(views)s differ by %(num)s paper",
                "%(views)s differ by %(num)s papers",
                doubt.count,
                views=texts.join(views),
            )
        case Why.LOW | Why.HIGH:
            return _unusual(doubt, texts)
    return texts.gettext(_HARMLESS[doubt.why])


# Translators: where a day of arXiv is read, in sentences such as "not in %(views)s yet".
_VIEWS = {
    "rss": gettext_noop("the feed"),
    "oai": gettext_noop("OAI-PMH"),
    "list": gettext_noop("the listing page"),
}
# Translators: what is missing for the proof that a day is complete, in brackets or a list.
_HARMLESS = {
    Why.EARLY: gettext_noop("not due yet"),
    Why.HISTORY: gettext_noop("not enough history to judge the number"),
    Why.REST: gettext_noop("the other categories are not in yet"),
    Why.OPEN: gettext_noop("not read since the day ended"),
    Why.ALONE: gettext_noop("read after the day ended; no second view to compare"),
}


def _unusual(doubt: Doubt, texts: Texts) -> str:
    numbers = {"count": texts.number(doubt.count), "usual": texts.number(round(doubt.usual))}
    if doubt.why is Why.LOW:
        # Translators: of a day of arXiv: %(usual)s is how many papers such a day mostly has.
        return texts.gettext("unusually few papers, %(count)s instead of about %(usual)s", **numbers)
    # Translators: of a day of arXiv: %(usual)s is how many papers such a day mostly has.
    return texts.gettext("unusually many papers, %(count)s instead of about %(usual)s", **numbers)
