"""Lists: what is submitted where, who votes for it, who takes it off, and what is refused."""

from dataclasses import replace

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of

from paperwire.commands.answer import Commands
from paperwire.commands.context import RELABELS
from paperwire.errors import SourceBusy
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import Request
from paperwire.services.papers import lists

CHANNEL = Place(channel="telegram", address="-200", kind="channel", title="News")
TOPIC = Place(channel="telegram", address="-100/7", kind="topic", title="Vision lab › papers")
NO_LIST = "There is no public list here. Use this in a group or channel: it has its own."


@pytest.fixture
def public(bot):
    """The bot of an instance with a public list."""
    bot.context = replace(bot.context, public_list=True)
    bot.commands = Commands(bot.context)
    return bot


async def pressed_number(bot, number=1):
    return (await bot.stored(f"2601.{number:05}")).number


async def reacts(bot, message, *, who, place=GROUP, what="upvoted"):
    """What a channel reports of a reaction."""
    actor = Actor(channel="telegram", user_id=who)
    request = Request(actor=actor, place=place, can_manage=True, action=f"place:{what}:{message}")
    assert text_of(await bot.commands.handle(request)) == ""


async def here(bot, what="/trending here", **where):
    """What is voted for: (title, line of votes)."""
    reply = await bot.says(what, **where)
    return [(item.title, "".join(span.text for span in item.lines[-1])) for item in reply.message.items]


# --- submitting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "2601.00001",
        "https://arxiv.org/abs/2601.00001v2",
        "https://huggingface.co/papers/2601.00001",
        "10.48550/arXiv.2601.00001",
        "https://doi.org/10.48550/arXiv.2601.00001",
        "arXiv:2601.00001v1 [cs.CV] 5 Jan 2026",
    ],
)
async def test_a_paper_is_submitted_by_id_link_doi_and_stamp(bot, known, typed):
    known["2601.00001"] = paper(1, "Diffusion")
    reply = await bot.says(f"/submit {typed}", place=GROUP, manages=False)
    assert text_of(reply) == "Submitted to the list: Diffusion\nIt will be posted here."
    await bot.match()
    await bot.deliver()
    ((to, message),) = bot.channel.sent
    assert (to, [item.title for item in message.items]) == ("-100", ["Diffusion"])
    assert "submitted to the list" in str(message.items[0].lines)
    assert await here(bot, place=GROUP) == [("Diffusion", "1 vote")]


async def test_what_was_looked_up_is_news_to_the_list_alone(bot, known):
    known["2601.00001"] = paper(1, "Diffusion")
    await bot.says("/subscribe diffusion", who="2")
    await bot.says("/submit 2601.00001", place=GROUP)
    await bot.match()
    await bot.deliver()
    assert [to for to, _ in bot.channel.sent] == ["-100"]


async def test_the_name_is_shown_only_if_wished(bot):
    await bot.record(paper(1, "Diffusion"), paper(2, "Graphs"), paper(3, "Heat"))
    named = await bot.says("/submit 2601.00001 name:yes", place=GROUP)
    assert text_of(named).endswith("Shown as submitted by User 1.")
    assert list(buttons_of(named)) == ["Undo"]
    await bot.says("/submit 2601.00002", place=GROUP, name="no")
    later = await bot.says("/submit 2601.00003", place=GROUP, who="2", manages=False)
    assert (await bot.presses("Show my name", later, place=GROUP, who="2", manages=False)).toast == (
        "Shown as submitted by User 2."
    )
    refused = await bot.presses("Show my name", later, place=GROUP, who="3", manages=False)
    assert text_of(refused) == "Someone else submitted this paper."
    assert sorted(await here(bot, place=GROUP)) == [
        ("Diffusion", "1 vote · submitted by User 1"),
        ("Graphs", "1 vote"),
        ("Heat", "1 vote · submitted by User 2"),
    ]


async def test_in_private_it_goes_on_the_public_list_where_there_is_one(bot, public):
    await bot.record(paper(1, "Diffusion"))
    await public.says("/subscribe list:public", who="2")
    reply = await public.says("/submit 2601.00001")
    assert text_of(reply).endswith("To get submitted papers: /subscribe list:public")
    await public.match()
    await public.deliver()
    ((to, message),) = public.channel.sent
    assert to == "2"
    assert "👍 Upvote" in [button.label for row in message.buttons for button in row]
    assert await here(public, who="3") == [("Diffusion", "1 vote")]
    assert await here(public, place=GROUP) == []


