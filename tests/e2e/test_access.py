"""Strangers at an instance that names its people, a ban beside a running service, and operators, over the wire."""

from collections import Counter

import pytest
from product import Product

from servers.smtp import MailServer
from servers.telegram import TelegramServer

ADA, EVE = 101, 666
REFUSED = "This Paperwire is for invited people only."


def product_of(folder, database, telegram, **settings):
    about = {"channels__telegram__token": telegram.token, "channels__telegram__api_url": telegram.url}
    return Product(folder, database, **about, **settings)


async def test_a_stranger_gets_one_refusal_and_no_mail_goes_out_for_them(tmp_path, database):
    async with TelegramServer() as telegram, MailServer() as mail:
        telegram.person(ADA)
        telegram.person(EVE)
        product = product_of(
            tmp_path,
            database,
            telegram,
            people__allowed=f'["telegram:{ADA}", "email:*@example.org"]',
            people__ask="papers@example.org",
            channels__email__smtp_url=mail.url,
            channels__email__from_address="papers@example.org",
        )
        async with product:
            refused = await telegram.ask(EVE, "/subscribe diffusion")
            assert refused.text.replace("\u2060", "") == (  # which keeps the address from being a link
                f"{REFUSED} To be let in, ask papers@example.org and name your account: telegram:{EVE}"
            )
            for number in range(30):
                telegram.say(EVE, f"/search {number}")
            assert "Subscribed" in (await telegram.ask(ADA, "/subscribe diffusion")).text
            await telegram.until(telegram.confirmed)
            assert len(telegram.messages(EVE)) == 1
            page = (await product.get("/subscribe")).text
            assert "Papers by mail" in page
            assert await product.stop() == 0
        assert mail.mails == []


async def test_a_ban_holds_at_once_and_until_it_is_lifted(tmp_path, database):
    async with TelegramServer() as telegram:
        telegram.person(ADA)
        telegram.person(EVE)
        async with product_of(tmp_path, database, telegram) as product:
            await telegram.ask(EVE, "/subscribe diffusion")
            code, out, errors = await product.command("forget", f"telegram:{EVE}", "--ban", "--yes")
            assert (code, out) == (0, f"forgotten\nbanned: telegram:{EVE}\n"), errors
            assert (await telegram.ask(EVE, "/subscribe diffusion")).text.startswith(REFUSED)
            assert "Subscribed" in (await telegram.ask(ADA, "/subscribe diffusion")).text
            assert (await product.command("forget", f"telegram:{EVE}", "--unban"))[0] == 0
            assert "Subscribed" in (await telegram.ask(EVE, "/subscribe diffusion")).text
            assert await product.stop() == 0


@pytest.mark.slow_on_postgresql
async def test_operators_are_told_of_a_missing_role_and_of_its_end_across_restarts(tmp_path, database):
    async with TelegramServer() as telegram:
        telegram.person(ADA)
        telegram.chat(ADA, "private", "Ann")  # she has written to the bot before
        product = product_of(tmp_path, database, telegram, ops__operators=f'["telegram:{ADA}"]')

        def titles():
            return [message.text.split("\n")[0] for message in telegram.messages(ADA)]

        async def run(time, until, *only):
            product.settings["now"] = f"2026-01-05T{time}Z"
            await product.start(*only)
            await product.until(until)
            assert await product.stop() == 0

        async def is_noted():
            return "No process matches" in (await product.command("status"))[1]

        begun = ["⚠ Trouble: role deliver", "⚠ Trouble: role match"]

        async def is_told():
            return set(begun) <= set(titles())

        async def is_over():
            return {"Over: role deliver", "Over: role match"} <= set(titles())

        await run("08:00:00", is_noted, "--only", "web,telegram")
        assert titles() == []
        await run("08:10:00", is_told, "--only", "web,telegram")
        await run("08:12:00", is_noted, "--only", "web,telegram")
        await run("08:30:00", is_over)
        counted = Counter(titles())
        assert counted == dict.fromkeys([*begun, "Over: role deliver", "Over: role match"], 1)
