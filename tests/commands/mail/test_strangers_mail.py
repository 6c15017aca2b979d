"""What a stranger gets by naming another's address, and what they can write there: nothing."""

import re

import pytest
from commands_bot import paper, text_of
from mailing_scene import ANN, BOX, box, confirmed, linked, token_in

from paperwire.errors import CommandError
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import Request
from paperwire.services.accounts import opt_in
from paperwire.services.accounts.feed import hashes
from paperwire.services.accounts.opt_in import PURPOSE, _is_for_anyone, confirm
from paperwire.services.people import account_name
from paperwire.store.people.people import People

BOB = "bob@example.org"
READER, OTHER_READER = Actor(channel="email", user_id=ANN), Actor(channel="email", user_id=BOB)
PHISHING = '"URGENT your account is locked, verify at http://evil.example/now or call 01701234567" OR lora'


async def of(bot, account):
    async with bot.store.read() as unit:
        person = await unit.people.person_of(account)
        return person.number, [one.text for one in await unit.subscriptions.of_person(person.number)]


def stranger(who="2"):
    return Actor(channel="telegram", user_id=who)


# --- the account stays its reader's -------------------------------------------------------------------------------


async def test_a_yes_joins_no_accounts(mailing, smtp_server):
    await linked(mailing, smtp_server)  # telegram:1 is Ann as well, with a chat of her own
    await mailing.says("/subscribe secret plans")
    await mailing.record(paper(1, "Diffusion models"))
    await mailing.says("/save 2601.00001")
    await confirmed(mailing, smtp_server, f"/email {ANN} trending week", who="2")
    assert (await of(mailing, stranger()))[1] == []
    assert "secret" not in text_of(await mailing.says("/subscriptions", who="2"))
    assert "2601.00001" not in text_of(await mailing.says("/saved", who="2"))
    assert "email" not in text_of(await mailing.says("/export", who="2"))
    numbers = {(await of(mailing, account))[0] for account in (READER, stranger("1"))}
    assert numbers.isdisjoint({(await of(mailing, stranger()))[0]})
    assert len(numbers) == 1
    assert (await of(mailing, READER))[1][1:] == ["secret plans", "(source:arxiv OR source:huggingface) upvotes>=30"]


