"""Mail from a chat: confirm an address, what goes there then, and who may send there."""

import asyncio
from dataclasses import replace

import pytest
from commands_bot import paper, text_of
from mailing_scene import ANN, BOX, box, confirmed, delivery_of, linked, token_in

from paperwire.channels.email import conversations
from paperwire.core.papers.paper import EventKind
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor
from paperwire.services.accounts import opt_in
from paperwire.services.accounts.opt_in import Wish, confirm, look
from paperwire.services.papers.trending import trending_query
from paperwire.services.subscriptions.leave import leave_button
from paperwire.texts import ENGLISH


async def test_own_subscriptions_come_as_a_digest_once_the_reader_said_yes(mailing, smtp_server):
    await mailing.says("/subscribe diffusion name:Mine occasions:arrival,versions")
    reply = await mailing.says("/email Ann@Example.org")
    assert text_of(reply) == (
        "A mail is on its way to ann@example.org. Open the link in it within 24 hours.\n"
        "your own subscriptions will go to ann@example.org every day at 08:00 (UTC).\n"
        "What you change here later doesn't change what goes there, unless you /link the address.\n"
        "Times are in UTC. Choose your time zone, or add it to the command, such as Europe/Berlin:"
    )
    assert reply.private
    (mail,) = smtp_server.mails
    assert mail.recipients == [ANN]
    assert mail.parsed["Subject"] == "Confirm: new papers for this address"
    plain = mail.part("plain")
    assert "The account telegram:1 asked Paperwire to send papers to this address:" in plain
    assert "1 subscription, every day at 08:00 (UTC)\r\n• diffusion\r\n" in plain
    assert "That account can't see or change what is sent here." in plain
    assert (await box(mailing))[0] is None  # nothing is there before the yes
    asked = await confirm(mailing.context, token_in(mail))
    assert (asked.state, asked.asker) == ("open", "telegram:1")
    place, its = await box(mailing)
    assert (place.cadence, place.paused, [one.text for one in its]) == ("daily 08:00", "", ["diffusion"])
    long = replace(paper(1, "Diffusion models"), abstract="We show this much. " * 50)
    await mailing.record(long, paper(2, "Diffusion again"))
    await mailing.match()
    delivery = delivery_of(mailing)
    await delivery.run("email")
    assert len(smtp_server.mails) == 1  # not before eight
    mailing.clock.set("2026-01-06T08:00:00Z")
    await delivery.run("email")
    digest = smtp_server.mails[-1]
    assert digest.parsed["Subject"] == "diffusion: Diffusion models, and 1 more"
    assert digest.part("html").count("We show this much.") == 8  # how it begins
    assert digest.parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (button,) = [leave_button(mailing.context.secret_key, mailing.context.public_url, place)]
    assert digest.parsed["List-Unsubscribe"] == f"<{button.url}>"
    assert digest.sender.startswith(f"news+{button.url.rpartition('/')[2]}.")
    assert await mailing.subscribed() == ["diffusion"]  # still one
    assert [(one.name, one.occasions) for one in its] == [("", {"arrival", "versions"})]


async def test_trending_papers_of_a_category_come_in_the_week(mailing, smtp_server):
    _, asked = await confirmed(mailing, smtp_server, f"/email {ANN} trending week cs.CV")
    assert asked.wish == Wish(
        text="(cat:cs.CV) upvotes>=30", name="Trending: cs.CV", cadence="weekly mon 08:00", zone="UTC"
    )
    await mailing.record(paper(1, "Diffusion models"))
    await mailing.match()
    await mailing.record(paper(1, "Diffusion models"), kind=EventKind.LISTED, score=31)
    await mailing.record(paper(2, "Attention"), kind=EventKind.LISTED, score=29)
    await mailing.match()
    mailing.clock.set("2026-01-12T08:00:00Z")
    await delivery_of(mailing).run("email")
    assert smtp_server.mails[-1].parsed["Subject"] == "Diffusion models"
    assert "passed 30 upvotes" in smtp_server.mails[-1].part("plain")


@pytest.mark.parametrize(
    ("typed", "text", "name"),
    [
        ("", "(source:arxiv OR source:huggingface) upvotes>=10", "Trending papers"),
        (" cs.CL ", "(cat:cs.CL) upvotes>=10", "Trending: cs.CL"),
        ("a OR b", "(a OR b) upvotes>=10", "Trending: a or b"),
        ("lora upvotes>=99", "lora upvotes>=99", "Trending: lora upvotes 99"),
    ],
)
def test_what_trends_is_one_query(typed, text, name):
    assert trending_query(typed, "day", ENGLISH) == (text, name)
    parse(text)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("trending", ("(source:arxiv OR source:huggingface) upvotes>=10", "daily 08:00")),
        ("trending day", ("(source:arxiv OR source:huggingface) upvotes>=10", "daily 08:00")),
        ("trending world model", ("(world model) upvotes>=10", "daily 08:00")),
        ("trending week world model when:daily 07:30", ("(world model) upvotes>=30", "daily 07:30")),
    ],
)
async def test_how_it_can_be_typed(mailing, smtp_server, text, wish):
    _, asked = await confirmed(mailing, smtp_server, f"/email {ANN} {text}")
    assert (asked.wish.text, asked.wish.cadence) == wish


