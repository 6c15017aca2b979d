"""A list becomes one with another while people vote and submit: in both orders, nothing of either is lost."""

from datetime import date

import pytest

from orders_world import BOTH_ORDERS, in_order, stops
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Community, Place

ANN = Actor(channel="telegram", user_id="1", name="Ann")
SERVER = Community(kind="server", address="1000")


@pytest.fixture
async def two_places(store):
    """A place of a server, another one that isn't known to be of it, a person and a paper, by their numbers."""
    where = Place(channel="telegram", address="1", kind="channel", community=SERVER)
    untold = Place(channel="telegram", address="2", kind="channel")
    async with store.write() as unit:
        ann = (await unit.people.ensure(ANN, "en")).number
        first = (await unit.places.ensure(where, ann)).number
        second = (await unit.places.ensure(untold, ann)).number
        await unit.papers.add([Paper(id="2601.00001", title="Diffusion")])
        paper = (await unit.papers.get("2601.00001")).number
    return first, second, ann, paper


async def joined(unit, place):
    await unit.places.join_community(place, SERVER.address)


@BOTH_ORDERS
@stops(range(1, 8))
async def test_a_vote_counts_on_the_list_that_its_place_has_then(two_places, store, other, stop, turned):
    first, second, ann, paper = two_places

    async def vote(unit):
        await unit.lists.vote(await unit.lists.lock(second), ann, paper)

    await in_order(store, other, stop, vote, lambda unit: joined(unit, second), turned=turned)
    async with store.read() as unit:
        assert (await unit.places.get(second)).list == first
        assert await unit.lists.votes(first, [paper]) == {paper: 1}


@BOTH_ORDERS
@stops(range(1, 12))
async def test_a_submission_and_who_follows_it_are_on_the_list_that_its_place_has_then(
    two_places, store, other, stop, turned
):
    first, second, ann, paper = two_places

    async def submit(unit):
        await unit.lists.lock_all()
        of_list = await unit.lists.lock(second)
        await unit.lists.submit(of_list, paper, day=date(2026, 1, 5), person=ann)
        await unit.subscriptions.subscribe(
            ann, parse("list:here"), name="", occasions=frozenset({"arrival"}), cadence="", destinations=[second]
        )

    await in_order(store, other, stop, submit, lambda unit: joined(unit, second), turned=turned)
    async with store.read() as unit:
        assert await unit.lists.submission(first, paper) is not None
        assert await unit.lists.followers(first) == {second}
