"""Settings of a chat by buttons, over the wire of both platforms: the card, its choices, and what digests hold."""

import pytest
from conversation_world import ANN, BOB
from pressing import CHATS


@pytest.fixture(params=CHATS)
def chat(conversation, request):
    return CHATS[request.param](conversation)


async def place_of(chat):
    (subscription, *_) = await chat.world.subscriptions()
    async with chat.world.store.read() as unit:
        return await unit.places.get(subscription.destinations[0])


async def test_the_card_says_nothing_of_sounds_without_subscriptions(chat):
    card = await chat.ask(ANN, "/settings")
    assert "There are no subscriptions here yet." in chat.text(card)
    assert "Sound…" not in chat.labels(card)


async def test_one_card_leads_to_each_choice_and_back(chat):
    await chat.ask(ANN, "/subscribe lora")
    card = await chat.ask(ANN, "/settings")
    assert chat.text(card) == (
        "Settings of this chat\n"
        "New papers come here as they appear.\n"
        "No quiet hours are set here.\n"
        "Up to five papers are sent as separate messages, more as lists.\n"
        "All subscriptions come with a sound.\n"
        "Time zone: UTC.\n"
        "Language here: automatic. Papers are sent in the language of the server or of who set this up."
    )
    for label, choice, becomes in (
        ("How often…", "Mondays at 08:00", "New papers come here every Monday at 08:00 (UTC)."),
        ("Time zone…", "Europe/Berlin", "Time zone: Europe/Berlin."),
        ("Quiet hours…", "22:00-07:00", "Nothing is sent here from 22:00 to 07:00 (Europe/Berlin)."),
        ("Look…", "Cards", "Each paper is sent as a message of its own."),
        ("Language…", "English", "Language here: English."),
    ):
        choices, _ = await chat.press(ANN, card, label)
        assert "« Settings" in chat.labels(choices), label
        chosen, _ = await chat.press(ANN, choices, choice)
        assert becomes in chat.text(chosen), label
        card, _ = await chat.press(ANN, chosen, "« Settings")
        assert becomes in chat.text(card), label
    place = await place_of(chat)
    assert (place.cadence, place.zone, place.quiet, place.style) == (
        "weekly mon 08:00",
        "Europe/Berlin",
        "22:00-07:00",
        "cards",
    )
    choices, _ = await chat.press(ANN, card, "Quiet hours…")
    chosen, _ = await chat.press(ANN, choices, "No quiet hours")
    assert "No quiet hours are set here." in chat.text(chosen)


async def test_the_sound_of_each_subscription_is_on_the_card(chat):
    await chat.ask(ANN, "/subscribe lora")
    sounds, _ = await chat.press(ANN, await chat.ask(ANN, "/settings"), "Sound…")
    assert chat.labels(sounds) == ["#1 lora: without sound", "« Settings"]
    silent, _ = await chat.press(ANN, sounds, "#1 lora: without sound")
    assert silent.id == sounds.id  # the card itself, and not a second one below it
    assert chat.text(silent) == "1 subscription comes without a sound."
    assert chat.labels(silent) == ["#1 lora: with sound", "« Settings"]
    card, _ = await chat.press(ANN, silent, "« Settings")
    assert "1 subscription comes without a sound." in chat.text(card)
    sounds, _ = await chat.press(ANN, card, "Sound…")
    loud, _ = await chat.press(ANN, sounds, "#1 lora: with sound")
    assert chat.text(loud) == "All subscriptions come with a sound."


@pytest.mark.parametrize("through", ["the place", "a subscription"])
async def test_what_digests_hold_is_chosen_by_buttons(chat, through):
    await chat.ask(ANN, "/subscribe lora")
    await chat.ask(ANN, "/digest daily 08:00 berlin")
    if through == "the place":
        shown = await chat.ask(ANN, "/digest")
    else:
        shown, _ = await chat.press(ANN, await chat.ask(ANN, "/subscriptions 1"), "When…")
        assert "Time zone: Europe/Berlin." in chat.text(shown)
    options, _ = await chat.press(ANN, shown, "Digest options…")
    assert "Papers are grouped by subscription" in chat.text(options)
    for label, becomes in (
        ("Best 10", "A digest lists at most 10 papers and links to the others."),
        ("Wait for 3 papers", "A digest waits until it has 3 papers."),
        ("One list", "A digest is one list, the best first."),
        ("Say when nothing is new", "When there is nothing new, a digest says so."),
    ):
        options, _ = await chat.press(ANN, options, label)
        assert becomes in chat.text(options)
        assert label not in chat.labels(options)
    place = await place_of(chat)
    assert (place.digest_max, place.digest_min, place.digest_empty, place.digest_sections) == (10, 3, True, False)
    for label in ("All papers", "By subscription", "Don't wait for more papers", "Send nothing when nothing is new"):
        options, _ = await chat.press(ANN, options, label)
    assert "A digest lists all its papers." in chat.text(options)
    back, _ = await chat.press(ANN, options, "« Back")
    assert "every day at 08:00 (Europe/Berlin)" in chat.text(back)


async def test_a_member_presses_none_of_them(chat):
    await chat.ask(ANN, "/subscribe lora")
    card = await chat.ask(ANN, "/settings")
    digest = await chat.ask(ANN, "/digest")
    for command in ("/settings", "/digest", "/quiet", "/style"):
        shown = await chat.ask(BOB, command)
        assert "Managers can change this." in chat.text(shown), command
        assert chat.labels(shown) == [], command
    before = await place_of(chat)
    labels = ((card, label) for label in ("How often…", "Quiet hours…", "Look…", "Sound…", "Time zone…"))
    for sent, label in (*labels, (digest, "Digest options…"), (digest, "Mondays at 08:00")):
        _, note = await chat.press(BOB, sent, label)
        assert "Only managers can change subscriptions and settings here." in note
    assert await place_of(chat) == before


async def test_times_of_single_subscriptions_are_named_with_those_of_the_chat(chat):
    await chat.ask(ANN, "/digest daily 08:00 berlin")
    await chat.ask(ANN, "/subscribe lora")
    await chat.ask(ANN, "/subscribe qlora when:weekly fri 09:00 name:mine")
    for command in ("/digest", "/settings"):
        text = chat.text(await chat.ask(ANN, command))
        assert "New papers come here every day at 08:00 (Europe/Berlin)." in text
        assert "Subscriptions with times of their own:\n#2 mine: every Friday at 09:00 (Europe/Berlin)" in text
    text = chat.text(await chat.ask(ANN, "/status"))
    assert "#2 mine: 0, every Friday at 09:00 (Europe/Berlin)" in text
    assert "#1 lora: 0\n" in text
    shown = chat.text(await chat.ask(ANN, "/subscriptions"))
    assert "mine: qlora" in shown
    assert " · every Friday at 09:00 (Europe/Berlin)" in shown
