"""What people said while no process listened, which Telegram keeps for a day."""

import pytest

from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.channels.telegram.listen import MOST_BATCHES
from paperwire.errors import SendError
from servers.direct import DIRECT
from servers.telegram_listening import SPECS, Unpaced


@pytest.fixture
async def channel(telegram, clock):
    telegram.limits.burst = 1_000
    channel = TelegramChannel(telegram.token, network=DIRECT, now=clock, api_url=telegram.url, pacer=Unpaced())
    yield channel
    await channel.close()


@pytest.mark.whole
async def test_all_that_waits_is_answered_and_confirmed(telegram, recorder, channel):
    for number in range(150):  # more than Telegram hands out at once
        telegram.say(100 + number, f"/subscribe {number}")
    await channel.catch_up(SPECS, recorder)
    assert [request.args for request in recorder.requests] == [str(number) for number in range(150)]
    assert [telegram.messages(100 + number)[0].text for number in (0, 149)] == ["subscribe 0", "subscribe 149"]
    assert telegram.confirmed()
    assert telegram.menus
    await channel.catch_up(SPECS, recorder)
    assert len(recorder.requests) == 150


async def test_a_run_ends_though_people_go_on_writing(telegram, recorder, channel):
    async def handle(request):
        if len(recorder.requests) < 2 * MOST_BATCHES:
            telegram.say(100, "/help")
        return await recorder(request)

    telegram.say(100, "/help")
    await channel.catch_up(SPECS, handle)
    assert len(recorder.requests) == MOST_BATCHES - 1
    await channel.catch_up(SPECS, recorder)
    assert len(recorder.requests) == MOST_BATCHES  # none is lost and none answered twice
    assert telegram.confirmed()


async def test_a_bot_that_was_called_before_asks_again(telegram, recorder, channel):
    telegram.webhook = {"url": "https://papers.example.org/telegram"}
    telegram.say(100, "/help")
    await channel.catch_up(SPECS, recorder)
    assert len(recorder.requests) == 1


async def test_a_refused_token_is_said_and_what_waits_stays(telegram, recorder, clock):
    refused = TelegramChannel("43:BBwrong", network=DIRECT, now=clock, api_url=telegram.url)
    telegram.say(100, "/help")
    with pytest.raises(SendError):
        await refused.catch_up(SPECS, recorder)
    await refused.close()
    assert recorder.requests == []
    assert not telegram.confirmed()


async def test_a_bot_that_is_called_asks_nothing(telegram, recorder, clock):
    called = TelegramChannel(
        telegram.token, network=DIRECT, now=clock, api_url=telegram.url, webhook_url="https://papers.example.org/hook"
    )
    telegram.say(100, "/help")
    await called.catch_up(SPECS, recorder)
    await called.close()
    assert telegram.calls == []
