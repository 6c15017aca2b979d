"""Answers on Telegram that change step by step, and messages that hold a secret."""

from paperwire.core.messages.message import Attachment
from paperwire.ports.requests import Reply, Update
from servers.recorder import text
from servers.telegram_listening import listening


async def test_an_answer_is_changed_step_by_step_and_gets_its_file(telegram, recorder):
    async def end():
        file = Attachment("not-found.txt", "text/plain", b"Lost")
        return Update(Reply(message=text("done"), files=(file,)), text("done"))

    async def step():
        return Update(Reply(message=text("halfway"), update=end), None)

    recorder.replies["saved"] = Reply(message=text("begun"), update=step)
    async with listening(telegram, recorder):
        telegram.say(100, "/saved import")
        sent = await telegram.wait(100, 2)
    assert sent[0].text == "done"
    assert sent[1].document == ("not-found.txt", b"Lost")


async def test_a_message_with_a_secret_is_deleted(telegram, recorder):
    recorder.replies["saved"] = Reply(message=text("kept"), unseen=True)
    async with listening(telegram, recorder):
        await telegram.ask(100, "/saved import zotero key")
        await telegram.ask(100, "/start")
    assert [chat for chat, _ in telegram.deleted] == [100]


async def test_one_that_cannot_be_deleted_is_answered_all_the_same(telegram, recorder):
    recorder.replies["saved"] = Reply(message=text("kept"), unseen=True)
    async with listening(telegram, recorder):
        telegram.fail("bad_request", method="deleteMessage")
        assert (await telegram.ask(100, "/saved import zotero key")).text == "kept"
