"""Subscribing a topic from any chat: who is told, what arrives, and how a closed topic comes back."""

import re

import pytest
from commands_bot import GROUP, paper, text_of

from paperwire.channels.ntfy import Options, build
from paperwire.channels.webhook import WebhookChannel
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import Request
from paperwire.services.accounts import opt_in
from paperwire.services.accounts.opt_in import Wish
from servers.direct import DIRECT
from servers.hook import HookServer, Network
from servers.ntfy import NtfyServer

GREETING = (
    "The account telegram:1 subscribed this address to new papers:\ndiffusion\n"
    "Each message has a link that stops it. Sent by Paperwire: https://papers.example.org/"
)


@pytest.fixture
async def ntfy_server():
    async with NtfyServer(closed=("secret",)) as ntfy_server:
        yield ntfy_server


@pytest.fixture
async def connected(bot, ntfy_server):
    channel = build(
        Options(server=ntfy_server.url), network=DIRECT, now=bot.clock, public_url="https://papers.example.org"
    )
    bot.context.channels["ntfy"] = channel
    yield bot
    await channel.close()


async def deliver(bot):
    delivery = Delivery(bot.store, bot.context.channels, owner="test", now=bot.clock, hold=Hold(bot.store))
    return await delivery.run("ntfy")


async def test_a_topic_is_told_who_named_it_and_gets_its_papers(connected, ntfy_server):
    reply = await connected.says("/subscribe diffusion to:ntfy:mylab-7Hq2")
    assert f"{ntfy_server.url.removeprefix('http://')}/myl… as they appear" in text_of(reply)
    assert "7Hq2" not in text_of(reply)
    assert ntfy_server.texts("mylab-7Hq2") == [GREETING]
    (leave,) = ntfy_server.shown["mylab-7Hq2"][0]["actions"]
    assert leave["url"].startswith("https://papers.example.org/u/")
    await connected.record(paper(1, "Diffusion models"))
    await connected.match()
    assert await deliver(connected) == 1
    assert ntfy_server.shown["mylab-7Hq2"][1]["click"] == "https://arxiv.org/abs/2601.00001"


async def test_a_topic_is_greeted_once(connected, ntfy_server):
    await connected.says("/subscribe diffusion to:ntfy:mine")
    await connected.says("/subscribe diffusion to:ntfy:mine")
    await connected.says("/subscribe attention to:ntfy:mine", who="2")
    assert len(ntfy_server.shown["mine"]) == 1


async def test_many_papers_at_once_come_as_lists_of_five(connected, ntfy_server):
    await connected.says("/subscribe diffusion to:ntfy:mine")
    await connected.record(*(paper(number, f"Diffusion model {number}") for number in range(1, 13)))
    await connected.match()
    assert await deliver(connected) == 3
    counts = [text.count("https://arxiv.org/abs/") for text in ntfy_server.texts("mine")[1:]]
    assert counts == [5, 5, 2]


async def test_a_link_to_the_server_is_a_topic_and_any_other_link_a_webhook(connected, ntfy_server):
    async with HookServer() as hook:
        webhook = WebhookChannel(network=DIRECT, now=connected.clock, transport=Network(hook.port))
        ntfy = connected.context.channels.pop("ntfy")
        connected.context.channels.update(webhook=webhook, ntfy=ntfy)  # the order tells nothing
        await connected.says(f"/subscribe diffusion to:{ntfy_server.url}/mine")
        assert "93.184.216.34" in text_of(await connected.says("/subscribe diffusion to:http://93.184.216.34/hook"))
        assert list(ntfy_server.shown) == ["mine"]
        assert hook.deliveries == []  # a program is not greeted
        await webhook.close()


async def test_a_topic_that_takes_nothing_is_said_at_once_and_opens_when_it_is_named_again(connected, ntfy_server):
    reply = await connected.says("/subscribe diffusion to:ntfy:secret")
    assert "the address takes no messages" in text_of(reply)
    await connected.record(paper(1, "Diffusion models"))
    await connected.match()
    assert await deliver(connected) == 0
    ntfy_server._closed = ()
    assert "HTTP 403" not in text_of(await connected.says("/subscribe diffusion to:ntfy:secret"))
    assert await deliver(connected) == 1


async def test_a_server_that_is_down_keeps_nobody_from_subscribing(connected, ntfy_server):
    ntfy_server.answers.append(503)
    assert "Subscribed" in text_of(await connected.says("/subscribe diffusion to:ntfy:mine"))
    assert ntfy_server.shown == {}
    await connected.record(paper(1, "Diffusion models"))
    await connected.match()
    assert await deliver(connected) == 1


async def test_the_terminal_and_a_group_name_topics_too(connected, ntfy_server):
    await connected.says("/subscribe diffusion to:ntfy:ofthelab", place=GROUP)
    actor = Actor(channel="console", user_id="terminal")
    place = Place(channel="console", address="terminal", kind="terminal")
    request = Request(actor=actor, place=place, can_manage=True, command="subscribe", args='"world model" to:ntfy:mine')
    assert "Subscribed" in text_of(await connected.commands.handle(request))
    assert ntfy_server.texts("mine")[0].startswith(
        "The account console subscribed this address to new papers:\nworld model"
    )
    assert list(ntfy_server.shown) == ["ofthelab", "mine"]


async def test_what_goes_to_a_topic_is_changed_from_the_chat(connected):
    number = await connected.number("diffusion to:ntfy:mine")
    assert "Unsubscribed" in text_of(await connected.presses(f"undo:{number}"))


@pytest.mark.parametrize(
    ("to", "hint"),
    [("ntfy:two words", "1 to 64 letters"), ("ntfy:", "1 to 64 letters"), ("gotify:x", "isn't connected")],
)
async def test_what_is_no_topic_is_refused_in_words(connected, ntfy_server, to, hint):
    assert hint in text_of(await connected.says(f"/subscribe diffusion to:{to}"))
    assert await connected.subscribed() == []
    assert ntfy_server.shown == {}


async def test_a_topic_that_another_asks_for_on_the_pages_stays_whose_it_was(connected, ntfy_server):
    await connected.says("/subscribe diffusion to:ntfy:mine")
    topic, _ = await connected.context.channels["ntfy"].inspect("mine", Actor(channel="", user_id=""))
    async with connected.store.read() as unit:
        before = await unit.places.at(topic)
    await opt_in.ask(connected.context, topic, Wish(text="lora", cadence="instant"), client="203.0.113.7", locale="en")
    token = re.search(r"/subscribe/(\S+)", ntfy_server.texts("mine")[-1])[1]
    assert (await opt_in.confirm(connected.context, token)).state == "open"
    async with connected.store.read() as unit:
        after = await unit.places.at(topic)
        its = await unit.subscriptions.of_place(after.number)
    assert after == before
    assert sorted(one.text for one in its) == ["diffusion", "lora"]
    assert await connected.subscribed("1") == ["diffusion"]
