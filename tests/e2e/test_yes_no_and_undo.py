"""A yes, a no, an undo and other short words in a private chat mean what a person means, over the wire of both."""

import pytest
from conversation_world import ANN, GROUP, conversing, paper
from private_chats import PLATFORMS

from servers.loopback import PATIENCE


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


@pytest.fixture(params=PLATFORMS)
def ann(request, conversation):
    return PLATFORMS[request.param](conversation)


NO_CHANGE = "OK. Nothing was changed. /help lists all commands."
NO_QUESTION = "No question is open here. /help lists all commands."


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_typed_yes_is_the_button_of_the_question_that_was_just_asked(conversation, ann, restarts):
    await ann.says("/subscribe lora")
    for word, answer, left in (
        ("no", "Nothing was deleted.", ["lora"]),
        ("Yes, please!", "Everything about you has been deleted.", []),
    ):
        await ann.says("/forget")
        if restarts:
            await conversation.restart()
        assert ann.text(await ann.says(word)) == answer
        assert ann.text(await ann.says("yes")) == NO_QUESTION
        assert await conversation.queries() == left


async def test_an_ok_deletes_nothing_and_leaves_the_question_open(conversation, ann):
    await ann.says("/subscribe lora")
    await ann.says("/forget")
    assert ann.text(await ann.says("ok")) == "Please answer with yes or no."
    assert await conversation.queries() == ["lora"]
    assert ann.text(await ann.says("no thanks")) == "Nothing was deleted."


async def test_a_question_that_was_left_is_not_answered_later(conversation, ann):
    await ann.says("/subscribe lora")
    await ann.says("/forget")
    await ann.says("/subscriptions")
    assert ann.text(await ann.says("yes")) == NO_QUESTION
    asked = await ann.says("/forget")
    await pressed(conversation, ann, "No", asked, "Nothing was deleted.")
    assert ann.text(await ann.says("yes")) == NO_QUESTION
    assert await conversation.queries() == ["lora"]


async def test_a_yes_or_no_to_a_question_for_words_asks_again_or_ends_it(conversation, ann):
    await ann.says("/subscribe")
    assert ann.text(await ann.says("yes")).startswith("What are you looking for?")
    assert ann.text(await ann.says("no")) == "Cancelled. Nothing was changed."
    assert ann.text(await ann.says("no")) == NO_CHANGE
    await ann.says("/subscribe lora")
    await ann.says("stop")
    assert ann.text(await ann.says("no")) == NO_CHANGE
    await ann.says("undo")
    assert await conversation.queries() == []


@pytest.mark.parametrize("restarts", [False, True])
async def test_undo_takes_back_the_last_change_here(conversation, ann, restarts):
    assert ann.text(await ann.says("undo")) == "There is nothing to undo here."
    await ann.says("/subscribe lora")
    await ann.says("/unsubscribe lora")
    await ann.says("/trending")
    if restarts:
        await conversation.restart()
    assert ann.text(await ann.says("Undo that, please")).startswith("Subscribed again: lora")
    assert await conversation.queries() == ["lora"]


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [
        ("/digest weekly mon 09:00 Europe/Berlin max:20", "/digest daily 08:00 UTC max:10", "every Monday at 09:00"),
        (
            "/digest daily 08:00 min:3",
            "/digest sections:no",
            "it has 3 papers.\nTo change this",
        ),
        ("/quiet 22:00-07:00 Europe/Berlin", "/quiet off", "from 22:00 to 07:00 (Europe/Berlin)"),
        ("/style cards", "/style list", "Each paper is sent as a message of its own."),
    ],
)
async def test_undo_is_of_settings_too(conversation, ann, before, command, after):
    await ann.says("/subscribe lora")
    await ann.says(before)
    changed = await ann.says(command)
    assert ann.labels(changed)[-1] == "Undo"
    await conversation.restart()
    shown = ann.text(await ann.says("undo"))
    assert shown.startswith("Changed back.\n")
    assert after in shown
    assert ann.text(await ann.says("undo")) == "There is nothing to undo here."
    assert await conversation.queries() == ["lora"]


async def test_what_was_set_again_since_is_not_undone(conversation, ann):
    changed = await ann.says("/quiet 22:00-07:00 Europe/Berlin")
    await ann.says("/quiet 20:00-08:00")
    await pressed(conversation, ann, "Undo", changed, "Nothing is sent here from 20:00 to 08:00 (Europe/Berlin)")


CANNOT_UNDO = "The last change can't be undone. Change it again: /settings or /subscriptions"


@pytest.mark.parametrize(("typed", "answer"), [("/feed reset", "New links"), ("/checkup on", "A note comes")])
async def test_undo_takes_back_no_earlier_change_than_the_last(conversation, ann, typed, answer):
    await ann.says("/subscribe lora")
    assert answer in ann.text(await ann.says(typed))
    assert ann.text(await ann.says("undo")) == CANNOT_UNDO
    assert await conversation.queries() == ["lora"]