async def test_a_stranger_neither_sees_nor_changes_what_a_yes_brought(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending week", who="2")
    place, (its,) = await box(mailing)
    assert place.owner == (await of(mailing, READER))[0]
    for action in (f"del:{its.number}", f"off:{its.number}", f"when:{its.number}:daily", f"edit:{its.number}"):
        assert "No subscription with this number here" in text_of(await mailing.presses(action, who="2"))
    for command in ("/unsubscribe 1", "/unsubscribe trending"):
        assert text_of(await mailing.says(command, who="2")).startswith("No subscription ")
    await mailing.says("/digest instant", who="2")
    await mailing.says("/pause", who="2")
    await mailing.says("/forget", who="2")
    await mailing.presses("forget:yes", who="2")
    assert await box(mailing) == (place, [its])


async def test_a_stranger_s_export_does_not_say_whether_a_reader_confirmed(mailing, smtp_server):
    await confirmed(mailing, smtp_server, f"/email {ANN} trending week", who="2")
    async with mailing.store.read() as unit:
        for account, knows in ((stranger(), False), (READER, True)):
            (asked,) = (await unit.people.export((await unit.people.person_of(account)).number))["opt_ins"]
            assert (asked["used_at"] is not None) is knows


async def test_two_readers_of_one_asker_do_not_see_each_other(mailing, smtp_server):
    await mailing.says("/subscribe lora", who="2")
    for address in (ANN, BOB):
        await confirmed(mailing, smtp_server, f"/email {address}", who="2")
    people = [await of(mailing, account) for account in (READER, OTHER_READER, stranger())]
    assert len({number for number, _ in people}) == 3
    assert [texts for _, texts in people] == [["lora"]] * 3


async def test_what_the_asker_changes_afterwards_waits_for_another_yes(mailing, smtp_server):
    await mailing.says("/subscribe lora", who="2")
    await confirmed(mailing, smtp_server, f"/email {ANN}", who="2")
    await mailing.says("/subscribe quantum", who="2")
    await mailing.says("/unsubscribe lora", who="2")
    assert [one.text for one in (await box(mailing))[1]] == ["lora"]
    await mailing.says(f"/email {ANN}", who="2")
    assert [one.text for one in (await box(mailing))[1]] == ["lora"]
    await confirm(mailing.context, token_in(smtp_server.mails[-1]))
    assert [one.text for one in (await box(mailing))[1]] == ["lora", "quantum"]


async def test_the_yes_is_to_what_stood_in_the_mail(mailing, smtp_server):
    await mailing.says("/subscribe lora", who="2")
    await mailing.says(f"/email {ANN}", who="2")
    await mailing.says("/unsubscribe lora", who="2")
    await mailing.says("/subscribe quantum", who="2")
    await confirm(mailing.context, token_in(smtp_server.mails[-1]))
    assert [one.text for one in (await box(mailing))[1]] == ["lora"]


async def test_a_yes_changes_nothing_else_of_a_mailbox(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says(f"/email {ANN} when:weekly mon 07:00")
    await mailing.says(f"/subscribe quantum occasions:versions to:email:{ANN}")
    before, its = await box(mailing)
    await mailing.says("/subscribe lora", who="2")
    await confirmed(mailing, smtp_server, f"/email {ANN} when:instant", who="2")
    after, now = await box(mailing)
    assert after == before
    assert now[:-1] == its
    assert (now[-1].text, now[-1].cadence) == ("lora", "instant")


async def test_what_is_paused_or_the_asker_s_own_is_no_query_for_another(mailing, smtp_server):
    number = await mailing.number("lora", who="2")
    await mailing.presses(f"off:{number}", who="2")
    assert "no subscriptions that another account could get" in text_of(await mailing.says(f"/email {ANN}", who="2"))
    assert not _is_for_anyone("like:saved")
    assert not _is_for_anyone('"')
    assert _is_for_anyone("like:2601.00001")


async def test_more_than_a_mail_can_name_are_to_be_linked(mailing, smtp_server, monkeypatch):
    monkeypatch.setattr(opt_in, "MOST_COPIES", 1)
    await mailing.says("/subscribe lora")
    await mailing.says("/subscribe quantum")
    reply = text_of(await mailing.says(f"/email {ANN}"))
    assert "1 subscriptions at most" in reply
    assert "https://papers.example.org/me" in reply
    assert smtp_server.mails == []


async def test_a_request_from_before_joins_nothing_and_says_that_it_is_too_old(mailing, smtp_server):
    await mailing.says("/subscribe lora")
    async with mailing.store.write() as unit:
        old = {"text": "", "name": "", "cadence": "daily 08:00", "zone": "UTC", "place": ANN}
        asker = await unit.people.ensure(stranger("1"), "en")
        number = await unit.opt_ins.add("email", ANN, client="x", person=asker.number, locale="en", wanted=old)
    token = opt_in.number_token(mailing.context.secret_key, PURPOSE, number)
    assert (await confirm(mailing.context, token)).state == "late"
    assert (await box(mailing)) == (None, [])


async def test_requests_are_kept_and_counted_when_their_asker_links_accounts(mailing, smtp_server):
    await mailing.says(f"/email {ANN} trending")
    token = token_in(smtp_server.mails[-1])
    async with mailing.store.write() as unit:
        other = await unit.people.ensure(stranger("9"), "en")
        await unit.people.link(stranger("1"), other.number)
        assert await unit.opt_ins.count_for("email", ANN, mailing.clock.at.replace(year=2025)) == 1
    assert (await confirm(mailing.context, token)).state == "open"


async def test_forgetting_begins_no_limit_of_mails_again(mailing, smtp_server):
    for number in range(10):
        await mailing.says(f"/email {ANN if number < 3 else f'a{number}@example.org'} trending", who="2")
    await mailing.presses("forget:yes", who="2")
    assert len(smtp_server.mails) == 10
    assert "3 messages went to this address" in text_of(await mailing.says(f"/email {ANN} trending", who="3"))
    assert "Too many requests" in text_of(await mailing.says(f"/email {BOB} trending", who="2"))
    assert await confirm(mailing.context, token_in(smtp_server.mails[0])) is None
    assert len(smtp_server.mails) == 10


async def test_a_mailbox_that_was_another_s_is_its_reader_s_after_a_yes(mailing, smtp_server):
    async with mailing.store.write() as unit:
        other = await unit.people.ensure(stranger("9"), "en")
        await unit.places.ensure(BOX, other.number)
    await confirmed(mailing, smtp_server, f"/email {ANN} trending")
    assert (await box(mailing))[0].owner == (await of(mailing, READER))[0]


# --- no text of a stranger in the operator's name -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"/email {ANN} trending week {PHISHING}",
        f'/subscribe {PHISHING} name:"Verify at http://evil.example" to:email:{ANN}',
        f"/email {ANN}",
    ],
)
async def test_a_confirmation_carries_no_text_of_the_asker_but_plain_words(mailing, smtp_server, text):
    await mailing.says(f'/subscribe {PHISHING} name:"Verify at http://evil.example"', who="2")
    command, _, args = text[1:].partition(" ")
    actor = Actor(channel="telegram", user_id="2", name="Paperwire Security http://evil.example")
    place = Place(channel="telegram", address="2", kind="private")
    await mailing.commands.handle(Request(actor=actor, place=place, can_manage=True, command=command, args=args))
    (mail,) = smtp_server.mails
    plain, html = mail.part("plain"), mail.part("html")
    for part in (plain, html, *(str(value) for value in mail.parsed.values())):
        for bad in ("evil.example", "Security", "URGENT", "locked,", "01701234567", "Verify"):
            assert bad not in part
    assert "urgent your account is locked" in plain
    links = re.findall(r"[a-z]+://[^\s\"<>]+", plain) + re.findall(r'href="([^"]*)', html)
    assert links
    assert {link[:27] for link in links} == {"https://papers.example.org/"}
    # What comes of the yes has no link of theirs either.
    await confirm(mailing.context, token_in(mail))
    (its,) = (await box(mailing))[1]
    assert "evil.example" not in its.name + its.text
    assert "://" not in its.text


