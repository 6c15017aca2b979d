"""Listening over a fake Bot API: what people type and press, and what they get back."""

import asyncio

import pytest

from paperwire.core.messages.message import Attachment, Button, Message
from paperwire.languages import translated
from paperwire.ports.requests import CommandSpec, Reply
from servers.recorder import text
from servers.telegram_listening import SPECS, listening


async def test_a_command_in_a_private_chat_is_asked_and_answered(telegram, recorder):
    telegram.person(100, "Ann", language="de")
    async with listening(telegram, recorder) as channel:
        sent = await telegram.ask(100, "/Subscribe  diffusion\n model ")
        (request,) = recorder.requests
        assert (request.command, request.args, request.locale) == ("subscribe", "diffusion\n model", "de")
        assert (request.actor.user_id, request.actor.name) == ("100", "Ann")
        assert (request.place.address, request.place.kind, request.can_manage) == ("100", "private", True)
        assert sent.text == "subscribe diffusion\n model"
        assert sent.reply_to is None
        assert channel.state() == "connected"
    assert channel.state() == "sending only"


async def test_a_person_without_a_language_has_no_locale(telegram, recorder):
    telegram.person(100, "Ann", language="")
    async with listening(telegram, recorder):
        await telegram.ask(100, "/help")
        assert [request.locale for request in recorder.requests] == [""]


async def test_start_brings_the_payload_of_a_link(telegram, recorder):
    async with listening(telegram, recorder):
        await telegram.ask(100, "/start feed")
    assert (recorder.requests[0].command, recorder.requests[0].args) == ("start", "feed")


async def test_words_without_a_command_are_handed_over_as_they_are(telegram, recorder):
    async with listening(telegram, recorder):
        await telegram.ask(100, "diffusion model")
    assert (recorder.requests[0].command, recorder.requests[0].action, recorder.requests[0].args) == (
        "",
        "",
        "diffusion model",
    )


async def test_answers_come_in_the_order_of_the_questions(telegram, recorder):
    async def slow(request):
        await asyncio.sleep(0.05 if request.args == "0" else 0)

    recorder.replies["subscribe"] = slow
    async with listening(telegram, recorder):
        for number in range(5):
            telegram.say(100, f"/subscribe {number}")
        sent = await telegram.wait(100, 5)
    assert [m.text for m in sent] == [f"subscribe {number}" for number in range(5)]


async def test_one_slow_answer_keeps_nobody_else_waiting(telegram, recorder):
    let_go = asyncio.Event()

    async def slow(request):
        if request.actor.user_id == "100":
            await let_go.wait()

    recorder.replies["subscribe"] = slow
    async with listening(telegram, recorder):
        telegram.say(100, "/subscribe a")
        telegram.say(200, "/subscribe b")
        await telegram.wait(200)
        assert telegram.messages(100) == []
        let_go.set()
        await telegram.wait(100)


async def test_an_update_is_confirmed_only_when_it_was_dealt_with(telegram, recorder):
    async def never(request):
        await asyncio.Event().wait()

    recorder.replies["subscribe"] = never
    async with listening(telegram, recorder):
        telegram.say(100, "/subscribe a")
        await recorder.until(1)
    recorder.replies.clear()
    async with listening(telegram, recorder):
        assert (await telegram.wait(100))[0].text == "subscribe a"
    assert len(recorder.requests) == 2


async def test_a_button_is_answered_with_a_toast_alone(telegram, recorder):
    recorder.replies["save:1"] = Reply(message=Message(), toast="Saved")
    recorder.replies["start"] = Reply(message=text("paper", Button("Save", "save:1")))
    async with listening(telegram, recorder):
        sent = await telegram.ask(100, "/start")
        query = telegram.press(100, sent, "Save")
        await telegram.until(lambda: telegram.toasts)
        await telegram.ask(100, "/help")
    assert telegram.toasts[0]["callback_query_id"] == query
    assert telegram.toasts[0]["text"] == "Saved"
    assert "show_alert" not in telegram.toasts[0]
    assert recorder.requests[1].action == "save:1"
    assert [m.text for m in telegram.messages(100)] == ["paper", "help"]


