"""Sending over a fake Discord: what readers see, no message twice, each limit, and what each fault means."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from paperwire.channels.discord.channel import DiscordChannel
from paperwire.channels.discord.faults import RETRY_LATER, _retry_after
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.errors import Gone, Rejected, Retry, SendError, Unknown
from servers.direct import DIRECT
from servers.discord import DiscordServer
from servers.discord_world import SEND, SILENT, THREADS, VIEW
from servers.loopback import PATIENCE
from servers.virtual import forward

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def text(words, key="k"):
    return Message(head=((Span(words),),), key=key)


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        guild = server.guild(1000)
        papers = server.channel(2000, guild)
        server.thread(2001, papers, "a post")
        server.thread(2002, papers, "an old post", archived=True)
        server.thread(2003, papers, "a locked post", archived=True, locked=True)
        yield server


@pytest.fixture
async def channel(discord):
    channel = DiscordChannel(discord.token, network=DIRECT, api_url=discord.url, now=lambda: NOW, timeout=PATIENCE)
    yield channel
    await channel.close()


async def test_an_alert_arrives_as_its_reader_should_see_it(discord, channel):
    item = Item("A *new* idea", "https://arxiv.org/abs/2501.00001", ((Span("Ann · cs.AI"),),), "We show.")
    message = Message(
        items=(item,),
        buttons=((Button("Save", "save:1"), Button("Page", url="https://paperwire.example/papers/1")),),
        silent=True,
        key="0123456789abcdef012345678",
    )
    receipt = await channel.send("2000", message)
    (sent,) = discord.messages(2000)
    assert receipt.message_id == str(sent.id)
    (embed,) = sent.embeds
    assert (embed["title"], embed["url"]) == ("A \\*new\\* idea", "https://arxiv.org/abs/2501.00001")
    assert embed["description"] == "Ann · cs.AI\n\nWe show."
    assert [(b.get("custom_id"), b.get("url")) for b in sent.rows[0]] == [
        ("save:1", None),
        (None, "https://paperwire.example/papers/1"),
    ]
    assert sent.body["flags"] == SILENT
    assert (sent.body["nonce"], sent.body["enforce_nonce"]) == ("0123456789abcdef012345678", True)
    assert sent.body["allowed_mentions"] == {"parse": []}
    assert not sent.content


async def test_only_the_role_of_a_subscription_is_pinged(discord, channel):
    await channel.send("2000", Message(head=((Span("@everyone <@&5>"),),), mention="77", key="k"))
    (sent,) = discord.messages(2000)
    assert sent.content == "<@&77>"
    assert sent.body["allowed_mentions"] == {"parse": [], "roles": ["77"]}


FAULTS = [
    ("unknown_channel", Gone),
    ("unknown_webhook", Gone),
    ("missing_access", Gone),
    ("missing_permissions", Gone),
    ("no_dm", Gone),
    ("no_mutual_guilds", Gone),
    ("locked", Gone),
    ("not_text", Gone),
    ("empty", Rejected),
    ("invalid", Rejected),
    ("automod", Rejected),
    ("too_large", Rejected),
    ("unavailable", Retry),
    ("server_error", Retry),
    ("bad_gateway", Retry),
    ("no_body", Unknown),
    ("gateway_timeout", Unknown),
    ("garbage", Unknown),
    ("reset", Unknown),
    ("hang", Unknown),
]


@pytest.mark.parametrize(("kind", "meaning"), FAULTS)
async def test_a_fault_becomes_what_the_outbox_understands(discord, channel, monkeypatch, kind, meaning):
    discord.fail(kind, left=5)
    sending = asyncio.ensure_future(channel.send("2000", text("hi")))
    if kind == "hang":
        await discord.until(lambda: discord.faults[0].left < 5)
        forward(monkeypatch)
    with pytest.raises(meaning) as caught:
        await sending
    assert len(discord.faults) == 1  # nothing is tried again inside the call
    assert discord.faults[0].left == 4
    assert type(caught.value) is meaning
    assert not getattr(caught.value, "everywhere", False)
    assert not getattr(caught.value, "requested", False)
    assert discord.messages(2000) == []


@pytest.mark.parametrize("kind", ["reset_after", "hang_after", "garbage_after"])
async def test_a_message_whose_answer_was_lost_is_tried_again_soon_and_arrives_once(
    discord, channel, monkeypatch, kind
):
    discord.fail(kind)
    sending = asyncio.ensure_future(channel.send("2000", text("hi")))
    if kind == "hang_after":
        await discord.until(lambda: discord.messages(2000))
        forward(monkeypatch)
    with pytest.raises(Unknown) as caught:
        await sending
    assert caught.value.after == 5  # the nonce is remembered for minutes only
    receipt = await channel.send("2000", text("hi"))
    (sent,) = discord.messages(2000)
    assert receipt.message_id == str(sent.id)
    assert discord.repeats == 1


async def test_without_a_key_a_lost_answer_leaves_it_open_whether_it_arrived(discord, channel):
    discord.fail("reset_after")
    with pytest.raises(Unknown) as caught:
        await channel.send("2000", text("hi", key=""))
    assert caught.value.after == 120


async def test_a_message_that_arrived_and_was_deleted_is_not_sent_again(discord, channel):
    discord.fail("reset_after")
    with pytest.raises(Unknown):
        await channel.send("2000", text("hi"))
    discord.channels[2000].sent.clear()  # a moderator was quick
    assert (await channel.send("2000", text("hi"))).message_id == ""
    assert discord.messages(2000) == []


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bad_gateway", "Discord returned a server error (HTTP 502)"),
        ("invalid", "Discord: Invalid Form Body (code 50035)"),
        ("flood", "Discord asked to wait 30 s (HTTP 429)"),
        ("unauthorized", "Discord refused the token (HTTP 401)"),
        ("forbidden_page", "Discord refused the request (HTTP 403)"),
        ("reset", "the connection to Discord broke before it answered"),
        ("garbage", "Discord's answer can't be read"),
    ],
)
async def test_the_reason_is_plain_english(discord, channel, kind, words):
    discord.fail(kind, value=30)
    with pytest.raises(SendError, match=re.escape(words)):
        await channel.send("2000", text("hi"))


WAITS = [
    ("unavailable", 77, True),
    ("server_error", 77, True),
    ("bad_gateway", 77, True),
    ("no_body", 77, True),
    ("unauthorized", 77, True),
    ("forbidden_page", 77, True),
    ("missing_permissions", 77, False),
    ("slow_mode", 77, False),
    ("invalid", 77, False),
]


@pytest.mark.parametrize(("kind", "after", "everywhere"), WAITS)
async def test_retry_after_is_obeyed_on_any_status(discord, channel, kind, after, everywhere):
    discord.fail(kind, retry_after=str(after))
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi"))
    assert (caught.value.after, caught.value.everywhere, caught.value.requested) == (after, everywhere, True)


@pytest.mark.parametrize(("kind", "everywhere"), [("flood", False), ("shared_flood", False), ("global_flood", True)])
async def test_a_short_wait_too_goes_back_to_the_outbox(discord, channel, kind, everywhere):
    discord.fail(kind, value=2.5)
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi"))
    assert (caught.value.after, caught.value.everywhere, caught.value.requested) == (2.5, everywhere, True)


DATES = [("Mon, 05 Jan 2026 08:02:00 GMT", 120.0), ("Mon, 05 Jan 2026 07:00:00 GMT", None), ("soon", None), ("7", 7.0)]


@pytest.mark.parametrize(("value", "after"), DATES)
def test_a_date_to_wait_for_counts_from_that_of_the_answer(value, after):
    told = {"Retry-After": value}
    assert _retry_after(told | {"Date": "Mon, 05 Jan 2026 08:00:00 GMT"}) == after
    assert _retry_after(told) == (after if value == "7" else None)


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("unauthorized", RETRY_LATER),
        ("forbidden", RETRY_LATER),
        ("not_found", RETRY_LATER),
        ("forbidden_page", RETRY_LATER),
        ("ban", 77.0),
    ],
)
async def test_what_concerns_all_places_pauses_none_and_holds_all_back(discord, channel, kind, after):
    discord.fail(kind, value=77)
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi"))
    assert (caught.value.everywhere, caught.value.after) == (True, after)
    assert caught.value.requested == (kind == "ban")


async def test_a_400_by_what_stands_before_the_api_refuses_no_message_for_good(discord, channel):
    discord.fail("bad_request_page")
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi"))
    assert (caught.value.everywhere, caught.value.requested) == (False, False)


async def test_a_ban_without_a_figure_is_waited_out(discord, channel):
    discord.fail("ban", value=0)
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi"))
    assert caught.value.after == RETRY_LATER


async def test_a_long_wait_goes_back_to_the_outbox_as_asked(discord, channel):
    discord.fail("flood", value=43838.5)
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi"))
    assert (caught.value.after, caught.value.requested, caught.value.everywhere) == (43838.5, True, False)
    await channel.send("2001", text("hi"))
    assert len(discord.messages(2001)) == 1


async def test_a_long_wait_of_the_whole_bot_stops_all_places_without_asking_again(discord, channel):
    discord.fail("global_flood", value=600)
    with pytest.raises(Retry):
        await channel.send("2000", text("hi"))
    asked = len(discord.calls)
    with pytest.raises(Retry) as caught:
        await channel.send("2001", text("hi"))
    assert (caught.value.everywhere, caught.value.requested) == (True, True)
    assert 590 < caught.value.after <= 600
    assert len(discord.calls) == asked


async def test_slow_mode_waits_for_its_channel_alone(discord, channel):
    discord.fail("slow_mode")
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi"))
    assert (caught.value.requested, caught.value.everywhere) == (True, False)


async def test_a_refused_token_is_said_in_the_state_and_forgotten_when_it_works_again(discord, channel):
    discord.fail("unauthorized", route="login")
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi"))
    assert caught.value.everywhere
    assert channel.state() == "token refused since 2026-01-05 08:00 UTC: check channels.discord.token"
    await channel.send("2000", text("hi"))
    assert channel.state() == "sending only"


async def test_nothing_can_have_come_of_what_was_never_written(discord, channel):
    await discord.stop()
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("hi", key=""))
    assert caught.value.everywhere
    assert channel.state().startswith("reconnecting since 2026-01-05 08:00 UTC: Discord can't be reached")


@pytest.mark.parametrize("route", ["login", "application"])
@pytest.mark.parametrize("kind", ["unavailable", "garbage", "hang", "reset"])
async def test_a_failed_login_is_tried_again_with_the_next_message(discord, channel, monkeypatch, kind, route):
    discord.fail(kind, route=route, left=2 if kind == "reset" else 1)  # aiohttp asks again after a reset
    sending = asyncio.gather(*(channel.send("2000", text("hi")) for _ in range(3)), return_exceptions=True)
    if kind == "hang":
        await discord.until(lambda: not discord.faults)
        forward(monkeypatch)
    outcomes = await sending
    assert [(type(error), error.everywhere, error.requested) for error in outcomes] == [(Retry, True, False)] * 3
    assert channel.state().startswith("reconnecting since 2026-01-05 08:00 UTC: ")
    await channel.send("2000", text("hi"))
    assert len(discord.messages(2000)) == 1


async def test_a_token_that_no_request_can_carry_is_no_crash(discord):
    channel = DiscordChannel("4\x0b2\n:x", network=DIRECT, api_url=discord.url, now=lambda: NOW)
    with pytest.raises(Retry):
        await channel.send("2000", text("hi"))
    await channel.close()


@pytest.mark.parametrize("address", ["", "x", "-1", "12/3", "9" * 30, "²"])
async def test_an_address_of_another_shape_is_gone(channel, address):
    with pytest.raises(Gone):
        await channel.send(address, text("hi"))


async def test_sending_needs_no_gateway(discord, channel):
    discord.down = True
    await channel.send("2000", text("hi"))
    assert [call[1].rpartition("/v10")[2] for call in discord.calls] == [
        "/users/@me",
        "/oauth2/applications/@me",
        "/channels/2000/messages",
    ]


async def test_private_chats_threads_and_posts_are_places(discord, channel):
    private = discord.dm(7)
    for place in (private.id, 2001):
        await channel.send(str(place), text("hi"))
        assert len(discord.messages(place)) == 1
    private.closed = True
    with pytest.raises(Gone):
        await channel.send(str(private.id), text("hi", key="l"))


async def test_an_archived_thread_opens_again_and_a_locked_one_is_gone(discord, channel):
    await channel.send("2002", text("hi"))
    assert not discord.channels[2002].archived
    with pytest.raises(Gone):
        await channel.send("2003", text("hi"))
    discord.fail("archived", 2001)  # a thread that has to be opened first
    await channel.send("2001", text("hi"))
    assert [call[0] for call in discord.calls[-3:]] == ["POST", "PATCH", "POST"]


@pytest.mark.parametrize(("place", "right"), [("2000", SEND), ("2000", VIEW), ("2001", THREADS)])
async def test_a_right_that_is_lacking_closes_the_place(discord, channel, place, right):
    discord.channels[2000].denied = right
    with pytest.raises(Gone):
        await channel.send(place, text("hi"))


async def test_a_channel_gets_no_more_than_its_bucket_holds(discord, channel):
    discord.limits.window = 0.2
    for number in range(12):  # one after another, as the outbox does: the library is no good at it otherwise
        await channel.send("2000", text(str(number), key=f"k{number}"))
    assert len(discord.messages(2000)) == 12
    assert discord.violations == []


async def test_the_message_that_uses_up_a_bucket_is_known_to_be_out_at_once(discord, channel):
    discord.limits.per_channel, discord.limits.window = 1, 20
    await channel.send("2000", text("first"))  # would be a Retry if it waited
    channel._sender._timeout = 0.3
    with pytest.raises(Retry) as caught:
        await channel.send("2000", text("second", key="l"))
    assert (caught.value.requested, caught.value.everywhere) == (True, False)  # it never left, so it can't have arrived
    assert len(discord.messages(2000)) == 1
    assert discord.violations == []


async def test_many_places_at_once_all_get_through(discord, channel):  # the pace has its own file
    discord.limits.per_second = 1000
    for number in range(3000, 3100):
        discord.channel(number, discord.guilds[1000])
    await asyncio.gather(*(channel.send(str(number), text("hi")) for number in range(3000, 3100)))
    assert discord.violations == []
    assert all(len(discord.messages(number)) == 1 for number in range(3000, 3100))


async def test_a_wait_of_one_place_holds_back_no_other(discord, channel):
    channel._sender._timeout = PATIENCE
    discord.limits.per_channel, discord.limits.window = 1, 20
    await channel.send("2000", text("first"))
    slow = asyncio.create_task(channel.send("2000", text("slow", key="l")))
    discord.limits.per_channel = 5
    for number in range(5):
        await channel.send("2001", text("quick", key=f"k{number}"))
    assert not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    assert len(discord.messages(2001)) == 5


def test_how_fast_each_kind_of_place_may_be_written_to(channel):
    assert [channel.per_minute(kind) for kind in ("private", "channel", "thread")] == [60, 60, 60]
    assert (channel.kind, channel.singleton, channel.in_flight) == ("discord", True, 50)


async def test_nobody_has_to_wait_for_a_turn_outside_the_call(channel):
    await channel.wait_for_slot("2000")