@pytest.mark.parametrize(("user_id", "shown"), [("2", "discord:2"), ("Call 0170", "discord"), ("7" * 21, "discord")])
def test_an_account_is_a_number_or_its_channel(user_id, shown):
    assert account_name(Actor(channel="discord", user_id=user_id, name="Verify http://evil.example")) == shown


# --- a mailbox that is unlinked in between -------------------------------------------------------------------------


@pytest.fixture
def unlinked_before_it_is_kept(mailing, monkeypatch):
    """The mailbox is unlinked after its account was read and before that is kept, by another process."""
    hold = People.lock

    async def unlink_and_hold(self, number):
        monkeypatch.setattr(People, "lock", hold)
        async with mailing.store.write() as unit:
            await unit.people.unlink(number, READER, hashes(mailing.context))
        return await hold(self, number)

    monkeypatch.setattr(People, "lock", unlink_and_hold)


@pytest.mark.only_on_postgresql  # SQLite has one writer
async def test_a_yes_of_a_mailbox_that_was_unlinked_goes_to_no_former_owner(mailing, smtp_server, request):
    await linked(mailing, smtp_server)
    await mailing.says(f"/email {ANN} trending week", who="2")
    token = token_in(smtp_server.mails[-1])
    former = (await of(mailing, stranger("1")))[0]
    before = (await of(mailing, stranger("1")))[1]
    request.getfixturevalue("unlinked_before_it_is_kept")
    with pytest.raises(CommandError, match="just linked or forgotten"):
        await confirm(mailing.context, token)
    assert await of(mailing, stranger("1")) == (former, [])
    assert (await of(mailing, READER))[1] == before  # which went to that mailbox alone
    assert (await confirm(mailing.context, token)).state == "open"  # the reader's own, once it is opened again
    assert (await of(mailing, READER))[0] != former


@pytest.mark.only_on_postgresql
async def test_who_loses_a_mailbox_in_between_sends_nothing_there(mailing, smtp_server, request):
    await linked(mailing, smtp_server)
    (before,) = (await box(mailing))[1]
    request.getfixturevalue("unlinked_before_it_is_kept")
    assert "just unlinked" in text_of(await mailing.says(f"/email {ANN} trending week"))
    assert [one.text for one in (await box(mailing))[1]] == [before.text]
