"""Submissions: owed to those who follow the list, once, and to nobody else; what is removed in time, to nobody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pipeline_world import paper

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.subscription import Owner
from paperwire.pipeline import fan_out
from paperwire.ports.callers import Actor, Place
from paperwire.store.papers.pages import fold_paper

DAY = date(2026, 1, 5)
DAY_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
ANN, BOB = (Actor(channel="telegram", user_id=name, name=name) for name in ("Ann", "Bob"))


async def stored(stages, *titles):
    """Papers that nothing was said of yet."""
    papers = [paper(title) for title in titles]
    async with stages.store.write() as unit:
        await unit.papers.add(papers)
        return [(await unit.papers.get(one.id)).number for one in papers]


async def a_person(stages, actor):
    async with stages.store.write() as unit:
        return (await unit.people.ensure(actor, "en")).number


async def a_group(stages, address="-5", *, follows="list:here", cadence=""):
    async with stages.store.write() as unit:
        person = await unit.people.ensure(ANN, "en")
        where = Place(channel="telegram", address=address, kind="group", title="Lab")
        place = await unit.places.ensure(where, person.number)
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


async def submit(stages, of_list, number, person=None, **more):
    async with stages.store.write() as unit:
        return await unit.lists.submit(of_list, number, day=DAY, person=person, **more)


async def remove(stages, of_list, number, *, barred=True):
    async with stages.store.write() as unit:
        return await unit.lists.remove(of_list, number, barred=barred)


async def vote(stages, of_list, person, number):
    async with stages.store.write() as unit:
        return await unit.lists.vote(of_list, person, number)


async def votes(stages, of_list, *numbers):
    async with stages.store.read() as unit:
        return await unit.lists.votes(of_list, numbers)


async def on(stages, of_list):
    """What is on a list: titles, the latest first."""
    async with stages.store.read() as unit:
        found = await unit.lists.submissions(of_list, unit.now - timedelta(days=7), unit.now, 100)
    return [one.paper.title for one in found]


async def feed_of(stages, place):
    """The titles in the private feed of a place."""
    async with stages.store.write() as unit:
        feed = await unit.feeds.ensure(Owner(place=place), None, lambda number, generation: f"{number}.{generation}")
        return [entry.paper.title for entry in await unit.feeds.entries(feed)]


async def test_a_submission_reaches_the_followers_of_its_list_and_nobody_else(stages):
    group, other = await a_group(stages), await a_group(stages, "-6")
    await stages.subscribe("1", "diffusion")
    await stages.subscribe("2", "list:public")
    (number,) = await stored(stages, "Diffusion models")
    assert await submit(stages, group, number) == "added"
    assert await stages.matching.run() == 1
    assert await stages.deliver() == 1
    assert stages.post.titles("-5") == [["Diffusion models"]]
    assert await stages.matching.run() == 0
    assert (await feed_of(stages, group), await feed_of(stages, other)) == (["Diffusion models"], [])


async def test_the_public_list_has_followers_anywhere(stages):
    await stages.subscribe("1", "list:public")
    group = await a_group(stages, follows="list:public")
    (number,) = await stored(stages, "Diffusion models")
    await submit(stages, PUBLIC, number)
    await stages.matching.run()
    assert await stages.deliver() == 2
    assert stages.post.titles("1") == stages.post.titles("-5") == [["Diffusion models"]]
    assert await on(stages, group) == []


async def test_no_place_gets_a_paper_twice(stages):
    group = await a_group(stages)
    async with stages.store.write() as unit:
        ann = await unit.people.person_of(ANN)
        await follow(unit, ann.number, "diffusion", group)
    (number,) = await stored(stages, "Diffusion models")
    await submit(stages, group, number)
    await stages.matching.run()
    assert await stages.deliver() == 1
    await stages.announce("Diffusion models")
    assert await stages.deliver() == 0
    assert await submit(stages, group, number) == "known"
    assert stages.post.titles("-5") == [["Diffusion models"]]


@pytest.mark.parametrize("matched", [False, True], ids=["before it matched", "before it was sent"])
@pytest.mark.parametrize("barred", [False, True])
async def test_what_is_removed_is_not_sent(stages, matched, barred):
    group = await a_group(stages)
    (number,) = await stored(stages, "Diffusion models")
    await submit(stages, group, number)
    if matched:
        await stages.matching.run()
    assert await remove(stages, group, number, barred=barred)
    assert not await remove(stages, group, number, barred=barred)
    await stages.matching.run()
    assert await stages.deliver() == 0
    assert (stages.post.titles("-5"), await on(stages, group), await feed_of(stages, group)) == ([], [], [])
    assert await submit(stages, group, number) == ("removed" if barred else "added")
    if barred:
        assert await submit(stages, group, number, restore=True) == "added"
    await stages.matching.run()
    assert await stages.deliver() == 1


async def test_another_subscription_still_brings_what_was_removed(stages):
    group = await a_group(stages)
    (number,) = await stored(stages, "Diffusion models")
    await submit(stages, group, number)
    await stages.matching.run()
    await remove(stages, group, number)
    async with stages.store.write() as unit:
        await follow(unit, (await unit.people.person_of(ANN)).number, "diffusion", group)
    await stages.announce("Diffusion models")
    assert await stages.deliver() == 1


async def test_who_stops_following_gets_nothing_and_who_begins_gets_nothing_old(stages):
    group = await a_group(stages, follows="")
    first, second = await stored(stages, "First", "Second")
    await submit(stages, group, first)
    assert await stages.matching.run() == 1  # nobody follows it
    stages.clock.advance(minutes=1)
    async with stages.store.write() as unit:
        person = (await unit.people.person_of(ANN)).number
        made, _ = await follow(unit, person, "list:here", group)
    assert await feed_of(stages, group) == ["First"]
    await stages.matching.run()
    assert await stages.deliver() == 0
    async with stages.store.write() as unit:
        await unit.subscriptions.delete(made.number)
    await submit(stages, group, second)
    await stages.matching.run()
    assert await stages.deliver() == 0
    async with stages.store.write() as unit:
        assert (await unit.subscriptions.restore(made.number)).text == "list:here"
    assert sorted(await feed_of(stages, group)) == ["First", "Second"]


async def test_a_crash_between_the_steps_owes_all_once(stages, monkeypatch):
    group = await a_group(stages)
    (number,) = await stored(stages, "Diffusion models")
    await submit(stages, group, number)

    async def crash(*_):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(fan_out, "fan_out", crash)
        with pytest.raises(RuntimeError):
            await stages.matching.run()
    assert await stages.matching.run() == 1
    assert await stages.deliver() == 1


async def test_one_vote_a_person_and_list(stages):
    ann, bob = await a_person(stages, ANN), await a_person(stages, BOB)
    group = await a_group(stages)
    (number,) = await stored(stages, "Diffusion models")
    assert [await vote(stages, group, person, number) for person in (ann, ann, bob)] == ["counted", "known", "counted"]
    assert await vote(stages, PUBLIC, ann, number) == "counted"
    assert (await votes(stages, group, number), await votes(stages, PUBLIC, number)) == ({number: 2}, {number: 1})
    async with stages.store.write() as unit:
        assert await unit.lists.withdraw(group, ann, number)
        assert not await unit.lists.withdraw(group, ann, number)
        assert await unit.lists.voted_for(group, ann, [number]) == set()
        assert await unit.lists.voted_for(group, bob, [number]) == {number}
    assert await votes(stages, group, number) == {number: 1}


async def test_the_most_voted_of_a_window(stages):
    ann, bob = await a_person(stages, ANN), await a_person(stages, BOB)
    group = await a_group(stages)
    first, second, third = await stored(stages, "First", "Second", "Third")
    await vote(stages, group, ann, first)
    began = stages.clock()
    stages.clock.advance(hours=1)
    for person, number in ((ann, third), (bob, second), (ann, second), (bob, first)):
        await vote(stages, group, person, number)
    await vote(stages, PUBLIC, ann, first)

    async def most_voted(since, limit=10):
        async with stages.store.read() as unit:
            found = await unit.lists.most_voted(group, since, unit.now, limit)
        return [(one.paper.title, one.votes) for one in found]

    assert await most_voted(began) == [("Second", 2), ("Third", 1), ("First", 1)]
    assert await most_voted(began, 1) == [("Second", 2)]
    assert await most_voted(began - timedelta(hours=1)) == [("Second", 2), ("First", 2), ("Third", 1)]
    await submit(stages, group, second)
    await remove(stages, group, second)
    assert await most_voted(began) == [("Third", 1), ("First", 1)]
    assert (
        await vote(stages, group, await a_person(stages, Actor(channel="telegram", user_id="C")), second) == "removed"
    )


async def test_public_votes_count_in_what_trends_and_those_of_a_group_do_not(stages):
    ann, bob = await a_person(stages, ANN), await a_person(stages, BOB)
    group = await a_group(stages)
    first, second = await stored(stages, "First", "Second")
    before = stages.clock()
    stages.clock.advance(hours=1)
    for of_list, person, number in ((PUBLIC, ann, first), (PUBLIC, bob, first), (group, ann, second)):
        await vote(stages, of_list, person, number)
    async with stages.store.read() as unit:
        trends = await unit.papers.trending(before, unit.now, 10)
    assert [(one.paper.title, one.gained) for one in trends] == [("First", 2)]


async def test_who_asks_to_be_forgotten_leaves_no_vote_and_no_name(stages):
    ann, bob = await a_person(stages, ANN), await a_person(stages, BOB)
    group = await a_group(stages)
    async with stages.store.write() as unit:
        await follow(unit, bob, "graphs", group)
    (number,) = await stored(stages, "First")
    await submit(stages, group, number, ann, name="Ann")
    await vote(stages, group, ann, number)
    await vote(stages, PUBLIC, ann, number)
    async with stages.store.read() as unit:
        taken = await unit.people.export(ann)
    assert [(one["list"], one["title"], one["name"]) for one in taken["submissions"]] == [("Lab", "First", "Ann")]
    assert sorted((one["list"], one["title"]) for one in taken["votes"]) == [("Lab", "First"), ("public", "First")]
    async with stages.store.write() as unit:
        await unit.people.forget(ann)
        one = await unit.lists.submission(group, number)
        assert (one.name, one.person, one.votes) == ("", 0, 0)
        assert await unit.lists.submitted(DAY_BEFORE, person=ann) == 0
        assert await unit.lists.submitted(DAY_BEFORE, of_list=group) == 1


async def test_a_group_that_nobody_uses_any_more_takes_its_list_along(stages):
    ann, bob = await a_person(stages, ANN), await a_person(stages, BOB)
    group = await a_group(stages, follows="")
    (number,) = await stored(stages, "First")
    await submit(stages, group, number, bob)
    await vote(stages, group, bob, number)
    async with stages.store.write() as unit:
        await unit.people.forget(ann)
        assert await unit.lists.submission(group, number) is None
        assert await unit.lists.votes(group, [number]) == {}


async def test_two_papers_or_people_that_become_one_have_one_vote(stages):
    ann, bob = await a_person(stages, ANN), await a_person(stages, BOB)
    group = await a_group(stages)
    first, second = await stored(stages, "First", "Second")
    await submit(stages, group, first)
    await submit(stages, group, second)
    for person, number in ((ann, first), (ann, second), (bob, second)):
        await vote(stages, group, person, number)
    await stages.matching.run()
    async with stages.store.write() as unit:
        await fold_paper(unit.connection, second, first)
    assert await votes(stages, group, first, second) == {first: 2}
    assert await on(stages, group) == ["First"]
    assert await stages.deliver() == 1
    async with stages.store.write() as unit:
        await unit.people.link(BOB, ann)
    assert await votes(stages, group, first) == {first: 1}


async def test_a_paper_that_was_removed_stays_so_when_another_record_of_it_is_merged(stages):
    group = await a_group(stages)
    first, second = await stored(stages, "First", "Second")
    await submit(stages, group, first)
    await remove(stages, group, first)
    await submit(stages, group, second)
    await stages.matching.run()
    async with stages.store.write() as unit:
        await fold_paper(unit.connection, second, first)
    assert (await on(stages, group), await feed_of(stages, group), await stages.deliver()) == ([], [], 0)


@pytest.mark.parametrize("other_follows", ["", "list:here"])
async def test_a_group_that_becomes_another_one_takes_its_list_along(stages, other_follows):
    ann = await a_person(stages, ANN)
    old, new = await a_group(stages), await a_group(stages, "-7", follows=other_follows)
    first, second, third = await stored(stages, "First", "Second", "Third")
    for of_list, number in ((old, first), (old, second), (new, second)):
        await submit(stages, of_list, number)
        await vote(stages, of_list, ann, number)
    await stages.matching.run()
    async with stages.store.write() as unit:
        await unit.places.update(old, address="-7")
    await submit(stages, new, third)
    await stages.matching.run()
    await stages.deliver()
    assert sorted(title for titles in stages.post.titles("-7") for title in titles) == ["First", "Second", "Third"]
    assert sorted(await on(stages, new)) == ["First", "Second", "Third"]
    assert await votes(stages, new, first, second) == {first: 1, second: 1}
    async with stages.store.read() as unit:
        assert [one.text for one in await unit.subscriptions.of_place(new)] == ["list:here"]


async def test_a_private_chat_has_no_list(stages):
    with pytest.raises(ValueError, match="a private chat has no list"):
        await stages.subscribe("1", "list:here")


async def test_a_subscription_may_become_a_list_and_back(stages):
    group = await a_group(stages, follows="diffusion")
    (number,) = await stored(stages, "First")
    async with stages.store.write() as unit:
        (one,) = await unit.subscriptions.of_place(group)
        edited = await unit.subscriptions.edit(one.number, query=parse("list:here"))
        assert edited.text == "list:here"
    await submit(stages, group, number)
    await stages.matching.run()
    assert await stages.deliver() == 1
    async with stages.store.write() as unit:
        await unit.subscriptions.edit(one.number, query=parse("graphs"))
        edited = await unit.subscriptions.get(one.number)
        back = await unit.subscriptions.undo_edit(one.number, int(edited.edited_at.timestamp()))
        assert back.text == "list:here"
        assert back.key == f"list:{group}"
