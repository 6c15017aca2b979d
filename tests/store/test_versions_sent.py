"""New versions say what changed since the one a place got; withdrawals reach all who got the paper."""

from dataclasses import replace
from datetime import date, timedelta

from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Event, EventKind, Occasion, Paper
from paperwire.core.subscriptions.subscription import mute_value
from paperwire.store.database.tables.base import Want

DAY = date(2026, 1, 5)
PAPER = Paper(id="2601.00001", title="One", authors=("Ada Lovelace",), categories=("cs.CL",), announced=DAY)


async def replaced(store, clock, version, title):
    """The paper gets a new version a day later."""
    clock.advance(days=1)
    kind = EventKind.NEW if version == 1 else EventKind.REPLACED
    paper = replace(PAPER, version=version, title=title, comment=f"version {version}")
    async with store.write() as unit:
        await unit.papers.record([Event(kind=kind, paper=paper, source="arxiv", day=DAY)], quiet=False)
    async with store.read() as unit:
        return await unit.papers.get("2601.00001")


async def send(store, place, paper, occasion):
    async with store.write() as unit:
        await unit.outbox.claim("me", ["telegram"], timedelta(minutes=1), 5)
        await unit.outbox.sent({place: [(paper.number, occasion)]}, {place: ""})


async def due(store, place):
    async with store.read() as unit:
        return {str(one.occasion): one for one in (await unit.outbox.due([place], 10))[place]}


async def test_the_version_that_a_place_got_last_is_the_one_to_compare_with(store, clock, row_maker):
    here, there = await row_maker.place("1"), await row_maker.place("2")
    paper = await replaced(store, clock, 1, "One")
    await row_maker.owe(here, paper)
    await send(store, here, paper, ARRIVAL)
    await replaced(store, clock, 2, "Two")
    paper = await replaced(store, clock, 3, "Three")
    for place in (here, there):
        await row_maker.owe(place, paper, occasion=Occasion.version(3))
    before = (await due(store, here))["v3"].before
    assert (before.version, before.title, before.comment, before.authors) == (1, "One", "version 1", ("Ada Lovelace",))
    # A stranger to the paper compares with the version before this one.
    assert (await due(store, there))["v3"].before.title == "Two"

    await send(store, here, paper, Occasion.version(3))
    paper = await replaced(store, clock, 4, "Four")
    await row_maker.owe(here, paper, occasion=Occasion.version(4))
    await row_maker.owe(here, paper, occasion=Occasion(-3))
    found = await due(store, here)
    assert found["v4"].before.title == "Three"
    assert found["code"].before is None


async def test_what_did_not_change_since_it_was_sent_has_nothing_to_compare_with(store, clock, row_maker):
    here = await row_maker.place("1")
    await replaced(store, clock, 1, "One")
    paper = await replaced(store, clock, 2, "Two")
    await row_maker.owe(here, paper)
    await send(store, here, paper, ARRIVAL)
    await row_maker.owe(here, paper, occasion=Occasion.version(2))
    assert (await due(store, here))["v2"].before is None


async def test_a_paper_whose_older_texts_were_never_held_has_nothing_either(store, clock, row_maker):
    here = await row_maker.place("1")
    paper = await replaced(store, clock, 3, "Three")
    await row_maker.owe(here, paper, occasion=Occasion.version(3))
    assert (await due(store, here))["v3"].before is None


async def test_a_withdrawal_is_told_to_all_who_got_the_paper(store, clock, row_maker):
    paper = await row_maker.paper()
    got, version, unsent, muted, stranger, asked = [await row_maker.place(str(number)) for number in range(1, 7)]
    sent = {"state": 1, "settled_at": clock()}
    await row_maker.owe(got, paper, **sent)
    await row_maker.owe(version, paper, occasion=Occasion.version(2), **sent)
    await row_maker.owe(unsent, paper)
    await row_maker.owe(muted, paper, **sent)
    await row_maker.mute(muted, "author", mute_value("author", "Jörg Müller"))
    query = await row_maker.query("words")
    await row_maker.subscription(query, asked, occasions=int(Want.WITHDRAWN))
    await row_maker.subscription(query, stranger)
    assert await row_maker.match(row_maker.news(paper, query, occasion=WITHDRAWN)) == 3
    told = {row.destination for row in await row_maker.deliveries() if row.occasion == WITHDRAWN.code}
    assert told == {got, version, asked}
    for place in (got, version, asked):
        assert (await due(store, place))["withdrawn"].is_wanted
    # Once is enough.
    assert await row_maker.match(row_maker.news(paper, query, occasion=WITHDRAWN)) == 0


async def test_a_withdrawal_of_what_was_never_sent_is_nobodys(store, clock, row_maker):
    paper = await row_maker.paper()
    here = await row_maker.place("1")
    await row_maker.owe(here, paper, occasion=WITHDRAWN)
    assert not (await due(store, here))["withdrawn"].is_wanted


async def test_texts_of_long_ago_are_forgotten(store, clock):
    for version in (1, 2, 3):
        await replaced(store, clock, version, f"Title {version}")
    clock.advance(days=399, hours=12)
    async with store.write() as unit:
        assert await unit.prune.texts(10) == 1
        assert await unit.prune.texts(10) == 0
    clock.advance(days=30)
    async with store.write() as unit:
        assert await unit.prune.texts(10) == 1
