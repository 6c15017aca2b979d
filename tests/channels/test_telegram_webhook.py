"""Webhook mode: updates are posted to us, with the secret, and only Telegram is believed."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from paperwire.channels.telegram import Options, build
from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.ports.requests import Reply
from servers.direct import DIRECT
from servers.recorder import NOW, Recorder, text
from servers.telegram import TOKEN, TelegramServer
from servers.telegram_listening import SPECS, Unpaced, listening

SECRET = "4d37eb9a18878b0ac561af339721c6c859bc761cf23deeba01da1b276b3f0543"  # of the fake's token


@pytest.fixture
async def telegram():
    async with TelegramServer() as server:
        server.limits.burst = 100
        yield server


@pytest.fixture
def recorder():
    return Recorder()


class House:
    """What the web app will be: a route that hands bodies to the channel and says yes or no."""

    def __init__(self, telegram, recorder):
        self.telegram = telegram
        self.recorder = recorder
        self.answers = []
        self.channel = None
        self.url = ""

    async def route(self, request):
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        taken = self.channel.knows(secret) and await self.channel.feed_update(await request.read())
        self.answers.append(taken)
        return web.Response(status=200 if taken else 403)


@asynccontextmanager
async def house(telegram, recorder, *, listen=True):
    it = House(telegram, recorder)
    app = web.Application()
    app.router.add_post("/telegram", it.route)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    settings = {"webhook_url": it.url, "pacer": Unpaced()}
    it.channel = TelegramChannel(telegram.token, api_url=telegram.url, network=DIRECT, now=lambda: NOW, **settings)
    task = asyncio.create_task(it.channel.listen(SPECS, recorder)) if listen else None
    try:
        if task:
            await telegram.until(lambda: telegram.webhook)
        yield it
    finally:
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await runner.cleanup()
        await it.channel.close()


async def test_commands_come_in_by_post_and_are_answered(telegram, recorder):
    async with house(telegram, recorder) as it:
        sent = await telegram.ask(100, "/subscribe diffusion")
        assert sent.text == "subscribe diffusion"
        assert it.channel.state() == "connected"
    assert telegram.webhook["secret_token"] == SECRET
    assert json.loads(telegram.webhook["allowed_updates"]) == [
        "message",
        "edited_message",
        "channel_post",
        "callback_query",
        "inline_query",
        "my_chat_member",
        "chat_member",
        "message_reaction",
    ]
    assert "getUpdates" not in [name for name, _ in telegram.calls]


async def test_buttons_and_order_work_as_in_polling(telegram, recorder):
    async with house(telegram, recorder):
        for number in range(5):
            telegram.say(100, f"/subscribe {number}")
        sent = await telegram.wait(100, 5)
    assert [m.text for m in sent] == [f"subscribe {number}" for number in range(5)]


UPDATE = {
    "update_id": 5,
    "message": {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 100, "type": "private"},
        "from": {"id": 100, "is_bot": False, "first_name": "Ann"},
        "text": "/subscribe x",
    },
}


@pytest.mark.parametrize("secret", ["", "wrong", SECRET.upper(), SECRET + "x", "ü"])
async def test_whoever_does_not_know_the_secret_is_refused(telegram, recorder, secret):
    async with house(telegram, recorder) as it:
        assert not it.channel.knows(secret)
        assert it.channel.knows(SECRET)
    assert recorder.requests == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"{}", b'{"update_id": "5"}', b"\xff\xfe", b"[" * 100_000])
async def test_what_is_no_update_is_refused(telegram, recorder, raw):
    async with house(telegram, recorder) as it:
        assert not await it.channel.feed_update(raw)
    assert recorder.requests == []


async def test_an_update_posted_twice_is_obeyed_once(telegram, recorder):
    telegram.chat(100, "private", "Ann")
    async with house(telegram, recorder) as it:
        for _ in range(2):
            assert await it.channel.feed_update(json.dumps(UPDATE).encode())
    assert len(recorder.requests) == 1
    assert len(telegram.messages(100)) == 1


async def test_what_was_dealt_with_is_not_remembered_forever(telegram, recorder):
    async with house(telegram, recorder) as it:
        for number in range(1100):
            assert await it.channel.feed_update(json.dumps({"update_id": number}).encode())
        assert len(it.channel._listener._seen) == 1000


async def test_a_channel_that_polls_takes_no_posts(telegram, recorder):
    channel = TelegramChannel(telegram.token, api_url=telegram.url, network=DIRECT, now=lambda: NOW)
    assert channel.hook() is None
    assert not await channel.feed_update(json.dumps(UPDATE).encode())
    await channel.close()


async def test_what_comes_while_nobody_listens_is_posted_again_later(telegram, recorder):
    async with house(telegram, recorder, listen=False) as it:
        assert not await it.channel.feed_update(json.dumps(UPDATE).encode())
    assert recorder.requests == []


async def test_settings_say_where_updates_are_posted():
    options = Options(token=TOKEN, webhook=True)
    channel = build(options, network=DIRECT, now=lambda: NOW, public_url="https://paperwire.example/")
    assert channel._webhook_url == "https://paperwire.example/hooks/telegram"
    assert TOKEN not in repr(options)
    assert channel.advice() == []
    await channel.close()


async def test_a_webhook_that_telegram_will_not_call_is_advised_against():
    channel = build(
        Options(token=TOKEN, webhook=True), network=DIRECT, now=lambda: NOW, public_url="http://paperwire.example"
    )
    assert ["https" in advice for advice in channel.advice()] == [True]
    await channel.close()


async def test_settings_without_a_webhook_poll():
    channel = build(Options(token=TOKEN), network=DIRECT, now=lambda: NOW, public_url="https://paperwire.example")
    assert channel._webhook_url == ""
    await channel.close()


@pytest.mark.parametrize(("token", "missing"), [("", "token"), ("  ", "token"), (TOKEN, "")])
def test_without_a_token_the_channel_is_off(token, missing):
    assert Options(token=token).missing() == missing


async def test_a_webhook_that_cannot_be_set_is_tried_again(telegram, recorder):
    telegram.fail("server_error", method="setWebhook")
    async with house(telegram, recorder) as it:
        assert (await telegram.ask(100, "/help")).text == "help"
        assert it.channel.state() == "connected"


async def test_an_update_in_work_at_the_end_comes_again(telegram, recorder):
    async def never(request):
        await asyncio.Event().wait()

    recorder.replies["subscribe"] = never
    async with house(telegram, recorder):
        telegram.say(100, "/subscribe a")
        await recorder.until(1)
    recorder.replies["subscribe"] = Reply(message=text("done"))
    async with house(telegram, recorder):
        assert (await telegram.wait(100))[0].text == "done"


async def test_polling_again_takes_the_webhook_away(telegram, recorder):
    async with house(telegram, recorder):
        await telegram.ask(100, "/help")
        await telegram.until(telegram.confirmed)
    async with listening(telegram, recorder):
        assert (await telegram.ask(100, "/start")).text == "start"
        assert telegram.webhook == {}
