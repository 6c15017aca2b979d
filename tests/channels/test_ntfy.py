"""ntfy: what a phone shows, within the server's limits, and what its refusals come to."""

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from paperwire.channels import _service
from paperwire.channels.ntfy import SIZE, Options, build, notification
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.errors import Gone, Rejected, Retry, Unknown
from paperwire.ports.callers import Actor
from servers.direct import DIRECT
from servers.ntfy import BURST, NtfyServer

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
ANN = Actor(channel="discord", user_id="7", name="Ann")
PAPER = Item(
    'On "diffusion" — Ωmega',
    "https://arxiv.org/abs/2501.00001",
    ((Span("A. Smith"), Span(" · "), Span("cs.AI", "bold")),),
    "We show it.",
)
ONE = Message(items=(PAPER,), buttons=((Button("Save", "save:1"),),), key="0123456789abcdef012345678")


@pytest.fixture
async def ntfy_server():
    async with NtfyServer(token="tk_good", closed=("secret",)) as ntfy_server:
        yield ntfy_server


def channel_of(ntfy_server, **options):
    return build(
        Options(server=ntfy_server.url, **options),
        network=DIRECT,
        now=lambda: NOW,
        public_url="https://papers.example.org",
    )


@pytest.fixture
async def channel(ntfy_server):
    channel = channel_of(ntfy_server, token="tk_good")
    yield channel
    await channel.close()


async def failing(channel, *, to="mine", message=ONE):
    with pytest.raises((Gone, Rejected, Retry, Unknown)) as caught:
        await channel.send(to, message)
    return caught.value


async def test_a_paper_is_a_notification_that_opens_its_page(ntfy_server, channel):
    receipt = await channel.send("mine", ONE)
    assert receipt.message_id == "m1"
    assert ntfy_server.shown["mine"] == [
        {
            "topic": "mine",
            "sequence_id": ONE.key,
            "title": PAPER.title,
            "message": "A. Smith · cs.AI\nWe show it.",
            "click": PAPER.url,
            "attached": False,
        }
    ]
    headers = ntfy_server.requests[0]
    assert headers["user-agent"] == "Paperwire (+https://papers.example.org)"
    assert headers["authorization"] == "Bearer tk_good"


async def test_several_papers_are_a_text_with_a_link_for_each(ntfy_server, channel):
    other = Item("Other", "https://arxiv.org/abs/2501.00002")
    await channel.send("mine", Message(head=((Span("2 new papers"),),), items=(PAPER, other), foot=((Span("bye"),),)))
    (shown,) = ntfy_server.shown["mine"]
    assert shown["title"] == "2 new papers"
    assert shown["message"] == (
        f"• {PAPER.title}\n{PAPER.url}\nA. Smith · cs.AI\n\n• Other\nhttps://arxiv.org/abs/2501.00002\nbye"
    )
    assert "click" not in shown


async def test_what_is_sent_again_replaces_what_arrived(ntfy_server, channel):
    await channel.send("mine", ONE)
    await channel.send("mine", ONE)
    assert len(ntfy_server.shown["mine"]) == 1


async def test_a_list_that_makes_no_sound_has_low_priority(ntfy_server, channel):
    await channel.send("mine", Message(head=((Span("a"),),), silent=True))
    (shown,) = ntfy_server.shown["mine"]
    assert (shown["priority"], shown["message"]) == (2, "a")


async def test_buttons_that_open_a_page_are_actions_up_to_three(ntfy_server, channel):
    links = tuple(Button(f"L{at}", url=f"https://arxiv.org/pdf/{at}") for at in range(5))
    await channel.send("mine", Message(items=(PAPER,), buttons=((Button("Save", "save:1"), *links),)))
    actions = ntfy_server.shown["mine"][0]["actions"]
    assert [(one["action"], one["label"], one["url"]) for one in actions] == [
        ("view", link.label, link.url) for link in links[:3]
    ]


@pytest.mark.parametrize("letter", ["a", "字", '"'])
@pytest.mark.parametrize("count", [1, 5])
async def test_however_long_it_is_it_fits_and_no_link_is_lost(ntfy_server, channel, letter, count):
    items = tuple(
        Item(letter * 600, f"{PAPER.url}{at}", ((Span(letter * 900),),), letter * 8000) for at in range(count)
    )
    head = ((Span("5 new papers"),),) if count > 1 else ()
    message = Message(head=head, items=items)
    await channel.send("mine", message)
    (shown,) = ntfy_server.shown["mine"]
    assert not shown["attached"]
    assert all(item.url in json.dumps(shown) for item in items)
    assert len(notification("mine", message)) > SIZE  # it was cut


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "after", "everywhere", "asked", "words"),
    [
        (429, Retry, 5.0, True, False, "asked to slow down"),
        ((429, {"Retry-After": "90"}), Retry, 90.0, True, True, "asked to slow down"),
        ((429, {"Retry-After": "9999999"}), Retry, 86_400.0, True, True, "asked to slow down"),
        (500, Retry, 5.0, False, False, "server error (HTTP 500)"),
        ((503, {"Retry-After": "30"}), Retry, 30.0, False, True, "server error (HTTP 503)"),
        ((401, {"Retry-After": "30"}), Retry, 30.0, True, True, "refused the message (HTTP 401)"),
        ((404, {"Retry-After": "30"}), Retry, 30.0, True, True, "refused the message (HTTP 404)"),
        ((403, {"Retry-After": "30"}), Retry, 30.0, False, True, "refused the message (HTTP 403)"),
        ((413, {"Retry-After": "9999999"}), Retry, 86_400.0, False, True, "refused the message (HTTP 413)"),
        (404, Retry, 5.0, True, False, "not the service that was expected (HTTP 404)"),
        (301, Retry, 5.0, True, False, "not the service that was expected (HTTP 301)"),
        ("<html>", Retry, 5.0, True, False, "not the service that was expected"),
        ("[1]", Retry, 5.0, True, False, "not the service that was expected"),
    ],
)
async def test_a_fault_of_the_server_costs_no_message(
    ntfy_server, channel, answer, kind, after, everywhere, asked, words
):
    ntfy_server.answers.append(answer)
    error = await failing(channel)
    assert (type(error), error.after, error.everywhere, error.requested) == (kind, after, everywhere, asked)
    assert words in str(error)
    await channel.send("mine", ONE)


