"""Commands and buttons over the gateway of a fake Discord: rights, privacy, slow answers, restarts."""

import asyncio

import pytest

from paperwire.channels.discord.answer import DEFER_AFTER
from paperwire.commands.table import SPECS as ALL_COMMANDS
from paperwire.core.messages.message import Attachment, Button, Item, Message
from paperwire.ports.callers import Community, Place
from paperwire.ports.requests import Argument, CommandSpec, Reply
from servers.discord import DiscordServer
from servers.discord_listening import SPECS, listening
from servers.discord_people import plain
from servers.discord_world import EMBED, FORUM, GROUP_DM, NEWS, SEND, VIEW, Channel
from servers.loopback import PATIENCE
from servers.recorder import Recorder, text

MANAGER, MEMBER = 7, 8


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        guild = server.guild(1000, managers=(MANAGER,))
        papers = server.channel(2000, guild)
        server.thread(2001, papers, "LoRA")
        yield server


@pytest.fixture
def quick(monkeypatch):
    """What is not answered at once is slow."""
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", 0.05)


# --- commands ----------------------------------------------------------------------------------------------------


async def test_a_command_is_asked_and_answered_where_it_was_used(discord):
    recorder = Recorder()
    async with listening(discord, recorder):
        answer = await discord.ask(
            MANAGER, "/subscribe lora OR qlora", 2000, options={"to": "<#5>", "when": "daily 08:00"}
        )
    (request,) = recorder.requests
    assert (request.command, request.args) == ("subscribe", "lora OR qlora")
    assert request.options == {"to": "<#5>", "when": "daily 08:00"}
    assert (request.actor.channel, request.actor.user_id, request.actor.name) == ("discord", "7", "Ann")
    lab = Community(kind="server", address="1000")
    assert request.place == Place(
        channel="discord", address="2000", kind="channel", title="Lab › papers", community=lab, locale="en-US"
    )
    assert (request.can_manage, request.locale, request.action) == (True, "en-US", "")
    assert plain(answer.text) == "subscribe lora OR qlora"
    assert answer.only_for is None
    assert answer.body["allowed_mentions"] == {"parse": []}


async def test_commands_are_registered_once_for_servers_and_people_and_again_when_they_change(discord):
    async with listening(discord, Recorder()):
        pass
    async with listening(discord, Recorder()):
        pass
    assert discord.syncs == 1
    (feed, style, subscribe) = sorted(discord.commands, key=lambda command: command["name"])
    assert [option["name"] for option in subscribe["options"]] == ["query", "to", "when"]
    assert [option["required"] for option in subscribe["options"]] == [True, False, False]
    assert (subscribe["integration_types"], subscribe["contexts"]) == ([0, 1], [0, 1, 2])
    assert subscribe["description"] == "Tell me of new papers"
    assert style["options"][0]["choices"] == [{"name": "cards", "value": "cards"}, {"name": "list", "value": "list"}]
    assert feed["options"][0]["required"] is False
    async with listening(discord, Recorder(), specs=SPECS[:2]):
        pass
    assert discord.syncs == 2
    assert len(discord.commands) == 2


async def test_the_whole_command_table_is_taken(discord):
    async with listening(discord, Recorder(), specs=ALL_COMMANDS):
        assert {command["name"] for command in discord.commands} == {spec.name for spec in ALL_COMMANDS}
        answer = await discord.ask(MEMBER, "/help")
    assert answer.text == "help"


@pytest.mark.parametrize(("route", "kind"), [("commands", "missing_access"), ("sync", "invalid")])
async def test_commands_that_cannot_be_registered_stop_nobody(discord, route, kind):
    async with listening(discord, Recorder()):
        pass
    discord.fail(kind, route=route)
    async with listening(discord, Recorder(), specs=SPECS[:2]):
        assert (await discord.ask(MEMBER, "/feed")).text == "feed"


async def test_a_command_of_another_table_is_passed_over(discord):
    recorder = Recorder()
    async with listening(discord, recorder):
        await discord.command(MEMBER, "/nothing x", 2000)
        await discord.command(MANAGER, "/subscribe", 2000)  # without its words: registered otherwise
        await discord.ask(MEMBER, "/feed", 2000)
    assert [request.command for request in recorder.requests] == ["feed"]


@pytest.mark.parametrize(
    ("user", "can_manage"), [(MANAGER, True), (MEMBER, False), (1, True)], ids=["manager", "member", "owner"]
)
async def test_who_may_manage_stands_in_the_interaction(discord, user, can_manage):
    recorder = Recorder()
    async with listening(discord, recorder):
        await discord.ask(user, "/subscribe x", 2000)
    assert recorder.requests[0].can_manage is can_manage


@pytest.mark.parametrize(("right", "can_manage"), [(1 << 3, True), (1 << 4, True), (1 << 5, True), (1 << 13, False)])
async def test_the_rights_that_let_somebody_manage(discord, right, can_manage):
    discord.guilds[1000].roles[1009] = right
    discord.guilds[1000].members[9] = {1009}
    recorder = Recorder()
    async with listening(discord, recorder):
        await discord.ask(9, "/subscribe x", 2000)
    assert recorder.requests[0].can_manage is can_manage


