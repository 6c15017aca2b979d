"""The list of a server or a group: what people say in one of its places is true of all of them."""

from dataclasses import replace

import pytest
from commands_bot import buttons_of, paper, text_of

from paperwire.ports.callers import Actor, Community, Place
from paperwire.ports.requests import Request
from paperwire.services.papers import lists

SERVER = Community(kind="server", address="1000")
PAPERS, TALK, POST = (
    Place(channel="telegram", address=address, kind=kind, title=f"Lab › {address}", community=SERVER)
    for address, kind in (("2000", "channel"), ("2001", "channel"), ("2002", "thread"))
)
ELSEWHERE = replace(TALK, address="3000", community=replace(SERVER, address="1001"))
FORUM = Community(kind="group", address="-300")
CHAT, VISION, SPEECH = (
    Place(channel="telegram", address=address, kind=kind, title="Forum", community=FORUM)
    for address, kind in (("-300", "group"), ("-300/5", "topic"), ("-300/7", "topic"))
)


@pytest.fixture
async def bot(bot):
    await bot.record(*(paper(number, title) for number, title in enumerate(("Diffusion", "Graphs", "Heat"), 1)))
    return bot


async def trending(bot, place):
    """The head of what is voted for, and (title, line of votes) of each paper."""
    reply = await bot.says("/trending here", place=place, manages=False)
    votes = [(item.title, "".join(span.text for span in item.lines[-1])) for item in reply.message.items]
    return text_of(reply).splitlines()[0], votes


async def sent(bot):
    """Where papers arrived since the last time."""
    await bot.match()
    await bot.deliver()
    arrived = [(to, item.title) for to, message in bot.channel.sent for item in message.items]
    bot.channel.sent.clear()
    return arrived


@pytest.mark.parametrize(
    ("first", "second"),
    [(PAPERS, TALK), (PAPERS, POST), (VISION, SPEECH), (CHAT, VISION)],
    ids=["two channels", "a channel and a thread", "two topics", "a group and a topic"],
)
async def test_a_submission_anywhere_is_on_the_one_list_and_is_posted_where_that_is_followed(bot, first, second):
    reply = await bot.says("/submit 2601.00001", place=first, manages=False)
    assert text_of(reply) == "Submitted to the list: Diffusion\nIt will be posted here."
    assert await sent(bot) == [(first.address, "Diffusion")]
    again = await bot.says("/submit 2601.00001", place=second, who="2", manages=False)
    assert text_of(again) == "On the list since Mon 5 Jan: Diffusion\nYou voted for it. 2 votes"
    other = await bot.says("/submit 2601.00002", place=second, who="2", manages=False)
    assert text_of(other) == (
        "Submitted to the list: Graphs\n"
        "It will be posted where the list is followed. To follow it here: /subscribe list:here"
    )
    assert (await bot.subscribed(place=first), await bot.subscribed(place=second)) == (["list:here"], [])
    assert await sent(bot) == [(first.address, "Graphs")]
    assert await trending(bot, first) == await trending(bot, second)
    assert (await trending(bot, second))[0] == "Trending here this week"
    await bot.says("/subscribe list:here", place=second)
    reply = await bot.says("/submit 2601.00003", place=second, manages=False)
    assert text_of(reply).endswith("It will be posted here.")
    assert sorted(await sent(bot)) == sorted([(first.address, "Heat"), (second.address, "Heat")])


async def test_another_server_has_another_list_and_a_place_without_a_server_its_own(bot):
    await bot.says("/submit 2601.00001", place=PAPERS)
    alone = replace(TALK, address="4000", community=None)
    for place in (ELSEWHERE, alone):
        assert (await trending(bot, place))[1] == []
        assert text_of(await bot.says("/unsubmit 2601.00001", place=place)) == "This paper isn't on the list."
    assert text_of(await bot.says("/submit 2601.00001", place=alone)).startswith("Submitted to the list: Diffusion")
    assert await trending(bot, alone) == ("Trending here this week", [("Diffusion", "1 vote")])


