"""A rate is kept by the week: of a burst the nearest are sent, the rest is a line, and a full week brings one a day."""

from collections import Counter

import pytest
from meaning_scene import first_run, numbered
from sqlalchemy import select
from sqlmodel import col

from meaning_world import small_table
from paperwire.bootstrap.links import _search_page
from paperwire.errors import Retry, Unknown
from paperwire.pipeline.bundle_message import DigestWords
from paperwire.pipeline.deliver import Delivery
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import DeliveryRow

BURST = [f"Diffusion{' proof' * far} {number}" for far in range(3) for number in (6, 7, 8)]
"""Nine papers: three point to diffusion, three half, three less."""


@pytest.fixture
async def scene(stages):
    await first_run(stages, small_table())
    words = DigestWords(search=lambda query: _search_page("https://papers.example", query))
    stages.delivery = Delivery(
        stages.store, {"telegram": stages.post}, owner="me", now=stages.clock, hold=stages.hold, words=words
    )
    return stages


async def near_all(scene, subscription):
    """Let a threshold be so low that everything near at all matches, as in a week that is unlike those before."""
    async with scene.store.read() as unit:
        query = (await unit.subscriptions.get(subscription)).query
    async with scene.store.write() as unit:
        meaning = await unit.meanings.of(query)
        low = meaning.threshold._replace(score=0.2, days=60)
        await unit.meanings.renew({query: type(meaning)(**{**_fields(meaning), "threshold": low})})


def _fields(meaning):
    return {name: getattr(meaning, name) for name in meaning.__slots__}


def feet(scene):
    return [[(span.text, span.url) for line in message.foot for span in line] for message in scene.post.arrived["1"]]


def titles(scene):
    return [title for message in scene.post.titles("1") for title in message]


@pytest.mark.parametrize("cadence", ["", "daily 08:00"])
async def test_of_a_burst_the_nearest_come_and_the_rest_is_a_line(scene, cadence):
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:1/week', cadence=cadence)
    await scene.calibration.urgent()
    await near_all(scene, subscription)
    scene.clock.advance(minutes=1)
    await scene.announce(*reversed(BURST))
    scene.clock.advance(days=1)
    await scene.deliver()
    assert sorted(titles(scene)) == BURST[:3]
    link = "https://papers.example/search?q=like%3A%22diffusion%22+rate%3A1%2Fweek&order=date"
    line = ('6 more papers this week: like:"diffusion" rate:1/week', link)
    assert [foot[-1] for foot in feet(scene) if foot] == [line]
    assert await scene.owed() == 0


async def test_a_full_week_still_brings_the_nearest_of_each_day(scene):
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:1/week')
    await scene.calibration.urgent()
    await near_all(scene, subscription)
    scene.clock.advance(minutes=1)
    await scene.announce(*BURST[:3])
    await scene.deliver()
    await scene.announce("Diffusion proof again", "Diffusion again")
    await scene.deliver()
    assert (len(titles(scene)), await scene.owed()) == (3, 2)  # until tomorrow
    scene.clock.advance(hours=21)
    await scene.deliver()
    assert (titles(scene)[3:], await scene.owed()) == (["Diffusion again"], 0)
    assert feet(scene)[-1][0][0] == '1 more paper this week: like:"diffusion" rate:1/week'
    scene.clock.advance(days=8)
    await scene.announce("Diffusion at last")
    await scene.deliver()
    assert titles(scene)[4:] == ["Diffusion at last"]


async def test_papers_that_were_only_counted_take_no_room_of_later_days(scene):
    """On day 8 the two of the first day are a week ago, and the one of day 5 leaves room for two more."""
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:1/week')
    await scene.calibration.urgent()
    await near_all(scene, subscription)
    scene.clock.advance(minutes=1)
    await scene.announce("Diffusion 1", "Diffusion 2")
    await scene.deliver()
    scene.clock.advance(days=4)
    await scene.announce(*BURST)
    await scene.deliver()
    assert (len(titles(scene)), await states(scene)) == (3, {State.SENT: 3, State.COUNTED: 8})
    scene.clock.advance(days=3, hours=1)
    await scene.announce("Diffusion 3", "Diffusion 4", "Diffusion proof 5")
    await scene.deliver()
    assert titles(scene)[3:] == ["Diffusion 3", "Diffusion 4"]


async def states(scene):
    async with scene.store.read() as unit:
        return Counter(await unit.connection.scalars(select(col(DeliveryRow.state))))


@pytest.mark.parametrize("error", [Retry("down", 60.0), Unknown("no answer")])
async def test_a_platform_that_is_down_for_hours_raises_no_limit(scene, error):
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:1/week')
    await scene.calibration.urgent()
    await near_all(scene, subscription)
    async with scene.store.write() as unit:
        (place,) = (await unit.subscriptions.get(subscription)).destinations
        await unit.places.update(place, style="list")
    scene.clock.advance(minutes=1)
    await scene.announce(*BURST)
    scene.post.fails["1"] += [error]
    assert await scene.deliver() == 0
    scene.post.down = Retry("down", 60.0)
    for hour in range(1, 7):
        scene.clock.advance(hours=1)
        if hour == 3:
            await scene.announce("Diffusion proof again")
        assert await scene.deliver() == 0
    scene.post.down = None
    scene.clock.advance(hours=1)
    await scene.deliver()
    assert sorted(titles(scene)) == BURST[:3]
    assert await scene.owed() == 0
    assert feet(scene)[-1][-1][0] == '7 more papers this week: like:"diffusion" rate:1/week'


async def test_what_words_want_as_well_is_never_left_out(scene):
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:1/week')
    await scene.subscribe("1", "proof")
    await scene.calibration.urgent()
    await near_all(scene, subscription)
    scene.clock.advance(minutes=1)
    await scene.announce(*BURST)
    await scene.deliver()
    assert sorted(titles(scene)) == sorted(BURST)


def test_saved_papers_have_no_page_to_lead_to():
    assert not _search_page("https://papers.example", "like:saved rate:1/week")


async def test_without_a_page_the_line_has_the_search(scene):
    scene.begin()
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:1/week', name="Sampling")
    await scene.calibration.urgent()
    await near_all(scene, subscription)
    scene.clock.advance(minutes=1)
    await scene.announce(*BURST)
    await scene.deliver()
    assert [text for text, _ in feet(scene)[-1]] == [
        "6 more papers this week: Sampling",
        " · ",
        '/search like:"diffusion" rate:1/week',
    ]
    assert await numbers_sent(scene) == 9


async def numbers_sent(scene):
    async with scene.store.read() as unit:
        return len([await numbered(unit, title) for title in BURST])
