"""How what a place is owed becomes messages."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.messages.parcels import Waiting, parcels


def packed(instant, slotted, *, style="auto", per_minute=60, size=10, hours=0, waiting=None):
    count = len(instant) if waiting is None else waiting
    waiting = Waiting(count=count, overdue=timedelta(hours=hours))
    return parcels(instant, slotted, style=style, per_minute=per_minute, size=size, waiting=waiting)


def forms(some):
    return [(parcel.form, len(parcel.owed)) for parcel in some]


def test_up_to_five_go_singly():
    assert forms(packed(range(5), [])) == [("single", 1)] * 5


def test_more_than_five_go_as_lists_of_ten():
    assert forms(packed(range(12), [])) == [("list", 10), ("list", 2)]


def test_a_message_carries_as_many_papers_as_its_channel_wants():
    assert forms(packed(range(12), [1, 2, 3], size=5)) == [("digest", 3), ("list", 5), ("list", 5), ("list", 2)]


def test_a_place_may_choose_for_good():
    assert forms(packed(range(7), [], style="cards")) == [("single", 1)] * 7
    assert forms(packed([1], [], style="list")) == [("list", 1)]


def test_what_a_person_timed_is_one_digest():
    assert forms(packed([], range(3), style="cards")) == [("digest", 3)]
    assert forms(packed([], [1])) == [("single", 1)]


def test_the_last_message_of_a_digest_closes_it():
    assert [parcel.closes for parcel in packed(range(2), range(12))] == [False, True, False, False]
    assert not any(parcel.closes for parcel in packed(range(12), [1]))


def test_after_an_outage_ten_come_singly_and_more_as_digests():
    assert forms(packed(range(10), [], style="cards", hours=7)) == [("single", 1)] * 10
    assert forms(packed(range(15), [], style="cards", hours=7)) == [("digest", 10), ("digest", 5)]
    assert forms(packed(range(15), [], style="cards", hours=6)) == [("single", 1)] * 15


def test_a_turn_that_is_part_of_a_flood_sends_no_singles_either():
    assert forms(packed(range(10), [], style="cards", hours=7, waiting=11)) == [("digest", 10)]
    assert forms(packed(range(20), [], style="cards", per_minute=20, waiting=201)) == [("digest", 10)] * 2


def test_a_backlog_of_more_than_ten_minutes_goes_as_digests():
    assert {parcel.form for parcel in packed(range(201), [], style="cards", per_minute=20)} == {"digest"}
    assert len(packed(range(200), [], style="cards", per_minute=20)) == 200


@given(st.integers(0, 300), st.integers(0, 40), st.sampled_from(["auto", "cards", "list"]), st.integers(0, 9))
def test_each_delivery_is_packed_once_and_in_order(instant, slotted, style, hours):
    found = packed(range(instant), range(1000, 1000 + slotted), style=style, per_minute=20, hours=hours)
    owed = [one for parcel in found for one in parcel.owed]
    assert [one for one in owed if one < 1000] == list(range(instant))
    assert [one for one in owed if one >= 1000] == list(range(1000, 1000 + slotted))
    assert all(1 <= len(parcel.owed) <= 10 for parcel in found)
