"""Two people who were linked, over the wire: after Unlink each has their own and no more."""

import re

import pytest
from me_world import BOB, MAIL

from commands.commands_bot import paper, text_of
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.services.subscriptions.leave import leave_button

READER, STRANGER = Actor(channel="email", user_id=MAIL), Actor(channel="telegram", user_id=BOB)
BOX = Place(channel="email", address=MAIL, kind="mailbox")
CHAT = Place(channel="telegram", address=BOB, kind="private")
FEED = re.compile(r"/f/[\w-]+\.json")


async def subscribed(store, person, text, *places):
    options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": ""}
    async with store.write() as unit:
        made, _ = await unit.subscriptions.subscribe(person, parse(text), **options, destinations=places)
    return made.number


@pytest.fixture
async def joined(my_pages):
    """The numbers of what goes to the reader's mailbox, to the stranger's chat and to both, and of the places."""
    await my_pages.bot.record(paper(1, "Gliding snakes"))
    async with my_pages.store.write() as unit:
        person = (await unit.people.ensure(READER, "en")).number
        await unit.people.link(STRANGER, person)
        places = [(await unit.places.ensure(place, person)).number for place in (BOX, CHAT)]
        (saved,) = [one.number for one in (await unit.papers.by_number([1])).values()]
        await unit.people.save_paper(person, saved)
    goes = {"reading": places[:1], "strange": places[1:], "common": places}
    return {text: await subscribed(my_pages.store, person, text, *there) for text, there in goes.items()}, places


async def signed_in(my_pages):
    reader, stranger = my_pages.browser(), await my_pages.signed_in(BOB)
    await reader.sign_in(await my_pages.mailed_link())
    return reader, stranger


async def queries(browser):
    await browser.open("/me")
    return {text for text in ("reading", "strange", "common") if text in browser.words.split()}


@pytest.mark.parametrize("unlinks", ["reader", "stranger"])
async def test_after_unlinking_each_sees_and_changes_their_own_alone(my_pages, joined, unlinks):
    numbers, (box, _) = joined
    reader, stranger = await signed_in(my_pages)
    assert await queries(stranger) == {"reading", "strange", "common"}
    await stranger.open("/me/feeds")
    feed = FEED.search(stranger.answer.text)[0]
    form = stranger.page.inputs[0]["value"]
    if unlinks == "reader":
        await reader.do("/me/account", "unlink", account=f"telegram:{BOB}")
    else:
        await stranger.do("/me/account", "unlink", account=f"email:{MAIL}")
    for browser, link in ((reader, my_pages.mailed_link), (stranger, lambda: my_pages.link(BOB))):
        await browser.sign_in(await link())
    assert await queries(reader) == {"reading", "common"}
    assert await queries(stranger) == {"strange", "common"}
    assert "Gliding snakes" not in (await reader.client.get(feed)).text
    for token in (form, None):
        for do, path in (("delete", f"subscriptions/{numbers['reading']}"), ("pause", f"places/{box}")):
            my_pages.clock.advance(seconds=4)
            await stranger.open("/me/account")
            sent = {"form": token} if token else {}
            assert (await stranger.send(f"/me/{path}", do=do, **sent)).status_code in {400, 403, 404}
    for path in (
        f"/me/subscriptions/{numbers['reading']}",
        f"/me/places/{box}",
        f"/me/feeds?of={numbers['reading']}",
    ):
        assert (await stranger.open(path)).status_code == 404
    await stranger.open("/me/export")
    assert "reading" not in stranger.answer.text
    await reader.open("/me/export")
    assert "strange" not in reader.answer.text
    for verb in ("del", "edit", "off", "feed", "undo", "redo"):
        my_pages.clock.advance(seconds=4)
        assert "No subscription" in text_of(await my_pages.bot.presses(f"{verb}:{numbers['reading']}", who=BOB))
    assert await queries(reader) == {"reading", "common"}
    await stranger.do("/me/forget", "forget")
    assert await queries(reader) == {"reading", "common"}


async def test_what_the_stranger_ends_afterwards_ends_for_the_stranger(my_pages, joined):
    _, (box, _) = joined
    reader, stranger = await signed_in(my_pages)
    await reader.do("/me/account", "unlink", account=f"telegram:{BOB}")
    await stranger.sign_in(await my_pages.link(BOB))
    async with my_pages.store.read() as unit:
        its = await unit.subscriptions.of_person((await unit.people.person_of(STRANGER)).number)
    for one in its:
        my_pages.clock.advance(seconds=4)
        await stranger.do(f"/me/subscriptions/{one.number}", "delete")
    assert await queries(stranger) == set()
    assert await queries(reader) == {"reading", "common"}
    async with my_pages.store.read() as unit:
        place = await unit.places.get(box)
        assert sorted(one.text for one in await unit.subscriptions.of_place(box)) == ["common", "reading"]
    path = leave_button(my_pages.context.secret_key, "https://papers.example.org", place).url.partition(".org")[2]
    await stranger.open(path)  # a forwarded mail shows and ends what goes to that address
    assert "common" in stranger.answer.text