RESUMED, PAUSED = "Resumed. Papers come here again", "Paused. Nothing is sent here until /resume"


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_pause_and_its_end_are_undone(conversation, ann, restarts):
    await ann.says("/subscribe lora")
    for typed, undone in (("/pause", RESUMED), ("/resume", None), ("/pause", RESUMED), ("pause", RESUMED)):
        await ann.says(typed)
        if restarts:
            await conversation.restart()
        if undone is not None:
            assert ann.text(await ann.says("undo")).startswith(undone)
    await ann.says("/pause")
    resumed = await ann.presses("Resume", await ann.says("/start"))
    assert ann.text(resumed).startswith(RESUMED)
    assert ann.text(await ann.presses("Undo", resumed)).startswith(PAUSED)
    again = await ann.presses("Undo", resumed)
    assert ann.text(again).startswith("It was already paused.\n⚠ Nothing is sent here: paused by Ann.")
    assert await conversation.queries() == ["lora"]


@pytest.mark.parametrize(
    ("before", "word", "label"),
    [
        ("", "pause", "Pause"),
        ("pause", "resume", "Resume"),
        ("", "silent", "Without sound"),
        ("silent", "sound", "With sound"),
    ],
)
async def test_a_switch_of_a_subscription_is_undone(conversation, ann, before, word, label):
    await ann.says("/subscribe lora")
    if before:
        await ann.says(f"/subscriptions 1 {before}")
    assert label not in ann.labels(await ann.says(f"/subscriptions 1 {word}"))
    assert label in ann.labels(await ann.says("undo"))
    assert await conversation.queries() == ["lora"]


async def pressed(conversation, ann, label, sent, becomes):
    """Press a button whose answer stands in place of its message."""
    made = ann.server.press(ANN, sent, label)
    if ann.server is conversation.discord:
        await made
    await ann.server.until(lambda: becomes in ann.text(sent))


async def test_what_a_button_undid_is_not_undone_again(conversation, ann):
    await ann.says("/subscribe lora")
    muted = await ann.presses("Mute", await ann.says("fewer"))
    await pressed(conversation, ann, "Undo", muted, "Unmuted.")
    answer = ann.text(await ann.says("undo"))
    assert answer == "There is nothing to undo here."


async def test_undo_is_also_of_what_a_button_did(conversation, ann):
    await conversation.record(paper(1, "LoRA"))
    await ann.says("/watch 2601.00001")
    await pressed(conversation, ann, "1. Stop", await ann.says("/watch"), "No longer watching: LoRA")
    assert "Watching: LoRA" in ann.text(await ann.says("undo"))


async def test_short_words_are_answered_and_searched_by_no_one(conversation, ann):
    assert ann.text(await ann.says("ok")) == "👍 /help lists what else you can do."
    assert ann.text(await ann.says("bye!")).startswith("Bye! Papers keep coming.")
    for words in ("my subscriptions", "fewer", "too many papers"):
        assert "You have no subscriptions yet." in ann.text(await ann.says(words))
    await ann.says("/subscribe lora")
    assert "1 subscription" in ann.text(await ann.says("Show my subscriptions"))
    fewer = await ann.says("fewer messages please")
    assert "#1 lora" in ann.text(fewer)
    assert ann.labels(fewer) == ["Daily digest", "Best 10 a day", "Narrow…", "Mute"]
    for number in range(5):
        await ann.says(f"/subscribe topic{number}")
    assert ann.labels(await ann.says("fewer")) == [
        "How often…",
        "Quiet hours…",
        "Subscriptions",
        "Pause everything here",
    ]


async def test_in_a_group_people_say_yes_to_each_other(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/unsubscribe", GROUP)
    for words in ("yes", "no", "undo", "bye", "fewer"):
        telegram.say(ANN, words, GROUP)
    await telegram.until(telegram.confirmed)
    assert len(telegram.messages(GROUP)) == 1


async def test_what_is_not_subscribed_here_is_said(conversation, ann):
    refused = 'No subscription here has the query or name "lora".'
    assert ann.text(await ann.says("/unsubscribe lora")).splitlines()[0] == refused
    await ann.says("/subscribe graphs")
    assert ann.text(await ann.says("/unsubscribe lora")).splitlines()[0] == refused
    assert await conversation.queries() == ["graphs"]


async def test_the_only_subscription_is_not_offered_as_what_was_meant(ann):
    await ann.says("/subscribe lora")
    far = await ann.says("/unsubscribe quantum gravity")
    assert "The only subscription here is:" in ann.text(far)
    assert ann.labels(far) == ["#1 lora"]
    assert "Did you mean this one?" in ann.text(await ann.says("/unsubscribe lorra"))
