"""What a channel is called after its sends failed, whatever its connection says."""

from datetime import timedelta

import pytest

from paperwire.errors import Gone, Moved, Rejected, Retry, Unknown
from paperwire.pipeline.gate import LONGEST_REQUESTED_PAUSE, REFUSALS_IN_A_ROW, Sends


class Stated:
    kind = "telegram"

    def __init__(self, words="connected"):
        self.words = words

    def state(self):
        return self.words


def after(clock, *errors, words="connected"):
    sends = Sends(clock)
    for error in errors:
        sends.failed("telegram", error)
        clock.advance(seconds=1)
    return sends.state(Stated(words))


@pytest.mark.parametrize("error", [Retry("busy", 5.0), Gone("blocked"), Rejected("too long"), Unknown("no answer")])
def test_a_channel_of_which_nothing_gets_through_says_since_when(clock, error):
    since = f"{clock():%Y-%m-%d %H:%M}"
    assert after(clock, *[error] * (REFUSALS_IN_A_ROW - 1)) == "connected"
    clock.advance(seconds=1 - REFUSALS_IN_A_ROW)
    assert after(clock, *[error] * REFUSALS_IN_A_ROW) == f"nothing sent since {since} UTC: {error}"


def test_one_failure_that_concerns_all_places_is_enough(clock):
    assert after(clock, Retry("refused the token", 5.0, everywhere=True)).endswith("UTC: refused the token")


@pytest.mark.parametrize("error", [Retry("slower", 5.0, everywhere=True, requested=True), Moved("moved", "-100")])
def test_to_slow_down_or_to_move_is_no_failure(clock, error):
    assert after(clock, *[error] * 2 * REFUSALS_IN_A_ROW) == "connected"


def test_to_be_asked_for_hours_or_again_and_again_to_slow_down_is_a_failure(clock):
    for_hours = Retry("asks us to wait 7200 s", 7_200.0, everywhere=True, requested=True)
    since = f"{clock():%Y-%m-%d %H:%M}"
    assert after(clock, for_hours) == f"nothing sent since {since} UTC: asks us to wait 7200 s"
    clock.advance(seconds=-1)
    again = Retry("asks us to wait 5 s", 5.0, everywhere=True, requested=True)
    seconds = int(LONGEST_REQUESTED_PAUSE.total_seconds())
    assert after(clock, *[again] * (seconds - 5)) == "connected"
    clock.advance(seconds=5 - seconds)
    assert after(clock, *[again] * (seconds - 4)) == f"nothing sent since {since} UTC: asks us to wait 5 s"


def test_a_channel_that_says_more_itself_is_believed(clock):
    assert (
        after(clock, *[Gone("x")] * REFUSALS_IN_A_ROW, words="token refused since noon") == "token refused since noon"
    )


def test_a_message_that_gets_through_is_the_end_of_it(clock):
    sends = Sends(clock)
    for _ in range(REFUSALS_IN_A_ROW):
        sends.failed("telegram", Unknown("no answer"))
    sends.failed("discord", Unknown("no answer"))
    sends.worked("telegram")
    assert sends.state(Stated()) == "connected"
    clock.advance(seconds=timedelta(days=1).total_seconds())
    for _ in range(REFUSALS_IN_A_ROW):
        sends.failed("telegram", Unknown("none"))
    assert sends.state(Stated()) == f"nothing sent since {clock():%Y-%m-%d %H:%M} UTC: none"
