"""Help over the wire of both platforms: what is listed where, what is off or elsewhere, and one command explained."""

import asyncio
import io
import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from conversation_world import ANN, BOB, FEATURES, GROUP, PAPERS, conversing, paper
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from toy_command import COMMANDS as TOY

from paperwire.bootstrap.opening import features
from paperwire.channels._editor import ScreenWords
from paperwire.channels.console import ConsoleChannel
from paperwire.commands.answer import Commands
from paperwire.commands.table import COMMANDS, SPECS
from paperwire.commands.talk.help import MOST_USED
from paperwire.core.text.clean import ELLIPSIS
from paperwire.languages import translated
from paperwire.ports.requests import in_chats
from servers.discord_people import plain
from servers.loopback import PATIENCE

EVERYTHING = {spec.name for spec in SPECS}
SECRET = {"email", "export", "feed", "forget", "link", "me", "saved"}
"""Commands whose answers a Telegram group doesn't get."""
HEADINGS = ["Follow papers", "Find papers", "Lists and meetings", "This chat", "You and your data"]
LISTED = {
    "telegram private": EVERYTHING - {"agenda"},
    "telegram group": EVERYTHING - SECRET,
    "discord private": EVERYTHING - {"agenda"},
    "discord channel": EVERYTHING,
}
_MENTION = re.compile(r"</([a-z]+):\d+>")


class Place:
    """A chat on one of the platforms, and what is read there."""

    def __init__(self, world, name):
        self.on, _, kind = name.partition(" ")
        self.platform = world.telegram if self.on == "telegram" else world.discord
        self.chat = {"private": None, "group": GROUP, "channel": PAPERS}[kind]

    async def ask(self, text, person=BOB):
        return await self.platform.ask(person, text, self.chat)

    async def press(self, sent, label):
        if self.on == "discord":
            return await self.platform.answer(await self.platform.press(BOB, sent, label))
        place = BOB if self.chat is None else self.chat
        count = len(self.platform.messages(place))
        self.platform.press(BOB, sent, label)
        return (await self.platform.wait(place, count + 1))[count]

    async def type(self, text, person=BOB):
        """The answer to a command that no menu offers, as typed."""
        if self.on == "telegram":
            return await self.ask(text, person)
        chat = self.platform.dm(person).id
        count = len(self.platform.messages(chat))
        await self.platform.say(person, text)
        return (await self.platform.wait(chat, count + 1))[count]


def lines(sent):
    """The lines that are read, without marks."""
    return _MENTION.sub(r"/\1", plain(sent.text)).replace("*", "").replace("`", "").split("\n")


def names(sent):
    return set(re.findall(r"(?<!\S)/([a-z]+)", "\n".join(lines(sent))))


@pytest.fixture
async def world(store, clock):
    async with conversing(store, clock) as made:
        yield made


@pytest.mark.parametrize("place", LISTED)
async def test_help_begins_with_the_eight_most_used_and_names_all_others_by_what_they_are_for(world, place):
    here = Place(world, place)
    sent = await here.ask("/help")
    head, *shown = [line for line in lines(sent) if line]
    assert head == "Most used"
    assert [line.partition(" – ")[0] for line in shown[:8]] == [f"/{name}" for name in MOST_USED]
    assert [line.partition(":")[0] for line in shown[8:13]] == HEADINGS
    assert names(sent) == LISTED[place]
    assert ELLIPSIS not in sent.text
    whole = await here.press(sent, "All commands")
    assert [line for line in lines(whole) if line in HEADINGS] == HEADINGS
    assert names(whole) == LISTED[place] | {"resume"}  # a title speaks of it, too
    assert ELLIPSIS not in whole.text


