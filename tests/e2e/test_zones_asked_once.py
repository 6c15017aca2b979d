"""Times name their zone, which is asked for once, where a time is first set: over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, paper
from pressing import CHATS

ASKED = "Times are in UTC. Choose your time zone"


@pytest.fixture(params=CHATS)
def chat(conversation, request):
    return CHATS[request.param](conversation)


@pytest.fixture(params=CHATS)
def private(conversation, request):
    return CHATS[request.param](conversation, private=ANN)


FIRST_TIMES = {
    "digest": ["/digest daily 8am"],
    "quiet hours": ["/quiet 22-7"],
    "a subscription's own": ["/subscribe lora when:weekdays 7:30"],
    "one that was there": ["/subscribe lora", "/subscriptions 1 daily 8am"],
}


@pytest.mark.parametrize("first", FIRST_TIMES)
async def test_wherever_a_time_is_first_set_the_zone_is_asked_and_never_again(chat, first):
    for text in FIRST_TIMES[first]:
        answer = await chat.ask(ANN, text)
    assert ASKED in chat.text(answer)
    assert "(UTC)" in chat.text(answer)
    assert {"Europe/Berlin", "America/New York", "UTC"} <= set(chat.labels(answer))
    chosen, _ = await chat.press(ANN, answer, "Europe/Berlin")
    assert "Time zone: Europe/Berlin." in chat.text(chosen)
    for texts in FIRST_TIMES.values():
        for text in texts:
            answer = await chat.ask(ANN, text)
        assert ASKED not in chat.text(answer)
        assert "Europe/Berlin" in chat.text(answer)


async def test_who_skips_the_question_stays_in_utc_and_is_not_asked_again(chat):
    assert ASKED in chat.text(await chat.ask(ANN, "/digest daily 8am"))
    for text in ("/digest", "/digest weekdays 7:30", "/quiet 22-7", "/subscribe lora when:weekly mon 08:00"):
        answer = chat.text(await chat.ask(ANN, text))
        assert ASKED not in answer
        assert "(UTC)" in answer


async def test_the_button_of_a_cadence_asks_and_keeps_its_answer_apart(chat):
    await chat.ask(ANN, "/subscribe lora")
    choices, _ = await chat.press(ANN, await chat.ask(ANN, "/subscriptions 1"), "When…")
    assert "Time zone: UTC." in chat.text(choices)
    chosen, _ = await chat.press(ANN, choices, "Every day at 08:00")
    assert "lora: every day at 08:00 (UTC)" in chat.text(chosen)
    assert ASKED in chat.text(chosen)
    _, note = await chat.press(BOB, chosen, "Europe/Berlin")
    assert "Only managers" in note
    zoned, _ = await chat.press(ANN, chosen, "Europe/Berlin", says="Time zone: ")
    assert "Time zone: Europe/Berlin." in chat.text(zoned)
    assert "lora: every day at 08:00 (Europe/Berlin)" in chat.text(zoned)
    assert "every day at 08:00 (Europe/Berlin)" in chat.text(await chat.ask(ANN, "/subscriptions 1"))


async def test_a_zone_that_a_person_chose_holds_in_their_other_chats(private):
    chat = CHATS[private.kind](private.world)
    await chat.ask(ANN, "/subscribe lora")  # the shared place is stored before anyone chooses
    answer = await private.ask(ANN, "/digest daily 8am")
    await private.press(ANN, answer, "Europe/Berlin")
    answer = chat.text(await chat.ask(ANN, "/digest daily 8am"))
    assert "every day at 08:00 (Europe/Berlin)" in answer
    assert ASKED not in answer


async def test_a_journal_club_asks_for_its_zone_and_keeps_the_time_of_day(chat):
    chat.world.known["2601.00001"] = paper(1, "Graphs of graphs")
    await chat.ask(BOB, "/submit 2601.00001")
    answer = await chat.ask(ANN, "/agenda weekly fri 15:00")
    assert "Graphs of graphs" in chat.text(answer)
    assert "Journal club on Friday, 9 January 2026, 15:00 (UTC)" in chat.text(answer)
    assert ASKED in chat.text(answer)
    _, note = await chat.press(BOB, answer, "Europe/Berlin")
    assert "Only managers" in note
    assert not any("present" in label for label in chat.labels(answer))  # a press would replace the question
    moved, _ = await chat.press(ANN, answer, "Europe/Berlin")
    moved = next(sent for sent in reversed(chat.messages()) if "Journal club" in chat.text(sent))
    assert "Journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin)" in chat.text(moved)
    assert "I present this" in chat.labels(moved)
    assert "Time zone…" not in chat.labels(await chat.ask(ANN, "/agenda"))
    await chat.ask(ANN, "/agenda weekly thu 16:00")
    await chat.server.until(lambda: "16:00 (Europe/Berlin)" in " ".join(map(chat.text, chat.messages())))
    again = next(sent for sent in reversed(chat.messages()) if "16:00 (Europe/Berlin)" in chat.text(sent))
    assert ASKED not in chat.text(again)
    assert ASKED not in chat.text(await chat.ask(ANN, "/digest daily 8am"))


async def test_a_journal_club_whose_question_was_left_can_still_be_given_a_zone(chat):
    assert ASKED in chat.text(await chat.ask(ANN, "/agenda fridays at 3"))
    await chat.world.restart()
    agenda = await chat.ask(BOB, "/agenda")
    _, note = await chat.press(BOB, agenda, "Time zone…")
    assert "Only managers" in note
    question, _ = await chat.press(ANN, agenda, "Time zone…", says="In which time zone")
    assert "In which time zone does the journal club meet?" in chat.text(question)
    await chat.press(ANN, question, "Europe/Berlin")
    moved = next(sent for sent in reversed(chat.messages()) if "Journal club" in chat.text(sent))
    assert "Journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin)" in chat.text(moved)


async def test_the_question_stays_when_digest_options_are_opened(chat):
    answer = await chat.ask(ANN, "/digest daily 8am")
    options, _ = await chat.press(ANN, answer, "Digest options…")
    assert options.id != answer.id
    assert "A digest lists all its papers." in chat.text(options)
    assert ASKED in chat.text(answer)
    await chat.world.restart()
    zoned, _ = await chat.press(ANN, answer, "Europe/Berlin", says="Time zone: ")
    assert "Time zone: Europe/Berlin." in chat.text(zoned)
    assert "New papers come here every day at 08:00 (Europe/Berlin)." in chat.text(zoned)


async def test_quiet_hours_still_stand_in_their_answer_once_a_zone_is_chosen(chat):
    zoned, _ = await chat.press(ANN, await chat.ask(ANN, "/quiet 22-7"), "Europe/Berlin", says="Time zone: ")
    assert "Time zone: Europe/Berlin." in chat.text(zoned)
    assert "Nothing is sent here from 22:00 to 07:00 (Europe/Berlin)." in chat.text(zoned)
