"""Bundling the deliveries due at a destination into messages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.messages.bundles import Backlog, digest_bundles, make_bundles
from paperwire.core.messages.digests import Digest, chosen, relevance, slot_name

EIGHT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def bundled(instant, *, style="auto", per_minute=60, size=10, hours=0, due=None):
    count = len(instant) if due is None else due
    backlog = Backlog(count=count, unloaded=count - len(instant), overdue=timedelta(hours=hours))
    return make_bundles(instant, style=style, per_minute=per_minute, size=size, backlog=backlog)


def digested(members, *, begun=(), papers=None, sent=0, size=10):
    papers = len(members) if papers is None else papers
    digest = Digest(slot="2026-01-05T08:00", due_at=EIGHT, papers=papers, parts=max(-(-papers // size), 1), sent=sent)
    return digest_bundles(begun, members, digest, size=size, sectioned=False)


def forms(bundles):
    return [(bundle.form, len(bundle.owed)) for bundle in bundles]


def parts(bundles):
    return [(bundle.part, bundle.parts, bundle.whole) for bundle in bundles]


def test_up_to_five_go_singly():
    assert forms(bundled(range(5))) == [("single", 1)] * 5


def test_more_than_five_go_as_lists_of_ten():
    assert forms(bundled(range(12))) == [("list", 10), ("list", 2)]


def test_several_messages_count_themselves_and_the_whole():
    assert parts(bundled(range(25))) == [(1, 3, 25), (2, 3, 25), (3, 3, 25)]
    assert parts(bundled(range(20), due=45)) == [(1, 5, 45), (2, 5, 45)]
    assert parts(digested(range(25))) == [(1, 3, 25), (2, 3, 25), (3, 3, 25)]


def test_a_message_carries_as_many_papers_as_its_channel_wants():
    assert forms(bundled(range(12), size=5)) == [("list", 5), ("list", 5), ("list", 2)]
    assert forms(digested(range(12), size=5)) == [("digest", 5), ("digest", 5), ("digest", 2)]
    assert forms(digested(range(300), size=500)) == [("digest", 300)]


def test_a_place_may_choose_for_good():
    assert forms(bundled(range(7), style="cards")) == [("single", 1)] * 7
    assert forms(bundled(range(7), style="compact")) == [("single", 1)] * 7
    assert forms(bundled([1], style="list")) == [("list", 1)]


def test_what_a_person_timed_is_one_digest():
    assert forms(digested(range(3))) == [("digest", 3)]
    assert forms(digested([1])) == [("single", 1)]
    assert forms(digested([])) == [("digest", 0)]


def test_what_is_left_of_a_digest_goes_on_counting():
    left = digested([21], papers=21, sent=2)
    assert forms(left) == [("digest", 1)]
    assert parts(left) == [(3, 3, 21)]


def test_a_message_that_was_begun_comes_first_as_it_was():
    again = digested(range(10, 13), begun=[(7, 8)], papers=13, sent=1)
    assert [bundle.owed for bundle in again] == [(7, 8), (10, 11, 12)]
    assert parts(again) == [(2, 3, 13), (3, 3, 13)]


def test_after_an_outage_ten_come_singly_and_more_as_digests():
    assert forms(bundled(range(10), style="cards", hours=7)) == [("single", 1)] * 10
    assert forms(bundled(range(15), style="cards", hours=7)) == [("digest", 10), ("digest", 5)]
    assert forms(bundled(range(15), style="cards", hours=6)) == [("single", 1)] * 15


def test_a_turn_that_is_part_of_a_flood_sends_no_singles_either():
    assert forms(bundled(range(10), style="cards", hours=7, due=11)) == [("digest", 10)]
    assert forms(bundled(range(20), style="cards", per_minute=20, due=201)) == [("digest", 10)] * 2


def test_a_backlog_of_more_than_ten_minutes_goes_as_digests():
    assert {bundle.form for bundle in bundled(range(201), style="cards", per_minute=20)} == {"digest"}
    assert len(bundled(range(200), style="cards", per_minute=20)) == 200


@given(st.integers(0, 300), st.integers(1, 40), st.sampled_from(["auto", "cards", "list"]), st.integers(0, 9))
def test_each_delivery_is_bundled_once_and_in_order(instant, scheduled, style, hours):
    found = bundled(range(instant), style=style, per_minute=20, hours=hours)
    assert [one for bundle in found for one in bundle.owed] == list(range(instant))
    digest = digested(range(scheduled))
    assert [one for bundle in digest for one in bundle.owed] == list(range(scheduled))
    assert all(1 <= len(bundle.owed) <= 10 for bundle in [*found, *digest])


# --- which papers, in which order -------------------------------------------------------------------------------------


def test_the_best_come_first_section_after_section():
    papers = [("b", 2, 5), ("a", 1, 5), ("c", 1, 9), ("d", 2, 7)]
    order = {"rank": lambda one: (-one[2], 0, 0), "section": lambda one: one[1]}
    assert [one[0] for one in chosen(papers, 0, **order)] == ["c", "a", "d", "b"]
    assert [one[0] for one in chosen(papers, 2, **order)] == ["c", "d"]


def test_terms_in_a_title_count_twice():
    assert relevance("Diffusion models", ["diffusion", "lora"]) == 3
    assert relevance("Other", []) == 0


@pytest.mark.parametrize(("most", "listed"), [(0, 25), (20, 20), (30, 25)])
def test_a_digest_lists_no_more_than_asked_for(most, listed):
    assert Digest(slot="", due_at=EIGHT, papers=25).listed(most) == listed


def test_a_slot_is_called_by_the_clock_of_its_zone():
    assert slot_name("Europe/Berlin", EIGHT) == "2026-01-05T09:00"
    assert slot_name("Pacific/Kiritimati", EIGHT) == "2026-01-05T22:00"