async def test_an_edit_replaces_the_message_with_the_button(telegram, recorder):
    recorder.replies["start"] = Reply(message=text("one", Button("Next", "next:1")))
    recorder.replies["next:1"] = Reply(message=text("two", Button("Next", "next:2")), edit=True)
    recorder.replies["next:2"] = Reply(message=text("two", Button("Next", "next:2")), edit=True)
    async with listening(telegram, recorder):
        sent = await telegram.ask(100, "/start")
        telegram.press(100, sent, "Next")
        await telegram.until(lambda: sent.text == "two")
        telegram.press(100, sent, "Next")  # says what it says already: that is success
        await telegram.ask(100, "/help")
    assert [m.text for m in telegram.messages(100)] == ["two", "help"]
    assert sent.edits == 1


async def test_an_edit_of_a_message_that_is_gone_is_sent_again(telegram, recorder):
    recorder.replies["start"] = Reply(message=text("one", Button("Next", "next:1")))
    recorder.replies["next:1"] = Reply(message=text("two"), edit=True)
    async with listening(telegram, recorder):
        sent = await telegram.ask(100, "/start")
        telegram.chats[100].sent.clear()
        telegram.press(100, sent, "Next")
        assert (await telegram.wait(100))[0].text == "two"


async def test_a_button_pressed_too_late_is_still_obeyed(telegram, recorder):
    recorder.replies["start"] = Reply(message=text("one", Button("Go", "go:1")))
    async with listening(telegram, recorder):
        sent = await telegram.ask(100, "/start")
        telegram.fail("old_query", method="answerCallbackQuery")
        telegram.press(100, sent, "Go")
        assert (await telegram.wait(100, 2))[1].text == "go:1"


async def test_files_come_as_documents(telegram, recorder):
    file = Attachment("papers.bib", "application/x-bibtex", b"@article{x}")
    recorder.replies["saved"] = Reply(message=text("1 paper"), files=(file,))
    async with listening(telegram, recorder):
        telegram.say(100, "/saved")
        sent = await telegram.wait(100, 2)
    assert sent[0].text == "1 paper"
    assert sent[1].document == ("papers.bib", b"@article{x}")


async def test_a_fault_of_our_own_in_answering_is_logged_and_ends_no_conversation(telegram, recorder, capsys):
    async def broken(request):
        raise ZeroDivisionError

    recorder.replies["subscribe"] = broken
    async with listening(telegram, recorder):
        telegram.say(100, "/subscribe x")
        assert (await telegram.ask(100, "/help")).text == "help"
    assert "answer failed" in capsys.readouterr().out


MENU = (*SPECS, CommandSpec("pause", "Send nothing", who="manager"))


async def test_each_menu_has_the_commands_of_its_scope_and_is_set_only_when_it_changed(telegram, recorder):
    for _ in range(2):
        async with listening(telegram, recorder, MENU, menus=translated()):
            await telegram.ask(100, "/help")
    menus = {scope: [one["command"] for one in menu] for scope, menu in telegram.menus.items()}
    offered = {
        "all_private_chats": ["subscribe", "feed", "pause"],
        "all_group_chats": ["subscribe"],
        "all_chat_administrators": ["subscribe", "pause"],
    }
    languages = [name.partition("_")[0] for name in translated()]
    assert menus == offered | {f"{scope} {each}": names for scope, names in offered.items() for each in languages}
    assert [name for name, _ in telegram.calls].count("setMyCommands") == 3 * (1 + len(languages))
    async with listening(telegram, recorder, MENU[:2], menus=translated()):
        await telegram.ask(100, "/help")
    assert [one["command"] for one in telegram.menus["all_chat_administrators"]] == ["subscribe"]
    assert [name for name, _ in telegram.calls].count("setMyCommands") == 5 * (1 + len(languages))


async def test_menus_that_telegram_refuses_are_set_at_the_next_start(telegram, recorder):
    telegram.fail("odd", method="setMyCommands", left=3)
    async with listening(telegram, recorder, MENU, menus=translated()):
        await telegram.ask(100, "/help")
    assert len(telegram.menus) < 3 * (1 + len(translated()))
    async with listening(telegram, recorder, MENU, menus=translated()):
        await telegram.ask(100, "/help")
    assert len(telegram.menus) == 3 * (1 + len(translated()))


