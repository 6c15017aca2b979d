"""Strangers at an instance that names its people, a ban next to a running service, and operators, over the wire."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from product import STARTING, Product, papers_of
from test_product import BOB, World

from paperwire.store.unit import Store
from servers.discord import DiscordServer
from servers.discord_people import plain
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
        store = Store.open(database, now=lambda: datetime.now(UTC))

        def titles():
            return [message.text.split("\n")[0] for message in telegram.messages(ADA)]

        async def run(time, until, *only):
            product.settings["now"] = f"2026-01-05T{time}Z"
            await product.start(*only)
            await product.until(until)
            assert await product.stop() == 0

        async def is_noted():
            async with store.read() as unit:
                noted = await unit.settings.beginning("trouble role ")
            return len(noted) == 2 and "No process matches" in (await product.command("status"))[1]

        begun = ["⚠ Trouble: role deliver", "⚠ Trouble: role match"]

        async def is_told():
            return set(begun) <= set(titles())

        async def is_over():
            return {"Over: role deliver", "Over: role match"} <= set(titles())

        await run("08:00:00", is_noted, "--only", "web,telegram")
        assert titles() == []
        await run("08:14:00", is_told, "--only", "web,telegram")
        await run("08:16:00", is_noted, "--only", "web,telegram")
        await run("08:30:00", is_over)
        await store.close()
        counted = Counter(titles())
        assert counted == dict.fromkeys([*begun, "Over: role deliver", "Over: role match"], 1)


@pytest.mark.slow_on_postgresql
async def test_who_is_taken_off_the_list_gets_nothing_until_they_are_on_it_again(tmp_path, database, clock):
    world = World(tmp_path, database, clock)
    arxiv, product, telegram = world.arxiv.archive, world.product, world.telegram

    async def restarted(*names, kill=False):
        await (product.kill() if kill else product.stop())
        product.settings["people__allowed"] = json.dumps([f"telegram:{name}" for name in names])
        telegram.limits.rest(STARTING)
        await product.start()

    async with world.running():
        for person in (ADA, BOB):
            await world.ask(person, "/subscribe diffusion")
        link = next(part for part in (await world.ask(BOB, "/feed")).text.split() if part.endswith(".atom"))
        arxiv.add("2601.00002", "2026-01-06", title="Diffusion one")
        world.day("2026-01-06")
        for person in (ADA, BOB):
            await world.hears(person, "2601.00002")
        old = next(sent for sent in telegram.messages(BOB) if papers_of(sent) == ["2601.00002"])

        await restarted(ADA)
        assert (await product.get(link)).status_code == 403
        assert (await world.ask(BOB, "/resume")).text.startswith(REFUSED)
        noted, written = len(telegram.toasts), len(telegram.messages(BOB))
        telegram.press(BOB, old, "Save")
        await telegram.until(lambda: len(telegram.toasts) > noted and telegram.confirmed())
        assert telegram.toasts[noted]["text"].startswith(REFUSED)
        assert len(telegram.messages(BOB)) == written
        arxiv.add("2601.00003", "2026-01-07", title="Diffusion two")
        world.day("2026-01-07")
        await world.hears(ADA, "2601.00003")
        await restarted(ADA, kill=True)
        assert world.got(BOB) == ["2601.00002"]

        await restarted(ADA, BOB)
        await world.hears(BOB, "2601.00003")
        arxiv.add("2601.00004", "2026-01-08", title="Diffusion three")
        world.day("2026-01-08")
        for person in (ADA, BOB):
            await world.hears(person, "2601.00004")
        assert world.got(BOB) == ["2601.00002", "2601.00003", "2601.00004"]
        assert sorted(set(world.got(ADA))) == ["2601.00002", "2601.00003", "2601.00004"]
        assert "2601.00003" in (await product.get(link)).text
        assert await product.stop() == 0


@pytest.mark.slow_on_postgresql
async def test_a_server_that_is_let_in_is_no_way_into_others_or_private_chats(tmp_path, database):
    ours, other = 1000, 3000
    async with DiscordServer() as discord:
        discord.channel(2000, discord.guild(ours, managers=(ADA,)))
        discord.channel(4000, discord.guild(other, managers=(ADA,)), "elsewhere")
        product = Product(
            tmp_path,
            database,
            channels__discord__token=discord.token,
            channels__discord__api_url=discord.url,
            people__allowed=f'["discord-server:{ours}"]',
        )
        async with product:
            made = await discord.ask(ADA, "/subscribe diffusion", 2000)
            assert "Subscribed" in made.text
            elsewhere = {"to": "<#4000>"}
            assert REFUSED in plain((await discord.ask(ADA, "/subscribe lora", 2000, options=elsewhere)).text)
            assert REFUSED in plain((await discord.ask(ADA, "/me", 2000)).text)
            assert await discord.complete(ADA, "unsubscribe", "", 2000) != {}
            for place in (4000, None):
                assert REFUSED in plain((await discord.ask(ADA, "/subscribe lora", place)).text)
                assert await discord.complete(ADA, "unsubscribe", "", place) == {}
                there = place or discord.dm(ADA).id
                copied = type(made)(there, 1, made.json())
                discord.channels[there].sent.append(copied)
                assert REFUSED in plain((await discord.answer(await discord.press(ADA, copied, "Undo"))).text)
            written = len(discord.messages(discord.dm(ADA).id))
            await discord.say(ADA, "lora")
            await discord.react(ADA, copied)
            assert "1 subscription" in plain((await discord.ask(ADA, "/subscriptions", 2000)).text)
            assert len(discord.messages(discord.dm(ADA).id)) == written
            assert await product.stop() == 0