async def test_a_place_where_nobody_asked_anything_before_has_the_list_of_its_server(bot):
    reply = await bot.says("/submit 2601.00001", place=PAPERS)
    number = (await bot.stored("2601.00001")).number
    assert (await trending(bot, TALK))[1] == [("Diffusion", "1 vote")]
    card = await bot.presses(f"open:{number}", place=POST)
    assert buttons_of(card)["👍 1"] == f"vote:{number}"
    gone = await bot.says("/unsubmit 2601.00001", place=TALK, who="9")
    assert text_of(gone) == "Removed from the list: Diffusion"
    assert text_of(await bot.presses("Undo", reply, place=PAPERS)) == "This paper isn't on the list."


async def test_a_person_has_one_vote_in_all_places_together(bot):
    await bot.says("/submit 2601.00001", place=PAPERS, manages=False)
    number = (await bot.stored("2601.00001")).number
    assert await sent(bot) == [("2000", "Diffusion")]
    for place, toast in ((TALK, "You voted for it. 2 votes"), (POST, "Your vote stands.")):
        assert (await bot.presses(f"vote:{number}", place=place, who="2", manages=False)).toast.startswith(toast)
    for who in ("1", "2", "2"):
        actor = Actor(channel="telegram", user_id=who)
        report = Request(actor=actor, place=PAPERS, can_manage=False, action="place:upvoted:1")
        await bot.commands.handle(report)
    assert (await trending(bot, TALK))[1] == [("Diffusion", "2 votes")]


@pytest.mark.parametrize("by_button", [True, False])
@pytest.mark.parametrize(
    ("who", "manages", "place", "may"),
    [("1", False, TALK, True), ("2", False, TALK, False), ("2", False, POST, False), ("9", True, TALK, True)],
    ids=["its submitter", "a member", "a member in a thread", "a manager"],
)
async def test_who_takes_a_paper_off_from_another_channel(bot, who, manages, place, may, by_button):
    reply = await bot.says("/submit 2601.00001", place=PAPERS, manages=False)
    if by_button:
        gone = await bot.presses("Undo", reply, who=who, place=place, manages=manages)
    else:
        gone = await bot.says("/unsubmit 2601.00001", who=who, place=place, manages=manages)
    refused = "Only its submitter and managers can take a paper off the list."
    assert text_of(gone) == ("Removed from the list: Diffusion" if may else refused)
    assert await sent(bot) == ([] if may else [("2000", "Diffusion")])
    if manages:
        barred = await bot.says("/submit 2601.00001", place=PAPERS, who="2", manages=False)
        assert "Only managers can put it back." in text_of(barred)


async def test_the_limit_of_a_list_counts_all_its_places(bot, monkeypatch):
    monkeypatch.setattr(lists, "MOST_ON_LIST", 2)
    await bot.says("/submit 2601.00001", place=PAPERS)
    await bot.says("/submit 2601.00002", place=TALK, who="2")
    assert "This list got 2 papers" in text_of(await bot.says("/submit 2601.00003", place=POST, who="3"))
    assert text_of(await bot.says("/submit 2601.00003", place=ELSEWHERE, who="3")).startswith("Submitted")


async def test_who_stopped_the_list_in_the_first_channel_stops_it_there_alone(bot):
    await bot.says("/submit 2601.00001", place=PAPERS)
    await bot.says("/unsubscribe list:here", place=PAPERS)
    reply = await bot.says("/submit 2601.00002", place=TALK)
    assert text_of(reply).endswith("To get submitted papers: /subscribe list:here")
    assert await sent(bot) == []


async def test_where_the_bot_may_not_write_nothing_is_followed_and_the_next_place_does(bot):
    await bot.says("/submit 2601.00001", place=replace(PAPERS, problem="the bot may not write in this channel"))
    assert await bot.subscribed(place=PAPERS) == []
    assert text_of(await bot.says("/submit 2601.00002", place=TALK)).endswith("It will be posted here.")


