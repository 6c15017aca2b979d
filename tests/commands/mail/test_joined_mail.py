"""Accounts that an earlier version joined by a yes: the next mail names them, once."""

import re

import sqlalchemy
from commands_bot import paper
from mailing_scene import ANN, delivery_of, linked
from sqlmodel import col

from paperwire.ports.callers import Actor
from paperwire.store.database.tables.people import AccountRow

MAILBOX = Actor(channel="email", user_id=ANN)


async def unnamed(bot):
    async with bot.store.write() as unit:
        await unit.connection.execute(sqlalchemy.update(AccountRow).values(unnamed=True))


async def mail_of_the_next_day(bot, smtp_server, number):
    await bot.record(paper(number, f"Diffusion {number}"))
    await bot.match()
    bot.clock.advance(days=1)
    delivery = delivery_of(bot)
    await delivery.run("email")
    await delivery.shut_down()
    return smtp_server.mails[-1].part("plain")


async def test_the_next_mail_names_joined_accounts_once_with_unlink(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says(f"/subscribe diffusion to:email:{ANN}")
    await unnamed(mailing)
    text = " ".join((await mail_of_the_next_day(mailing, smtp_server, 1)).split())
    assert "This address is linked with other accounts" in text
    assert "saved papers and feeds: telegram:1." in text
    assert re.search(r"unlink it: Unlink\W+https://papers\.example\.org/me\b", text)
    assert "linked with other accounts" not in await mail_of_the_next_day(mailing, smtp_server, 2)
    async with mailing.store.read() as unit:
        assert await unit.people.unnamed(MAILBOX) == []
        assert await unit.people.unnamed(Actor(channel="telegram", user_id="1")) == [MAILBOX]


async def test_a_mail_that_was_refused_has_named_nothing(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says(f"/subscribe diffusion to:email:{ANN}")
    await unnamed(mailing)
    smtp_server.at_rcpt.append("451 4.7.1 Greylisted")
    await mail_of_the_next_day(mailing, smtp_server, 1)
    async with mailing.store.read() as unit:
        assert await unit.people.unnamed(MAILBOX) != []
    await mail_of_the_next_day(mailing, smtp_server, 2)
    texts = [" ".join(mail.part("plain").split()) for mail in smtp_server.mails]
    assert ["linked with other accounts" in text for text in texts].count(True) == 1


async def test_who_has_no_other_account_any_more_is_told_nothing(mailing, smtp_server):
    await linked(mailing, smtp_server)
    await mailing.says(f"/subscribe diffusion to:email:{ANN}")
    await unnamed(mailing)
    async with mailing.store.write() as unit:
        person = await unit.people.person_of(MAILBOX)
        await unit.connection.execute(
            sqlalchemy.delete(AccountRow).where(
                col(AccountRow.person) == person.number, col(AccountRow.channel) == "telegram"
            )
        )
    assert "linked with other accounts" not in await mail_of_the_next_day(mailing, smtp_server, 1)
