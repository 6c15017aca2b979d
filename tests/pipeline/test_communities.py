"""Lists of communities: what places of one have together, and how lists of single places become one of it."""

from datetime import date, timedelta

import pytest
from pipeline_world import paper

from paperwire.core.query.language import Query, parse
from paperwire.core.query.terms.on_list import HERE
from paperwire.core.subscriptions.meeting import Agenda
from paperwire.core.subscriptions.subscription import Owner
from paperwire.ports.callers import Actor, Community, Place

DAY = date(2026, 1, 5)
ANN, BOB = (Actor(channel="telegram", user_id=name, name=name) for name in ("Ann", "Bob"))
SERVER, OTHER = Community(kind="server", address="1000"), Community(kind="server", address="2000")


class Lab:
    """Places with lists; papers by their titles, people by their names."""

    def __init__(self, stages):
        self.stages, self.store = stages, stages.store
        self.numbers = {}

    async def place(self, address, community=None, *, follows=False, kind="channel"):
        """A place as its channel tells of it now; gives its number."""
        where = Place(channel="telegram", address=address, kind=kind, title=f"Lab › {address}", community=community)
        async with self.store.write() as unit:
            ann = await unit.people.ensure(ANN, "en")
            there = await unit.places.ensure(where, ann.number)
            if follows:
                await unit.subscriptions.subscribe(
                    ann.number, parse("list:here"), name="", occasions=frozenset({"arrival"}), cadence="",
                    destinations=[there.number],
                )  # fmt: skip
        return there.number

    async def list_of(self, place):
        return (await self.stages.place(place)).list

    async def paper(self, title):
        if title not in self.numbers:
            async with self.store.write() as unit:
                await unit.papers.add([paper(title)])
                self.numbers[title] = (await unit.papers.get(paper(title).id)).number
        return self.numbers[title]

    async def submit(self, place, title, *voters, name=""):
        number, of_list = await self.paper(title), await self.list_of(place)
        async with self.store.write() as unit:
            said = await unit.lists.submit(of_list, number, day=DAY, person=None, name=name)
            for voter in voters:
                person = await unit.people.ensure(voter, "en")
                await unit.lists.vote(of_list, person.number, number)
        self.stages.clock.advance(seconds=5)
        return said

    async def remove(self, place, title, *, barred=True):
        async with self.store.write() as unit:
            await unit.lists.remove(await self.list_of(place), self.numbers[title], barred=barred)

    async def on(self, place):
        """What is on the list of a place: votes by title."""
        of_list = await self.list_of(place)
        async with self.store.read() as unit:
            found = await unit.lists.submissions(of_list, unit.now - timedelta(days=7), unit.now, 100)
        return {one.paper.title: one.votes for one in found}

    async def feed(self, place):
        """The token of the private feed of a place, and the titles in it."""
        async with self.store.write() as unit:
            feed = await unit.feeds.ensure(
                Owner(place=place), None, lambda number, generation: f"{number}.{generation}"
            )
            return feed.number, sorted(entry.paper.title for entry in await unit.feeds.entries(feed))

    async def sent(self, *addresses):
        await self.stages.matching.run()
        await self.stages.deliver()
        return {
            address: sorted(title for titles in self.stages.post.titles(address) for title in titles)
            for address in addresses
        }


@pytest.fixture
def lab(stages):
    return Lab(stages)


async def test_places_of_a_community_have_one_list_and_others_another(lab):
    papers, talk = await lab.place("1", SERVER, follows=True), await lab.place("2", SERVER)
    thread = await lab.place("3", SERVER, follows=True, kind="thread")
    elsewhere, alone = await lab.place("4", OTHER, follows=True), await lab.place("5", follows=True)
    await lab.submit(talk, "Diffusion", ANN)
    for place in (papers, talk, thread):
        assert await lab.on(place) == {"Diffusion": 1}
    for place in (elsewhere, alone):
        assert await lab.on(place) == {}
    assert await lab.sent(*"12345") == {"1": ["Diffusion"], "2": [], "3": ["Diffusion"], "4": [], "5": []}
    assert await lab.submit(thread, "Diffusion") == "known"


async def test_the_list_of_a_community_stays_whichever_place_is_older(lab):
    older, newer = await lab.place("1"), await lab.place("2")
    await lab.place("2", SERVER)
    await lab.place("1", SERVER)
    assert older < newer
    assert (await lab.list_of(older), await lab.list_of(newer)) == (newer, newer)


async def test_a_channel_of_another_platform_with_that_address_is_of_no_community_of_this_one(lab):
    here = await lab.place("1", SERVER)
    async with lab.store.write() as unit:
        there = Place(channel="discord", address="1", kind="channel", community=SERVER)
        other = await unit.places.ensure(there, (await unit.people.person_of(ANN)).number)
    assert other.list != await lab.list_of(here)


