"""Listening while the Bot API fails: what is asked again, what is let go, and what ends nothing."""

import asyncio

from paperwire.channels.telegram.listen import QUEUE
from paperwire.core.messages.message import Attachment, Button, Message
from paperwire.ports.requests import Reply
from servers.loopback import PATIENCE
from servers.recorder import text
from servers.telegram_listening import listening


async def reached(channel, state):
    async with asyncio.timeout(PATIENCE):
        while True:
            if channel.state().startswith(state):
                return
            await asyncio.sleep(0.01)


async def test_an_answer_is_tried_again_where_a_delivery_would_go_back_to_the_outbox(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.fail("flood", 100, value=1)
        assert (await telegram.ask(100, "/help")).text == "help"


async def test_an_answer_that_cannot_be_given_is_let_go(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.fail("blocked", 100)
        telegram.say(100, "/lost")
        await recorder.until(1)
        assert (await telegram.ask(100, "/help")).text == "help"


async def test_a_second_poller_is_waited_for_and_named(telegram, recorder):
    async with listening(telegram, recorder) as channel:
        await telegram.ask(100, "/help")
        telegram.fail("conflict", method="getUpdates", left=2)
        telegram.say(100, "/start")
        await telegram.until(lambda: not telegram.faults)
        assert channel.state() == "reconnecting since 2026-01-05 08:00 UTC: another program reads this bot's updates"
        assert (await telegram.wait(100, 2))[1].text == "start"
        await telegram.ask(100, "/help")
        assert channel.state() == "connected"


async def test_telegram_being_away_at_the_start_is_waited_out(telegram, recorder):
    port = int(telegram.url.rpartition(":")[2])
    await telegram.stop()
    async with listening(telegram, recorder) as channel:
        await reached(channel, "reconnecting since 2026-01-05 08:00 UTC: Telegram can't be reached")
        await telegram.start(port)
        assert (await telegram.ask(100, "/help")).text == "help"
        assert channel.state() == "connected"


async def test_a_refused_token_ends_nothing_and_is_said(telegram, recorder):
    telegram.fail("unauthorized", method="getMe")
    async with listening(telegram, recorder) as channel:
        await reached(channel, "token refused since 2026-01-05 08:00 UTC")


async def test_a_lost_poll_is_asked_again_and_no_update_is_missed(telegram, recorder):
    async with listening(telegram, recorder):
        await telegram.ask(100, "/help")
        for fault in ("reset", "garbage", "server_error"):
            telegram.fail(fault, method="getUpdates")
        telegram.say(100, "/start")
        assert (await telegram.wait(100, 2))[1].text == "start"
    assert [r.command for r in recorder.requests] == ["help", "start"]


async def test_data_that_no_button_of_ours_holds_changes_no_place(telegram, recorder):
    async with listening(telegram, recorder):
        sent = await telegram.ask(100, "/start")
        sent.keyboard = [[{"text": "Forged", "callback_data": "place:closed"}]]
        telegram.press(100, sent, "Forged")
        await telegram.ask(100, "/help")
    assert [r.action for r in recorder.requests] == ["", ""]


async def test_a_chat_that_says_far_too_much_is_answered_only_so_far(telegram, recorder):
    let_go = asyncio.Event()

    async def slow(request):
        await let_go.wait()

    recorder.replies["subscribe"] = slow
    async with listening(telegram, recorder):
        for number in range(QUEUE + 20):
            telegram.say(100, f"/subscribe {number}")
        assert (await telegram.ask(200, "/help")).text == "help"
        let_go.set()
        await telegram.wait(100, QUEUE)
        assert (await telegram.ask(100, "/help")).text == "help"
    assert [r.args for r in recorder.requests if r.command == "subscribe"] == [str(number) for number in range(QUEUE)]


async def test_an_edit_that_is_not_possible_now_is_let_go(telegram, recorder):
    recorder.replies["start"] = Reply(message=text("one", Button("Next", "next:1")))
    recorder.replies["next:1"] = Reply(message=text("two"), edit=True)
    async with listening(telegram, recorder):
        sent = await telegram.ask(100, "/start")
        telegram.fail("unauthorized", method="editMessageText")
        telegram.press(100, sent, "Next")
        assert (await telegram.ask(100, "/help")).text == "help"
    assert sent.text == "one"


async def test_a_file_that_cannot_be_sent_is_let_go(telegram, recorder):
    file = Attachment("papers.bib", "application/x-bibtex", b"@article{x}")
    recorder.replies["saved"] = Reply(message=Message(), files=(file,))
    async with listening(telegram, recorder):
        telegram.fail("too_large", method="sendDocument")
        telegram.say(100, "/saved")
        assert (await telegram.ask(100, "/help")).text == "help"
    assert len(telegram.messages(100)) == 1


async def test_an_answer_outlives_a_short_outage(telegram, recorder):
    port = int(telegram.url.rpartition(":")[2])

    async def cut(request):
        await telegram.stop()
        asyncio.get_running_loop().call_later(0.3, lambda: tasks.append(asyncio.ensure_future(telegram.start(port))))

    tasks = []
    recorder.replies["start"] = cut
    async with listening(telegram, recorder):
        assert (await telegram.ask(100, "/start")).text == "start"
    await asyncio.gather(*tasks)


async def test_a_long_flood_wait_of_one_chat_loses_its_answer_and_nobody_elses(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.fail("flood", 100, value=43838)
        telegram.say(100, "/subscribe x")
        await recorder.until(1)
        assert (await telegram.ask(200, "/help")).text == "help"
    assert telegram.messages(100) == []


async def test_a_reply_that_cannot_be_rendered_ends_no_conversation(telegram, recorder):
    recorder.replies["start"] = Reply(message=text("x", Button(None, "a:1")))
    async with listening(telegram, recorder):
        telegram.say(100, "/start")
        assert (await telegram.ask(100, "/help")).text == "help"


async def test_an_outage_too_long_for_an_answer_is_survived(telegram, recorder, monkeypatch):
    port = int(telegram.url.rpartition(":")[2])
    monkeypatch.setattr("paperwire.channels._conversation.PAUSES", (0.01, 0.01))
    recorder.replies["start"] = lambda request: telegram.stop()
    async with listening(telegram, recorder):
        telegram.say(100, "/start")
        await recorder.until(1)
        await asyncio.sleep(0.3)
        await telegram.start(port)
        assert (await telegram.ask(200, "/help")).text == "help"
    assert telegram.messages(100) == []


async def test_a_poll_that_must_wait_waits_as_long_as_it_is_told(telegram, recorder):
    telegram.fail("flood", method="getUpdates", value=1)
    async with listening(telegram, recorder):
        assert (await telegram.ask(100, "/help")).text == "help"


async def test_quiet_times_are_waited_through(telegram, recorder, monkeypatch):
    monkeypatch.setattr("paperwire.channels.telegram.listen.POLL_SECONDS", 0.02)
    async with listening(telegram, recorder):
        await telegram.until(lambda: [name for name, _ in telegram.calls].count("getUpdates") > 3)
        assert (await telegram.ask(100, "/help")).text == "help"
