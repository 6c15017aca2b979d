"""Papers that people post from Telegram's inline mode into any chat, over the wire."""

from dataclasses import replace

import pytest
from conversation_world import ANN, BOB, FORUM, conversing, paper

from paperwire.core.papers.paper import Event, EventKind
from paperwire.services.access import Access
from servers.loopback import PATIENCE


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.SUGGEST_WITHIN", PATIENCE)
    async with conversing(store, clock) as made:
        await made.record(
            paper(1, "LoRA <again>", abstract="Adapters & ranks. " * 200, authors=("Ann Lee", "Bo Chen")),
            paper(2, "Graph neural networks"),
        )
        yield made


async def test_matching_papers_are_listed_and_one_is_posted_as_a_card(conversation):
    telegram = conversation.telegram
    listed = await telegram.type_inline(BOB, " lora ")
    assert listed.titles == ["LoRA <again>"]
    assert listed.results[0]["description"] == "Ann Lee, Bo Chen · 5 Jan 2026"
    assert (listed.personal, listed.cached > 0, listed.button) == (False, True, None)
    posted = telegram.choose(BOB, listed.results[0], FORUM)
    assert posted.text.startswith("LoRA <again>\n")
    assert posted.links[0] == "https://arxiv.org/abs/2601.00001"
    assert [[key["text"] for key in row] for row in posted.keyboard] == [["PDF", "alphaXiv"]]
    assert "textEntityTypeExpandableBlockQuote" in [one["type"]["@type"] for one in posted.entities]
    assert not telegram.messages(BOB)


async def test_who_scrolls_on_gets_more_of_them(conversation):
    await conversation.record(*(paper(number, f"Diffusion {number}") for number in range(10, 70)))
    telegram, offset, titles, sizes = conversation.telegram, "", [], []
    while offset or not titles:
        listed = await telegram.type_inline(BOB, "diffusion", offset)
        titles += listed.titles
        sizes.append(len(listed.titles))
        offset = listed.following
    assert sizes == [25, 25, 10]
    assert len(set(titles)) == 60
    nonsense = await telegram.type_inline(BOB, "diffusion", "nonsense")
    assert nonsense.titles == titles[:25]


async def test_an_id_finds_its_paper(conversation):
    telegram = conversation.telegram
    for typed in ("2601.00002", "https://arxiv.org/abs/2601.00002v3"):
        assert (await telegram.type_inline(BOB, typed)).titles == ["Graph neural networks"]
    missing = await telegram.type_inline(BOB, "2601.00009")
    assert missing.button["text"] == "2601.00009 isn't stored. Send it to me in private."


async def test_nothing_typed_lists_what_trends(conversation):
    telegram, clock = conversation.telegram, conversation.clock
    none = await telegram.type_inline(BOB, "")
    assert none.button["text"].startswith("No upvotes this week")
    for score in (1, 40):
        clock.advance(hours=1)
        voted = replace(paper(2, "Graph neural networks"), upvotes=score)
        event = Event(kind=EventKind.LISTED, source="huggingface", at=clock(), day=clock().date(), paper=voted)
        async with conversation.store.write() as unit:
            await unit.papers.record([event], quiet=False)
    listed = await telegram.type_inline(BOB, "")
    assert listed.titles == ["Graph neural networks"]
    assert listed.results[0]["description"].endswith("40 upvotes")


@pytest.mark.parametrize(
    ("typed", "words", "says"),
    [
        ('"lora', "column 1", '"lora\n^'),
        ("=", "column 1", "=\n^"),
        ("zzzz", "No stored paper matches.", "Preview: zzzz"),
        ("like:2601.00001", "like: works in a private chat only.", "Search by meaning is off here"),
        ("list:here", "A list can't be searched.", "A list can't be searched."),
    ],
)
async def test_what_is_wrong_stands_on_a_button_to_the_private_chat(conversation, typed, words, says):
    telegram = conversation.telegram
    listed = await telegram.type_inline(ANN, typed)
    assert (listed.results, listed.personal, listed.cached) == ([], True, 0)
    assert words in listed.button["text"]
    assert len(listed.button["text"]) <= 64
    answer = await telegram.ask(ANN, f"/start {listed.button['start_parameter']}")
    assert says in answer.text


async def test_an_answer_that_comes_too_late_ends_nothing(conversation):
    telegram = conversation.telegram
    telegram.fail("old_query", method="answerInlineQuery")
    telegram.push(inline_query("1"))
    await telegram.until(lambda: not telegram.faults)
    assert (await telegram.type_inline(BOB, "lora")).titles == ["LoRA <again>"]


def inline_query(number):
    about = {"id": number, "from": {"id": BOB, "is_bot": False, "first_name": "Bob"}, "query": "lora", "offset": ""}
    return {"inline_query": about}


async def test_a_query_that_no_link_has_room_for_leads_to_the_beginning(conversation):
    telegram = conversation.telegram
    listed = await telegram.type_inline(ANN, '"' + "long " * 20)
    assert listed.button["start_parameter"] == "help"
    assert (await telegram.ask(ANN, "/start help")).text.startswith("Most used")


async def test_each_person_types_within_a_limit_of_their_own(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.services.limits.PER_TYPIST", 1)
    async with conversing(store, clock) as conversation:
        telegram = conversation.telegram
        await conversation.record(paper(1, "LoRA"))
        assert (await telegram.type_inline(BOB, "lora")).titles == ["LoRA"]
        assert "Too many requests" in (await telegram.type_inline(BOB, "lora")).button["text"]
        assert (await telegram.type_inline(ANN, "lora")).titles == ["LoRA"]
        assert (await telegram.ask(BOB, "/search lora")).text.startswith("1 paper")  # commands have a limit of theirs


async def test_a_closed_instance_answers_person_by_person(store, clock):
    access = Access(names=("telegram:7",))
    async with conversing(store, clock, access=access) as conversation:
        telegram = conversation.telegram
        await conversation.record(paper(1, "LoRA"))
        assert (await telegram.type_inline(ANN, "lora")).personal
        refused = await telegram.type_inline(BOB, "lora")
        assert refused.results == []
        assert "invited people only" in refused.button["text"]