async def test_without_a_public_list_it_says_so(bot):
    await bot.record(paper(1, "Diffusion"))
    number = await pressed_number(bot)
    assert text_of(await bot.says("/submit 2601.00001")) == NO_LIST
    assert text_of(await bot.says("/unsubmit 2601.00001")) == NO_LIST
    assert text_of(await bot.says("/trending here")) == NO_LIST
    assert text_of(await bot.presses(f"vote:{number}")) == NO_LIST
    card = await bot.presses(f"open:{number}")
    assert "👍 Upvote" not in buttons_of(card)
    assert "👍 Upvote" in buttons_of(await bot.presses(f"open:{number}", place=GROUP))


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ("", "Add a paper: an arXiv id such as 2510.00001, a DOI, or a link to its page."),
        ("2601.00009", "2601.00009 isn't stored, and no source has it."),
        ("http://127.0.0.1/admin", 'Can\'t read "http://127.0.0.1/admin".'),
        ("http://169.254.169.254/latest/meta-data", "Can't read"),
        ("file:///etc/passwd", "Can't read"),
        ("2601.00001 2601.00002", "Submit one paper at a time."),
        (" ".join(f"https://arxiv.org/abs/2601.{number:05}" for number in range(1000))[:4000], "Submit one paper"),
        ("x" * 5000, "Too long"),
    ],
    ids=lambda text: text[:20],
)
async def test_what_cannot_be_submitted(bot, typed, refused):
    reply = await bot.says(f"/submit {typed}", place=GROUP)
    assert text_of(reply).startswith(refused)
    assert reply.aside
    assert await here(bot, place=GROUP) == []


async def test_a_source_that_does_not_answer(bot, known):
    known["2601.00001"] = SourceBusy("arXiv asks us to wait", 60)
    assert "looking it up failed" in text_of(await bot.says("/submit 2601.00001", place=GROUP))


async def test_a_paper_is_submitted_once(bot):
    await bot.record(paper(1, "Diffusion"))
    await bot.says("/submit 2601.00001", place=GROUP)
    again = await bot.says("/submit https://arxiv.org/abs/2601.00001", place=GROUP, who="2", manages=False)
    assert text_of(again) == "On the list since Mon 5 Jan: Diffusion\nYou voted for it. 2 votes"
    assert again.aside
    twice = await bot.says("/submit 2601.00001", place=GROUP, who="2", manages=False)
    assert text_of(twice) == "On the list since Mon 5 Jan: Diffusion\nYour vote stands. 2 votes"
    back = await bot.presses("Undo", again, place=GROUP, who="2", manages=False)
    assert text_of(back) == "Your vote is withdrawn. 1 vote"
    assert text_of(await bot.says("/submit 2601.00001", place=GROUP, who="-100")) == (
        "On the list since Mon 5 Jan: Diffusion"  # who posts as the group has no vote
    )
    assert text_of(await bot.says("/submit 2601.00001", place=TOPIC)).startswith("Submitted")


async def test_nobody_submits_more_than_enough(bot, monkeypatch):
    monkeypatch.setattr(lists, "MOST_OF_PERSON", 2)
    monkeypatch.setattr(lists, "MOST_ON_LIST", 3)
    await bot.record(*(paper(number, f"Paper {number}") for number in range(1, 7)))
    await bot.says("/submit 2601.00001", place=GROUP)
    await bot.says("/unsubmit 2601.00001", place=GROUP)  # or one could go on without end
    await bot.says("/submit 2601.00002", place=TOPIC)
    assert "You submitted 2 papers" in text_of(await bot.says("/submit 2601.00003", place=GROUP))
    assert "You submitted 2 papers" in text_of(await bot.says("/submit 2601.00003", place=TOPIC))
    for number in (3, 4):
        await bot.says(f"/submit 2601.0000{number}", place=GROUP, who="2")
    assert "This list got 3 papers" in text_of(await bot.says("/submit 2601.00005", place=GROUP, who="3"))
    bot.clock.advance(days=1)
    assert text_of(await bot.says("/submit 2601.00005", place=GROUP)).startswith("Submitted")


async def test_who_stopped_the_list_is_not_made_to_follow_it_again(bot):
    await bot.record(paper(1, "Diffusion"), paper(2, "Graphs"))
    await bot.says("/submit 2601.00001", place=GROUP)
    assert await bot.subscribed(place=GROUP) == ["list:here"]
    assert text_of(await bot.says("/unsubscribe list:here", place=GROUP)).startswith("Unsubscribed: list:here")
    reply = await bot.says("/submit 2601.00002", place=GROUP)
    assert text_of(reply).endswith("To get submitted papers: /subscribe list:here")
    assert await bot.subscribed(place=GROUP) == []
    followed = await bot.says("/subscribe list:here when:daily 8am", place=GROUP)
    assert text_of(followed).splitlines()[0] == "Subscribed: list:here (#2)"
    await bot.match()
    await bot.deliver()
    assert bot.channel.sent == []


