"""What becomes of a failed delivery: it is tried again, put after the others, or given up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

STEPS_ASIDE = 8
"""Failures of its own after which a delivery lets the later ones of its place go first."""
UNEXPLAINED_FAILURES = 36
"""Failures in a row, a place's or its channel's, after which another message is tried to learn whose fault they are.

By then two hours have passed. Even a channel that fails seven of ten sends gets one through before that.
"""
HOURLY = timedelta(hours=1)
"""How long one that stepped aside waits for its next try."""
LONGEST_TRIED = timedelta(days=7)
"""A delivery that stepped aside is given up when its first failure was this long ago."""
LONGEST_PUT_OFF = timedelta(hours=4)
"""How long a place that takes nothing for now waits for its next try at most."""
MOST_UNKNOWNS = 3
"""Sends without an answer after which a message is not sent again automatically: it may have arrived."""
_BOUNCES_A_WEEK, _BOUNCES_IN_A_ROW = 5, 4
_WEEK = timedelta(days=7)
_LAST_WAIT = timedelta(hours=1)
_LONGEST_PAUSE = timedelta(minutes=5)


def steps_aside(failures: int) -> bool:
    """Whether a delivery with this number of failures of its own lets the later ones go first."""
    return failures >= STEPS_ASIDE


def is_given_up(failures: int, first_at: datetime, now: datetime) -> bool:
    """Whether a delivery is given up after this number of failures since `first_at`."""
    return steps_aside(failures) and now - first_at >= LONGEST_TRIED


def may_be_sent(unknowns: int, failed_at: datetime | None, got_through_at: datetime | None, now: datetime) -> bool:
    """Whether a message that was sent `unknowns` times without an answer may go out now.

    `failed_at` is when it was sent last, `got_through_at` when any message of its channel arrived last. The last
    sending waits for proof that the channel works, an hour at most.
    """
    if unknowns < MOST_UNKNOWNS - 1 or failed_at is None:
        return True
    proved = got_through_at is not None and got_through_at > failed_at
    return proved or now - failed_at >= _LAST_WAIT


def pause_after(failures: int, first: timedelta) -> timedelta:
    """The pause after some failures in a row (1 or more): `first`, doubled each time, five minutes at most."""
    return min(first * float(2 ** min(failures - 1, 12)), _LONGEST_PAUSE)


def is_unreachable(bounced: Sequence[date], sent: Collection[date]) -> bool:
    """Whether mail to an address comes back too often to go on: on five days of seven, or each time where less is sent.

    `bounced` are the days on which some came back, oldest first; `sent` those on which some went out after the first of
    them. Each time is four times in a row, over a week at least.
    """
    last = bounced[-1]
    if sum(day > last - _WEEK for day in bounced) >= _BOUNCES_A_WEEK:
        return True
    for place, first in enumerate(bounced[: 1 - _BOUNCES_IN_A_ROW]):
        later = len(bounced) - 1 - place
        if last - first >= _WEEK - timedelta(days=1) and sum(first < day <= last for day in sent) <= later:
            return True
    return False
