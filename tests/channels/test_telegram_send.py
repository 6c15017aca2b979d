"""Sending over a fake Bot API: what readers see, the chat's pace, and what each fault means to the outbox."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
from telegram.error import TelegramError

from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.channels.telegram.faults import fault
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.errors import Gone, Moved, Rejected, Retry, SendError, Unknown
from servers.direct import DIRECT
from servers.loopback import PATIENCE
from servers.telegram import TelegramServer
from servers.virtual import forward

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def text(words):
    return Message(head=((Span(words),),))


@pytest.fixture
async def telegram():
    async with TelegramServer() as server:
        server.say(100, "hello")
        server.chat(-1001, "supergroup", "Lab", forum=True, topics={7: "Papers", 8: "Old"}, closed_topics={8})
        yield server


@pytest.fixture
async def channel(telegram, monkeypatch):
    monkeypatch.setattr("paperwire.channels.telegram.send.PROBE_TIMEOUT", PATIENCE)
    channel = TelegramChannel(telegram.token, api_url=telegram.url, network=DIRECT, now=lambda: NOW, timeout=PATIENCE)
    yield channel
    await channel.close()


async def test_an_alert_arrives_as_its_reader_should_see_it(telegram, channel):
    item = Item("A < B", "https://arxiv.org/abs/2501.00001", ((Span("Ann · cs.AI"),),), "We show.")
    message = Message(
        items=(item,),
        buttons=((Button("Save", "save:1"), Button("Page", url="https://paperwire.example/papers/1")),),
        silent=True,
    )
    receipt = await channel.send("100", message)
    (sent,) = telegram.messages(100)
    assert receipt.message_id == str(sent.id)
    assert sent.text == "A < B\nAnn · cs.\u2060AI\nWe show."
    assert sent.links == ["https://arxiv.org/abs/2501.00001"]
    assert [e["type"]["@type"] for e in sent.entities][-1] == "textEntityTypeExpandableBlockQuote"
    assert sent.keyboard == [
        [{"text": "Save", "callback_data": "save:1"}, {"text": "Page", "url": "https://paperwire.example/papers/1"}]
    ]
    assert sent.silent
    assert sent.raw["link_preview_options"] == '{"is_disabled": true}'


FAULTS = [
    ("blocked", Gone),
    ("kicked", Gone),
    ("deactivated", Gone),
    ("no_initiative", Gone),
    ("not_found", Gone),
    ("no_rights", Gone),
    ("topic_closed", Gone),
    ("no_thread", Gone),
    ("unparsable", Rejected),
    ("too_long", Rejected),
    ("odd", Rejected),
    ("too_large", Rejected),
    ("server_error", Retry),
    ("unavailable", Retry),
    ("bad_gateway", Retry),
    ("no_body", Unknown),
    ("gateway_timeout", Unknown),
    ("garbage", Unknown),
    ("reset", Unknown),
    ("hang", Unknown),
]


@pytest.mark.parametrize(("kind", "meaning"), FAULTS)
async def test_a_fault_becomes_what_the_outbox_understands(telegram, channel, monkeypatch, kind, meaning):
    telegram.fail(kind)
    sending = asyncio.ensure_future(channel.send("100", text("hi")))
    if kind == "hang":
        await telegram.until(lambda: telegram.calls)
        forward(monkeypatch)
    with pytest.raises(meaning) as caught:
        await sending
    assert type(caught.value) is meaning
    assert not getattr(caught.value, "everywhere", False)
    assert not getattr(caught.value, "requested", False)
    assert telegram.messages(100) == []


@pytest.mark.parametrize("kind", ["reset_after", "hang_after", "garbage_after"])
async def test_a_message_whose_answer_was_lost_is_unknown(telegram, channel, monkeypatch, kind):
    telegram.fail(kind)
    sending = asyncio.ensure_future(channel.send("100", text("hi")))
    if kind == "hang_after":
        await telegram.until(lambda: telegram.messages(100))
        forward(monkeypatch)
    with pytest.raises(Unknown) as caught:
        await sending
    assert caught.value.after == 120  # Telegram can't tell a repeat
    assert len(telegram.messages(100)) == 1


async def test_a_message_whose_answer_the_library_cannot_read_is_unknown(telegram, channel, monkeypatch):
    monkeypatch.setattr(telegram, "_shown", lambda sent: {"message_id": sent.id})
    with pytest.raises(Unknown, match="can't be read"):
        await channel.send("100", text("hi"))
    assert len(telegram.messages(100)) == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bad_gateway", "Telegram returned a server error (HTTP 502)"),
        ("too_long", "Telegram: Message is too long"),
        ("flood", "Telegram asked to wait 30 s"),
        ("unauthorized", "Telegram refused the token"),
        ("reset", "the connection to Telegram broke before it answered"),
    ],
)
async def test_the_reason_is_plain_english(telegram, channel, kind, words):
    telegram.fail(kind)
    with pytest.raises(SendError, match=re.escape(words)):
        await channel.send("100", text("hi"))


WAITS = [
    ("unavailable", "77", 77, True),
    ("bad_gateway", "77", 77, True),
    ("no_body", "77", 77, True),
    ("unauthorized", "77", 77, True),
    ("server_error", "Mon, 05 Jan 2026 08:02:00 GMT", 120, True),
    ("flood_page", "77", 77, True),
    ("flood_page", "", 5, True),
    ("blocked", "77", 77, False),
    ("too_long", "77", 77, False),
]


@pytest.mark.parametrize(("kind", "header", "after", "everywhere"), WAITS)
async def test_retry_after_is_obeyed_on_any_status(telegram, channel, kind, header, after, everywhere):
    telegram.fail(kind, retry_after=header)
    with pytest.raises(Retry) as caught:
        await channel.send("100", text("hi"))
    assert (caught.value.after, caught.value.everywhere, caught.value.requested) == (after, everywhere, True)


@pytest.mark.parametrize(
    ("kind", "after", "everywhere"), [("forbidden_page", 300, True), ("bad_request_page", 5, False)]
)
async def test_what_stands_before_the_api_closes_no_chat(telegram, channel, kind, after, everywhere):
    telegram.fail(kind)
    with pytest.raises(Retry) as caught:
        await channel.send("100", text("hi"))
    assert (caught.value.after, caught.value.everywhere, caught.value.requested) == (after, everywhere, False)


async def test_a_flood_wait_is_kept_exactly_and_only_for_its_chat(telegram, channel):
    telegram.say(200, "hello")
    telegram.fail("flood", 100, value=43838)
    with pytest.raises(Retry) as caught:
        await channel.send("100", text("hi"))
    assert caught.value.after == 43838
    assert caught.value.requested
    assert not caught.value.everywhere
    await channel.send("200", text("hi"))
    asked = len(telegram.calls)
    with pytest.raises(Retry) as again:
        await channel.send("100", text("hi"))
    assert 43000 < again.value.after <= 43838
    assert len(telegram.calls) == asked  # nobody asks during a flood wait


async def test_a_group_that_became_a_supergroup_moves_with_its_topics(telegram, channel):
    telegram.fail("migrate", -1001, left=2, value=-100555)
    with pytest.raises(Moved) as group:
        await channel.send("-1001", text("hi"))
    assert group.value.to == "-100555"
    with pytest.raises(Moved) as topic:
        await channel.send("-1001/7", text("hi"))
    assert topic.value.to == "-100555/7"


@pytest.mark.parametrize("kind", ["unauthorized", "no_method"])
async def test_a_refused_token_stops_the_whole_channel_and_the_state_says_so(telegram, channel, kind):
    telegram.fail(kind)
    with pytest.raises(Retry) as caught:
        await channel.send("100", text("hi"))
    assert caught.value.everywhere
    assert caught.value.after >= 60
    assert channel.state() == "token refused since 2026-01-05 08:00 UTC: check channels.telegram.token"
    await channel.send("100", text("hi"))
    assert channel.state() == "sending only"


async def test_nothing_can_have_come_of_what_was_never_written(telegram, channel):
    await telegram.stop()
    with pytest.raises(Retry) as caught:
        await channel.send("100", text("hi"))
    assert caught.value.everywhere
    assert "connection refused" in str(caught.value)
    assert channel.state().startswith("reconnecting since 2026-01-05 08:00 UTC")


async def test_an_address_that_no_request_can_carry_is_no_crash(telegram):
    channel = TelegramChannel("4\x0b2:x", api_url=telegram.url, network=DIRECT, now=lambda: NOW)
    with pytest.raises(Retry):
        await channel.send("100", text("hi"))
    await channel.close()


@pytest.mark.parametrize("address", ["", "x", "@name", "1/2/3", "12/x"])
async def test_an_address_of_another_shape_is_gone(channel, address):
    with pytest.raises(Gone):
        await channel.send(address, text("hi"))


async def test_topics_are_places_of_their_own(telegram, channel):
    await channel.send("-1001/7", text("to the topic"))
    assert [m.text for m in telegram.messages(-1001, 7)] == ["to the topic"]
    for address in ("-1001/8", "-1001/9"):
        channel._sender._pacer._sent.clear()
        with pytest.raises(Gone):
            await channel.send(address, text("hi"))


@pytest.mark.parametrize("message", [Message(), text(" \u2060 "), Message(head=((Span(""),),))])
async def test_nothing_to_say_is_rejected_before_it_is_sent(telegram, channel, message):
    with pytest.raises(Rejected):
        await channel.send("100", message)
    assert telegram.calls == []


async def test_a_button_with_too_much_in_it_is_rejected(channel):
    with pytest.raises(Rejected):
        await channel.send("100", Message(head=((Span("x"),),), buttons=((Button("b", "a" * 65),),)))


async def test_a_turn_that_is_too_far_away_has_to_come_back(telegram, channel):
    channel._sender._pacer.pause(100, 10)
    for step in (channel.wait_for_slot("100"), channel.send("100", text("hi"))):
        with pytest.raises(Retry) as caught:
            await step
        assert 0 < caught.value.after <= 10
        assert (caught.value.requested, caught.value.everywhere) == (True, False)
    await channel.wait_for_slot("200")
    assert telegram.calls == []


DOWN = "reconnecting since 2026-01-05 08:00 UTC"
PROBES = [
    ("server_error", 5, False, f"{DOWN}: Telegram returned a server error (HTTP 500)"),
    ("hang", 120, None, f"{DOWN}: Telegram did not answer in time"),
    (
        "reset",
        120,
        None,
        f"{DOWN}: the connection to Telegram broke before it answered",
    ),
    ("flood", 30, True, f"{DOWN}: Telegram asked to wait 30 s"),
    ("unauthorized", 300, False, "token refused since 2026-01-05 08:00 UTC: check channels.telegram.token"),
]


@pytest.mark.parametrize(("kind", "after", "asked", "state"), PROBES)
async def test_a_probe_says_how_telegram_is(telegram, channel, monkeypatch, kind, after, asked, state):
    telegram.fail(kind, method="getMe")
    probing = asyncio.ensure_future(channel.probe())
    if kind == "hang":
        await telegram.until(lambda: telegram.calls)
        forward(monkeypatch)
    with pytest.raises(SendError) as caught:
        await probing
    assert caught.value.after == after
    assert (type(caught.value) is Unknown) == (asked is None)
    assert getattr(caught.value, "everywhere", True)
    assert getattr(caught.value, "requested", None) == asked
    assert channel.state() == state
    await channel.probe()
    assert channel.state() == "sending only"


async def test_a_probe_waits_for_no_alert(telegram, channel, monkeypatch):
    async def never():
        await asyncio.Event().wait()

    monkeypatch.setattr(channel._sender._pacer._budget, "alert", never)
    sending = asyncio.create_task(channel.send("100", text("hi")))
    await channel.probe()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert [method for method, _ in telegram.calls] == ["getMe"]


def test_how_fast_each_kind_of_place_may_be_written_to(channel):
    assert [channel.per_minute(kind) for kind in ("private", "group", "topic", "channel")] == [57, 15, 15, 15]


async def test_many_chats_at_once_all_get_through(telegram, channel):  # that no limit is broken has its own file
    telegram.limits.per_second = 1000
    for user in range(300, 360):
        telegram.say(user, "hello")
    await asyncio.gather(*(channel.send(str(user), text("hi")) for user in range(300, 360)))
    assert telegram.violations == []
    assert all(len(telegram.messages(user)) == 1 for user in range(300, 360))


def test_an_error_of_an_unknown_kind_is_tried_again():
    meaning = fault(TelegramError("odd"))
    assert isinstance(meaning, Retry)
    assert meaning.everywhere