async def test_the_journal_club_of_a_channel_reads_what_its_server_voted_for(bot):
    await bot.says("/submit 2601.00001", place=PAPERS)
    shown = text_of(await bot.says("/agenda", place=PAPERS))
    assert "Most votes here in the last week:\nDiffusion" in shown
    await bot.says("/agenda weekly fri 15:00", place=TALK)
    assert "Diffusion" in text_of(await bot.says("/agenda", place=TALK))
    assert "No meeting is set." in text_of(await bot.says("/agenda", place=PAPERS))


async def test_why_says_what_the_list_made_of_a_paper(bot):
    await bot.says("/submit 2601.00001", place=PAPERS)
    await bot.says("/submit 2601.00002", place=TALK, who="2")
    assert await sent(bot) == [("2000", "Diffusion"), ("2000", "Graphs")]
    assert "→ sent" in text_of(await bot.says("/why 2601.00002", place=PAPERS))


# --- lists of single places, as they were before ---------------------------------------------------------------------


def untold(place):
    """A place of which nothing was known but its address."""
    return replace(place, community=None)


@pytest.mark.parametrize(
    "says",
    ["/trending here", "/submit 2601.00003", "/agenda", "/subscribe list:here", "place:upvoted:99", "vote:9999"],
)
async def test_the_first_request_that_tells_of_a_server_joins_the_lists(bot, says):
    for place, who, number in ((PAPERS, "1", 1), (TALK, "1", 1), (TALK, "2", 2)):
        await bot.says(f"/submit 2601.0000{number}", place=untold(place), who=who, manages=False)
    assert await trending(bot, untold(TALK)) == (
        "Trending here this week",
        [("Graphs", "1 vote"), ("Diffusion", "1 vote")],
    )
    await sent(bot)
    feeds = [text_of(await bot.says("/feed", place=untold(place))) for place in (PAPERS, TALK)]
    await bot.says("/style", place=PAPERS)
    assert (await trending(bot, untold(PAPERS)))[1] == [("Diffusion", "1 vote")]
    if says.startswith("/"):
        await bot.says(says, place=TALK, who="3")
    else:
        await bot.presses(says, place=TALK, who="3")
    for place in (PAPERS, TALK):
        votes = dict((await trending(bot, untold(place)))[1])
        assert (votes["Diffusion"], votes["Graphs"]) == ("1 vote", "1 vote")
    assert [text_of(await bot.says("/feed", place=place)) for place in (PAPERS, TALK)] == feeds
    assert "On the list since" in text_of(await bot.says("/submit 2601.00002", place=PAPERS))


async def test_a_channel_named_from_elsewhere_is_told_of_its_server_too(bot):
    await bot.says("/submit 2601.00001", place=PAPERS)
    assert await sent(bot) == [("2000", "Diffusion")]
    bot.channel.managed["2001"] = (TALK, {"1"})
    await bot.says("/subscribe list:here to:2001")
    await bot.says("/submit 2601.00002", place=PAPERS)
    assert sorted(await sent(bot)) == [("2000", "Graphs"), ("2001", "Graphs")]


async def test_a_channel_that_was_deleted_leaves_the_list_with_its_server(bot):
    await bot.says("/submit 2601.00001", place=PAPERS)
    await sent(bot)
    await bot.presses("place:closed:deleted", place=PAPERS)
    assert (await trending(bot, TALK))[1] == [("Diffusion", "1 vote")]
    reply = await bot.says("/submit 2601.00003", place=TALK)
    assert text_of(reply).endswith("To get submitted papers: /subscribe list:here")
    assert await sent(bot) == []
    await bot.says("/subscribe list:here", place=TALK)
    await bot.says("/submit 2601.00002", place=TALK)
    assert await sent(bot) == [("2001", "Graphs")]