@pytest.mark.parametrize("place", ["telegram private", "discord private"])
async def test_a_command_that_is_off_is_not_listed_and_says_so(store, clock, place):
    async with conversing(store, clock, features=frozenset()) as world:
        here = Place(world, place)
        off = {"email", "feed", "me", "submit", "unsubmit"}
        assert names(await here.ask("/help")) == EVERYTHING - {"agenda"} - off
        told = {name: lines(await here.type(f"/{name} 2601.00001"))[0] for name in off}
        assert told == {name: lines(await here.type(f"/help {name}"))[0] for name in off}
    assert told["email"] == ("/email is off here: this Paperwire sends no mail. Use a chat or a feed reader instead.")
    assert told["feed"] == "/feed is off here: this Paperwire has no web pages and no feeds."
    assert told["me"] == told["feed"].replace("/feed", "/me")
    assert told["submit"].startswith("/submit is off here: there is no public list.")


@pytest.mark.parametrize("place", ["telegram group", "discord channel"])
async def test_what_a_private_chat_lacks_a_shared_one_may_have(store, clock, place):
    async with conversing(store, clock, features=frozenset()) as world:
        await world.record(paper(1, "LoRA"))
        here = Place(world, place)
        assert {"submit", "unsubmit", "agenda"} < names(await here.ask("/help"))
        assert "Submitted to the list: LoRA" in plain((await here.ask("/submit 2601.00001")).text)


async def test_a_command_that_is_off_says_so_in_a_group_too(store, clock):
    async with conversing(store, clock, features=frozenset()) as world:
        assert "/feed is off here" in (await world.telegram.ask(ANN, "/feed", GROUP)).text


@pytest.mark.parametrize("place", ["telegram private", "discord private"])
async def test_a_command_of_another_kind_of_chat_says_where_it_works(world, place):
    here = Place(world, place)
    for typed in ("/agenda", "/agenda off", "/help agenda"):
        assert lines(await here.type(typed)) == ["/agenda works in a group or channel. Send it there."]


@pytest.mark.parametrize("place", ["telegram group", "discord channel"])
async def test_a_command_for_private_chats_alone_says_so_elsewhere(store, clock, place):
    (toy,) = TOY
    alone = replace(toy, spec=replace(toy.spec, name="alone", where=in_chats("private")))
    async with conversing(store, clock, (*COMMANDS, alone)) as world:
        here = Place(world, place)
        assert "alone" not in names(await here.ask("/help"))
        assert lines(await here.ask("/help alone")) == ["/alone works in a private chat. Send it there."]
        assert lines(await Place(world, place.split()[0] + " private").ask("/alone x")) == ["You said x."]


async def test_telegrams_menus_are_those_of_each_kind_of_chat(store, clock):
    async with conversing(store, clock, features=frozenset(), menus=translated()) as world:
        await world.telegram.ask(BOB, "/help")
        menus = {scope: {each["command"] for each in menu} for scope, menu in world.telegram.menus.items()}
    languages = [name.partition("_")[0] for name in translated()]
    off, managers = {"email", "feed", "me"}, {spec.name for spec in SPECS if spec.who == "manager"}
    offered = {
        "all_private_chats": EVERYTHING - off - {"agenda", "submit", "unsubmit"},
        "all_group_chats": EVERYTHING - SECRET - managers,
        "all_chat_administrators": EVERYTHING - SECRET,
    }
    in_each = {f"{scope} {language}": names for scope, names in offered.items() for language in languages}
    assert menus == offered | in_each


async def test_discord_offers_commands_where_they_work(store, clock):
    async with conversing(store, clock, features=frozenset()) as world:
        offered = {command["name"]: command for command in world.discord.commands}
    assert offered.keys() == EVERYTHING - {"email", "feed", "me"}
    places = {name: command["contexts"] for name, command in offered.items()}
    assert {name for name, contexts in places.items() if contexts == [0]} == {"agenda", "submit", "unsubmit"}
    assert all(contexts == [0, 1, 2] for contexts in places.values() if contexts != [0])
    # Members may look at what they can't change, and subscribe their private chats.
    assert not any(command["default_member_permissions"] for command in offered.values())


