"""What a yes changes at a mailbox that gets such papers already, or that others send to."""

from dataclasses import replace

import pytest
from commands_bot import text_of
from mailing_scene import ANN, BOX, box, confirmed, linked

from paperwire.core.query.language import parse
from paperwire.errors import CommandError
from paperwire.ports.callers import Actor, Place
from paperwire.services.accounts.feed import hashes
from paperwire.services.places.places import set_quiet
from paperwire.services.subscriptions import subscriptions as subscribing
from paperwire.store.people.people import People

READER = Actor(channel="email", user_id=ANN)


async def of(bot, account):
    async with bot.store.read() as unit:
        return await unit.people.person_of(account)


async def at(bot, who):
    """The subscriptions of a chat: text, cadence, occasions and whether each is paused."""
    async with bot.store.read() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id=who))
        its = await unit.subscriptions.of_person(person.number)
    return [(one.text, str(one.cadence), one.occasions, one.paused) for one in its]


async def test_a_yes_changes_nothing_of_the_same_query_elsewhere(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says("/unsubscribe 1")
    number = await mailing.number("lora")
    await mailing.says(f"/email {ANN} when:weekly mon 07:00")
    await mailing.presses(f"off:{number}")
    (before,) = await at(mailing, "1")
    await mailing.says("/subscribe lora occasions:versions", who="2")
    await confirmed(mailing, smtp_server, f"/email {ANN} when:instant", who="2")
    place, (there,) = await box(mailing)
    assert there.destinations == (place.number,)
    assert (str(there.cadence), there.occasions, there.paused) == ("instant", {"arrival", "versions"}, False)
    kept, new = await at(mailing, "1")
    assert kept == before
    assert new[0] == "lora"


async def test_the_same_query_for_that_mailbox_alone_is_what_the_yes_said(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending day cs.CL", who="2")
    (before,) = (await box(mailing))[1]
    await confirmed(mailing, smtp_server, f"/email {ANN} trending day cs.CL when:daily 09:00", who="3")
    (after,) = (await box(mailing))[1]
    assert (after.number, str(after.cadence)) == (before.number, "daily 09:00")


async def test_a_mailbox_that_another_sent_to_is_its_reader_s_after_a_yes(mailing, smtp_server):
    """Earlier versions left the routes of whose mailbox it had been."""
    await mailing.says("/subscribe lora", who="3")
    async with mailing.store.write() as unit:
        former = (await unit.people.person_of(Actor(channel="telegram", user_id="3"))).number
        place = await unit.places.ensure(BOX, former)
        options = {"name": "", "occasions": frozenset({"arrival"}), "cadence": ""}
        await unit.subscriptions.subscribe(former, parse("quantum"), **options, destinations=[place.number])
        await unit.routes.lead_all(former, place.number)
    await confirmed(mailing, smtp_server, f"/email {ANN} trending", who="2")
    async with mailing.store.read() as unit:
        reader = (await unit.people.person_of(READER)).number
    place, its = await box(mailing)
    assert place.owner == reader
    assert {one.person for one in its} == {reader}
    assert {one.text for one in its} >= {"lora", "quantum"}
    assert [text for text, *_ in await at(mailing, "3")] == ["lora"]


@pytest.mark.parametrize("to", [f"to:email:{ANN}", ""])
async def test_who_loses_a_mailbox_in_between_subscribes_nothing_there(mailing, smtp_server, monkeypatch, to):
    """It is unlinked after it was looked at, by another process: from a chat, or on the page of the mailbox."""
    await linked(mailing, smtp_server)
    before = await at(mailing, "1")
    number = (await of(mailing, READER)).number
    place = subscribing.place_to

    async def looked_at(*asked):
        found = await place(*asked)
        async with mailing.store.write() as unit:
            await unit.people.unlink(number, READER, hashes(mailing.context))
        return found

    monkeypatch.setattr(subscribing, "place_to", looked_at)
    if to:
        assert "just unlinked" in text_of(await mailing.says(f"/subscribe lora {to}"))
    else:
        request = replace(mailing.request(), place=BOX, person=number)
        with pytest.raises(CommandError, match="just unlinked"):
            await subscribing.subscribe(mailing.context, request, subscribing.SubscriptionDraft(text="lora"))
    assert await at(mailing, "1") == [one for one in before if "upvotes" not in one[0]]
    assert "lora" not in {one.text for one in (await box(mailing))[1]}


async def test_who_loses_a_chat_in_between_subscribes_nothing_there_on_the_pages(mailing):
    await mailing.says("/subscribe lora")
    chat = Place(channel="telegram", address="2", kind="private")
    other = Actor(channel="telegram", user_id="2")
    number = (await of(mailing, Actor(channel="telegram", user_id="1"))).number
    async with mailing.store.write() as unit:
        await unit.people.link(other, number)
        await unit.places.ensure(chat, number)
        await unit.people.unlink(number, other, hashes(mailing.context))
    request = replace(mailing.request(), place=chat, person=number)
    with pytest.raises(CommandError, match="isn't yours to change"):
        await subscribing.subscribe(mailing.context, request, subscribing.SubscriptionDraft(text="quantum"))
    with pytest.raises(CommandError, match="isn't yours to change"):
        await set_quiet(mailing.context, request, "22:00-07:00")


@pytest.mark.only_on_postgresql  # SQLite has one writer
async def test_who_is_unlinked_in_between_subscribes_for_no_one_else(mailing, monkeypatch):
    await mailing.says("/subscribe lora")
    other, number = (
        Actor(channel="telegram", user_id="2"),
        (await of(mailing, Actor(channel="telegram", user_id="1"))).number,
    )
    async with mailing.store.write() as unit:
        await unit.people.link(other, number)
    await mailing.says("/start", who="2")
    hold = People.lock

    async def unlinked_then_held(self, person):
        monkeypatch.setattr(People, "lock", hold)
        async with mailing.store.write() as unit:
            await unit.people.unlink(number, other, hashes(mailing.context))
        return await hold(self, person)

    monkeypatch.setattr(People, "lock", unlinked_then_held)
    assert "just unlinked" in text_of(await mailing.says("/subscribe quantum", who="2"))
    assert [text for text, *_ in await at(mailing, "1")] == ["lora"]
    assert "Subscribed" in text_of(await mailing.says("/subscribe quantum", who="2"))
    assert [text for text, *_ in await at(mailing, "2")] == ["quantum"]