async def test_a_channel_submits_and_has_no_vote(bot):
    await bot.record(paper(1, "Diffusion"))
    reply = await bot.says("/submit 2601.00001 name:yes", place=CHANNEL, who="-200")
    assert text_of(reply).startswith("Submitted to the list: Diffusion")
    assert "User" not in text_of(reply)
    assert await here(bot, place=CHANNEL) == []
    number = await pressed_number(bot)
    for place, who in ((CHANNEL, "-200"), (TOPIC, "-100")):
        refused = await bot.presses(f"vote:{number}", place=place, who=who)
        assert text_of(refused) == "Channels and anonymous administrators can't vote. Vote as yourself."


# --- voting ----------------------------------------------------------------------------------------------------------


async def test_a_press_votes_and_another_one_offers_to_withdraw(bot):
    await bot.record(paper(1, "Diffusion"))
    number = await pressed_number(bot)
    first = await bot.presses(f"vote:{number}", place=GROUP, manages=False)
    assert (first.toast, labels(first)) == ("You voted for it. 1 vote", ["👍 1"])
    second = await bot.presses(f"vote:{number}", place=GROUP, who="2", manages=False)
    assert (second.toast, labels(second)) == ("You voted for it. 2 votes", ["👍 2"])
    assert buttons_of(await bot.presses(f"open:{number}", place=GROUP))["👍 2"] == f"vote:{number}"
    again = await bot.presses(f"vote:{number}", place=GROUP, manages=False)
    assert again.toast == "Your vote stands. The button next to it withdraws it. 2 votes"
    assert (text_of(again), labels(again)) == ("Your vote stands. 2 votes", ["👍 2", "Withdraw my vote"])
    other = await bot.presses("Withdraw", again, place=GROUP, who="2", manages=False)
    assert text_of(other) == "This button is only for the person who asked."
    back = await bot.presses("Withdraw", again, place=GROUP, manages=False)
    assert (text_of(back), back.edit) == ("Your vote is withdrawn. 1 vote", True)
    assert text_of(await bot.presses("Withdraw", again, place=GROUP)) == "You have no vote for it. 1 vote"
    under = await bot.presses(f"unvote:{number}", place=GROUP, who="3", manages=False)
    assert (under.toast, labels(under)) == ("You have no vote for it. 1 vote", ["👍 1"])
    assert await here(bot, place=GROUP) == [("Diffusion", "1 vote")]
    assert await here(bot, place=TOPIC) == []


def labels(reply):
    """What stands in place of the buttons under the paper from now on."""
    return [button.label for buttons in reply.keys.values() for button in buttons]


async def test_many_votes_at_once_change_the_button_a_few_times(bot):
    await bot.record(paper(1, "Diffusion"))
    number = await pressed_number(bot)
    actor = Actor(channel="telegram", user_id="1")
    replies = [
        await bot.commands.handle(
            Request(actor=replace(actor, user_id=str(who)), place=GROUP, can_manage=False, action=f"vote:{number}")
        )
        for who in range(30)
    ]
    assert [bool(reply.keys) for reply in replies] == [True] * RELABELS + [False] * (30 - RELABELS)
    assert replies[-1].toast == "You voted for it. 30 votes"
    again = await bot.commands.handle(
        Request(actor=replace(actor, user_id="29"), place=GROUP, can_manage=False, action=f"vote:{number}")
    )
    assert (again.toast, list(buttons_of(again)), again.keys) == ("Your vote stands. 30 votes", ["Withdraw"], {})


async def test_a_reaction_to_a_single_paper_is_a_vote(bot):
    await bot.record(paper(1, "Diffusion"))
    await bot.says("/submit 2601.00001", place=TOPIC)
    await bot.match()
    await bot.deliver()
    chat = replace(GROUP, address="-100")  # reactions don't say in which topic
    await reacts(bot, "1", who="2", place=chat)
    await reacts(bot, "1", who="2", place=chat)
    await reacts(bot, "99", who="3", place=chat)
    await reacts(bot, "1", who="4", place=CHANNEL)
    await reacts(bot, "1", who="-100", place=chat)
    assert await here(bot, place=TOPIC) == [("Diffusion", "2 votes")]
    await reacts(bot, "1", who="2", place=chat, what="unvoted")
    assert await here(bot, place=TOPIC) == [("Diffusion", "1 vote")]
    await reacts(bot, "1", who="9", place=chat, what="unvoted")
    assert text_of(await bot.says("/export", who="9")) == "Nothing is stored about you."


