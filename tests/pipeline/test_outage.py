"""A platform in trouble for six hours costs no delivery, and one bad message costs no other."""

from datetime import timedelta
from itertools import pairwise

import pytest
from outage_world import Platform, live, settle_in, states

from paperwire.errors import Retry, Unknown
from paperwire.store.database.tables.base import State

PLATFORMS = ("telegram", "discord")
TROUBLES = ("502", "502, the probe too", "no answer", "unreachable", "resets", "accepted", "70 % 502")
HOURS = 6
BURST = 5
"""Papers that are announced at once."""


async def live_through(stages, platform, trouble, *, places, papers):
    """An outage in which papers are announced; returns the addresses and the titles."""
    addresses = await settle_in(stages, platform, places)
    began = stages.clock()
    platform.fail(trouble, hours=HOURS)
    titles = [f"Paper {number:02}" for number in range(papers)]
    burst = timedelta(hours=HOURS * BURST / papers)
    announced = [(began + number // BURST * burst, title) for number, title in enumerate(titles)]
    await live(stages, platform.ends, announced)
    stages.clock.at = max(stages.clock(), platform.ends)
    await live(stages, platform.ends + timedelta(hours=2))
    return addresses, titles


def report(platform, stages, trouble, counts, copies, singles):
    where = stages.store.url.partition("+")[0]
    told = ", ".join(f"{count} {state.name.lower()}" for state, count in sorted(counts.items()))
    print(  # noqa: T201 -- what `-s` is for
        f"\n{where}, {platform.kind}, {trouble} for {HOURS} h: {told}; {platform.probes} probes,"
        f" {sum(map(len, platform.tries.values()))} papers sent in vain or not, at most {copies} copies of a message,"
        f" at most {singles} single messages a place afterwards"
    )


async def survives(stages, kind, trouble, *, places, papers):
    platform = Platform(kind, stages.clock)
    addresses, titles = await live_through(stages, platform, trouble, places=places, papers=papers)
    counts = await states(stages)
    singles = max(platform.singles_since(to, platform.ends) for to in addresses)
    report(platform, stages, trouble, counts, platform.most_copies(), singles)
    assert State.GIVEN_UP not in counts
    assert State.OWED not in counts
    if trouble != "accepted":
        assert State.UNKNOWN not in counts
    for to in addresses:
        assert list(dict.fromkeys(platform.told(to))) == titles, to  # all of them, in order
    assert platform.most_copies() <= (3 if trouble in {"accepted", "resets"} else 1)
    assert singles <= 10
    if trouble != "70 % 502":  # where nothing works, the pauses grow to five minutes
        assert platform.probes < 150


async def test_a_short_form_of_it(stages):
    await survives(stages, "telegram", "502", places=6, papers=3)


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("kind", PLATFORMS)
async def test_an_outage_of_six_hours_costs_no_delivery(stages, kind, trouble):
    await survives(stages, kind, trouble, places=20, papers=20)


@pytest.mark.whole
@pytest.mark.parametrize("errors", [[Retry("502", 5.0)] * 2, [Unknown("no answer")] * 2])
async def test_what_is_thirty_hours_late_and_fails_twice_arrives(stages, errors):
    await stages.subscribe("1", "paper")
    await stages.announce("Paper")
    stages.clock.advance(hours=30)
    stages.post.fails["1"] += errors
    await live(stages, stages.clock() + timedelta(hours=2))
    assert stages.post.titles("1") == [["Paper"]]
    assert await states(stages) == {State.SENT: 1}


@pytest.mark.slow
async def test_one_bad_message_steps_aside_is_tried_hourly_and_given_up_after_seven_days(stages):
    platform = Platform("telegram", stages.clock)
    addresses = await settle_in(stages, platform, 20)
    began = stages.clock()
    titles = [f"Paper {chr(0x4E00 + number)}" for number in range(4 * 24)]  # ids are made of titles, and differ here
    platform.poison["1"], platform.refused["2"] = titles[:2]
    await live(
        stages,
        began + timedelta(days=8, hours=1),
        [(began + timedelta(hours=2) * number, title) for number, title in enumerate(titles)],
    )
    tries, refused = platform.tries["1", titles[0]], platform.tries["2", titles[1]]
    assert len(refused) == 1
    later = platform.arrived["1"][0][0]
    print(  # noqa: T201 -- what `-s` is for
        f"\n{stages.store.url.partition('+')[0]}: {len(tries)} tries in {tries[-1] - tries[0]}, of which"
        f" {sum(at <= later for at in tries)} before the next message went by after {later - began}"
    )
    assert sum(at <= later for at in tries) >= 8
    assert later - began < timedelta(hours=12)
    hourly = [at for at in tries if at > later]
    assert all(timedelta(minutes=30) <= b - a <= timedelta(hours=3) for a, b in pairwise(hourly))
    assert timedelta(days=7) <= tries[-1] - tries[0] < timedelta(days=7, hours=3)
    assert await states(stages) == {State.SENT: 20 * len(titles) - 2, State.GIVEN_UP: 2}
    for to in addresses:
        missing = {platform.poison.get(to), platform.refused.get(to)}
        assert platform.told(to) == [title for title in titles if title not in missing], to
