"""Rate limits of commands, and texts too long for a button."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from paperwire.commands.memory import LongTexts
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import Request
from paperwire.services.limits import PER_PLACE, PER_USER, Bucket, Limits

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def request(user="1", place="p", channel="telegram"):
    return Request(
        actor=Actor(channel=channel, user_id=user),
        place=Place(channel=channel, address=place, kind="group"),
        can_manage=True,
        command="status",
    )


def test_a_user_has_twenty_a_minute_and_then_one_every_three_seconds():
    limits = Limits()
    assert [limits.wait(request(), NOW) for _ in range(PER_USER)] == [0.0] * PER_USER
    assert limits.wait(request(), NOW) == 3.0
    assert limits.wait(request(), NOW + timedelta(seconds=1)) == 2.0
    assert limits.wait(request(), NOW + timedelta(seconds=3)) == 0.0
    assert limits.wait(request(), NOW + timedelta(seconds=3)) == 3.0


def test_a_place_has_sixty_a_minute_over_all_its_users():
    limits = Limits()
    answers = [limits.wait(request(user=str(number)), NOW) for number in range(PER_PLACE + 1)]
    assert answers[:-1] == [0.0] * PER_PLACE
    assert answers[-1] == 1.0
    assert limits.wait(request(user="0", place="q"), NOW) == 0.0


def test_another_channel_counts_apart_and_a_refused_user_costs_the_place_nothing():
    limits = Limits()
    for _ in range(PER_USER + PER_PLACE):
        limits.wait(request(), NOW)
    assert limits.wait(request(channel="discord"), NOW) == 0.0
    assert limits.wait(request(user="2"), NOW) == 0.0


def test_a_clock_set_back_neither_gives_nor_takes():
    bucket = Bucket(2)
    assert bucket.take("x", NOW) == 0.0
    assert bucket.take("x", NOW - timedelta(hours=1)) == 0.0
    assert bucket.take("x", NOW - timedelta(hours=1)) == 30.0


def test_what_is_remembered_stays_bounded():
    bucket = Bucket(60)
    for number in range(25_000):
        assert bucket.take(str(number), NOW + timedelta(milliseconds=number)) == 0.0
    assert len(bucket._levels) <= 10_001


@given(st.text(st.characters(), max_size=200))
def test_any_text_fits_into_an_action_and_comes_back(text):
    recent = LongTexts()
    action = recent.action("find:100000:", text)
    assert len(action.encode("utf-8", "surrogatepass")) <= 64
    assert recent.text(action.removeprefix("find:100000:")) == text


def test_a_long_text_that_is_no_longer_remembered_is_none():
    recent = LongTexts()
    action = recent.action("find:0:", "word " * 20)
    for number in range(5000):
        recent.action("find:0:", f"another {number} " * 10)
    assert recent.text(action.removeprefix("find:0:")) is None