async def test_places_are_told_apart(discord):
    guild = discord.guilds[1000]
    discord.channel(2005, guild, "news", NEWS)
    forum = discord.channel(2006, guild, "forum", FORUM)
    discord.thread(2007, forum, "A post")
    recorder = Recorder()
    async with listening(discord, recorder):
        for place in (2001, 2005, 2007, None):
            await discord.ask(MEMBER, "/feed", place)
    shown = [(r.place.kind, r.place.title, r.can_manage) for r in recorder.requests]
    assert shown == [
        ("thread", "Lab › LoRA", False),
        ("channel", "Lab › news", False),
        ("thread", "Lab › A post", False),
        ("private", "Ann", True),
    ]
    assert recorder.requests[3].place.address == str(discord.dm(MEMBER).id)


async def test_a_bot_that_only_its_user_installed_says_what_is_missing(discord):
    discord.guild(1100, "Elsewhere", installed=False)
    discord.channel(2100, discord.guilds[1100])
    discord.channels[2200] = Channel(2200, GROUP_DM, recipient=MEMBER)
    recorder = Recorder()
    async with listening(discord, recorder):
        await discord.ask(MEMBER, "/subscribe x", 2100)
        await discord.ask(MEMBER, "/subscribe x", 2200)
    first, second = (request.place for request in recorder.requests)
    assert "not in this server" in first.problem
    assert (second.kind, "between people" in second.problem) == ("group", True)


@pytest.mark.parametrize(("denied", "named"), [(SEND, "Send Messages"), (VIEW, "View Channel"), (EMBED, "Embed Links")])
async def test_a_right_that_the_bot_lacks_is_named(discord, denied, named):
    discord.channels[2000].denied = denied
    recorder = Recorder()
    async with listening(discord, recorder):
        await discord.ask(MANAGER, "/subscribe x", 2000)
        await discord.ask(MANAGER, "/subscribe x", 2000, app_permissions="0")  # nothing said is nothing known
    assert [named in request.place.problem for request in recorder.requests] == [True, False]


# --- answers -----------------------------------------------------------------------------------------------------


async def test_a_private_answer_is_seen_by_one_in_a_channel_and_stays_in_a_private_chat(discord):
    recorder = Recorder()
    recorder.replies["feed"] = Reply(message=text("your link"), private=True)
    async with listening(discord, recorder):
        shared = await discord.ask(MEMBER, "/feed", 2000)
        private = await discord.ask(MEMBER, "/feed")
    assert (shared.only_for, private.only_for) == (MEMBER, None)
    assert discord.messages(2000) == []


async def test_a_refusal_is_private(discord):
    recorder = Recorder()
    recorder.replies["subscribe"] = Reply(message=text("only managers"), aside=True)
    async with listening(discord, recorder):
        answer = await discord.ask(MEMBER, "/subscribe x", 2000)
    assert (answer.text, answer.only_for) == ("only managers", MEMBER)


def slow(reply, done):
    async def answer(request):
        await done.wait()
        return reply

    return answer


@pytest.mark.parametrize(
    ("command", "private", "seen_by"),
    [("subscribe x", False, None), ("feed", True, MANAGER), ("subscribe x", True, MANAGER), ("feed", False, None)],
)
async def test_a_slow_answer_is_announced_in_time_and_seen_by_the_right_people(
    discord, quick, command, private, seen_by
):
    recorder, done = Recorder(), asyncio.Event()
    recorder.replies[command.split()[0]] = slow(Reply(message=text("here it is"), private=private), done)
    async with listening(discord, recorder):
        made = await discord.command(MANAGER, f"/{command}", 2000)
        await discord.until(lambda: made.original is not None)
        assert made.original.thinking
        done.set()
        await discord.until(lambda: discord.messages(2000, MANAGER))
    (sent,) = discord.messages(2000, MANAGER)
    assert (sent.text, sent.only_for) == ("here it is", seen_by)
    assert len(discord.channels[2000].sent) == 1  # nothing goes on "thinking"


async def test_a_slow_answer_in_a_private_chat_stays_there(discord, quick):
    recorder, done = Recorder(), asyncio.Event()
    recorder.replies["feed"] = slow(Reply(message=text("your link"), private=True), done)
    async with listening(discord, recorder):
        made = await discord.command(MEMBER, "/feed")
        await discord.until(lambda: made.original is not None)
        done.set()
        answer = await discord.answer(made)
    assert (answer.text, answer.only_for) == ("your link", None)


async def test_an_answer_that_is_too_late_for_discord_is_lost_alone(discord):
    async def late(_request):
        for pending in discord.interactions.values():
            pending.began -= 2 * discord.answer_within

    recorder = Recorder()
    recorder.replies["style"] = late
    discord.answer_within = 3600.0
    async with listening(discord, recorder):
        made = await discord.command(MEMBER, "/style", 2000)
        await discord.until(lambda: any(path.endswith(f"/{made.token}/callback") for _, path, _ in discord.calls))
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"
    assert not made.answered
    assert DEFER_AFTER * 2 <= 3  # seconds in Discord's own terms, of which half are left to the way