async def test_the_sixty_first_message_at_once_has_to_wait(ntfy_server, channel):
    for _ in range(BURST):
        await channel.send("mine", ONE)
    assert (await failing(channel)).everywhere


async def test_an_app_that_does_not_listen_is_tried_again(channel):
    error = await failing(channel, to="upABCDEFGHIJKL")
    assert (type(error), error.everywhere) == (Retry, False)


async def test_a_topic_that_is_closed_to_us_is_gone_and_one_that_is_none_refused(channel):
    assert type(await failing(channel, to="secret")) is Gone
    assert type(await failing(channel, to="docs")) is Rejected


async def test_a_message_that_may_have_arrived_is_sent_again_soon(ntfy_server, channel, monkeypatch):
    monkeypatch.setattr(_service, "_TIMEOUT", 0.2)
    ntfy_server.answers += ["hang", "reset"]
    for _ in range(2):
        error = await failing(channel)
        assert (type(error), error.after) == (Unknown, 5.0)


async def test_a_token_that_is_refused_is_said_until_it_works(ntfy_server, channel, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = channel_of(ntfy_server, token="tk_wrong")
    error = await failing(wrong)
    assert error.everywhere
    assert "check channels.ntfy.token" in str(error)
    assert wrong.state().startswith("reconnecting since 2026-01-05 08:00 UTC: 127.0.0.1:")
    ntfy_server._token = "tk_wrong"
    await wrong.probe()
    assert wrong.state() == "ready"
    await wrong.close()
    assert "tk_wrong" not in caplog.text + repr(wrong._service)


@pytest.mark.parametrize("fault", [500, "reset"])
async def test_a_fault_is_said_until_something_gets_through(ntfy_server, channel, fault):
    ntfy_server.answers.append(fault)
    await failing(channel)
    assert channel.state().startswith("reconnecting since 2026-01-05 08:00 UTC: 127.0.0.1:")
    await channel.probe()
    assert channel.state() == "ready"


async def test_since_when_it_is_down_stays(ntfy_server):
    times = [NOW, NOW + timedelta(hours=1)]
    channel = build(
        Options(server=ntfy_server.url), network=DIRECT, now=lambda: times[0], public_url="http://127.0.0.1:8000"
    )
    for _ in range(2):
        ntfy_server.answers.append(404)
        await failing(channel)
        times.pop(0)
        times.append(NOW)
    assert "since 2026-01-05 08:00 UTC" in channel.state()
    assert ntfy_server.requests[0]["user-agent"] == "Paperwire"
    assert "authorization" not in ntfy_server.requests[0]
    await channel.close()


# --- topics ------------------------------------------------------------------------------------------------------


async def test_anybody_who_knows_a_topic_may_name_it_and_it_is_not_shown(ntfy_server, channel):
    host = ntfy_server.url.removeprefix("http://")
    for address in ("mylab-7Hq2", f"{ntfy_server.url}/mylab-7Hq2", f"{host}/mylab-7Hq2", f"https://{host}/mylab-7Hq2"):
        place, manages = await channel.inspect(address, ANN)
        assert (place.channel, place.kind, place.address) == ("ntfy", "address", "mylab-7Hq2")
        assert (place.title, place.problem, manages) == (f"{host}/myl…", "", True)


@pytest.mark.parametrize("address", ["", "two words", "a/b", "https://example.org/mine", "ä", "x" * 65])
async def test_what_is_no_topic_is_refused(channel, address):
    with pytest.raises(Gone, match=r"a topic of 127\.0\.0\.1:\d+ has 1 to 64 letters"):
        await channel.inspect(address, ANN)


@pytest.mark.parametrize(
    "ntfy_server", ["ntfy.sh", "ftp://ntfy.sh", "https://ntfy.sh/topic", "https://", "https://a.b?c"]
)
def test_a_server_is_an_address_without_a_path(ntfy_server):
    with pytest.raises(ValidationError, match="address of a server"):
        Options(server=ntfy_server)
    assert Options(server="https://ntfy.example.org/ ").server == "https://ntfy.example.org"
