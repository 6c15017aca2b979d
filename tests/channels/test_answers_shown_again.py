"""What answers become later, while the platforms fail: shown again a few times, unless it is refused."""

import asyncio
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from paperwire.channels import _conversation
from paperwire.channels._conversation import persist
from paperwire.core.messages.message import Attachment
from paperwire.errors import Rejected, Retry, Unknown
from paperwire.ports.requests import Reply, Update
from servers.discord import DiscordServer
from servers.discord_listening import listening as listening_to_discord
from servers.loopback import PATIENCE
from servers.recorder import Recorder, text
from servers.telegram import TelegramServer
from servers.telegram_listening import listening as listening_to_telegram

PASSING = ("reset", "reset_after", "hang", "hang_after", "server_error", "unavailable", "bad_gateway", "no_body")
TRIES = 4
FILE = Attachment("not-found.txt", "text/plain", b"Lost")
LINE = "Now known: 6 a week"


class Later(Recorder):
    """Answers `/subscribe`, and changes the answer once `known` is set; `over` is set when that has ended."""

    def __init__(self, *, line=LINE, files=()):
        super().__init__()
        self.known, self.over = asyncio.Event(), asyncio.Event()
        self.change = Update(Reply(message=text("6 a week"), files=files, update=self._end), line and text(line))
        self.replies["subscribe"] = Reply(message=text("being read"), update=self._change)

    async def _change(self):
        await self.known.wait()
        return self.change

    async def _end(self):
        self.over.set()

    async def changed(self):
        """Let more be known; returns what was logged until that was shown or given up."""
        with capture_logs() as logs:
            self.known.set()
            async with asyncio.timeout(PATIENCE):
                await self.over.wait()
        return [(entry["log_level"], entry["event"]) for entry in logs]


class OnTelegram:
    """A chat on the fake Telegram; `fail` hits edits."""

    def __init__(self, server):
        self.server = server

    def listening(self, later, timeout):
        return listening_to_telegram(self.server, later, timeout=timeout)

    async def ask(self):
        return await self.server.ask(100, "/subscribe x")

    def fail(self, kind, **rest):
        self.server.fail(kind, method="editMessageText", **rest)

    def tries(self):
        return [method for method, _ in self.server.calls].count("editMessageText")

    def shown(self):
        return [message.text for message in self.server.messages(100)]


class OnDiscord:
    """A channel on the fake Discord, asked by a slash command; `fail` hits edits."""

    def __init__(self, server):
        self.server = server
        server.channel(2000, server.guild(1000, managers=(7,)))

    def listening(self, later, timeout):
        return listening_to_discord(self.server, later, timeout=timeout)

    async def ask(self):
        return await self.server.ask(7, "/subscribe x", 2000)

    def fail(self, kind, **rest):
        self.server.fail(kind, route="webhook", **rest)

    def tries(self):
        return [method for method, *_ in self.server.calls].count("PATCH")

    def shown(self):
        return [message.text for message in self.server.messages(2000)]


class InPrivateOnDiscord(OnDiscord):
    """A private chat on the fake Discord, where a command is typed as text."""

    async def ask(self):
        await self.server.say(7, "/subscribe x")
        place = self.server.dm(7)
        await self.server.until(lambda: place.sent)
        return place.sent[-1]

    def fail(self, kind, **rest):
        self.server.fail(kind, route="message", **rest)


@pytest.fixture(params=[(TelegramServer, OnTelegram), (DiscordServer, OnDiscord), (DiscordServer, InPrivateOnDiscord)])
async def place(request):
    server_class, place_class = request.param
    async with server_class() as server:
        yield place_class(server)


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        yield OnDiscord(server)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(_conversation, "PAUSES", (0.02, 0.04, 0.08))


def patience_for(kind):
    return 1.0 if kind.startswith("hang") else PATIENCE


@pytest.mark.whole
@pytest.mark.parametrize("kind", PASSING)
async def test_what_an_answer_becomes_is_shown_again(place, kind):
    later = Later()
    async with place.listening(later, patience_for(kind)):
        sent = await place.ask()
        place.fail(kind)
        assert await later.changed() == []
    assert sent.text == "6 a week"
    assert place.tries() == 2


