"""How what a place is owed becomes messages."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.parcels import LIST, parcels

NONE = timedelta(0)


def forms(packed):
    return [(parcel.form, len(parcel.owed)) for parcel in packed]


def test_up_to_five_go_singly():
    assert forms(parcels(range(5), [], style="auto", per_minute=60, overdue=NONE)) == [("single", 1)] * 5


def test_more_than_five_go_as_lists_of_ten():
    packed = parcels(range(12), [], style="auto", per_minute=60, overdue=NONE)
    assert forms(packed) == [("list", 10), ("list", 2)]


def test_a_place_may_choose_for_good():
    assert forms(parcels(range(7), [], style="cards", per_minute=60, overdue=NONE)) == [("single", 1)] * 7
    assert forms(parcels([1], [], style="list", per_minute=60, overdue=NONE)) == [("list", 1)]


def test_what_a_person_timed_is_one_digest():
    assert forms(parcels([], range(3), style="cards", per_minute=60, overdue=NONE)) == [("digest", 3)]
    assert forms(parcels([], [1], style="auto", per_minute=60, overdue=NONE)) == [("single", 1)]


def test_after_an_outage_ten_singles_and_the_rest_as_digest():
    packed = parcels(range(15), [], style="cards", per_minute=60, overdue=timedelta(hours=7))
    assert forms(packed) == [("single", 1)] * 10 + [("digest", 5)]


def test_a_backlog_of_more_than_ten_minutes_goes_as_digests():
    packed = parcels(range(201), [], style="cards", per_minute=20, overdue=NONE)
    assert {parcel.form for parcel in packed} == {"digest"}
    assert len(parcels(range(200), [], style="cards", per_minute=20, overdue=NONE)) == 200


@given(st.integers(0, 300), st.integers(0, 40), st.sampled_from(["auto", "cards", "list"]), st.integers(0, 9))
def test_each_delivery_is_packed_once_and_in_order(instant, slotted, style, hours):
    packed = parcels(
        range(instant), range(1000, 1000 + slotted), style=style, per_minute=20, overdue=timedelta(hours=hours)
    )
    owed = [one for parcel in packed for one in parcel.owed]
    assert [one for one in owed if one < 1000] == list(range(instant))
    assert [one for one in owed if one >= 1000] == list(range(1000, 1000 + slotted))
    assert all(1 <= len(parcel.owed) <= LIST for parcel in packed)