async def test_lists_of_single_places_become_the_one_of_their_community_and_nothing_is_lost(lab):
    first, second = await lab.place("1", follows=True), await lab.place("2", follows=True)
    await lab.submit(first, "Both", ANN, name="Ann")
    await lab.submit(first, "First", ANN)
    await lab.submit(second, "Both", ANN, BOB, name="Bob")
    await lab.submit(second, "Second", BOB)
    assert await lab.sent("1", "2") == {"1": ["Both", "First"], "2": ["Both", "Second"]}
    feeds = [await lab.feed(place) for place in (first, second)]
    await lab.place("1", SERVER)
    assert await lab.on(second) == {"Both": 2, "Second": 1}  # until it is known where it belongs
    await lab.place("2", SERVER)
    assert await lab.on(first) == await lab.on(second) == {"Both": 2, "First": 1, "Second": 1}
    async with lab.store.read() as unit:
        assert (await unit.lists.names(await lab.list_of(first), [lab.numbers["Both"]])).popitem()[1] == "Ann"
    for place, (number, _) in zip((first, second), feeds, strict=True):
        assert await lab.feed(place) == (number, ["Both", "First", "Second"])
    await lab.submit(second, "Third")
    assert await lab.sent("1", "2") == {"1": ["Both", "First", "Third"], "2": ["Both", "Second", "Third"]}


@pytest.mark.parametrize("kept", [0, 1], ids=["there", "here"])
@pytest.mark.parametrize(
    ("removed", "again"),
    [({}, "known"), ({0: True}, "known"), ({1: False}, "known"), ({0: False, 1: True}, "removed"),
     ({0: False, 1: False}, "added")],
    ids=["on both", "barred on one", "taken back on one", "barred on one, taken back on the other", "taken back twice"],
)  # fmt: skip
async def test_what_is_on_one_of_two_lists_stays_and_what_a_manager_removed_from_both_stays_off(
    lab, kept, removed, again
):
    places = [await lab.place("1", follows=True), await lab.place("2", follows=True)]
    for at, place in enumerate(places):
        await lab.submit(place, "Both", BOB)
        if at in removed:
            await lab.remove(place, "Both", barred=removed[at])
    await lab.sent("1", "2")
    await lab.place(str(1 + kept), SERVER)
    await lab.place(str(2 - kept), SERVER)
    stays = again == "known"
    for place in places:
        assert (await lab.on(place), (await lab.feed(place))[1]) == (({"Both": 1}, ["Both"]) if stays else ({}, []))
    assert await lab.submit(places[0], "Both") == again


@pytest.mark.parametrize("kept", ["1", "2"])
async def test_what_waits_on_a_list_that_becomes_one_with_another_is_posted(lab, kept):
    first, second = await lab.place("1", follows=True), await lab.place("2", follows=True)
    await lab.submit(first, "Both")
    await lab.sent("1")
    await lab.submit(second, "Both")
    await lab.submit(second, "Second")
    await lab.place(kept, SERVER)
    await lab.place("2" if kept == "1" else "1", SERVER)
    assert await lab.sent("1", "2") == {"1": ["Both", "Second"], "2": ["Both", "Second"]}
    assert await lab.on(first) == {"Both": 0, "Second": 0}


async def in_use(lab):
    """The lists whose queries are followed."""
    async with lab.store.read() as unit:
        changes = await unit.subscriptions.query_changes(0, 100)
    queries = [Query.load(change.dumped) for change in changes if change.dumped]
    return sum(query.list == HERE for query in queries)


@pytest.mark.parametrize("stopped", ["1", "2", ""])
async def test_followers_stay_whichever_list_stays(lab, stopped):
    places = {"1": await lab.place("1", follows=True), "2": await lab.place("2", follows=True)}
    async with lab.store.write() as unit:
        for address, place in places.items():
            (one,) = await unit.subscriptions.of_place(place)
            if address == stopped:
                await unit.subscriptions.delete(one.number)
                gone = one.number
    for address in places:
        await lab.place(address, SERVER)
    await lab.submit(places["1"], "Diffusion")
    assert await lab.sent("1", "2") == {address: [] if address == stopped else ["Diffusion"] for address in places}
    assert await in_use(lab) == 1
    if stopped:
        async with lab.store.write() as unit:
            assert (await unit.subscriptions.restore(gone)).key == f"list:{await lab.list_of(places['1'])}"
        await lab.submit(places["2"], "Graphs")
        assert (await lab.sent(stopped))[stopped] == ["Graphs"]


async def test_what_a_subscription_was_before_its_edit_follows_the_list_too(lab):
    await lab.place("1", SERVER)
    place = await lab.place("2", follows=True)
    async with lab.store.write() as unit:
        (one,) = await unit.subscriptions.of_place(place)
        edited = await unit.subscriptions.edit(one.number, query=parse("graphs"))
    await lab.place("2", SERVER)
    async with lab.store.write() as unit:
        back = await unit.subscriptions.undo_edit(one.number, int(edited.edited_at.timestamp()))
    assert (back.text, back.key) == ("list:here", f"list:{await lab.list_of(place)}")
    await lab.submit(place, "Diffusion")
    assert await lab.sent("2") == {"2": ["Diffusion"]}