@pytest.mark.parametrize("place", LISTED)
async def test_help_explains_each_command_with_two_examples_in_one_message(world, place):
    here = Place(world, place)
    for spec in [spec for spec in SPECS if spec.name in LISTED[place]]:
        sent = await here.ask(f"/help {spec.name}")
        shown = lines(sent)
        assert shown[0] == f"/{spec.name} – {spec.help}"
        examples = shown[shown.index("Examples") + 1 :]
        assert [line.partition(" – ")[0] for line in examples] == [typed for typed, _ in spec.examples]
        assert (len(examples), ELLIPSIS in sent.text) == (2, False), spec.name
        assert all(line.partition(" – ")[2] for line in examples)


async def test_the_examples_of_help_are_real(world, monkeypatch):
    """Each is typed in a group with stored papers and two subscriptions, and none is refused."""
    ids, refused, refuse = ("2510.00001", "2510.00002"), {}, Commands._refused

    def note(self, error, request):
        refused[request.command, request.args] = str(error)
        return refuse(self, error, request)

    monkeypatch.setattr(Commands, "_refused", note)
    await world.record(*(replace(paper(number, "LoRA"), id=paper_id) for number, paper_id in enumerate(ids)))
    for query in ("lora", "qlora"):
        await world.telegram.ask(ANN, f"/subscribe {query}", GROUP)
    before = {"/submit 2510.00001 name:yes": "/unsubmit 2510.00001"}  # one paper is on the list once
    before["/unsubmit 10.48550/arXiv.2510.00001"] = "/submit 2510.00001"
    examples = dict.fromkeys(typed for spec in SPECS for typed, _ in spec.examples)
    for typed in sorted(examples, key=lambda typed: typed.startswith("/unsubscribe")):
        if typed in before:
            await world.telegram.ask(ANN, before[typed], GROUP)
        await world.telegram.ask(ANN, typed, None if typed[1:].partition(" ")[0] in SECRET else GROUP)
    await world.telegram.until(world.telegram.confirmed)  # files follow
    assert {command for command, _ in refused} == {"email"}  # there is no mail in this world
    assert set(refused.values()) == {"This Paperwire sends no mail. Use a chat or a feed reader instead."}


@pytest.mark.parametrize("place", ["telegram private", "discord channel"])
async def test_help_says_how_to_write_a_query_in_one_message(world, place):
    here = Place(world, place)
    sent = await here.ask("/help query")
    assert lines(sent)[0] == "How to write a query"
    assert "agent -game – without a word" in lines(sent)
    assert "like:" not in sent.text  # which is off here
    assert ELLIPSIS not in sent.text
    assert (await here.press(await here.ask("/help"), "How to write a query")).text == sent.text


async def test_the_terminal_lists_what_works_there(world, tmp_path):
    read, write = os.pipe()
    out = io.StringIO()
    channel = ConsoleChannel(read, out, folder=tmp_path)
    os.write(write, b"/help\n")
    os.close(write)
    specs = world.context.specs
    await asyncio.wait_for(channel.listen(specs, Commands(world.context).handle), PATIENCE)
    os.close(read)
    shown = out.getvalue()
    assert re.search("Find papers: .*/search", shown)
    assert set(re.findall(r"(?<!\S)/([a-z]+)", shown)) - {"subscribe"} == EVERYTHING - {"subscribe"}
    completed = ScreenWords(specs).get_completions(Document("/ag"), CompleteEvent())
    assert [each.text for each in completed] == ["agenda"]


def test_what_an_instance_has():
    chat, mail = SimpleNamespace(naming="managed"), SimpleNamespace(naming="verified")
    plain_one, listed = (SimpleNamespace(lists=SimpleNamespace(public=public)) for public in (False, True))
    assert features(plain_one, {"chat": chat}, {"telegram"}, is_alone=True) == set()
    assert features(plain_one, {"chat": chat}, {"telegram"}, is_alone=False) == {"pages"}
    assert features(listed, {"chat": chat, "mail": mail}, {"web"}, is_alone=True) == FEATURES


def test_the_docs_have_the_headings_of_help():
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
    assert re.findall("^## (.+)$", page, re.MULTILINE) == HEADINGS
