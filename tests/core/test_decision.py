"""What a page changes, decided from stored facts alone: which paper, what becomes of it, what is news."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from paperwire.core.papers.decision import Decider, StoredArrival, StoredPaper
from paperwire.core.papers.hub import NOT_LISTED, HubEntry
from paperwire.core.papers.identity import aliases
from paperwire.core.papers.paper import Event, EventKind, Paper

NOW = datetime(2026, 1, 6, 1, tzinfo=UTC)
DAY = date(2026, 1, 5)
NEW, CROSS, LISTED = EventKind.NEW, EventKind.CROSS, EventKind.LISTED
PAPER = Paper(
    id="2601.00001",
    title="Words and numbers",
    abstract="We study words.",
    authors=("Ada Lovelace",),
    categories=("cs.CL",),
    published=datetime(2026, 1, 4, tzinfo=UTC),
    announced=DAY,
)
POST = replace(PAPER, id="https://blog.example/words", source="rss", categories=(), comment="hi")


def an_event(paper=PAPER, kind=NEW, **changes):
    return Event(kind=kind, paper=paper, source=paper.source, **({"day": DAY} | changes))


def stored(paper=PAPER, *arrivals, number=7):
    arrivals = arrivals or [StoredArrival(NEW, paper.source, 0, quiet=False)]
    return StoredPaper(replace(paper, number=number, seen_at=NOW), aliases(paper), arrivals)


def quietly(kind=NEW, mark=0):
    return StoredArrival(kind, "arxiv", mark, quiet=True)


def decide(events, *facts, quiet=False, **options):
    decider = Decider(facts, now=NOW, quiet=quiet, **options)
    for event in events:
        decider.take(event, aliases(event.paper))
    return decider.decision()


def in_short(decision):
    """The events, without what a record says otherwise, see `changes`."""
    return [(event.kind.value, event.mark, event.is_news) for event in decision.events if event.before is None]


def changes(decision):
    return [event.before for event in decision.events if event.before is not None]


# --- which paper ------------------------------------------------------------------------------------------------------


def test_an_unknown_paper_is_new_and_news():
    decision = decide([an_event()])
    assert decision.new == [replace(PAPER, seen_at=NOW)]
    assert not decision.changed
    assert not decision.numbers
    assert {paper_id for paper_id, _ in decision.aliases} == {PAPER.id}
    assert in_short(decision) == [("new", 0, True)]
    assert decision.arrived == {PAPER.id}


def test_a_known_event_changes_no_paper_and_is_no_news():
    decision = decide([an_event()], stored())
    written = decision.new, decision.changed, decision.aliases, decision.events, decision.rematched
    assert not any(written)
    assert decision.numbers == {PAPER.id: 7}


def test_what_a_source_says_otherwise_changes_the_stored_paper():
    later = replace(PAPER, version=2, title="Words and more")
    decision = decide([an_event(later, EventKind.REPLACED)], stored())
    ((before, after),) = decision.changed
    assert (before.title, after.title, after.number) == (PAPER.title, later.title, 7)
    assert [name for _, name in decision.aliases] == [aliases(later)[-1]]


@pytest.mark.parametrize(
    ("about", "source", "day"),
    [
        ({"kind": NEW}, "arxiv", DAY - timedelta(days=3)),
        ({"kind": NEW, "guessed": True}, "arxiv", DAY),
        ({"kind": EventKind.CHANGED}, "arxiv", DAY),
        ({"kind": NEW, "guessed": True}, "huggingface", DAY - timedelta(days=3)),
    ],
)
def test_a_day_that_is_worked_out_moves_none_that_its_own_source_stated(about, source, day):
    earlier = an_event(replace(PAPER, announced=DAY - timedelta(days=3), comment="9 pages"), **about)
    ((_, now),) = decide([earlier], stored(replace(PAPER, source=source))).changed
    assert now.announced == day


def test_two_events_of_a_page_are_of_one_paper():
    decision = decide([an_event(), an_event(replace(PAPER, id="2601.00001v2", version=2), CROSS)])
    assert [paper.version for paper in decision.new] == [2]
    assert in_short(decision) == [("new", 0, True), ("cross", 1, False)]


def test_a_title_with_an_author_and_the_time_makes_two_records_one():
    decision = decide([an_event()], stored(POST))
    ((_, after),) = decision.changed
    assert (after.id, after.number, after.comment) == (PAPER.id, 7, "hi")
    assert decision.numbers == {PAPER.id: 7}


@pytest.mark.parametrize(
    "other", [{"authors": ("Charles Babbage",)}, {"published": PAPER.published - timedelta(days=500)}]
)
def test_a_title_alone_makes_nothing_one(other):
    decision = decide([an_event(replace(POST, **other))], stored())
    assert [paper.id for paper in decision.new] == [POST.id]


def test_two_ids_of_one_registry_are_two_papers_whatever_they_share():
    other = replace(PAPER, id="2601.00002", doi="10.1000/x")
    assert decide([an_event(other)], stored(replace(PAPER, doi="10.1000/x"))).new == [replace(other, seen_at=NOW)]


def test_a_record_that_names_two_stored_papers_makes_them_one_under_the_older_number():
    post = replace(POST, title="Another title", authors=("Charles Babbage",))
    bridge = replace(post, url="https://arxiv.org/abs/2601.00001")
    decision = decide([an_event(bridge, LISTED)], stored(post, number=9), stored(number=7))
    assert decision.merged == [(9, 7)]
    assert decision.numbers == {PAPER.id: 7}
    assert [event.paper_id for event in decision.events] == [PAPER.id]


def test_what_is_named_by_two_registries_joins_only_what_can_be_one():
    """The record shares a DOI with one arXiv paper, and is another itself."""
    post = replace(POST, title="T", doi="10.1000/x", url="https://arxiv.org/abs/2601.00001")
    other = replace(PAPER, id="2601.00002", title="Other", doi="10.1000/x")
    decision = decide([an_event(post)], stored(number=7), stored(other, number=8))
    assert decision.merged == []


def test_events_of_a_paper_that_becomes_another_follow_it():
    """The page holds a post, then the record that says that it is the stored paper."""
    post = replace(POST, title="Another title", authors=("Charles Babbage",))
    bridge = replace(post, url="https://arxiv.org/abs/2601.00001")
    decision = decide([an_event(post, score=3), an_event(bridge, LISTED)], stored())
    assert decision.new == []
    assert decision.merged == []  # the post has no number yet
    assert {event.paper_id for event in decision.events} == {PAPER.id}
    assert [score.paper_id for score in decision.scores] == [PAPER.id]


# --- its day ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "changes", "day"),
    [
        (NEW, {"day": date(2026, 1, 3)}, date(2026, 1, 3)),
        (NEW, {"day": None}, NOW.date()),
        (EventKind.REPLACED, {}, date(2026, 1, 4)),
    ],
)
def test_a_paper_without_a_day_has_that_of_its_arrival_or_first_version(kind, changes, day):
    decision = decide([an_event(replace(PAPER, announced=None), kind, **changes)])
    assert decision.new[0].announced == day


def test_a_paper_of_which_no_date_is_known_is_of_today():
    undated = replace(PAPER, announced=None, published=None)
    decision = decide([an_event(undated, EventKind.REPLACED, day=None)])
    assert (decision.new[0].announced, decision.events[0].day) == (NOW.date(), NOW.date())


# --- arrivals ---------------------------------------------------------------------------------------------------------


def test_a_later_arrival_is_news_only_if_queries_can_see_something_new():
    assert in_short(decide([an_event(kind=LISTED)], stored())) == [("listed", 0, False)]
    more = replace(PAPER, categories=("cs.CL", "cs.LG"))
    assert in_short(decide([an_event(more, CROSS)], stored())) == [("cross", 2, True)]


def test_a_known_arrival_with_something_new_is_matched_again():
    reworded = replace(PAPER, abstract="We study numbers.")
    decision = decide([an_event(reworded)], stored())
    assert decision.rematched == [(PAPER.id, (NEW, "arxiv", 0))]
    assert not in_short(decision)


def test_what_a_record_says_only_later_is_a_change_and_no_arrival():
    with_code = replace(PAPER, comment="github.com/a/b")
    decision = decide([an_event(with_code)], stored())
    assert not decision.rematched
    assert in_short(decision) == [("code", 0, True)]
    assert changes(decision) == [{"comment": ""}]
    assert not changes(decide([an_event(with_code)], stored(), quiet=True))
    assert not changes(decide([an_event(), an_event(with_code, EventKind.CHANGED)]))


def test_a_known_arrival_with_more_categories_was_cross_listed():
    more = replace(PAPER, categories=("cs.CL", "cs.LG", "no-category"))
    decision = decide([an_event(more, told_at=NOW, late=True)], stored())
    (event,) = decision.events
    assert (event.kind, event.mark, event.told_at, event.late, event.day) == (CROSS, 3, None, False, DAY)
    assert decision.crossed == {PAPER.id: (frozenset({"cs.LG"}), DAY)}
    assert decision.rematched == []


def test_a_cross_listing_that_a_record_tells_is_of_the_day_of_its_change():
    more = replace(PAPER, categories=("cs.CL", "cs.LG"))
    changed = an_event(more, EventKind.CHANGED, at=datetime(2026, 1, 7, tzinfo=UTC), day=None)
    assert [event.day for event in decide([changed], stored()).events] == [date(2026, 1, 7)]
    known = stored(PAPER, StoredArrival(CROSS, "arxiv", 2, quiet=False))
    assert decide([changed], known).events == []


def test_what_is_announced_after_a_quiet_record_is_news_once():
    announced = an_event(owed=True)
    assert in_short(decide([announced], stored(PAPER, quietly()))) == [("new", -1, True)]
    announced_event = StoredArrival(NEW, "arxiv", -1, quiet=False)
    assert in_short(decide([announced], stored(PAPER, quietly(), announced_event))) == []


@pytest.mark.parametrize(
    "event",
    [
        an_event(),
        an_event(owed=True, guessed=True, day=DAY + timedelta(days=1)),
        an_event(kind=LISTED, owed=True),
        an_event(kind=CROSS, owed=True, day=DAY + timedelta(days=1)),
    ],
)
def test_what_may_be_no_announcement_is_no_news_after_a_quiet_record(event):
    assert not any(new.is_news for new in decide([event], stored(PAPER, quietly())).events)


def test_a_cross_listing_on_its_paper_s_day_is_its_announcement():
    assert in_short(decide([an_event(kind=CROSS, owed=True)], stored(PAPER, quietly()))) == [("cross", -2, True)]


def test_a_quiet_page_announces_nothing():
    assert in_short(decide([an_event(owed=True)], stored(PAPER, quietly()), quiet=True)) == []


def test_a_list_that_names_a_known_paper_notified_nobody():
    facts = stored(PAPER, quietly(), StoredArrival(LISTED, "huggingface", 0, quiet=False))
    assert in_short(decide([an_event(owed=True)], facts)) == [("new", -1, True)]
    first = stored(PAPER, StoredArrival(LISTED, "huggingface", 0, quiet=False))
    assert in_short(decide([an_event(owed=True)], first)) == [("new", 0, False)]


# --- versions, records and scores -------------------------------------------------------------------------------------


def test_a_replacement_is_news_by_its_version():
    events = [an_event(replace(PAPER, version=version), EventKind.REPLACED) for version in (1, 2, 99_999)]
    marks = [("replaced", 1, False), ("replaced", 2, True), ("replaced", 9_999, True)]
    assert in_short(decide(events, stored())) == marks


def test_a_withdrawal_is_news_and_kept():
    decision = decide([an_event(kind=EventKind.WITHDRAWN)], stored())
    assert in_short(decision) == [("withdrawn", 1, True)]
    assert decision.changed[0][1].withdrawn


def test_a_doi_that_appears_is_news():
    published = replace(PAPER, doi="10.1000/abc")
    assert in_short(decide([an_event(published, EventKind.CHANGED)], stored())) == [("published", 0, True)]


def test_the_record_of_a_paper_never_announced_is_left_out_unless_asked_for():
    changed = an_event(kind=EventKind.CHANGED)
    assert decide([changed]).new == []
    decision = decide([changed], quiet=True, adds_unannounced=True)
    assert [paper.id for paper in decision.new] == [PAPER.id]
    assert decision.events == []


def test_a_score_is_a_series_of_changes_and_only_a_rise_is_an_event():
    upvoted = replace(PAPER, upvotes=3)
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    scores = [EventKind.SCORE] * 3
    values = [(5, at), (5, None), (2, None)]
    events = [an_event(kind=kind, score=score, at=when) for kind, (score, when) in zip(scores, values, strict=True)]
    decision = decide(events, stored(upvoted))
    assert [(score.upvotes, score.at) for score in decision.scores] == [(5, at), (2, NOW)]
    assert [(event.score_from, event.score_to, event.mark) for event in decision.events] == [(3, 5, 5)]
    assert decide([an_event(replace(PAPER, upvotes=4))]).scores[0].upvotes == 4


# --- what a record says only later -------------------------------------------------------------------------------

HUB = HubEntry(submitter="AK", submitter_handle="akhaliq")


def listed(hub, days_ago, **changes):
    arrival = StoredArrival(LISTED, "huggingface", 0, quiet=False, day=NOW.date() - timedelta(days=days_ago))
    return stored(replace(PAPER, hub=hub, **changes), StoredArrival(NEW, "arxiv", 0, quiet=False), arrival)


def entry(**fields):
    return an_event(replace(PAPER, source="huggingface", hub=replace(HUB, **fields)), EventKind.CHANGED)


def test_what_hugging_face_says_of_a_paper_that_it_listed_before_it_was_read_is_no_change():
    assert not changes(decide([entry()], listed(NOT_LISTED, 9)))
    assert changes(decide([entry()], stored())) == [{"hub": {}}]


@pytest.mark.parametrize(("days_ago", "count", "is_news"), [(1, None, True), (9, None, False), (9, 0, True)])
def test_the_first_look_at_linked_models_is_no_news_of_a_paper_listed_long_ago(days_ago, count, is_news):
    before = replace(HUB, model_count=count)
    linked = entry(models=("ada/words",), model_count=1)
    assert bool(changes(decide([linked], listed(before, days_ago)))) is is_news


def test_what_no_query_asks_for_is_no_change():
    assert not changes(decide([entry(comment_count=7, keywords=("words",))], listed(HUB, 1)))


def test_papers_that_turn_out_to_be_one_say_nothing_new_by_that():
    with_code = replace(PAPER, id="10.1101/2026.01.04.700001", source="biorxiv", comment="github.com/a/b", doi="")
    both = replace(PAPER, doi=with_code.id)
    decision = decide([an_event(both, EventKind.CHANGED)], stored(), stored(with_code, number=8))
    assert "comment" not in {name for before in changes(decision) for name in before}
