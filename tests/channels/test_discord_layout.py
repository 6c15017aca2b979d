"""Lists in sections on Discord: nothing but our own markup, within the limits, and edited as what they are."""

import random

import pytest

from paperwire.channels.discord.layout import layout
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.ports.requests import Reply
from servers.discord import DiscordServer
from servers.discord_listening import listening
from servers.discord_markup import hostile, read
from servers.discord_world import IN_COMPONENTS, TEXT_DISPLAY, Sent
from servers.recorder import Recorder, text

URL = "https://arxiv.org/abs/2601.0000{}"


def listed(*items, rows=(), **more):
    numbered = tuple(Button(str(number), f"open:{number}") for number in range(1, len(items) + 1))
    return Message(items=items, buttons=(numbered, *rows), **more)


def sent_as(message):
    """What a message becomes, as its readers see it."""
    return Sent(1, 1, {"components": layout(message).to_components()})


def texts(sent):
    return [part["content"] for part in sent.parts if part["type"] == TEXT_DISPLAY]


async def test_hostile_texts_are_only_text_and_the_title_leads_to_its_page():
    chance = random.Random(7)
    for _ in range(300):
        title, words, abstract = (letter + hostile(chance, 8) for letter in "Txa")
        item = Item(title, URL.format(1), ((Span(words),),), abstract)
        sent = sent_as(listed(item, Item("U", URL.format(2)), head=((Span("Two"),),)))
        first, *others = texts(sent)[1].split("\n")
        assert (first[:2], first[-2:]) == ("**", "**")
        (link,) = read(first[2:-2].removeprefix("1. "))[1]
        assert link == ("link", URL.format(1))
        assert read("\n".join(others))[1] == []


async def test_sections_of_a_digest_stand_above_their_first_paper():
    one, two = Item("One", URL.format(1), section="RAG *x*"), Item("Two", "http://localhost/2")
    sent = sent_as(listed(one, two, foot=((Span("and 2 more", url="https://papers.example.org/"),),)))
    assert texts(sent) == [
        f"__RAG \\*x\\*__\n**1. [One](<{URL.format(1)}>)**",
        "**2. Two**\n`http://localhost/2`",
        "[and 2 more](<https://papers.example.org/>)",
    ]
    assert texts(sent_as(listed(one, Item("Two", ""))))[1] == "**2. Two**"


async def test_other_buttons_stand_in_rows_below_while_there_is_room():
    items = [Item(f"T{number}", URL.format(number)) for number in range(10)]
    sent = sent_as(listed(*items, rows=((Button("Pause", "pause:"), Button("Page", url="https://a.example/")),)))
    assert len(sent.parts) == 34
    assert sent.labels[-1] == ["Pause", "Page"]
    rows = tuple((Button(f"B{row}{at}", f"b:{row}{at}"),) * 1 for row in range(5) for at in range(1))
    assert layout(listed(*items, rows=rows)) is None


async def test_what_is_too_long_for_sections_gets_none():
    items = [Item("T", f"https://example.org/{number}/{'x' * 500}") for number in range(10)]
    assert layout(listed(*items)) is None
    assert layout(Message()) is None
    long = listed(*(Item("T", URL.format(number), ((Span("word " * 300),),)) for number in range(10)))
    assert sum(map(len, texts(sent_as(long)))) <= 4000


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        server.channel(2000, server.guild(1000, managers=(7,)))
        yield server


async def pressed(discord, reply, label="Go"):
    """A list that was pressed, once its press has been answered with `reply`."""
    recorder = Recorder()
    recorder.replies["go:"] = reply
    message = listed(Item("One", URL.format(1)), Item("Two", URL.format(2)), rows=((Button(label, "go:"),),), key="k")
    async with listening(discord, recorder) as channel:
        await channel.send("2000", message)
        (sent,) = discord.messages(2000)
        assert int(sent.body["flags"]) & IN_COMPONENTS
        made = await discord.press(7, sent, label)
        await discord.until(lambda: made.answered or made.replies)
        await discord.until(lambda: sent.edits or len(discord.messages(2000, 7)) > 1)
    return sent


@pytest.mark.parametrize(
    ("message", "shown", "labels"),
    [
        (text("Paused", Button("Resume", "resume:")), "Paused", [["Resume"]]),
        (Message(items=(Item("One", URL.format(1), (), "About."),)), f"**[One](<{URL.format(1)}>)**\nAbout.", []),
    ],
)
async def test_a_list_is_replaced_as_what_it_is(discord, message, shown, labels):
    sent = await pressed(discord, Reply(message=message, edit=True))
    assert (texts(sent), sent.labels, sent.embeds) == ([shown], labels, [])


async def test_a_button_of_a_list_changes_what_it_says(discord):
    sent = await pressed(
        discord, Reply(message=text(""), toast="Done", keys={"go:": (Button("Gone", "gone:"), Button("Back", "back:"))})
    )
    assert sent.labels == [["1"], ["2"], ["Gone", "Back"]]
    assert len(texts(sent)) == 2


async def test_what_takes_the_place_of_no_list_comes_as_a_message_of_its_own(discord):
    items = [Item("T", f"https://example.org/{number}/{'x' * 500}") for number in range(10)]
    sent = await pressed(discord, Reply(message=Message(items=tuple(items)), edit=True))
    assert sent.edits == 0
    assert len(discord.messages(2000)[-1].embeds) == 10