async def test_files_go_with_the_answer(discord):
    recorder = Recorder()
    file = Attachment("saved.bib", "application/x-bibtex", b"@article{x}")
    recorder.replies["feed"] = Reply(message=text("Two papers"), files=(file,), private=True)
    async with listening(discord, recorder):
        answer = await discord.ask(MEMBER, "/feed", 2000)
    assert (answer.text, answer.files, answer.only_for) == ("Two papers", {"saved.bib": b"@article{x}"}, MEMBER)


async def test_an_answer_with_papers_links_each_once(discord):
    recorder = Recorder()
    items = tuple(Item(f"Paper {n}", f"https://arxiv.org/abs/2501.0000{n}") for n in range(3))
    recorder.replies["subscribe"] = Reply(message=Message(head=text("Found").head, items=items))
    async with listening(discord, recorder):
        answer = await discord.ask(MANAGER, "/subscribe x", 2000)
    assert answer.links == [f"https://arxiv.org/abs/2501.0000{n}" for n in range(3)]


async def test_an_empty_answer_to_a_command_says_so(discord):
    recorder = Recorder()
    recorder.replies["feed"] = Reply(message=Message())
    async with listening(discord, recorder):
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "Done."


@pytest.mark.parametrize(
    "kind", ["unknown_interaction", "acknowledged", "invalid", "garbage_after", "reset", "unavailable"]
)
async def test_an_answer_that_discord_does_not_take_is_lost_alone(discord, kind):
    async with listening(discord, Recorder()):
        discord.fail(kind, route="callback", left=6 if kind in {"reset", "unavailable"} else 1)
        made = await discord.command(MEMBER, "/feed", 2000)
        await discord.until(lambda: any("callback" in call[1] for call in discord.calls))
        discord.faults.clear()
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"
    assert made.original is None or kind == "garbage_after"


async def test_a_message_that_can_never_be_sent_is_no_crash(discord):
    recorder = Recorder()
    recorder.replies["feed"] = Reply(message=text("x", Button("b", "a" * 101)))
    async with listening(discord, recorder):
        await discord.command(MEMBER, "/feed", 2000)
        await recorder.until(1)
        recorder.replies.clear()
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"


# --- many at once, and the end -----------------------------------------------------------------------------------


async def test_a_slow_command_holds_up_nobody_else(discord):
    recorder = Recorder()
    never = asyncio.Event()

    async def wait(request):
        await never.wait()

    recorder.replies["subscribe"] = wait
    async with listening(discord, recorder):
        await discord.command(MANAGER, "/subscribe x", 2000)
        await recorder.until(1)
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"


async def test_listening_ends_with_what_is_being_answered(discord):
    recorder = Recorder()
    ended = asyncio.Event()

    async def wait(request):
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    recorder.replies["subscribe"] = wait
    async with listening(discord, recorder):
        await discord.command(MANAGER, "/subscribe x", 2000)
        await recorder.until(1)
    assert ended.is_set()


async def test_a_command_without_options_is_a_command(discord):
    recorder = Recorder()
    async with listening(discord, recorder, specs=(CommandSpec("status", "How it is"),)):
        assert (await discord.ask(MEMBER, "/status", 2000)).text == "status"


async def test_an_interaction_from_nowhere_is_no_crash(discord):
    recorder = Recorder()
    async with listening(discord, recorder):
        discord.channels[2300] = Channel(2300, 99, discord.guilds[1000])
        await discord.command(MEMBER, "/feed", 2300)
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"
    assert len(recorder.requests) == 1


async def test_a_wait_that_discord_does_not_take_any_more_ends_the_work(discord, quick):
    recorder = Recorder()
    ended = asyncio.Event()

    async def wait(request):
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    recorder.replies["subscribe"] = wait
    async with listening(discord, recorder):
        discord.fail("unknown_interaction", route="callback")
        await discord.command(MANAGER, "/subscribe x", 2000)
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"


async def test_a_fault_of_our_own_in_answering_is_logged(discord, monkeypatch, capsys):
    async with listening(discord, Recorder()):
        with monkeypatch.context() as broken:
            broken.setattr("paperwire.channels.discord.answer.actor_of", None)
            await discord.command(MEMBER, "/feed", 2000)
            out = ""
            async with asyncio.timeout(PATIENCE):
                while "answer failed" not in out:
                    await asyncio.sleep(0.01)
                    out += capsys.readouterr().out
        assert (await discord.ask(MEMBER, "/feed", 2000)).text == "feed"


async def test_an_open_option_offers_its_choices_and_takes_other_words(discord):
    times = Argument("query", "When", required=False, choices=("day", "week"), is_open=True)
    recorder = Recorder()
    async with listening(discord, recorder, specs=(CommandSpec("trending", "What trends", (times,)),)):
        assert await discord.complete(MEMBER, "trending", "D", 2000) == {"day": "day"}
        await discord.ask(MEMBER, "/trending week venue:any", 2000)
    (command,) = discord.commands
    assert "choices" not in command["options"][0] or not command["options"][0]["choices"]
    assert recorder.requests[0].args == "week venue:any"
