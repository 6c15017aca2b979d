"""Submissions: owed to those who follow the list, once, and to nobody else; what is removed in time, to nobody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pipeline_world import paper

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.owner import Owner
from paperwire.pipeline import submissions
from paperwire.ports.callers import Actor, Place
from paperwire.store.papers.merging import fold_paper

DAY = date(2026, 1, 5)
DAY_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
ANN, BOB = (Actor(channel="telegram", user_id=name, name=name) for name in ("Ann", "Bob"))


async def stored(scene, *titles):
    """Papers that nothing was said of yet."""
    papers = [paper(title) for title in titles]
    async with scene.store.write() as unit:
        await unit.papers.add(papers)
        return [(await unit.papers.get(one.id)).number for one in papers]


async def a_person(scene, actor):
    async with scene.store.write() as unit:
        return (await unit.people.ensure(actor, "en")).number


async def a_group(scene, address="-5", *, follows="list:here", cadence=""):
    async with scene.store.write() as unit:
        person = await unit.people.ensure(ANN, "en")
        where = Place(channel="telegram", address=address, kind="group", title="Lab")
        place = await unit.places.ensure_destination(where, person.number)
        if follows:
            await follow(unit, person.number, follows, place.number, cadence)
    return place.number


async def follow(unit, person, query, place, cadence=""):
    return await unit.subscriptions.subscribe(
        person,
        parse(query),
        name="",
        occasions=frozenset({"arrival"}),
        cadence=cadence,
        destinations=[place],
    )


async def submit(scene, of_list, number, person=None, **more):
    async with scene.store.write() as unit:
        return await unit.lists.submit(of_list, number, day=DAY, person=person, **more)


async def remove(scene, of_list, number, *, barred=True):
    async with scene.store.write() as unit:
        return await unit.lists.remove(of_list, number, barred=barred)


async def vote(scene, of_list, person, number):
    async with scene.store.write() as unit:
        return await unit.lists.vote(of_list, person, number)


async def votes(scene, of_list, *numbers):
    async with scene.store.read() as unit:
        return await unit.lists.votes(of_list, numbers)


async def on(scene, of_list):
    """What is on a list: titles, the latest first."""
    async with scene.store.read() as unit:
        found = await unit.lists.submissions(of_list, unit.now - timedelta(days=7), unit.now, 100)
    return [one.paper.title for one in found]


async def feed_of(scene, place):
    """The titles in the private feed of a place."""
    async with scene.store.write() as unit:
        feed = await unit.feeds.ensure(Owner(place=place), None, lambda number, generation: f"{number}.{generation}")
        return [entry.paper.title for entry in await unit.feeds.entries(feed)]


async def test_a_submission_reaches_the_followers_of_its_list_and_nobody_else(scene):
    group, other = await a_group(scene), await a_group(scene, "-6")
    await scene.subscribe("1", "diffusion")
    await scene.subscribe("2", "list:public")
    (number,) = await stored(scene, "Diffusion models")
    assert await submit(scene, group, number) == "added"
    assert await scene.matching.run() == 1
    assert await scene.deliver() == 1
    assert scene.post.titles("-5") == [["Diffusion models"]]
    assert await scene.matching.run() == 0
    assert (await feed_of(scene, group), await feed_of(scene, other)) == (["Diffusion models"], [])


async def test_the_public_list_has_followers_anywhere(scene):
    await scene.subscribe("1", "list:public")
    group = await a_group(scene, follows="list:public")
    (number,) = await stored(scene, "Diffusion models")
    await submit(scene, PUBLIC, number)
    await scene.matching.run()
    assert await scene.deliver() == 2
    assert scene.post.titles("1") == scene.post.titles("-5") == [["Diffusion models"]]
    assert await on(scene, group) == []


async def test_no_place_gets_a_paper_twice(scene):
    group = await a_group(scene)
    async with scene.store.write() as unit:
        ann = await unit.people.person_of(ANN)
        await follow(unit, ann.number, "diffusion", group)
    (number,) = await stored(scene, "Diffusion models")
    await submit(scene, group, number)
    await scene.matching.run()
    assert await scene.deliver() == 1
    await scene.announce("Diffusion models")
    assert await scene.deliver() == 0
    assert await submit(scene, group, number) == "known"
    assert scene.post.titles("-5") == [["Diffusion models"]]


@pytest.mark.parametrize("matched", [False, True], ids=["before it matched", "before it was sent"])
@pytest.mark.parametrize("barred", [False, True])
async def test_what_is_removed_is_not_sent(scene, matched, barred):
    group = await a_group(scene)
    (number,) = await stored(scene, "Diffusion models")
    await submit(scene, group, number)
    if matched:
        await scene.matching.run()
    assert await remove(scene, group, number, barred=barred)
    assert not await remove(scene, group, number, barred=barred)
    await scene.matching.run()
    assert await scene.deliver() == 0
    assert (scene.post.titles("-5"), await on(scene, group), await feed_of(scene, group)) == ([], [], [])
    assert await submit(scene, group, number) == ("removed" if barred else "added")
    if barred:
        assert await submit(scene, group, number, restore=True) == "added"
    await scene.matching.run()
    assert await scene.deliver() == 1


async def test_another_subscription_still_brings_what_was_removed(scene):
    group = await a_group(scene)
    (number,) = await stored(scene, "Diffusion models")
    await submit(scene, group, number)
    await scene.matching.run()
    await remove(scene, group, number)
    async with scene.store.write() as unit:
        await follow(unit, (await unit.people.person_of(ANN)).number, "diffusion", group)
    await scene.announce("Diffusion models")
    assert await scene.deliver() == 1


async def test_who_stops_following_gets_nothing_and_who_begins_gets_nothing_old(scene):
    group = await a_group(scene, follows="")
    first, second = await stored(scene, "First", "Second")
    await submit(scene, group, first)
    assert await scene.matching.run() == 1  # nobody follows it
    scene.clock.advance(minutes=1)
    async with scene.store.write() as unit:
        person = (await unit.people.person_of(ANN)).number
        made, _ = await follow(unit, person, "list:here", group)
    assert await feed_of(scene, group) == ["First"]
    await scene.matching.run()
    assert await scene.deliver() == 0
    async with scene.store.write() as unit:
        await unit.subscriptions.delete(made.number)
    await submit(scene, group, second)
    await scene.matching.run()
    assert await scene.deliver() == 0
    async with scene.store.write() as unit:
        assert (await unit.subscriptions.restore(made.number)).text == "list:here"
    assert sorted(await feed_of(scene, group)) == ["First", "Second"]


async def test_a_crash_between_the_steps_owes_all_once(scene, monkeypatch):
    group = await a_group(scene)
    (number,) = await stored(scene, "Diffusion models")
    await submit(scene, group, number)

    async def crash(*_):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(submissions, "fan_out", crash)
        with pytest.raises(RuntimeError):
            await scene.matching.run()
    assert await scene.matching.run() == 1
    assert await scene.deliver() == 1


async def test_one_vote_a_person_and_list(scene):
    ann, bob = await a_person(scene, ANN), await a_person(scene, BOB)
    group = await a_group(scene)
    (number,) = await stored(scene, "Diffusion models")
    assert [await vote(scene, group, person, number) for person in (ann, ann, bob)] == ["counted", "known", "counted"]
    assert await vote(scene, PUBLIC, ann, number) == "counted"
    assert (await votes(scene, group, number), await votes(scene, PUBLIC, number)) == ({number: 2}, {number: 1})
    async with scene.store.write() as unit:
        assert await unit.lists.withdraw(group, ann, number)
        assert not await unit.lists.withdraw(group, ann, number)
        assert await unit.lists.voted_for(group, ann, [number]) == set()
        assert await unit.lists.voted_for(group, bob, [number]) == {number}
    assert await votes(scene, group, number) == {number: 1}


async def test_the_most_voted_of_a_window(scene):
    ann, bob = await a_person(scene, ANN), await a_person(scene, BOB)
    group = await a_group(scene)
    first, second, third = await stored(scene, "First", "Second", "Third")
    await vote(scene, group, ann, first)
    began = scene.clock()
    scene.clock.advance(hours=1)
    for person, number in ((ann, third), (bob, second), (ann, second), (bob, first)):
        await vote(scene, group, person, number)
    await vote(scene, PUBLIC, ann, first)

    async def most_voted(since, limit=10):
        async with scene.store.read() as unit:
            found = await unit.lists.most_voted(group, since, unit.now, limit)
        return [(one.paper.title, one.votes) for one in found]

    assert await most_voted(began) == [("Second", 2), ("Third", 1), ("First", 1)]
    assert await most_voted(began, 1) == [("Second", 2)]
    assert await most_voted(began - timedelta(hours=1)) == [("Second", 2), ("First", 2), ("Third", 1)]
    await submit(scene, group, second)
    await remove(scene, group, second)
    assert await most_voted(began) == [("Third", 1), ("First", 1)]
    assert await vote(scene, group, await a_person(scene, Actor(channel="telegram", user_id="C")), second) == "removed"


async def test_public_votes_count_in_what_trends_and_those_of_a_group_do_not(scene):
    ann, bob = await a_person(scene, ANN), await a_person(scene, BOB)
    group = await a_group(scene)
    first, second = await stored(scene, "First", "Second")
    before = scene.clock()
    scene.clock.advance(hours=1)
    for of_list, person, number in ((PUBLIC, ann, first), (PUBLIC, bob, first), (group, ann, second)):
        await vote(scene, of_list, person, number)
    async with scene.store.read() as unit:
        trends = await unit.papers.trending(before, unit.now, 10)
    assert [(one.paper.title, one.gained) for one in trends] == [("First", 2)]


async def test_who_asks_to_be_forgotten_leaves_no_vote_and_no_name(scene):
    ann, bob = await a_person(scene, ANN), await a_person(scene, BOB)
    group = await a_group(scene)
    async with scene.store.write() as unit:
        await follow(unit, bob, "graphs", group)
    (number,) = await stored(scene, "First")
    await submit(scene, group, number, ann, name="Ann")
    await vote(scene, group, ann, number)
    await vote(scene, PUBLIC, ann, number)
    async with scene.store.read() as unit:
        taken = await unit.people.export(ann)
    assert [(one["list"], one["title"], one["name"]) for one in taken["submissions"]] == [("Lab", "First", "Ann")]
    assert sorted((one["list"], one["title"]) for one in taken["votes"]) == [("Lab", "First"), ("public", "First")]
    async with scene.store.write() as unit:
        await unit.people.forget(ann)
        one = await unit.lists.submission(group, number)
        assert (one.name, one.person, one.votes) == ("", 0, 0)
        assert await unit.lists.submitted(DAY_BEFORE, person=ann) == 0
        assert await unit.lists.submitted(DAY_BEFORE, of_list=group) == 1


async def test_a_group_that_nobody_uses_any_more_takes_its_list_along(scene):
    ann, bob = await a_person(scene, ANN), await a_person(scene, BOB)
    group = await a_group(scene, follows="")
    (number,) = await stored(scene, "First")
    await submit(scene, group, number, bob)
    await vote(scene, group, bob, number)
    async with scene.store.write() as unit:
        await unit.people.forget(ann)
        assert await unit.lists.submission(group, number) is None
        assert await unit.lists.votes(group, [number]) == {}


async def test_two_papers_or_people_that_become_one_have_one_vote(scene):
    ann, bob = await a_person(scene, ANN), await a_person(scene, BOB)
    group = await a_group(scene)
    first, second = await stored(scene, "First", "Second")
    await submit(scene, group, first)
    await submit(scene, group, second)
    for person, number in ((ann, first), (ann, second), (bob, second)):
        await vote(scene, group, person, number)
    await scene.matching.run()
    async with scene.store.write() as unit:
        await fold_paper(unit.connection, second, first)
    assert await votes(scene, group, first, second) == {first: 2}
    assert await on(scene, group) == ["First"]
    assert await scene.deliver() == 1
    async with scene.store.write() as unit:
        await unit.people.link(BOB, ann)
    assert await votes(scene, group, first) == {first: 1}


async def test_a_paper_that_was_removed_stays_so_when_another_record_of_it_is_merged(scene):
    group = await a_group(scene)
    first, second = await stored(scene, "First", "Second")
    await submit(scene, group, first)
    await remove(scene, group, first)
    await submit(scene, group, second)
    await scene.matching.run()
    async with scene.store.write() as unit:
        await fold_paper(unit.connection, second, first)
    assert (await on(scene, group), await feed_of(scene, group), await scene.deliver()) == ([], [], 0)


@pytest.mark.parametrize("other_follows", ["", "list:here"])
async def test_a_group_that_becomes_another_one_takes_its_list_along(scene, other_follows):
    ann = await a_person(scene, ANN)
    old, new = await a_group(scene), await a_group(scene, "-7", follows=other_follows)
    first, second, third = await stored(scene, "First", "Second", "Third")
    for of_list, number in ((old, first), (old, second), (new, second)):
        await submit(scene, of_list, number)
        await vote(scene, of_list, ann, number)
    await scene.matching.run()
    async with scene.store.write() as unit:
        await unit.places.update_destination(old, address="-7")
    await submit(scene, new, third)
    await scene.matching.run()
    await scene.deliver()
    assert sorted(title for titles in scene.post.titles("-7") for title in titles) == ["First", "Second", "Third"]
    assert sorted(await on(scene, new)) == ["First", "Second", "Third"]
    assert await votes(scene, new, first, second) == {first: 1, second: 1}
    async with scene.store.read() as unit:
        assert [one.text for one in await unit.subscriptions.of_destination(new)] == ["list:here"]


async def test_a_private_chat_has_no_list(scene):
    with pytest.raises(ValueError, match="a private chat has no list"):
        await scene.subscribe("1", "list:here")


async def test_a_subscription_may_become_a_list_and_back(scene):
    group = await a_group(scene, follows="diffusion")
    (number,) = await stored(scene, "First")
    async with scene.store.write() as unit:
        (one,) = await unit.subscriptions.of_destination(group)
        edited = await unit.subscriptions.edit(one.number, query=parse("list:here"))
        assert edited.text == "list:here"
    await submit(scene, group, number)
    await scene.matching.run()
    assert await scene.deliver() == 1
    async with scene.store.write() as unit:
        await unit.subscriptions.edit(one.number, query=parse("graphs"))
        edited = await unit.subscriptions.get(one.number)
        back = await unit.subscriptions.undo_edit(one.number, int(edited.edited_at.timestamp()))
        assert back.text == "list:here"
        assert back.key == f"list:{group}"
