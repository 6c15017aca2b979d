"""Votes, saved papers and subscriptions that are there already, over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, SERVER, conversing, paper
from test_lists_in_chats import CY, Place

from servers.discord_people import plain


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock) as made:
        made.telegram.chats[GROUP].bot = "administrator"
        made.telegram.chats[GROUP].admins.add(BOB)
        made.telegram.person(CY, "Cy")
        made.discord.names.update({ANN: "Ann", BOB: "Bob", CY: "Cy"})
        made.discord.guilds[SERVER].members[BOB] = {SERVER + 1}
        await made.record(paper(1, "Diffusion models"))
        yield made


class Chat(Place):
    """A group or a channel with two managers, and private chats."""

    async def sends(self, who, text):
        """The message that answers."""
        return await self.wire.ask(who, text, self.address)

    async def reads(self, who, sent, label):
        """What who presses a button is told: a new message, one put in its place, or the words over the chat."""
        if self.on_discord:
            return plain((await self.wire.answer(await self.wire.press(who, sent, label))).text)
        place, noted, edits = self.wire.messages(sent.chat), len(self.wire.toasts), sent.edits
        self.wire.press(who, sent, label)
        await self.wire.until(lambda: len(self.wire.toasts) > noted and self.wire.confirmed())
        if text := self.wire.toasts[-1].get("text"):
            return text
        written = self.wire.messages(sent.chat)[len(place) :]
        return written[0].text if written else sent.text if sent.edits > edits else ""

    def labels(self, sent):
        rows = sent.labels if self.on_discord else [[key["text"] for key in row] for row in sent.keyboard]
        return [label for row in rows for label in row]

    async def shows(self, sent, label):
        await self.wire.until(lambda: label in self.labels(sent))

    async def occasions(self):
        return [sorted(one.occasions) for one in await self.world.subscriptions()]


@pytest.fixture(params=["telegram", "discord"])
def chat(conversation, request):
    return Chat(conversation, request.param)


async def test_an_old_button_that_adds_says_that_it_is_there(chat):
    await chat.sends(ANN, "/subscribe lora")
    card = await chat.sends(ANN, "/subscriptions lora")
    added = await chat.reads(BOB, card, "Also send new versions")
    assert "It already" not in added
    assert await chat.occasions() == [["arrival", "versions"]]
    assert "It already includes new versions." in await chat.reads(ANN, card, "Also send new versions")
    assert await chat.occasions() == [["arrival", "versions"]]


async def test_a_colleagues_subscription_is_not_undone(chat):
    await chat.sends(ANN, "/subscribe lora")
    again = await chat.sends(BOB, "/subscribe lora")
    assert "It was already there, added by Ann." in plain(again.text)
    assert "Undo" not in chat.labels(again)
    assert await chat.world.queries() == ["lora"]


async def test_undo_takes_the_added_occasions_alone(chat):
    await chat.sends(ANN, "/subscribe lora")
    options = {"options": {"occasions": "versions"}} if chat.on_discord else {}
    text = "/subscribe lora" if chat.on_discord else "/subscribe lora occasions:versions"
    more = await chat.wire.ask(BOB, text, chat.address, **options)
    assert await chat.occasions() == [["arrival", "versions"]]
    await chat.reads(BOB, more, "Undo")
    assert await chat.occasions() == [["arrival"]]
    assert await chat.world.queries() == ["lora"]


async def test_a_second_submission_is_a_vote_that_stands_and_can_be_undone(chat):
    await chat.sends(BOB, "/submit 2601.00001")
    second = await chat.sends(CY, "/submit 2601.00001")
    assert "On the list since" in second.text
    assert "You voted for it. 2 votes" in second.text
    (card,) = await chat.deliver()
    assert "Your vote stands." in await chat.reads(CY, card, "👍 Upvote")
    assert await chat.votes() == 2
    assert "This button is only for the person who asked." in await chat.reads(ANN, second, "Undo")
    assert await chat.votes() == 2
    await chat.reads(CY, second, "Undo")
    await chat.wire.until(lambda: "Your vote is withdrawn. 1 vote" in second.text)
    assert await chat.votes() == 1


async def test_a_vote_by_reaction_stands_until_it_is_taken_back(chat):
    await chat.sends(BOB, "/submit 2601.00001")
    (card,) = await chat.deliver()
    await chat.reacts(CY, card)
    assert await chat.votes() == 2
    await chat.shows(card, "👍 2")
    assert "Your vote stands." in await chat.reads(CY, card, "👍 2")
    assert await chat.votes() == 2
    await chat.reacts(CY, card, back=True)
    assert await chat.votes() == 1


async def test_a_vote_by_reaction_is_withdrawn_by_the_button(chat):
    await chat.sends(BOB, "/submit 2601.00001")
    (card,) = await chat.deliver()
    await chat.reacts(CY, card)
    await chat.shows(card, "👍 2")
    await chat.world.restart()
    if chat.on_discord:
        stands = await chat.wire.answer(await chat.wire.press(CY, card, "👍 2"))
        assert "Your vote is withdrawn. 1 vote" in await chat.reads(CY, stands, "Withdraw")
    else:
        await chat.reads(CY, card, "👍 2")
        assert "Your vote is withdrawn. 1 vote" in await chat.reads(CY, card, "Withdraw my vote")
    assert await chat.votes() == 1


async def test_in_private_save_becomes_saved_and_takes_it_back(chat):
    listed = await chat.wire.ask(CY, "/search diffusion")
    if chat.on_discord:
        card = await chat.wire.answer(await chat.wire.press(CY, listed, "1"))
    else:
        chat.wire.press(CY, listed, "1")
        card = (await chat.wire.wait(CY, 2))[1]
    old = list(chat.labels(card))
    for label, becomes in (("Save", "Saved ✓"), ("Saved ✓", "Save")):
        if chat.on_discord:
            await chat.wire.press(CY, card, label)
        else:
            chat.wire.press(CY, card, label)
        await chat.shows(card, becomes)
    assert chat.labels(card) == old
    assert "haven't saved any papers" in (await chat.wire.ask(CY, "/saved")).text


async def test_among_others_save_answers_who_pressed_alone(chat):
    await chat.sends(BOB, "/submit 2601.00001")
    (card,) = await chat.deliver()
    before = list(chat.labels(card))
    first, second = [await chat.reads(CY, card, "Save") for _ in range(2)]
    assert first.startswith("Saved")
    assert second.startswith("Already saved")
    assert chat.labels(card) == before
    if chat.on_discord:
        saved = chat.wire.messages(PAPERS, CY)[-2]
        assert saved.only_for == CY
        await chat.reads(CY, saved, "Undo")
        await chat.wire.until(lambda: saved.text == "No longer saved: Diffusion models")
    assert chat.wire.violations == []


async def test_a_vote_withdrawn_in_the_private_answer_changes_the_count_under_the_paper(chat):
    await chat.sends(BOB, "/submit 2601.00001")
    (card,) = await chat.deliver()
    await chat.reads(CY, card, "👍 Upvote")
    await chat.shows(card, "👍 2")
    if chat.on_discord:
        stands = await chat.wire.answer(await chat.wire.press(CY, card, "👍 2"))
        assert stands.only_for == CY
        await chat.world.restart()
        assert "Your vote is withdrawn. 1 vote" in await chat.reads(CY, stands, "Withdraw")
    else:
        assert "Your vote stands." in await chat.reads(CY, card, "👍 2")
        await chat.reads(CY, card, "Withdraw my vote")
    await chat.shows(card, "👍 1")
    assert await chat.votes() == 1