async def test_a_vote_for_a_paper_that_is_gone_or_was_merged(bot):
    await bot.record(paper(1, "Diffusion"))
    number = await pressed_number(bot)
    assert "too old" in text_of(await bot.presses(f"vote:{number + 50}", place=GROUP))
    assert "too old" in text_of(await bot.presses("vote:x", place=GROUP))


async def test_votes_by_window(bot):
    await bot.record(paper(1, "Diffusion"), paper(2, "Graphs"))
    await bot.says("/submit 2601.00001", place=GROUP)
    bot.clock.advance(days=3)
    await bot.says("/submit 2601.00002", place=GROUP)
    assert [title for title, _ in await here(bot, "/trending here day", place=GROUP)] == ["Graphs"]
    assert len(await here(bot, "/trending here", place=GROUP)) == 2
    assert "Use one of: day, week" in text_of(await bot.says("/trending there", place=GROUP))


# --- who may ---------------------------------------------------------------------------------------------------------

SUBMITTER, OTHER, MANAGER = "1", "2", "9"


@pytest.mark.parametrize(
    ("who", "manages", "place", "may"),
    [
        (SUBMITTER, False, GROUP, True),
        (OTHER, False, GROUP, False),
        (MANAGER, True, GROUP, True),
        (MANAGER, True, TOPIC, False),
        (SUBMITTER, False, TOPIC, False),
    ],
    ids=["submitter", "member", "manager", "manager elsewhere", "submitter elsewhere"],
)
@pytest.mark.parametrize("by_button", [True, False])
async def test_who_takes_a_paper_off_a_list(bot, who, manages, place, may, by_button):
    await bot.record(paper(1, "Diffusion"))
    reply = await bot.says("/submit 2601.00001", who=SUBMITTER, place=GROUP, manages=False)
    if by_button:
        gone = await bot.presses("Undo", reply, who=who, place=place, manages=manages)
    else:
        gone = await bot.says("/unsubmit 2601.00001", who=who, place=place, manages=manages)
    assert text_of(gone).startswith("Removed from the list: Diffusion") is may
    await bot.match()
    await bot.deliver()
    assert len(bot.channel.sent) == (0 if may else 1)
    if who == MANAGER and may:
        number = await pressed_number(bot)
        voted = await bot.presses(f"vote:{number}", who=OTHER, place=GROUP, manages=False)
        assert text_of(voted) == "A manager removed this paper from the list. It takes no more votes."
        refused = await bot.says("/submit 2601.00001", who=SUBMITTER, place=GROUP, manages=False)
        assert text_of(refused) == "A manager removed this paper from the list. Only managers can put it back."
        assert text_of(await bot.says("/submit 2601.00001", who=MANAGER, place=GROUP)).startswith("Submitted")


async def test_nobody_manages_the_public_list_in_a_chat(public):
    await public.record(paper(1, "Diffusion"))
    await public.says("/submit 2601.00001", who=SUBMITTER)
    refused = await public.says("/unsubmit 2601.00001", who=OTHER)
    assert text_of(refused) == "Only its submitter and managers can take a paper off the list."
    assert text_of(await public.says("/unsubmit 2601.00001", who=SUBMITTER)).startswith("Removed")
    assert text_of(await public.says("/unsubmit 2601.00001", who=SUBMITTER)) == "This paper isn't on the list."


async def test_who_follows_may_stop_only_as_a_manager(bot):
    await bot.record(paper(1, "Diffusion"))
    await bot.says("/submit 2601.00001", place=GROUP, manages=False)
    refused = await bot.says("/unsubscribe list:here", place=GROUP, manages=False)
    assert text_of(refused) == "Only managers can change subscriptions and settings here."
    assert text_of(await bot.says("/subscribe list:here", who="1")) == "A private chat has no list. Follow list:public."


@pytest.mark.parametrize("typed", ["list:here", "list:public"])
async def test_a_list_is_no_search(bot, typed):
    for command in ("search", "preview"):
        reply = await bot.says(f"/{command} {typed}", place=GROUP)
        assert text_of(reply) == "A list can't be searched. /trending here shows it, and /subscribe follows it."


async def test_why_says_whether_a_paper_is_on_the_list_that_is_subscribed_to(bot):
    await bot.record(paper(1, "On the list"), paper(2, "Not on it"))
    await bot.says("/submit 2601.00001", place=GROUP)
    await bot.says("/subscribe list:here", place=GROUP)
    assert "Matched by list:here" in text_of(await bot.says("/why 2601.00001", place=GROUP))
    assert "no list:here" in text_of(await bot.says("/why 2601.00002", place=GROUP))
