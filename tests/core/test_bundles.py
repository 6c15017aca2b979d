"""Bundling the deliveries due at a destination into messages."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.messages.bundles import Backlog, make_bundles


def bundled(instant, scheduled, *, style="auto", per_minute=60, size=10, hours=0, due=None):
    count = len(instant) if due is None else due
    backlog = Backlog(count=count, overdue=timedelta(hours=hours))
    return make_bundles(instant, scheduled, style=style, per_minute=per_minute, size=size, backlog=backlog)


def forms(bundles):
    return [(bundle.form, len(bundle.owed)) for bundle in bundles]


def test_up_to_five_go_singly():
    assert forms(bundled(range(5), [])) == [("single", 1)] * 5


def test_more_than_five_go_as_lists_of_ten():
    assert forms(bundled(range(12), [])) == [("list", 10), ("list", 2)]


def test_a_message_carries_as_many_papers_as_its_channel_wants():
    assert forms(bundled(range(12), [1, 2, 3], size=5)) == [("digest", 3), ("list", 5), ("list", 5), ("list", 2)]


def test_a_place_may_choose_for_good():
    assert forms(bundled(range(7), [], style="cards")) == [("single", 1)] * 7
    assert forms(bundled([1], [], style="list")) == [("list", 1)]


def test_what_a_person_timed_is_one_digest():
    assert forms(bundled([], range(3), style="cards")) == [("digest", 3)]
    assert forms(bundled([], [1])) == [("single", 1)]


def test_what_is_left_of_a_digest_is_one_however_little():
    late = Backlog(count=0, timed=11)
    left = make_bundles([], [1], style="auto", per_minute=60, size=10, backlog=late)
    assert [(bundle.form, bundle.closes) for bundle in left] == [("digest", True)]
    assert not make_bundles([], [], style="auto", per_minute=60, size=10, backlog=late)


def test_the_last_message_of_a_digest_closes_it():
    assert [bundle.closes for bundle in bundled(range(2), range(12))] == [False, True, False, False]
    assert not any(bundle.closes for bundle in bundled(range(12), [1]))


def test_after_an_outage_ten_come_singly_and_more_as_digests():
    assert forms(bundled(range(10), [], style="cards", hours=7)) == [("single", 1)] * 10
    assert forms(bundled(range(15), [], style="cards", hours=7)) == [("digest", 10), ("digest", 5)]
    assert forms(bundled(range(15), [], style="cards", hours=6)) == [("single", 1)] * 15


def test_a_turn_that_is_part_of_a_flood_sends_no_singles_either():
    assert forms(bundled(range(10), [], style="cards", hours=7, due=11)) == [("digest", 10)]
    assert forms(bundled(range(20), [], style="cards", per_minute=20, due=201)) == [("digest", 10)] * 2


def test_a_backlog_of_more_than_ten_minutes_goes_as_digests():
    assert {bundle.form for bundle in bundled(range(201), [], style="cards", per_minute=20)} == {"digest"}
    assert len(bundled(range(200), [], style="cards", per_minute=20)) == 200


@given(st.integers(0, 300), st.integers(0, 40), st.sampled_from(["auto", "cards", "list"]), st.integers(0, 9))
def test_each_delivery_is_bundled_once_and_in_order(instant, scheduled, style, hours):
    found = bundled(range(instant), range(1000, 1000 + scheduled), style=style, per_minute=20, hours=hours)
    owed = [one for bundle in found for one in bundle.owed]
    assert [one for one in owed if one < 1000] == list(range(instant))
    assert [one for one in owed if one >= 1000] == list(range(1000, 1000 + scheduled))
    assert all(1 <= len(bundle.owed) <= 10 for bundle in found)