@pytest.mark.parametrize("kind", ["reset", "reset_after", "hang", "server_error"])
async def test_an_answer_that_takes_long_is_shown_again_in_place_of_thinking(discord, kind, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", 0.01)
    recorder, known = Recorder(), asyncio.Event()

    async def slow(_request):
        await known.wait()
        return Reply(message=text("6 a week"))

    recorder.replies["subscribe"] = slow
    async with discord.listening(recorder, patience_for(kind)):
        made = await discord.server.command(7, "/subscribe x", 2000)
        await discord.server.until(lambda: made.original is not None)
        discord.fail(kind)
        known.set()
        await discord.server.until(lambda: discord.tries() == 2 and not made.original.thinking)
    assert discord.shown() == ["6 a week"]


async def test_it_is_given_up_after_four_tries_with_one_warning(place):
    later = Later()
    async with place.listening(later, PATIENCE):
        sent = await place.ask()
        place.fail("reset", left=TRIES + 1)
        assert await later.changed() == [("warning", "answer not updated")]
    assert sent.text == "being read"
    assert place.tries() == TRIES


@pytest.mark.whole
@pytest.mark.parametrize("kind", ["unavailable", "bad_gateway", "bad_request_page", "forbidden_page"])
async def test_it_is_never_shown_again_before_the_platform_allows_it(place, kind):
    later, clock = Later(), asyncio.get_running_loop().time
    async with place.listening(later, PATIENCE):
        sent = await place.ask()
        place.fail(kind, retry_after="1")
        began = clock()
        assert await later.changed() == []
        assert clock() - began >= 1
    assert sent.text == "6 a week"


async def test_a_flood_wait_is_kept(place):
    later, clock = Later(), asyncio.get_running_loop().time
    async with place.listening(later, PATIENCE):
        sent = await place.ask()
        place.fail("flood", value=1)
        began = clock()
        await later.changed()
        assert clock() - began >= 1
    assert sent.text == "6 a week"
    assert place.tries() == 2


@pytest.mark.parametrize("kind", ["blocked", "odd"])
async def test_telegrams_refusals_are_final(kind):
    async with TelegramServer() as server:
        place, later = OnTelegram(server), Later()
        async with place.listening(later, PATIENCE):
            await place.ask()
            place.fail(kind)
            assert await later.changed() == [("warning", "answer not updated")]
        assert place.shown() == ["being read"]
        assert place.tries() == 1


@pytest.mark.parametrize("kind", ["unknown_webhook", "unknown_interaction", "invalid", "missing_permissions"])
async def test_discords_refusals_are_final_and_a_line_follows(discord, kind):
    later = Later()
    async with discord.listening(later, PATIENCE):
        await discord.ask()
        discord.fail(kind)
        assert await later.changed() == []
    assert discord.shown() == ["being read", LINE]
    assert discord.tries() == 1


async def test_a_step_that_is_refused_is_let_go(discord):
    later = Later(line=None)
    async with discord.listening(later, PATIENCE):
        await discord.ask()
        discord.fail("unknown_webhook")
        assert await later.changed() == []
    assert discord.shown() == ["being read"]


async def test_the_line_comes_once_though_its_receipt_was_lost(discord):
    later = Later()
    async with discord.listening(later, PATIENCE):
        await discord.ask()
        discord.fail("unknown_webhook")
        discord.server.fail("reset_after", 2000)
        assert await later.changed() == []
    assert discord.shown() == ["being read", LINE]
    assert discord.server.repeats == 1


async def test_a_file_is_whole_at_the_second_try(discord):
    later = Later(files=(FILE,))
    async with discord.listening(later, PATIENCE):
        sent = await discord.ask()
        discord.fail("reset")
        await later.changed()
    assert list(sent.files.values()) == [b"Lost"]


async def failing(error, *, repeatable=False):
    """When each try was begun, in seconds, of something that fails each time."""
    moments = []

    async def send():
        moments.append(asyncio.get_running_loop().time())
        raise error

    with pytest.raises(type(error)):
        await persist(send, repeatable=repeatable)
    return moments


@pytest.mark.parametrize("error", [Retry("not now", 5.0), Unknown("no answer")])
async def test_pauses_grow(error):
    moments = await failing(error, repeatable=True)
    assert len(moments) == TRIES
    pauses = [later - sooner for sooner, later in pairwise(moments)]
    assert all(pause >= least * 0.99 for pause, least in zip(pauses, _conversation.PAUSES, strict=True))


@pytest.mark.parametrize(
    "error",
    [Unknown("no answer"), Rejected("no"), Retry("in an hour", 3600.0, requested=True), Retry("a token", 300.0)],
)
async def test_one_try_is_all_where_a_second_makes_a_copy_or_no_sense(error):
    assert len(await failing(error)) == 1