async def test_a_feed_has_what_was_on_a_list_that_nobody_followed(lab):
    first, second = await lab.place("1", SERVER, follows=True), await lab.place("2")
    await lab.submit(second, "Diffusion")
    await lab.sent("1")
    await lab.place("2", SERVER)
    assert await lab.feed(first) == ((await lab.feed(first))[0], ["Diffusion"])
    assert await lab.sent("1") == {"1": []}  # that is no news


# --- groups and their topics -----------------------------------------------------------------------------------------


def group(address):
    return Community(kind="group", address=address)


async def test_the_first_that_tells_of_a_group_tells_of_all_its_topics(lab):
    chat = await lab.place("-100", kind="group")
    first, second = [await lab.place(f"-100/{topic}", kind="topic", follows=True) for topic in (5, 7)]
    near = await lab.place("-1001/5", kind="topic")
    for place, title in ((chat, "Chat"), (first, "First"), (second, "Second"), (near, "Near")):
        await lab.submit(place, title)
    await lab.place("-100/7", group("-100"), kind="topic")
    for place in (chat, first, second):
        assert await lab.on(place) == {"Chat": 0, "First": 0, "Second": 0}
    assert await lab.on(near) == {"Near": 0}


@pytest.mark.parametrize("stored", [False, True], ids=["a new place", "a known place"])
@pytest.mark.parametrize("topic_first", [False, True])
async def test_a_group_that_becomes_a_supergroup_takes_its_list_to_the_topics(lab, stored, topic_first):
    old = await lab.place("-5", group("-5"), kind="group", follows=True)
    await lab.submit(old, "Old", ANN)
    await lab.sent("-5")
    new = await lab.place("-100", group("-100"), kind="group") if stored else old
    topic = await lab.place("-100/7", group("-100"), kind="topic") if topic_first else 0
    if topic:
        await lab.submit(topic, "Topic", ANN)
    async with lab.store.write() as unit:
        assert await unit.places.moved(old, "-100") == new
    topic = topic or await lab.place("-100/7", group("-100"), kind="topic")
    expected = {"Old": 1, "Topic": 1} if topic_first else {"Old": 1}
    assert await lab.on(new) == await lab.on(topic) == expected
    assert (await lab.stages.place(new)).community == "-100"
    await lab.submit(topic, "Later")
    assert "Later" in (await lab.sent("-100"))["-100"]


async def test_a_place_of_a_server_that_moves_stays_of_it(lab):
    first, second = await lab.place("1", SERVER), await lab.place("2", SERVER)
    await lab.submit(first, "Diffusion")
    async with lab.store.write() as unit:
        await unit.places.moved(second, "3")
    assert (await lab.stages.place(second)).community == SERVER.address
    assert await lab.on(second) == {"Diffusion": 0}


# --- meetings, and people who go -------------------------------------------------------------------------------------


async def test_meetings_are_of_a_place_and_their_papers_of_the_list(lab):
    await lab.place("0", SERVER)
    first, second = await lab.place("1", SERVER), await lab.place("2", SERVER)
    await lab.submit(first, "Diffusion", ANN)
    await lab.submit(first, "Graphs")
    async with lab.store.write() as unit:
        agenda = Agenda(place=second, cadence="", zone="UTC")
        await unit.meetings.put_agenda(agenda)
        meeting = await unit.meetings.put(agenda, unit.now + timedelta(days=2))
        assert await unit.meetings.coming(first) is None
        frozen = await unit.meetings.freeze(meeting)
    assert [(talk.paper.title, talk.votes) for talk in frozen.talks] == [("Diffusion", 1), ("Graphs", 0)]
    await lab.remove(first, "Graphs")
    async with lab.store.read() as unit:
        meeting = await unit.meetings.with_talks(await unit.meetings.get(meeting.number))
    assert [talk.paper.title for talk in meeting.talks] == ["Diffusion"]


@pytest.mark.parametrize("last", [False, True])
async def test_a_list_stays_as_long_as_any_place_has_it(lab, last):
    async with lab.store.write() as unit:
        bob = await unit.people.ensure(BOB, "en")
        where = Place(channel="telegram", address="1", kind="channel", title="Lab › 1", community=SERVER)
        first = await unit.places.ensure(where, bob.number)
    await lab.submit(first.number, "Diffusion", ANN)
    rest = None if last else await lab.place("2", SERVER, follows=True)
    async with lab.store.write() as unit:
        await unit.people.forget(bob.number)
    assert await lab.stages.place(first.number) is None
    async with lab.store.read() as unit:
        votes = await unit.lists.votes(first.list, [lab.numbers["Diffusion"]])
        ann = await unit.people.export((await unit.people.person_of(ANN)).number)
    assert votes == ({} if last else {lab.numbers["Diffusion"]: 1})
    assert [one["list"] for one in ann["votes"]] == ([] if last else ["Lab › 2"])
    if rest:
        assert await lab.on(rest) == {"Diffusion": 1}
        new = await lab.place("3", SERVER)
        assert await lab.on(new) == {"Diffusion": 1}
