"""The same commands and buttons in an in-process double of Discord that somebody else wrote, with its own checks."""

from contextlib import asynccontextmanager

import discord
import pytest
import simcord

from paperwire.channels._conversation import ConnectionState
from paperwire.channels.discord.answer import Answerer
from paperwire.channels.discord.connect import Gate
from paperwire.channels.discord.listen import Bot
from paperwire.commands.table import SPECS
from paperwire.core.messages.card import brief, list_buttons
from paperwire.core.messages.digests import heading
from paperwire.core.messages.message import Button, Message
from paperwire.core.papers.paper import Paper
from paperwire.ports.requests import Reply
from paperwire.texts import ENGLISH
from servers.direct import DIRECT
from servers.loopback import PATIENCE
from servers.recorder import NOW, Recorder, text


@pytest.fixture(autouse=True)
def _discords_own_address(monkeypatch):
    """The double stands in for Discord's own address, which a bot of an earlier test may have changed."""
    monkeypatch.setattr(discord.http.Route, "BASE", f"https://discord.com/api/v{discord.http.INTERNAL_API_VERSION}")


@asynccontextmanager
async def double():
    """A server with a channel, a manager and a member; the bot and what it was asked."""
    recorder = Recorder()
    bot = Bot(
        "https://discord.com/api/v10",
        Gate(),
        DIRECT,
        ConnectionState("discord", lambda: NOW),
        Answerer(recorder, Gate(), timeout=PATIENCE),
        SPECS,
    )
    async with simcord.run(bot) as env:
        await bot.tree.register()
        guild = env.create_guild()
        channel = guild.create_text_channel("papers")
        role = guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
        manager = guild.add_member(env.create_user("ann"), roles=[role])
        member = guild.add_member(env.create_user("bob"))
        yield recorder, channel, manager, member


async def test_every_command_can_be_used():
    async with double() as (recorder, channel, manager, _):
        assert set(manager.available_commands(channel)) == {spec.name for spec in SPECS}
        for spec in SPECS:
            words = {
                option.name: option.choices[0] if option.choices else "lora" for option in spec.args if option.required
            }
            answer = await manager.slash(channel, spec.name, **words)
            assert answer.acknowledged
        assert [request.command for request in recorder.requests] == [spec.name for spec in SPECS]


async def test_options_and_rights_come_along():
    async with double() as (recorder, channel, manager, member):
        await manager.slash(
            channel, "subscribe", query="lora", to="#papers", name="mine", when="instant", occasions="arrival"
        )
        await member.slash(channel, "trending", query="week")
        first, second = recorder.requests
        to = f"<#{channel.id}>"
        assert first.options == {"to": to, "name": "mine", "when": "instant", "occasions": "arrival"}
        assert (first.can_manage, second.can_manage) == (True, False)
        assert (first.place.kind, second.args) == ("channel", "week")
        assert first.place.problem == ""


async def test_private_answers_lists_and_buttons_are_taken():
    async with double() as (recorder, channel, manager, _):
        papers = [Paper(id=f"2501.0000{n}", title=f"Paper {n}", number=n, authors=("A B",)) for n in range(10)]
        message = Message(
            head=heading(10, ENGLISH), items=tuple(brief(p, ENGLISH) for p in papers), buttons=list_buttons(papers)
        )
        recorder.replies["search"] = Reply(message=message)
        recorder.replies["open:3"] = Reply(message=text("Paper 3", Button("Save", "save:3")), private=True)
        recorder.replies["feed"] = Reply(message=text("https://paperwire.example/f/x.atom"), private=True)
        found = await manager.slash(channel, "search", query="lora")
        assert len(found.response.embeds) == 10
        opened = await manager.click(found.response, custom_id="open:3")
        assert opened.ephemeral
        hidden = await manager.slash(channel, "feed")
        assert hidden.ephemeral
