"""Over both fake platforms: the channels and threads of a server have one list, and so have the topics of a group."""

from dataclasses import dataclass

import pytest
from conversation_world import ANN, BOB, FORUM, PAPERS, POST, SERVER, conversing, paper
from test_lists_in_chats import CY, matched_and_sent

TALK, ELSEWHERE = 2002, 3000
VISION, SPEECH = 5, 7


@dataclass
class Somewhere:
    """A channel or thread of Discord, or a topic of Telegram, where people type."""

    wire: object
    address: int
    thread: int | None = None

    async def types(self, who, text):
        """What the bot answers."""
        more = {} if self.thread is None else {"thread": self.thread}
        return (await self.wire.ask(who, text, self.address, **more)).text

    def papers(self):
        """The messages with papers, as everybody sees them there."""
        sent = [one for one in self.wire.messages(self.address) if getattr(one, "thread", None) == self.thread]
        return [one for one in sent if "submitted to the list" in one.text]


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock) as conversation:
        lab = conversation.discord.guilds[SERVER]
        conversation.discord.channel(TALK, lab, "talk")
        other = conversation.discord.guild(SERVER + 500, "Other", managers=(ANN,))
        conversation.discord.channel(ELSEWHERE, other)
        forum = conversation.telegram.chats[FORUM]
        forum.topics[SPEECH] = "speech"
        forum.bot = "administrator"
        conversation.telegram.chat(-301, title="Other", forum=True, topics={VISION: "papers"}, admins={ANN})
        conversation.telegram.person(CY, "Cy")
        await conversation.record(paper(1, "Diffusion models"), paper(2, "Graph networks"))
        yield conversation


@pytest.fixture(params=["telegram", "discord"])
def places(conversation, request):
    """Three places of a community, its platform, and a place of another one."""
    if request.param == "discord":
        wire = conversation.discord
        return "discord", *(Somewhere(wire, address) for address in (PAPERS, TALK, POST, ELSEWHERE))
    wire = conversation.telegram
    where = ((FORUM, VISION), (FORUM, SPEECH), (FORUM, None), (-301, VISION))
    return "telegram", *(Somewhere(wire, address, topic) for address, topic in where)


async def test_places_share_a_list_and_its_votes(conversation, places):
    platform, first, second, third, elsewhere = places
    answer = await first.types(BOB, "/submit 2601.00001")
    assert "Submitted to the list: Diffusion models" in answer
    assert "It will be posted here." in answer
    answer = await second.types(CY, "/submit 2601.00002")
    assert "It will be posted where the list is followed." in answer
    await matched_and_sent(conversation, platform)
    assert [len(place.papers()) for place in (first, second, third, elsewhere)] == [2, 0, 0, 0]

    diffusion = next(one for one in first.papers() if "Diffusion" in one.text)
    if platform == "discord":
        await first.wire.react(CY, diffusion)
    else:
        first.wire.react(CY, diffusion, "👍")
    for _ in range(5):  # a reaction is counted with what people type
        if "2 votes" in await first.types(ANN, "/trending here"):
            break
    for place in (first, second, third):
        shown = await place.types(CY, "/trending here")
        assert "Trending here this week" in shown
        assert "2 votes" in shown
        assert "Graph networks" in shown
    assert "No votes here in this period" in await elsewhere.types(CY, "/trending here")

    assert "Only its submitter and managers" in await third.types(CY, "/unsubmit 2601.00001")
    assert "isn't on the list" in await elsewhere.types(ANN, "/unsubmit 2601.00001")
    assert "Removed from the list" in await third.types(ANN, "/unsubmit 2601.00001")
    assert "Only managers can put it back" in await first.types(BOB, "/submit 2601.00001")
    assert "posted here as they appear" in await second.types(ANN, "/subscribe list:here")
    assert first.wire.violations == []


async def test_a_place_that_is_named_is_of_its_community(conversation, places):
    platform, first, second, *_ = places
    await first.types(BOB, "/submit 2601.00001")
    address = str(second.address) if second.thread is None else f"{second.address}/{second.thread}"
    answer = await first.wire.ask(ANN, f"/subscribe list:here to:{address}")
    assert "New papers go to" in answer.text
    await matched_and_sent(conversation, platform)
    assert [len(place.papers()) for place in (first, second)] == [1, 1]
