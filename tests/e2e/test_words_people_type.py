"""Plain words, mistyped commands and sentences in a private chat, over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, GROUP, conversing, paper
from private_chats import PLATFORMS

from servers.loopback import PATIENCE
from servers.telegram_people import BOT_ID


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


@pytest.fixture(params=PLATFORMS)
def ann(request, conversation):
    return PLATFORMS[request.param](conversation)


# --- words that are said -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["stop", "Unsubscribe", "cancel", "quit!", "end", "/stop", "please stop it"])
async def test_who_wants_to_stop_is_asked_what_and_nothing_ends_without_a_press(conversation, ann, word):
    await ann.says("/subscribe lora")
    await ann.says("/subscribe graph networks")
    asked = await ann.says(word)
    assert ann.text(asked).startswith("What do you want to stop?")
    labels = ["Pause everything here", "#1 lora", "#2 graph networks", "Delete everything about me…"]
    assert ann.labels(asked) == labels
    assert await conversation.queries() == ["lora", "graph networks"]
    assert ann.text(await ann.presses("Pause everything here", asked)).startswith("Paused.")
    asked = await ann.says(word)
    assert "Delete everything stored about you?" in ann.text(await ann.presses("Delete everything about me…", asked))
    assert await conversation.queries() == ["lora", "graph networks"]


async def test_a_subscription_is_ended_by_its_button(conversation, ann):
    await ann.says("/subscribe lora")
    await ann.says("/subscribe graph networks")
    asked = await ann.says("unsubscribe lora")
    assert ann.labels(asked) == ["Pause everything here", "#1 lora", "Delete everything about me…"]
    await ann.presses("Delete everything about me…", asked)  # which asks again
    absent = await ann.says("unsubscribe from graph")
    assert ann.text(absent).startswith('No subscription here has the query or name "graph".')
    assert ann.labels(absent) == ["#2 graph networks"]
    offer = await ann.says("stop words")
    assert "Subscribe" in ann.labels(offer)


@pytest.mark.parametrize("word", ["cancel", "Stop"])
async def test_an_open_question_is_ended_by_a_word(conversation, ann, word):
    await ann.says("/subscribe lora")
    card = await ann.says("/subscriptions lora")
    if type(ann) is PLATFORMS["telegram"]:
        await ann.presses("Edit", card)
    else:
        await ann.says("/subscribe")  # Discord asks for a press in a form
    assert ann.text(await ann.says(word)) == "Cancelled. Nothing was changed."
    assert ann.text(await ann.says(word)).startswith("What do you want to stop?")
    assert await conversation.queries() == ["lora"]


@pytest.mark.parametrize("kind", PLATFORMS)
async def test_a_topic_that_begins_like_a_command_answers_an_open_question(conversation, kind):
    ann = PLATFORMS[kind](conversation)
    if kind == "telegram":
        await ann.says("/subscribe")
        answer = await ann.says("search engines")
    else:
        made = await ann.server.command(ANN, "/subscribe")
        answer = await ann.server.answer(await ann.server.fill(ANN, made, "search engines"))
    assert ann.text(answer).startswith("Subscribed: search engines (#1)")


async def test_a_command_without_its_slash_leaves_an_open_question(conversation):
    telegram = conversation.telegram
    for words, answer in (("subscribe lora", "Subscribed: lora (#1)"), ("subscriptions", "1 subscription")):
        await telegram.ask(ANN, "/subscribe")
        assert (await telegram.ask(ANN, words)).text.startswith(answer)


@pytest.mark.parametrize("words", ["/unsubscribe lora", "unsubscribe lora", "please unsubscribe from lora"])
async def test_what_to_unsubscribe_is_no_answer_to_an_open_question(conversation, ann, words):
    await ann.says("/subscribe lora")
    await ann.says("/subscribe")
    answer = await ann.says(words)
    if words.startswith("/"):
        assert ann.text(answer).startswith("Unsubscribed: lora")
        assert await conversation.queries() == []
    else:
        assert "#1 lora" in ann.labels(answer)
        assert await conversation.queries() == ["lora"]


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("thanks", "You're welcome."),
        ("Thank you so much!", "You're welcome."),
        ("hello", "Paperwire\nSubscribe with a query"),
        ("Hi there", "Paperwire\nSubscribe with a query"),
        ("help", "/subscribe"),
        ("please help me", "/subscribe"),
        ("?", "/subscribe"),
        ("What can you do?", "/subscribe"),
        ("how does this work", "/subscribe"),
    ],
)
async def test_help_greetings_and_thanks_are_answered_as_such_also_while_a_question_is_open(
    conversation, ann, words, begins
):
    await ann.says("/subscribe")
    for _ in range(2):
        answer = ann.text(await ann.says(words))
        assert begins in answer
        assert answer.count("\n") == 0 or "thank" not in words.casefold()
    assert await conversation.queries() == []


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("subscriptions", "You have no subscriptions yet."),
        ("Trending week", "No upvotes in this period."),
        ("digest daily 8", "New papers come here every day at 08:00"),
        ("quiet 22-7", "Nothing is sent here from 22:00 to 07:00"),
        ("quiet off", "No quiet hours are set here."),
        ("subscribe lora", "Subscribed: lora (#1)"),
        ("preview lora", "Preview: lora"),
        ("search lora", "1 paper for lora"),
        ("watch 2601.00001", "Watching: LoRA"),
        ("help trending", "/trending"),
    ],
)
async def test_a_bare_command_word_is_the_command(conversation, ann, words, begins):
    await conversation.record(paper(1, "LoRA"))
    assert begins in ann.text(await ann.says(words))


@pytest.mark.parametrize(
    "words", ["style transfer", "link prediction", "digest authentication", "forget gates", "trending topics"]
)
async def test_a_topic_that_begins_with_a_commands_name_is_a_query(conversation, ann, words):
    offer = await ann.says(words)
    assert ann.labels(offer) == ["Subscribe", "Preview", "Search", "How to write a query"]


async def test_a_group_reads_words_only_where_they_answer_the_bot(conversation):
    telegram = conversation.telegram
    for words in ("stop", "hello", "thanks", "subscriptions"):
        telegram.say(ANN, words, GROUP)
    asked = await telegram.ask(ANN, "/subscribe", GROUP)
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Paperwire", "username": telegram.username}
    chat = telegram.chats[GROUP].json()
    asking = {"message_id": asked.id, "date": 1, "chat": chat, "from": bot, "text": asked.text}
    telegram.say(BOB, "thanks", GROUP, reply_to_message=asking)
    telegram.say(ANN, "cancel", GROUP, reply_to_message=asking)
    assert (await telegram.wait(GROUP, 2))[1].text == "Cancelled. Nothing was changed."
    assert len(telegram.messages(GROUP)) == 2


# --- mistyped commands -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["/subscirbe lora", "/suscribe lora"])
async def test_a_mistyped_command_offers_the_right_one_with_its_words(conversation, ann, typed):
    refused = await ann.says(typed)
    name = typed.partition(" ")[0]
    assert ann.text(refused) == f"Unknown command {name}. Did you mean /subscribe lora?"
    assert ann.labels(refused) == ["/subscribe lora"]
    assert ann.text(await ann.presses("/subscribe lora", refused)).startswith("Subscribed: lora")
    assert await conversation.queries() == ["lora"]


async def test_the_button_of_a_mistyped_command_obeys_a_groups_managers(conversation):
    telegram = conversation.telegram
    refused = await telegram.ask(ANN, "/subscirbe@paperwire_bot lora", GROUP)
    telegram.press(BOB, refused, "/subscribe lora")
    await telegram.until(lambda: telegram.toasts and "Only managers" in telegram.toasts[-1].get("text", ""))
    assert await conversation.queries() == []
    telegram.press(ANN, refused, "/subscribe lora")
    assert (await telegram.wait(GROUP, 2))[1].text.startswith("Subscribed: lora")


async def test_a_button_may_run_a_command_that_asks(conversation, ann):
    refused = await ann.says("/help suscribe")
    assert ann.labels(refused) == ["/help subscribe"]
    assert "/subscribe" in ann.text(await ann.presses("/help subscribe", refused))


# --- sentences ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "keywords"),
    [
        ("I'm interested in papers about diffusion models for protein design", "diffusion models protein design"),
        ("please send me everything on LLM agents", "LLM agents"),
    ],
)
@pytest.mark.parametrize("before", ["", "/subscribe "])
async def test_a_sentence_offers_its_keywords_with_their_rate(conversation, ann, before, sentence, keywords):
    await conversation.record(paper(1, keywords), paper(2, f"More {keywords}"))
    offer = await ann.says(f"{before}{sentence}")
    assert "This reads like a sentence:" in ann.text(offer)
    assert f"{keywords} – 2 matches in the last day" in ann.text(offer)
    assert ann.labels(offer) == ["Subscribe", "Preview", "Search", "Preview all words as typed", "How to write a query"]
    assert await conversation.queries() == []
    assert ann.text(await ann.presses("Subscribe", offer)).startswith(f"Subscribed: {keywords}")
    assert await conversation.queries() == [keywords]


@pytest.mark.parametrize(
    "sentence",
    [
        "найди статьи о больших языковых моделях",
        "대규모 언어 모델에 관한 최신 논문",
        "artículos sobre modelos de lenguaje grandes",
    ],
)
async def test_a_sentence_in_another_language_offers_the_english_query(conversation, ann, sentence):
    await conversation.record(paper(1, "Large language models"))
    offer = await ann.says(f"/subscribe {sentence}")
    assert '"large language model" – 1 match in the last day' in ann.text(offer)
    assert ann.text(await ann.presses("Subscribe", offer)).startswith('Subscribed: "large language model"')
    previewed = await ann.says(f"/preview {sentence}")
    assert 'as papers are in English: "large language model"' in ann.text(previewed)
    assert '"large language model" – as you may have meant it' in ann.text(previewed)


async def test_words_that_no_paper_has_are_not_offered_to_subscribe_to_first(conversation, ann):
    await conversation.record(paper(1, "Protein design"), paper(2, "Diffusion of proteins"))
    for typed in (
        "diffusion folding",
        "I'm interested in papers about diffusion folding",
        "/preview diffusion folding",
    ):
        offer = await ann.says(typed)
        assert "No match in the last day." in ann.text(offer)
        labels = ann.labels(offer)
        assert "Subscribe" not in labels, typed
        assert labels.index("Search") < labels.index("Subscribe anyway"), typed
        (wider,) = [label for label in labels if label.startswith("with one of the words")] or [labels[0]]
        assert labels[0] == wider
        assert ann.text(await ann.presses(wider, offer)).startswith("Preview:")
    assert "Subscribed: diffusion folding" in ann.text(await ann.presses("Subscribe anyway", offer))