async def test_on_discord_the_cadence_is_an_option(mailing, smtp_server):
    await mailing.says(f"/email {ANN} trending", when="weekly fri 09:00")
    assert (await look(mailing.context, token_in(smtp_server.mails[0]))).wish.cadence == "weekly fri 09:00"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/email", "To get digests of your subscriptions by mail: /email ann@example.org when:daily 08:00"),
        ("/email ann", "Can't use ann: a mail address looks like ann@example.org."),
        ("/email ann@exa\x00mple.org", "control characters"),
        (f"/email {'a' * 400}@example.org", "at most 254 characters"),
        (f"/email {ANN}", "You have no subscriptions to send yet."),
        (f"/email {ANN} papers", "Send /email ADDRESS, or /email ADDRESS trending day cs.CL."),
        (f"/email {ANN} trending day (", "The closing ) is missing"),
        (f"/email {ANN} trending when:hourly", 'Can\'t read "hourly"'),
    ],
)
async def test_what_cannot_be_done_says_so_and_sends_nothing(mailing, smtp_server, text, answer):
    assert answer in text_of(await mailing.says(text))
    assert smtp_server.mails == []


async def test_without_mail_the_command_says_so(bot):
    assert text_of(await bot.says(f"/email {ANN} trending")) == (
        "This Paperwire sends no mail. Use a chat or a feed reader instead."
    )


async def test_a_link_works_once_and_for_a_day_and_looking_confirms_nothing(mailing, smtp_server):
    await mailing.says(f"/email {ANN} trending")
    token = token_in(smtp_server.mails[0])
    for _ in range(3):  # scanners
        assert (await look(mailing.context, token)).state == "open"
    assert (await box(mailing))[0] is None
    assert (await confirm(mailing.context, token)).state == "open"
    assert (await confirm(mailing.context, token)).state == "used"
    assert len((await box(mailing))[1]) == 1
    await mailing.says("/email bob@example.org trending")
    mailing.clock.advance(days=1, seconds=1)
    late = token_in(smtp_server.mails[1])
    assert (await confirm(mailing.context, late)).state == "late"
    mailing.clock.advance(days=8)
    await mailing.says("/email eve@example.org trending")  # old ones are forgotten meanwhile
    assert await confirm(mailing.context, late) is None
    assert await look(mailing.context, "1-" + "a" * 24) is None
    assert await look(mailing.context, "nonsense") is None


async def test_two_that_press_at_once_make_one(mailing, smtp_server):
    await mailing.says(f"/email {ANN} trending")
    token = token_in(smtp_server.mails[0])
    states = await asyncio.gather(*(confirm(mailing.context, token) for _ in range(2)))
    assert sorted(asked.state for asked in states) == ["open", "used"]
    assert len((await box(mailing))[1]) == 1


async def test_three_mails_a_day_to_one_address_however_it_is_written(mailing, smtp_server):
    for typed in (ANN, "ANN@example.org", "mailto:ann@EXAMPLE.org"):
        await mailing.says(f"/email {typed} trending")
    assert "3 messages went to this address in the last 24 hours" in text_of(
        await mailing.says(f"/email {ANN} trending", who="2")
    )
    assert len(smtp_server.mails) == 3
    mailing.clock.advance(days=1)
    await mailing.says(f"/email {ANN} trending", who="2")
    assert len(smtp_server.mails) == 4


async def test_ten_an_hour_from_one_account(mailing, smtp_server):
    for number in range(11):
        reply = await mailing.says(f"/email a{number}@example.org trending")
    assert text_of(reply) == "Too many requests. Try again in an hour."
    assert len(smtp_server.mails) == 10
    await mailing.says("/email b@example.org trending", who="2")
    mailing.clock.advance(hours=1)
    await mailing.says("/email c@example.org trending")
    assert len(smtp_server.mails) == 12


@pytest.mark.parametrize(
    ("fault", "answer", "counts"),
    [
        ("451 4.7.1 Greylisted", "Can't send the message right now. Nothing was changed", 0),
        ("421 4.3.2 Down", "Can't send the message right now. Nothing was changed", 0),
        ("drop", "Can't send the message right now. Nothing was changed", 0),
        ("554 5.7.1 Client host blocked", "Can't send the message right now. Nothing was changed", 0),
        ("550 5.1.1 Nobody", "Can't deliver to ann@example.org. Check the", 1),
    ],
)
async def test_a_mail_to_confirm_that_cannot_be_sent_is_a_clear_answer(mailing, smtp_server, fault, answer, counts):
    smtp_server.at_rcpt.append(fault)
    assert answer in text_of(await mailing.says(f"/email {ANN} trending"))
    async with mailing.store.write() as unit:
        assert await unit.opt_ins.count_for("email", ANN, mailing.clock.at.replace(year=2025)) == counts
    await mailing.says(f"/email {ANN} trending")
    assert len(smtp_server.mails) == 1


