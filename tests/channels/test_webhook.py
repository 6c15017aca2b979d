"""Webhooks: what arrives, for whom, and that nobody can be made to knock at a door inside."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from paperwire.channels import webhook
from paperwire.channels.webhook import Options, WebhookChannel, build, shaped
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.errors import Gone, Rejected, Retry, Unknown
from paperwire.ports.callers import Actor
from paperwire.ports.channels import Conversation
from servers.direct import DIRECT
from servers.hook import HookServer, Network
from servers.loopback import PATIENCE
from servers.virtual import forward

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
ADDRESS = "http://93.184.216.34/hooks/mine?x=1"
SLACK = "https://hooks.slack.com/services/T0/B0/xyz"
MATTERMOST = "https://chat.example.org/hooks/" + "a1" * 13
ANN = Actor(channel="discord", user_id="7", name="Ann")
PAPER = Item(
    "On @channel & <!here> [x](y) *b*",
    "https://arxiv.org/abs/2501.00001",
    ((Span("A. Smith"), Span(" · "), Span("cs.AI", "bold")),),
    "We show @all <b>.",
)
MESSAGE = Message(
    head=((Span("1 new paper", "bold"),),),
    items=(PAPER,),
    foot=((Span("bye"),),),
    buttons=((Button("Save", "save:1"),),),
    key="0123456789abcdef012345678",
)


@pytest.fixture
async def hook():
    async with HookServer() as server:
        yield server


@pytest.fixture
async def network(hook):
    return Network(hook.port)


@pytest.fixture
async def channel(network):
    channel = WebhookChannel(network=DIRECT, now=lambda: NOW, secret="s3cret", transport=network)
    yield channel
    await channel.close()


def resolving(monkeypatch, *numbers):
    """Let every name stand for these numbers, or for nothing."""

    async def getaddrinfo(host, port, **_):
        if not numbers:
            raise OSError("no such name")
        return [(2, 1, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


async def test_a_program_gets_signed_json(hook, channel):
    receipt = await channel.send(ADDRESS, MESSAGE)
    (got,) = hook.deliveries
    assert receipt.message_id == MESSAGE.key
    assert (got.host, got.path) == ("93.184.216.34", "/hooks/mine")
    assert got.json == {
        "version": 1,
        "id": MESSAGE.key,
        "head": ["1 new paper"],
        "papers": [
            {
                "title": PAPER.title,
                "url": "https://arxiv.org/abs/2501.00001",
                "details": ["A. Smith · cs.AI"],
                "abstract": PAPER.abstract,
            }
        ],
        "foot": ["bye"],
    }
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == "Paperwire"
    assert got.headers["idempotency-key"] == got.headers["webhook-id"] == MESSAGE.key
    assert got.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert got.verified("s3cret", ADDRESS)
    assert not got.verified("s3cret", "http://93.184.216.34/other")  # each address has its own key
    assert not got.verified("other", ADDRESS)


async def test_without_a_secret_nothing_is_signed(hook, network):
    channel = build(Options(enabled=True), network=DIRECT, now=lambda: NOW, public_url="https://p.example")
    channel._transport = network
    await channel.send(ADDRESS, MESSAGE)
    await channel.close()
    assert "webhook-signature" not in hook.deliveries[0].headers
    assert hook.deliveries[0].headers["user-agent"] == "Paperwire (+https://p.example)"


async def test_the_agent_names_no_address_that_works_here_alone(hook, network):
    channel = build(Options(enabled=True), network=DIRECT, now=lambda: NOW, public_url="http://127.0.0.1:8000")
    channel._transport = network
    await channel.send(ADDRESS, MESSAGE)
    await channel.close()
    assert hook.deliveries[0].headers["user-agent"] == "Paperwire"


def test_it_is_off_unless_switched_on():
    assert Options().enabled is False
    assert Options().missing() == ""
    assert "s3cret" not in repr(Options(secret="s3cret"))


def test_slack_gets_rich_text_in_which_it_looks_for_nothing():
    body = shaped(SLACK, MESSAGE)
    assert "&lt;!here&gt;" in body["text"]
    assert "<" not in body["text"]
    (block,) = body["blocks"]
    head, paper, foot = (section["elements"] for section in block["elements"])
    assert block["type"] == "rich_text"
    assert (head[0]["text"], foot[0]["text"]) == ("1 new paper", "bye")
    assert paper[0] == {"type": "link", "url": PAPER.url, "text": PAPER.title, "style": {"bold": True}}
    assert paper[1] == {"type": "text", "text": "\nA. Smith · cs.AI\nWe show @all <b>.\n"}


def test_mattermost_gets_markdown_in_which_texts_are_only_texts():
    text = shaped(MATTERMOST, MESSAGE)["text"]
    assert text.split("\n\n")[0] == "1 new paper"
    assert f"]({PAPER.url})**" in text
    assert "\\[x\\]\\(y\\) \\*b\\*" in text
    assert "\\@\u2060channel" in text
    assert "\\<b\\>" in text
    assert "@all" not in text
    assert shaped("https://chat.example.org/sub/hooks/" + "z" * 26, MESSAGE).keys() == {"text"}


@pytest.mark.parametrize("address", [SLACK, MATTERMOST, ADDRESS])
def test_ten_long_papers_stay_small(address):
    long = Item("t" * 512, "https://arxiv.org/abs/1", ((Span("a" * 2000),),))
    body = shaped(address, Message(items=(long,) * 10, key="k"))
    assert len(str(body)) < 40_000
    if address == MATTERMOST:
        assert len(body["text"]) < 16_383


@pytest.mark.parametrize("path", ["/hooks/short", "/hooks/" + "A" * 26, "/webhooks/" + "a" * 26])
def test_other_paths_are_for_programs(path):
    assert "papers" in shaped(f"https://chat.example.org{path}", MESSAGE)


NOW_HTTP = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
ANSWERS = [
    (400, Rejected, None),
    (413, Rejected, None),
    (422, Rejected, None),
    (401, Gone, None),
    (403, Gone, None),
    (404, Gone, None),
    (410, Gone, None),
    ((302, {"Location": "http://127.0.0.1/"}), Gone, None),
    ((307, {"Location": ADDRESS}), Gone, None),
    (500, Retry, 30.0),
    (503, Retry, 30.0),
    (429, Retry, 60.0),
    ((429, {"Retry-After": "7"}), Retry, 7.0),
    ((429, {"Retry-After": "soon"}), Retry, 60.0),
    ((429, {"Retry-After": "99999999"}), Retry, 86400.0),
    ((429, {"Retry-After": NOW_HTTP}), Retry, 90.0),
    ((503, {"Retry-After": "7"}), Retry, 7.0),
    ((500, {"Retry-After": "7"}), Retry, 7.0),
    ((404, {"Retry-After": "7"}), Retry, 7.0),
    ((400, {"Retry-After": "7"}), Retry, 7.0),
    ((301, {"Location": ADDRESS, "Retry-After": "7"}), Gone, None),
    (408, Retry, 60.0),
    ("reset", Unknown, 120.0),
    ("hang", Unknown, 120.0),
]


@pytest.mark.parametrize(("answer", "meaning", "after"), ANSWERS)
async def test_an_answer_becomes_what_the_outbox_understands(hook, channel, monkeypatch, answer, meaning, after):
    monkeypatch.setattr(webhook, "_TIMEOUT", PATIENCE)
    hook.answers.append(answer)
    sending = asyncio.ensure_future(channel.send(ADDRESS, MESSAGE))
    if answer == "hang":
        await hook.arrived.wait()
        forward(monkeypatch)
    with pytest.raises(meaning) as caught:
        await sending
    assert type(caught.value) is meaning
    assert getattr(caught.value, "after", None) == after
    told = isinstance(answer, tuple) and "Retry-After" in answer[1]
    assert getattr(caught.value, "requested", False) == (meaning is Retry and (told or answer in {408, 429}))
    assert not getattr(caught.value, "everywhere", False)  # one address holds back no other
    assert len(hook.deliveries) == 1  # redirects are not followed
    assert "mine" not in str(caught.value)  # the path is the secret


async def test_a_machine_that_is_not_there_is_tried_again(channel, network):
    network.port = 1
    with pytest.raises(Retry):
        await channel.send(ADDRESS, MESSAGE)


HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/", "http://0/",
    "http://[::]/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
    "http://①②⑦.⓪.⓪.①/", "http://169.254.169.254/latest/meta-data", "http://100.64.0.1/", "http://10.0.0.1/",
    "http://192.168.1.1/", "http://224.0.0.1/", "http://ok@127.0.0.1/", "http://ok:pw@93.184.216.34/", "http://localhost/",
    "http://93.184.216.34:8080/", "https://93.184.216.34:22/", "ftp://93.184.216.34/", "file:///etc/passwd", "gopher://x/",
    "http://", "https:///x", "http://a b.example/", "http://x.example/\r\nX: y", "http://[x", "http://a.example:99999/",
    "", "https://t.me/joinchat", "https://discord.com/channels/1/2", "http://a.127。0。0。1/",
    f"http://a.example/{'é' * 1_900}",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
async def test_an_address_inside_is_refused_when_named_and_when_sent_to(hook, channel, network, address):
    with pytest.raises(Gone):
        await channel.inspect(address, ANN)
    if "t.me" not in address and "discord.com" not in address:
        with pytest.raises(Gone):
            await channel.send(address, MESSAGE)
    assert network.dialled == []


@pytest.mark.parametrize("numbers", [("127.0.0.1",), ("93.184.216.34", "10.0.0.1"), ("fe80::1%eth0",), ("::1",)])
async def test_a_name_that_stands_for_a_machine_inside_is_refused(channel, network, monkeypatch, numbers):
    resolving(monkeypatch, *numbers)
    for work in (channel.inspect("https://rebind.example/x", ANN), channel.send("https://rebind.example/x", MESSAGE)):
        with pytest.raises(Gone):
            await work
    assert network.dialled == []


async def test_the_number_that_was_checked_is_the_one_that_is_dialled(hook, channel, network, monkeypatch):
    resolving(monkeypatch, "93.184.216.34", "93.184.216.35")
    await channel.send("https://Hooks.example/a/b?c=d", MESSAGE)
    assert network.dialled == ["93.184.216.34"]
    assert hook.deliveries[0].host == "hooks.example"


async def test_a_name_that_cannot_be_looked_up_is_tried_again(channel, monkeypatch):
    resolving(monkeypatch)
    for work in (channel.inspect("https://nowhere.example/x", ANN), channel.send("https://nowhere.example/", MESSAGE)):
        with pytest.raises(Retry):
            await work


async def test_whoever_names_an_address_manages_it_and_its_path_is_not_shown(channel):
    place, manages = await channel.inspect(ADDRESS, ANN)
    assert (place.channel, place.kind, place.address, place.title) == ("webhook", "address", ADDRESS, "93.184.216.34")
    assert (place.problem, manages) == ("", True)


async def test_nothing_is_logged_of_an_address(hook, channel, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.DEBUG)
    hook.answers += [200, 404, 500]
    for failure in (None, Gone, Retry):
        if failure is None:
            await channel.send(ADDRESS, MESSAGE)
        else:
            with pytest.raises(failure):
                await channel.send(ADDRESS, MESSAGE)
    assert "mine" not in caplog.text
    assert "s3cret" not in caplog.text


async def test_it_is_a_channel_that_nobody_speaks_on(channel):
    await channel.wait_for_slot(ADDRESS)
    assert not isinstance(channel, Conversation)
    assert (channel.kind, channel.singleton, channel.in_flight) == ("webhook", False, 10)
    assert (channel.per_minute("webhook"), channel.state()) == (30, "ready")


LEAVING = Message(
    head=((Span("Open "), Span("https://p.example/x_y", url="https://p.example/x_y")), ()),
    leave=Button("Unsubscribe", url="https://p.example/u/1-a"),
)


def test_the_way_out_stands_in_each_shape():
    assert shaped(ADDRESS, LEAVING) == {
        "version": 1,
        "id": "",
        "head": ["Open https://p.example/x_y"],
        "papers": [],
        "foot": [],
        "leave": "https://p.example/u/1-a",
    }
    sections = shaped(SLACK, LEAVING)["blocks"][0]["elements"]
    assert [section["elements"] for section in sections] == [
        [
            {"type": "text", "text": "Open "},
            {"type": "link", "url": "https://p.example/x_y", "text": "https://p.example/x_y"},
        ],
        [{"type": "link", "url": "https://p.example/u/1-a", "text": "Unsubscribe"}],
    ]
    assert shaped(MATTERMOST, LEAVING)["text"] == (
        "Open [https\\:\\/\\/p\\.example\\/x\\_y](https://p.example/x_y)\n\n[Unsubscribe](https://p.example/u/1-a)"
    )