@pytest.fixture
def soon(monkeypatch):
    """No answer is quick, and what is shown of it lasts no time."""
    monkeypatch.setattr("paperwire.channels.telegram.answer.TYPING_AFTER", 0.0)
    monkeypatch.setattr("paperwire.channels.telegram.answer.TYPING_LASTS", 0.01)


@pytest.mark.usefixtures("soon")
async def test_a_slow_answer_shows_that_it_is_being_written_until_it_is_there(telegram, recorder):
    async def slowly(_request):
        await telegram.until(lambda: len(telegram.actions) >= 2)
        return Reply(message=text("here it is"))

    recorder.replies["subscribe"] = slowly
    telegram.chat(-300, forum=True, topics={5: "papers"}, admins={100})
    async with listening(telegram, recorder):
        assert (await telegram.ask(100, "/subscribe x", -300, 5)).text == "here it is"
    action = telegram.actions[0]
    assert (action["chat_id"], action["message_thread_id"], action["action"]) == (-300, 5, "typing")


@pytest.mark.usefixtures("soon")
async def test_typing_that_telegram_refuses_is_no_matter(telegram, recorder):
    async def slowly(_request):
        await telegram.until(lambda: any(name == "sendChatAction" for name, _ in telegram.calls))
        return Reply(message=text("here it is"))

    telegram.fail("server_error", method="sendChatAction")
    recorder.replies["subscribe"] = slowly
    async with listening(telegram, recorder):
        assert (await telegram.ask(100, "/subscribe x")).text == "here it is"


async def test_a_command_list_that_cannot_be_set_is_no_reason_not_to_listen(telegram, recorder):
    telegram.fail("server_error", method="getMyCommands")
    async with listening(telegram, recorder):
        assert (await telegram.ask(100, "/help")).text == "help"


async def test_being_blocked_and_let_in_again_is_handed_over(telegram, recorder):
    async with listening(telegram, recorder):
        await telegram.ask(100, "/start")
        telegram.standing(100, 100, "kicked")
        telegram.standing(100, 100, "member")
        await recorder.until(3)
        await telegram.wait(100, 2)
    assert [r.action for r in recorder.requests] == ["", "place:closed:blocked", "place:open"]
    assert {r.place.address for r in recorder.requests} == {"100"}
    assert [m.text for m in telegram.messages(100)] == ["start", "place:open"]


async def test_updates_nobody_can_read_are_passed_over(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.push({"message": {"text": "/start"}})
        telegram.push({"message": "a word"})
        telegram.push({"callback_query": {"id": "1", "from": {"id": 1}, "inline_message_id": "x", "data": "a:1"}})
        telegram.push({"my_chat_member": {}})
        telegram.push({"message": {"message_id": 1, "chat": {"id": 100, "type": "private"}, "photo": []}})
        telegram.say(100, "/start", **{"from": {"id": 5, "is_bot": True, "first_name": "Other bot"}})
        assert (await telegram.ask(100, "/help")).text == "help"
    assert len(recorder.requests) == 1


async def test_only_what_is_understood_is_asked_for(telegram, recorder):
    async with listening(telegram, recorder):
        await telegram.ask(100, "/help")
    asked = next(values for name, values in telegram.calls if name == "getUpdates")
    assert asked["allowed_updates"] == (
        '["message", "edited_message", "channel_post", "callback_query", "inline_query", "my_chat_member",'
        ' "chat_member", "message_reaction"]'
    )


@pytest.mark.parametrize(
    ("name", "content", "attached"),
    [
        ("papers.bib", b"@misc{\xc3\xbc}", "@misc{ü}"),
        ("photo.png", b"x", ""),
        ("large.bib", b"x" * (4 * 2**20 + 1), ""),
        ("a.bib", b"\0", ""),
    ],
)
async def test_a_file_comes_as_its_text_and_one_that_cannot_be_read_as_its_name(
    telegram, recorder, name, content, attached
):
    async with listening(telegram, recorder):
        telegram.send_file(100, name, content, "/subscribe")
        await telegram.wait(100, 1)
    (request,) = recorder.requests
    assert (request.attached, request.unread) == (attached, "" if attached else name)