async def test_a_mail_to_confirm_that_may_have_arrived_says_so(mailing, smtp_server, monkeypatch):
    monkeypatch.setitem(conversations.HURRY, "text", 0.3)
    smtp_server.at_data.append("hang")
    assert "may or may not arrive" in text_of(await mailing.says(f"/email {ANN} trending"))


async def test_an_address_that_is_linked_needs_no_second_mail_and_opens_again(mailing, smtp_server):
    await linked(mailing, smtp_server)
    async with mailing.store.write() as unit:
        await unit.places.pause((await unit.places.at(BOX)).number, "mail came back")
    reply = await mailing.says(f"/email {ANN} trending week")
    assert text_of(reply) == f"Trending papers will go to {ANN} every Monday at 08:00 (UTC)."
    assert len(smtp_server.mails) == 1
    place, its = await box(mailing)
    assert place.paused == ""
    assert len(its) == 2
    await mailing.says(f"/email {ANN} trending week when:daily 06:00")
    assert [one.cadence for one in (await box(mailing))[1]] == ["daily 08:00", "daily 06:00"]


async def test_the_zone_that_the_asker_chooses_counts_for_what_the_mail_asks(mailing, smtp_server):
    reply = await mailing.says(f"/email {ANN} trending")
    await mailing.presses("Europe/Berlin", reply)
    await confirm(mailing.context, token_in(smtp_server.mails[-1]))
    assert (await box(mailing))[0].zone == "Europe/Berlin"
    reply = await mailing.says("/email bob@example.org trending")
    assert "every day at 08:00 (Europe/Berlin)" in text_of(reply)
    assert "Choose your time zone" not in text_of(reply)


async def test_a_linked_address_has_the_zone_of_its_person(mailing, smtp_server):
    await linked(mailing, smtp_server)
    async with mailing.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        await unit.people.set_zone(person.number, "Asia/Tokyo")
    reply = await mailing.says(f"/email {ANN} trending week")
    assert "every Monday at 08:00" in text_of(reply)
    assert "Choose your time zone" not in text_of(reply)


async def test_only_who_is_linked_with_an_address_subscribes_it_without_its_reader(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    for who in ("1", "2"):
        reply = await mailing.says(f"/subscribe lora when:weekly to:email:{ANN}", who=who)
        assert text_of(reply).startswith(f"A mail is on its way to {ANN}.")
        assert reply.private
    assert len((await box(mailing))[1]) == 1
    await confirm(mailing.context, token_in(smtp_server.mails[-1]))
    assert [(one.text, one.cadence) for one in (await box(mailing))[1]][1:] == [("lora", "weekly mon 08:00")]
    await linked(mailing, smtp_server)
    assert "Subscribed" in text_of(await mailing.says(f"/subscribe quantum to:email:{ANN}"))
    assert [one.text for one in (await box(mailing))[1]][2:] == ["quantum"]


async def test_somebody_who_was_forgotten_asks_for_nothing(mailing, smtp_server):
    await mailing.says(f"/email {ANN} trending")
    async with mailing.store.write() as unit:
        await unit.people.forget((await unit.people.person_of(Actor(channel="telegram", user_id="1"))).number)
    assert await confirm(mailing.context, token_in(smtp_server.mails[0])) is None


async def test_what_was_asked_is_exported_and_forgotten_with_its_reader(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    await mailing.says(f"/email {ANN} trending week cs.CL", who="2")
    async with mailing.store.write() as unit:
        reader = await unit.people.person_of(Actor(channel="email", user_id=ANN))
        asked = (await unit.people.export(reader.number))["opt_ins"]
        assert [(one["address"], one["wanted"]["name"]) for one in asked] == [
            (ANN, "Trending papers"),
            (ANN, "Trending: cs.CL"),
        ]
        await unit.people.forget(reader.number)
        assert await unit.opt_ins.count_for("email", ANN, mailing.clock.at.replace(year=2025)) == 0


async def test_too_many_subscriptions_are_refused_and_the_link_still_works_afterwards(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    await mailing.says(f"/email {ANN} trending week")
    few = replace(mailing.context, max_subscriptions=1)
    with pytest.raises(opt_in.CommandError, match="the maximum"):
        await confirm(few, token_in(smtp_server.mails[-1]))
    assert (await confirm(mailing.context, token_in(smtp_server.mails[-1]))).state == "open"
