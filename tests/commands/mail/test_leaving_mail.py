"""Every way out of mail, and what is owed through a mail server's moods."""

import asyncio
from dataclasses import replace

import pytest
from commands_bot import GROUP, paper
from mailing_scene import ANN, BOX, box, confirmed, delivery_of, linked

from paperwire.channels.email import conversations
from paperwire.core.bounces.report import Report
from paperwire.errors import CloseReason, CommandError
from paperwire.services.accounts import opt_in
from paperwire.services.accounts.opt_in import Wish, ask
from paperwire.services.subscriptions.leave import bring_back, leave, leave_button, leaving, take_report

# --- leaving -----------------------------------------------------------------------------------------------------


async def name_of(bot):
    place, _ = await box(bot)
    return leave_button(bot.context.secret_key, bot.context.public_url, place).url.rpartition("/")[2]


async def test_leaving_ends_what_goes_there_and_nothing_else(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says("/unsubscribe 1")
    await mailing.says("/subscribe diffusion")
    await mailing.says(f"/email {ANN}")
    await mailing.says(f"/email {ANN} trending")
    name = await name_of(mailing)
    found = await leaving(mailing.store, mailing.context.secret_key, name)
    assert [one.name or one.text for one in found.subscriptions] == ["diffusion", "Trending papers"]
    await leave(mailing.store, found.place, only=found.subscriptions[1].number)
    place, its = await box(mailing)
    assert ([one.text for one in its], place.paused) == (["diffusion"], "")
    await mailing.record(paper(1, "Diffusion models"))
    await mailing.match()
    for _ in range(2):
        await leave(mailing.store, found.place)
    place, its = await box(mailing)
    assert (its, place.paused) == ([], "unsubscribed")
    assert await mailing.subscribed() == ["diffusion"]  # in the chat it goes on
    mailing.clock.set("2026-01-07T08:00:00Z")
    assert await delivery_of(mailing).run("email") == 0
    await mailing.says(f"/email {ANN}")  # back again: nothing old comes
    await delivery_of(mailing).run("email")
    assert len(smtp_server.mails) == 1


async def undone(bot, number=0):
    """Undo the latest of what was ended at the mailbox."""
    found = await leaving(bot.store, bot.context.secret_key, await name_of(bot))
    return await bring_back(bot.context, found.place, found.departures[number].second)


async def test_undo_restores_what_was_ended_and_nothing_else(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says("/unsubscribe 1")
    await mailing.says("/subscribe diffusion")
    await mailing.says(f"/email {ANN}")
    await mailing.says(f"/email {ANN} trending")
    place, before = await box(mailing)
    await leave(mailing.store, place, only=before[1].number)
    mailing.clock.advance(minutes=1)
    await mailing.record(paper(1, "Diffusion models"))
    await mailing.match()
    for _ in range(2):  # the second time there is nothing to write down
        await leave(mailing.store, place)
        mailing.clock.advance(minutes=1)
    assert await undone(mailing)
    place, its = await box(mailing)
    assert ([one.text for one in its], place.paused) == (["diffusion"], "")
    mailing.clock.set("2026-01-06T08:00:00Z")
    await delivery_of(mailing).run("email")
    assert "Diffusion models" in smtp_server.mails[-1].part("plain")  # what was owed, too
    assert await undone(mailing)
    assert [one.number for one in (await box(mailing))[1]] == [one.number for one in before]


async def test_leaving_or_coming_back_several_times_at_once_is_once(mailing, smtp_server):
    """A mail program tries again while its first try is at work, or the reader presses as well."""
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    place, its = await box(mailing)
    await asyncio.gather(
        *(leave(mailing.store, place) for _ in range(4)),
        *(leave(mailing.store, place, only=its[0].number) for _ in range(4)),
    )
    found = await leaving(mailing.store, mailing.context.secret_key, await name_of(mailing))
    assert (found.place.paused, found.subscriptions) == ("unsubscribed", [])
    (departure,) = found.departures  # all were at one instant
    assert departure.deleted == (its[0].number,)
    restored = await asyncio.gather(*(bring_back(mailing.context, place, departure.second) for _ in range(4)))
    assert sorted(restored) == [False, False, False, True]
    place, again = await box(mailing)
    assert ([one.number for one in again], place.paused) == ([its[0].number], "")


async def test_what_its_owner_ended_or_changed_since_is_not_brought_back(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says("/unsubscribe 1")
    await mailing.says("/subscribe diffusion")
    await mailing.says("/subscribe lora")
    await mailing.says(f"/email {ANN}")
    place, _ = await box(mailing)
    await leave(mailing.store, place)
    mailing.clock.advance(minutes=1)
    await mailing.says("/unsubscribe diffusion")
    await mailing.says("/subscriptions 3 what nobody there asked for")
    assert await undone(mailing)
    assert (await box(mailing))[1] == []


async def test_undo_does_not_open_what_was_closed_before(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    place, _ = await box(mailing)
    async with mailing.store.write() as unit:
        await unit.places.pause(place.number, "refused")
    await leave(mailing.store, place)
    assert (await box(mailing))[0].paused == "unsubscribed"
    assert await undone(mailing)
    place, its = await box(mailing)
    assert (place.paused, len(its)) == ("refused", 1)


async def test_undo_opens_what_was_closed_while_its_reader_was_not_let_in(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    place, _ = await box(mailing)
    async with mailing.store.write() as unit:
        await unit.places.pause(place.number, CloseReason.NOT_ALLOWED)
    await leave(mailing.store, (await box(mailing))[0])
    assert await undone(mailing)
    assert (await box(mailing))[0].paused == ""


async def test_undo_makes_no_more_subscriptions_than_one_may_have(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says("/unsubscribe 1")
    await mailing.says(f"/email {ANN} trending")
    place, _ = await box(mailing)
    await leave(mailing.store, place)
    await mailing.says("/subscribe diffusion")
    mailing.context = replace(mailing.context, max_subscriptions=1)
    with pytest.raises(CommandError, match="You have 1 subscriptions, the maximum"):
        await undone(mailing)
    assert await mailing.subscribed() == ["diffusion"]
    await mailing.says("/unsubscribe diffusion")
    assert await undone(mailing)


async def test_undo_does_not_open_what_was_closed_since(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    place, _ = await box(mailing)
    await leave(mailing.store, place)
    async with mailing.store.write() as unit:
        await unit.places.pause(place.number, "refused")
    assert await undone(mailing)
    assert (await box(mailing))[0].paused == "refused"


async def test_nobody_leaves_for_another(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    name = await name_of(mailing)
    number, _, mac = name.partition("-")
    for forged in (f"{int(number, 16) + 1:x}-{mac}", f"{number}-{'a' * 24}", name[:-1], "", "é"):
        assert await leaving(mailing.store, mailing.context.secret_key, forged) is None
    assert await leaving(mailing.store, mailing.context.secret_key, name.upper()) is not None


async def test_a_link_that_works_on_one_machine_only_says_so(mailing, smtp_server):
    local = opt_in.replace(mailing.context, public_url="http://127.0.0.1:8000")
    await ask(local, BOX, Wish(text="diffusion"), client="1", locale="en")
    assert "These links work only on the machine where Paperwire runs" in smtp_server.mails[0].part("plain").replace(
        "\n", " "
    )
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    place, _ = await box(mailing)
    assert "only on the machine" in leave_button(b"k", "http://127.0.0.1:8000", place).label


def test_a_chat_is_left_by_its_own_means(bot):
    assert leave_button(b"k", "https://p.example", type("Private", (), {"kind": "private"})) is None


@pytest.mark.parametrize(
    ("outcome", "paused", "left"),
    [("closed", "mail came back", 1), ("left", "unsubscribed", 0), ("noted", "", 1)],
)
async def test_what_a_report_comes_to(mailing, smtp_server, outcome, paused, left):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    report = Report(("1-" + "a" * 24, await name_of(mailing)), outcome, "mail came back")
    for _ in range(2):
        taken = await take_report(mailing.store, mailing.context.secret_key, report)
        assert taken.place.address == ANN
    place, its = await box(mailing)
    assert (place.paused, len(its)) == (paused, left)


async def test_a_report_of_nobody_changes_nothing(mailing):
    assert await take_report(mailing.store, b"k" * 32, Report(("1-" + "a" * 24,), "closed", "x")) is None


async def test_a_mail_about_what_could_not_be_sent_has_a_way_out_too(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says(f"/subscribe diffusion to:email:{ANN}")
    delivery = delivery_of(mailing)
    for number, answers in enumerate((["554 5.7.1 spam"], [])):
        smtp_server.at_data += answers
        await mailing.record(paper(number, f"Diffusion {number}"))
        await mailing.match()
        mailing.clock.set(f"2026-01-{number + 6:02}T08:00:00Z")
        await delivery.run("email")
    digest, notice = smtp_server.mails[1:]
    assert notice.parsed["Subject"] == "1 paper couldn't be sent:"
    assert notice.parsed["List-Unsubscribe"] == digest.parsed["List-Unsubscribe"]
    await delivery.shut_down()


async def test_the_command_in_a_group_answers_the_person_alone(mailing, smtp_server):
    reply = await mailing.says(f"/email {ANN} trending", place=GROUP, manages=False)
    assert reply.private
    assert len(smtp_server.mails) == 1


# --- what is owed survives a mail server's moods ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "fault", "wait"),
    [
        ("at_connect", "drop", {"seconds": 30}),
        ("at_rcpt", "451 4.7.1 greylisted", {"minutes": 6}),
        ("at_rcpt", "421 4.3.2 down", {"minutes": 6}),
        ("at_data", "hang", {"minutes": 20}),
        ("at_data", "552 5.2.2 full", {"minutes": 6}),
    ],
)
async def test_a_digest_arrives_whatever_the_server_did_first(mailing, smtp_server, monkeypatch, where, fault, wait):
    await linked(mailing, smtp_server)
    await mailing.says(f"/subscribe diffusion to:email:{ANN}")
    await mailing.record(*(paper(number, f"Diffusion {number}") for number in (1, 2)))
    await mailing.match()
    getattr(smtp_server, where).append(fault)
    mailing.clock.set("2026-01-06T08:00:00Z")
    delivery = delivery_of(mailing)
    before = len(smtp_server.mails)
    with monkeypatch.context() as soon:
        soon.setitem(conversations.ANSWER_TIMEOUTS, "text", 0.5 if fault == "hang" else 600.0)
        await delivery.run("email")
    assert len(smtp_server.mails) == before
    mailing.clock.advance(**wait)
    await delivery.run("email")
    (digest,) = smtp_server.mails[before:]
    assert digest.part("plain").count("https://arxiv.org/abs/2601.") == 2
    await delivery.shut_down()


async def test_a_digest_that_is_too_big_comes_in_pieces(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says(f"/subscribe diffusion to:email:{ANN}")
    await mailing.record(*(paper(number, f"Diffusion {number}") for number in (1, 2)))
    await mailing.match()
    smtp_server.at_data.append("552 5.3.4 too big")
    mailing.clock.set("2026-01-06T08:00:00Z")
    await delivery_of(mailing).run("email")
    assert [mail.parsed["Subject"] for mail in smtp_server.mails[1:]] == ["Diffusion 1", "Diffusion 2"]


async def test_an_address_that_is_not_there_is_closed_at_once_and_keeps_what_it_is_owed(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says(f"/subscribe diffusion to:email:{ANN}")
    await mailing.record(paper(1, "Diffusion 1"))
    await mailing.match()
    smtp_server.at_rcpt.append("550 5.1.1 No such user")
    mailing.clock.set("2026-01-06T08:00:00Z")
    delivery = delivery_of(mailing)
    await delivery.run("email")
    assert (await box(mailing))[0].paused == "refused"
    await mailing.says(f"/subscribe diffusion to:email:{ANN}")
    mailing.clock.advance(days=1)
    await delivery.run("email")
    assert smtp_server.mails[-1].parsed["Subject"] == "Diffusion 1"
    await delivery.shut_down()
