"""Files that people send to a Discord bot, with a command or in private."""

import pytest

from paperwire.core.messages.message import Attachment
from paperwire.ports.requests import Argument, CommandSpec, Reply, Update
from servers.discord import DiscordServer
from servers.discord_listening import listening
from servers.discord_people import plain
from servers.recorder import Recorder, text

SAVED = CommandSpec(
    "saved",
    "What you kept",
    (Argument("query", "import", required=False),),
    (Argument("file", "a library", required=False, kind="file"),),
    private=True,
)


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        server.channel(2000, server.guild(1000, managers=(7,)))
        server.files["refs.bib"] = "@misc{ü}".encode()
        yield server


async def test_a_file_comes_with_a_slash_command(discord):
    recorder = Recorder()
    async with listening(discord, recorder, (SAVED,)):
        await discord.ask(7, "/saved import", 2000, options={"file": "refs.bib"})
        await discord.ask(7, "/saved", 2000)
    first, second = recorder.requests
    assert (first.args, first.attached, first.options) == ("import", "@misc{ü}", {})
    assert (second.attached, second.unread) == ("", "")


async def test_a_file_comes_with_words_in_private(discord):
    recorder = Recorder()
    async with listening(discord, recorder, (SAVED,)):
        await discord.say(7, "/saved import", files=("refs.bib",))
        await discord.until(lambda: recorder.requests)
    assert recorder.requests[0].attached == "@misc{ü}"


@pytest.mark.parametrize(
    ("name", "content"),
    [("photo.png", b"x"), ("large.bib", b"x" * (4 * 2**20 + 1)), ("a.bib", b"\0"), ("gone.bib", None)],
)
async def test_what_cannot_be_read_is_named(discord, name, content):
    if content is not None:
        discord.files[name] = content
    recorder = Recorder()
    async with listening(discord, recorder, (SAVED,)):
        await discord.ask(7, "/saved import", 2000, options={"file": name})
    assert (recorder.requests[0].attached, recorder.requests[0].unread) == ("", name)


async def test_an_answer_is_changed_step_by_step_and_gets_its_file(discord):
    async def end():
        file = Attachment("not-found.txt", "text/plain", b"Lost")
        return Update(Reply(message=text("done"), files=(file,), private=True), text("done"))

    async def step():
        return Update(Reply(message=text("halfway"), update=end), None)

    recorder = Recorder()
    recorder.replies["saved"] = Reply(message=text("begun"), update=step, private=True)
    async with listening(discord, recorder, (SAVED,)):
        sent = await discord.ask(7, "/saved import", 2000)
        await discord.until(lambda: plain(sent.text) == "done")
        await discord.until(lambda: sent.files)
    assert list(sent.files.values()) == [b"Lost"]


async def test_the_same_in_a_private_chat_without_a_slash_command(discord):
    async def end():
        return Update(Reply(message=text("done")), text("done"))

    recorder = Recorder()
    recorder.replies["saved"] = Reply(message=text("begun"), update=end)
    async with listening(discord, recorder, (SAVED,)):
        await discord.say(7, "/saved import")
        place = discord.dm(7)
        await discord.until(lambda: place.sent and plain(place.sent[-1].text) == "done")
