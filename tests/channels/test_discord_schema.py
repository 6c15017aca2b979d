"""Everything we say to Discord is valid by its own description of its API."""

import random

import pytest

from paperwire.channels.discord import markup
from paperwire.commands.table import SPECS
from paperwire.core.messages.card import PaperNews, brief, card, card_buttons, list_buttons
from paperwire.core.messages.digests import heading
from paperwire.core.messages.message import Attachment, Button, Message
from paperwire.core.papers.paper import Paper
from paperwire.ports.requests import Reply
from paperwire.texts import ENGLISH
from servers.discord import DiscordServer
from servers.discord_listening import listening
from servers.discord_markup import hostile
from servers.discord_schema import recorded
from servers.recorder import Recorder, text

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def schema(shared_data):
    return recorded()


@pytest.fixture
async def discord(schema, monkeypatch):
    for name in ("PER_SECOND", "ALERTS_PER_SECOND"):
        monkeypatch.setattr(f"paperwire.channels.discord.connect.{name}", 10_000)
    async with DiscordServer() as server:
        assert server.schema is schema
        server.limits.per_channel = server.limits.per_second = 10_000
        server.channel(2000, server.guild(1000, managers=(7,)))
        yield server


def test_the_description_knows_what_is_wrong(schema):
    path = "/channels/1/messages"
    assert schema.faults("POST", path, {"embeds": [{"title": "ok"}], "nonce": "x" * 25}) == []
    assert schema.faults("POST", path, {"embeds": [{"title": "x" * 257}]})
    assert schema.faults("POST", path, {"nonce": "x" * 26})
    assert schema.faults("POST", path, {"components": [{"type": 1, "components": [{"type": 2, "style": 2}] * 6}]})
    assert schema.faults("POST", "/nowhere", {"x": 1})


async def test_alerts_of_hostile_papers_are_valid(discord):
    chance = random.Random(5)
    async with listening(discord, Recorder(), specs=SPECS) as channel:
        for number in range(150):
            papers = [
                Paper(
                    id=f"2501.{number:03}{n:02}",
                    title=hostile(chance, 12),
                    abstract=hostile(chance, 40),
                    authors=tuple(hostile(chance, 3) for _ in range(3)),
                    categories=("cs.AI", hostile(chance, 1)),
                    number=n + 1,
                )
                for n in range(chance.choice((1, 1, 10)))
            ]
            many = len(papers) > 1
            message = Message(
                head=heading(len(papers), ENGLISH) if many else (),
                items=tuple(
                    (brief if many else card)(p, ENGLISH, PaperNews(matched=[hostile(chance, 2)])) for p in papers
                ),
                buttons=list_buttons(papers) if many else card_buttons(papers[0], ENGLISH),
                key=f"key{number}",
                silent=number % 2 == 0,
                mention=str(number) if number % 5 == 0 else "",
            )
            await channel.send("2000", message)
    assert len(discord.messages(2000)) == 150
    assert discord.violations == discord.invalid == []


@pytest.mark.slow
def test_twenty_thousand_hostile_titles_are_valid(schema):
    chance = random.Random(20_000)
    for number in range(20_000):
        paper = Paper(id="2501.00001", title=hostile(chance, 8), abstract=hostile(chance, 20), number=1)
        body = markup.fitted(Message(items=(card(paper, ENGLISH),)))
        sent = {"content": body.content, "embeds": [embed.to_dict() for embed in body.embeds], "nonce": str(number)}
        assert schema.faults("POST", "/channels/2000/messages", sent) == []


async def test_commands_answers_and_buttons_are_valid(discord):
    recorder = Recorder()
    file = Attachment("saved.bib", "application/x-bibtex", b"@article{x}")
    buttons = tuple(Button(f"b{n}", f"do:{n}") for n in range(4))
    recorder.replies["subscribe"] = Reply(
        message=text("Subscribed", *buttons, Button("Page", url="https://a.example/"))
    )
    recorder.replies["saved"] = Reply(message=text("Two"), files=(file,), private=True)
    recorder.replies["do:1"] = Reply(message=text("Page 2", *buttons), edit=True)
    recorder.replies["do:2"] = Reply(message=Message(), toast="Saved.")
    async with listening(discord, recorder, specs=SPECS):
        sent = await discord.ask(7, "/subscribe x", 2000)
        await discord.ask(7, "/saved", 2000)
        for number in range(4):
            made = await discord.press(7, sent, f"b{number}")
            await discord.until(lambda made=made: made.answered)
        await discord.until(lambda: sent.edits)
    assert discord.syncs == 1
    assert discord.violations == discord.invalid == []
