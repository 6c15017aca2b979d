"""Subscribing an address of the web from any chat, and papers arriving there."""

import pytest
from commands_bot import paper, text_of

from paperwire.channels.webhook import WebhookChannel
from paperwire.errors import Gone
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from servers.direct import DIRECT
from servers.hook import HookServer, Network

ADDRESS = "http://93.184.216.34/hook"


@pytest.fixture
async def hook():
    async with HookServer() as server:
        yield server


@pytest.fixture
async def connected(bot, hook):
    channel = WebhookChannel(network=DIRECT, now=bot.clock, secret="s3cret", transport=Network(hook.port))
    bot.context.channels["webhook"] = channel
    yield bot
    await channel.close()


async def deliver(bot):
    delivery = Delivery(bot.store, bot.context.channels, owner="test", now=bot.clock, hold=Hold(bot.store))
    return await delivery.run("webhook")


async def test_papers_arrive_at_an_address_that_a_person_names(connected, hook):
    reply = await connected.says(f"/subscribe diffusion to:{ADDRESS} name:Mine")
    assert "93.184.216.34 as they appear" in text_of(reply)
    assert "/hook" not in text_of(reply)
    await connected.record(paper(1, "Diffusion models"))
    await connected.match()
    assert await deliver(connected) == 1
    (got,) = hook.deliveries
    assert [one["url"] for one in got.json["papers"]] == ["https://arxiv.org/abs/2601.00001"]
    assert got.verified("s3cret", ADDRESS)
    assert await deliver(connected) == 0


async def test_an_address_that_closed_is_paused_until_it_is_named_again_and_loses_nothing(connected, hook):
    await connected.says(f"/subscribe diffusion to:{ADDRESS}")
    await connected.record(paper(1, "Diffusion models"))
    await connected.match()
    hook.answers.append(410)
    await deliver(connected)
    assert await deliver(connected) == 0
    assert len(hook.deliveries) == 1
    assert "paused" not in text_of(await connected.says(f"/subscribe diffusion to:{ADDRESS}"))
    assert await deliver(connected) == 1
    assert [one["url"] for one in hook.deliveries[1].json["papers"]] == ["https://arxiv.org/abs/2601.00001"]


async def test_the_address_may_be_named_with_its_channel_and_its_subscription_changed_from_the_chat(connected):
    number = await connected.number(f"diffusion to:webhook:{ADDRESS}")
    assert "Unsubscribed" in text_of(await connected.presses(f"undo:{number}"))


@pytest.mark.parametrize(
    ("to", "hint"),
    [
        ("http://127.0.0.1/hook", "not on the public internet"),
        ("https://a.example:8443/x", "only the ports 80 and 443"),
        ("https://t.me/c/5", "a link to a chat that this bot is not in"),
    ],
)
async def test_an_address_that_may_not_be_used_is_refused_in_words(connected, to, hint):
    reply = await connected.says(f"/subscribe diffusion to:{to}")
    assert hint in text_of(reply)
    assert reply.aside
    assert await connected.subscribed() == []


async def test_a_link_to_a_chat_is_still_one(connected):
    connected.channel.fails = Gone("chat not found")
    assert "can't reach @x" in text_of(await connected.says("/subscribe diffusion to:@x"))


async def test_without_the_channel_an_address_is_no_place(bot):
    assert "can't reach http" in text_of(await bot.says(f"/subscribe diffusion to:{ADDRESS}"))
