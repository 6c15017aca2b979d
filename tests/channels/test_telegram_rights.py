"""Groups, channels and topics: who may change things there, what is only for one person's eyes, what the bot lacks."""

from datetime import timedelta

import pytest

from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.core.messages.message import Attachment, Button, Item, Message
from paperwire.errors import Gone, Retry
from paperwire.ports.callers import Actor, Community
from paperwire.ports.requests import Reply
from servers.direct import DIRECT
from servers.loopback import PATIENCE
from servers.recorder import NOW, Recorder, text
from servers.telegram import TelegramServer
from servers.telegram_listening import listening

ANN, BOB = 100, 200
GROUP, FORUM, NEWS = -1001, -1002, -1003


@pytest.fixture
async def telegram():
    async with TelegramServer() as server:
        server.limits.burst = 100
        server.person(ANN, "Ann")
        server.person(BOB, "Bob")
        server.chat(GROUP, "supergroup", "Lab", admins={ANN}, username="our_lab")
        server.chat(FORUM, "supergroup", "Forum", admins={ANN}, forum=True, topics={7: "Papers"}, bot="administrator")
        server.chat(NEWS, "channel", "News", admins={ANN}, username="our_news")
        yield server


@pytest.fixture
def recorder():
    return Recorder()


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


async def test_an_administrator_manages_a_group_and_a_member_does_not(telegram, recorder):
    async with listening(telegram, recorder):
        sent = await telegram.ask(ANN, "/subscribe lora", GROUP)
        await telegram.ask(BOB, "/subscribe lora", GROUP)
    assert [(r.actor.user_id, r.can_manage) for r in recorder.requests] == [("100", True), ("200", False)]
    assert recorder.requests[0].place.kind == "group"
    assert (recorder.requests[0].place.address, recorder.requests[0].place.title) == (str(GROUP), "Lab")
    assert sent.reply_to is not None


async def test_administrators_are_asked_for_once_in_a_while_and_never_believed_for_a_minute(telegram, recorder):
    clock = Clock()
    recorder.replies["start"] = Reply(message=text("paper", Button("Pause", "pause:1")))
    async with listening(telegram, recorder, now=clock):
        sent = await telegram.ask(ANN, "/subscribe a", GROUP)
        await telegram.ask(ANN, "/subscribe b", GROUP)
        assert [name for name, _ in telegram.calls].count("getChatAdministrators") == 1
        telegram.chats[GROUP].admins.clear()
        clock.now += timedelta(seconds=60)
        sent.keyboard = [[{"text": "Pause", "callback_data": "pause:1"}]]
        telegram.press(ANN, sent, "Pause")
        await recorder.until(3)
    assert [r.can_manage for r in recorder.requests] == [True, True, False]
    assert recorder.requests[2].action == "pause:1"
    assert recorder.requests[2].place.address == str(GROUP)


async def test_nobody_manages_while_telegram_does_not_say_who_may(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.fail("server_error", method="getChatAdministrators")
        await telegram.ask(ANN, "/subscribe a", GROUP)
        await telegram.ask(ANN, "/subscribe b", GROUP)
    assert [r.can_manage for r in recorder.requests] == [False, True]


async def test_nobody_manages_while_the_list_of_administrators_cannot_be_read(telegram, recorder, monkeypatch):
    monkeypatch.setattr(telegram, "_member", lambda chat, user: {"status": "administrator"})
    async with listening(telegram, recorder):
        assert (await telegram.ask(ANN, "/subscribe a", GROUP)).text == "subscribe a"
    assert [r.can_manage for r in recorder.requests] == [False]


async def test_an_anonymous_administrator_is_the_group_itself(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.say_as_group(GROUP, "/subscribe lora")
        await telegram.wait(GROUP)
    (request,) = recorder.requests
    assert request.can_manage
    assert (request.actor.user_id, request.actor.name) == (str(GROUP), "Lab")


async def test_a_channel_that_speaks_in_a_group_manages_nothing_there(telegram, recorder):
    news = telegram.chats[NEWS].json()
    stand_in = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
    async with listening(telegram, recorder):
        telegram.say(BOB, "/subscribe lora", GROUP, sender_chat=news, **{"from": stand_in})
        await telegram.wait(GROUP)
        telegram.say(BOB, "/subscribe x", GROUP, sender_chat=news, is_automatic_forward=True, **{"from": stand_in})
        await telegram.ask(ANN, "/feed", GROUP)
    assert [(r.command, r.can_manage) for r in recorder.requests] == [("subscribe", False), ("feed", True)]


async def test_a_channel_post_is_its_managers_word(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.post(NEWS, "/subscribe lora")
        telegram.post(NEWS, "Just news")
        sent = await telegram.wait(NEWS)
    (request,) = recorder.requests
    assert (request.place.kind, request.place.address, request.can_manage) == ("channel", str(NEWS), True)
    assert request.place.community is None
    assert sent[0].text == "subscribe lora"


async def test_a_topic_is_a_place_of_its_own(telegram, recorder):
    created = {"message_id": 7, "date": 1, "chat": telegram.chats[FORUM].json()}
    created["forum_topic_created"] = {"name": "Papers", "icon_color": 0}
    async with listening(telegram, recorder):
        telegram.say(ANN, "/subscribe lora", FORUM, 7, reply_to_message=created)
        sent = await telegram.wait(FORUM)
        telegram.say(ANN, "/feed", FORUM, message_thread_id=3)  # a thread of answers is no topic
        await telegram.wait(FORUM, 2)
    place = recorder.requests[0].place
    assert (place.kind, place.address, place.title) == ("topic", f"{FORUM}/7", "Forum › Papers")
    assert sent[0].thread == 7
    assert (recorder.requests[1].place.kind, recorder.requests[1].place.address) == ("group", str(FORUM))
    forum = Community(kind="group", address=str(FORUM))
    assert place.community == recorder.requests[1].place.community == forum


async def test_in_a_group_only_what_is_meant_for_this_bot_is_heard(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.say(ANN, "/subscribe@other_bot x", GROUP)
        telegram.say(ANN, "/roll", GROUP)
        telegram.say(ANN, "diffusion model", GROUP)
        telegram.say(ANN, "/subscribe@Paperwire_Bot x", GROUP)
        await telegram.wait(GROUP)
    assert [(r.command, r.args) for r in recorder.requests] == [("subscribe", "x")]


async def test_what_is_private_goes_to_the_persons_own_chat(telegram, recorder):
    recorder.replies["feed"] = Reply(message=text("https://paperwire.example/f/secret.atom"), private=True)
    telegram.say(ANN, "hello")
    async with listening(telegram, recorder):
        await telegram.wait(ANN)
        telegram.say(ANN, "/feed", GROUP)
        sent = await telegram.wait(ANN, 2)
    assert sent[1].text == "https://paperwire.example/f/secret.atom"
    assert telegram.messages(GROUP) == []


async def test_who_never_opened_a_private_chat_is_shown_how(telegram, recorder):
    recorder.replies["feed"] = Reply(message=text("https://paperwire.example/f/secret.atom"), private=True)
    async with listening(telegram, recorder):
        sent = await telegram.ask(BOB, "/feed", GROUP)
    assert "secret" not in sent.text
    assert sent.keyboard == [[{"text": "Open a private chat with me", "url": "https://t.me/paperwire_bot?start=feed"}]]


async def test_what_is_private_is_never_told_to_somebody_nameless(telegram, recorder):
    recorder.replies["feed"] = Reply(message=text("https://paperwire.example/f/secret.atom"), private=True)
    async with listening(telegram, recorder):
        telegram.say_as_group(GROUP, "/feed")
        telegram.post(NEWS, "/feed")
        hints = [*await telegram.wait(GROUP), *await telegram.wait(NEWS)]
    assert all("private chat" in hint.text and "secret" not in hint.text for hint in hints)


async def test_a_refused_button_tells_only_the_one_who_pressed(telegram, recorder):
    recorder.replies["subscribe"] = Reply(message=text("done", Button("Pause", "pause:1")))
    recorder.replies["pause:1"] = Reply(message=text("Only managers may do that."), private=True)
    async with listening(telegram, recorder):
        sent = await telegram.ask(ANN, "/subscribe a", GROUP)
        telegram.press(BOB, sent, "Pause")
        await telegram.until(lambda: telegram.toasts)
        await telegram.ask(ANN, "/subscribe b", GROUP)
    assert telegram.toasts[0]["text"] == "Only managers may do that."
    assert telegram.toasts[0]["show_alert"] == "true"
    assert len(telegram.messages(GROUP)) == 2


async def test_a_long_private_answer_to_a_button_goes_to_the_own_chat(telegram, recorder):
    recorder.replies["subscribe"] = Reply(message=text("done", Button("Why?", "why:1")))
    recorder.replies["why:1"] = Reply(message=text("because " * 50), private=True)
    telegram.say(BOB, "hello")
    async with listening(telegram, recorder):
        await telegram.wait(BOB)
        sent = await telegram.ask(ANN, "/subscribe a", GROUP)
        telegram.press(BOB, sent, "Why?")
        assert (await telegram.wait(BOB, 2))[1].text.startswith("because")
    assert len(telegram.messages(GROUP)) == 1


async def test_being_thrown_out_and_let_in_is_handed_over_with_fresh_rights(telegram, recorder):
    recorder.replies["place:open"] = Reply(message=Message())
    async with listening(telegram, recorder):
        await telegram.ask(ANN, "/subscribe a", GROUP)
        telegram.standing(BOB, GROUP, "kicked")
        telegram.standing(BOB, GROUP, "restricted", can_send_messages=False)
        telegram.chats[GROUP].admins.clear()
        telegram.standing(BOB, GROUP, "member")
        telegram.standing(BOB, NEWS, "administrator", can_post_messages=False)
        await recorder.until(5)
        await telegram.ask(ANN, "/subscribe b", GROUP)
    said = [r.action for r in recorder.requests[1:5]]
    assert sorted(said[:3]) == ["place:closed:removed", "place:closed:silenced", "place:open"]
    assert all(r.can_manage for r in recorder.requests[1:5])
    assert next(r for r in recorder.requests if r.place.address == str(NEWS)).action == "place:closed:silenced"
    assert not recorder.requests[5].can_manage
    assert len(telegram.messages(GROUP)) == 2


async def test_a_group_that_moves_says_where_to(telegram, recorder):
    async with listening(telegram, recorder):
        telegram.say(ANN, "", GROUP, migrate_to_chat_id=-100777)
        await recorder.until(1)
        await telegram.ask(ANN, "/feed", GROUP)
    assert recorder.requests[0].action == "place:moved:-100777"
    assert len(telegram.messages(GROUP)) == 1


@pytest.fixture
async def channel(telegram):
    channel = TelegramChannel(telegram.token, api_url=telegram.url, network=DIRECT, now=lambda: NOW, timeout=PATIENCE)
    yield channel
    await channel.close()


ACTOR = Actor(channel="telegram", user_id="100", name="Ann")
OTHER = Actor(channel="telegram", user_id="200", name="Bob")


@pytest.mark.parametrize("address", [str(GROUP), "@our_lab", "https://t.me/our_lab", "t.me/our_lab/33"])
async def test_a_place_is_found_by_any_of_its_names(channel, address):
    place, manages = await channel.inspect(address, ACTOR)
    assert (place.address, place.kind, place.title, place.problem) == (str(GROUP), "group", "Lab", "")
    assert manages
    assert not (await channel.inspect(address, OTHER))[1]


@pytest.mark.parametrize("address", [f"{FORUM}/7", "https://t.me/c/2/7", "t.me/c/2/7/99"])
async def test_a_topic_is_found_by_number_or_link(channel, address):
    place, manages = await channel.inspect(address, ACTOR)
    assert (place.address, place.kind, manages) == (f"{FORUM}/7", "topic", True)


async def test_a_person_has_a_private_chat_and_a_chat_that_speaks_has_none(telegram, channel):
    assert await channel.private_address(ACTOR) == "100"
    with pytest.raises(Gone):
        await channel.private_address(Actor(channel="telegram", user_id=str(GROUP)))
    assert telegram.calls == []


async def test_ones_own_chat_is_a_place_and_anothers_is_not(telegram, channel):
    telegram.chat(BOB, "private", "Bob", username="bobby_the_reader")
    place, manages = await channel.inspect("100", ACTOR)
    assert (place.address, place.kind, place.title, manages) == ("100", "private", "Ann", True)
    for address in ("200", "@bobby_the_reader"):
        with pytest.raises(Gone):
            await channel.inspect(address, ACTOR)


@pytest.mark.parametrize("address", ["@nobody_here", "-100999", "lab", "@x", ""])
async def test_no_such_place_is_gone(channel, address):
    with pytest.raises(Gone):
        await channel.inspect(address, ACTOR)


async def test_the_missing_right_is_named(telegram, channel):
    telegram.chats[GROUP].may_post = False
    assert "allow it to send messages" in (await channel.inspect(str(GROUP), ACTOR))[0].problem
    telegram.chats[GROUP].bot = "administrator"
    assert (await channel.inspect(str(GROUP), ACTOR))[0].problem == ""
    telegram.chats[GROUP].bot = "left"
    place, manages = await channel.inspect(str(GROUP), ACTOR)
    assert "not a member" in place.problem
    assert not manages
    assert (await channel.inspect("@our_news", ACTOR))[0].problem == ""
    telegram.chats[NEWS].may_post = False
    assert "right to post" in (await channel.inspect("@our_news", ACTOR))[0].problem


async def test_an_outage_is_not_taken_for_a_missing_place(telegram, channel):
    telegram.fail("server_error", method="getChat")
    with pytest.raises(Retry):
        await channel.inspect("@our_lab", ACTOR)


async def test_a_file_for_one_persons_eyes_follows_its_message(telegram, recorder):
    file = Attachment("data.json", "application/json", b"{}")
    recorder.replies["feed"] = Reply(message=text("yours"), files=(file,), private=True)
    telegram.say(ANN, "hello")
    async with listening(telegram, recorder):
        await telegram.wait(ANN)
        telegram.say(ANN, "/feed", GROUP)
        sent = await telegram.wait(ANN, 3)
    assert sent[2].document == ("data.json", b"{}")
    assert telegram.messages(GROUP) == []


async def test_a_private_answer_that_gets_lost_shows_no_hint(telegram, recorder):
    recorder.replies["feed"] = Reply(message=text("yours"), private=True)
    telegram.say(ANN, "hello")
    async with listening(telegram, recorder):
        await telegram.wait(ANN)
        telegram.fail("garbage_after", ANN)
        telegram.say(ANN, "/feed", GROUP)
        await telegram.wait(ANN, 2)
        assert (await telegram.ask(ANN, "/subscribe", GROUP)).text == "subscribe"
    assert len(telegram.messages(GROUP)) == 1


async def test_a_private_toast_leaves_the_group_alone(telegram, recorder):
    recorder.replies["subscribe"] = Reply(message=text("done", Button("Save", "save:1")))
    recorder.replies["save:1"] = Reply(message=Message(), private=True, toast="Saved")
    async with listening(telegram, recorder):
        sent = await telegram.ask(ANN, "/subscribe a", GROUP)
        telegram.press(BOB, sent, "Save")
        await telegram.until(lambda: telegram.toasts)
        await telegram.ask(ANN, "/subscribe b", GROUP)
    assert telegram.toasts[0]["text"] == "Saved"
    assert len(telegram.messages(GROUP)) == 2
    assert BOB not in telegram.chats


async def test_papers_for_one_persons_eyes_do_not_fit_over_a_chat(telegram, recorder):
    paper = Item("A paper", "https://arxiv.org/abs/2501.00001")
    recorder.replies["subscribe"] = Reply(message=text("done", Button("Open", "open:1")))
    recorder.replies["open:1"] = Reply(message=Message(items=(paper,)), private=True)
    async with listening(telegram, recorder):
        sent = await telegram.ask(ANN, "/subscribe a", GROUP)
        telegram.press(BOB, sent, "Open")
        hint = (await telegram.wait(GROUP, 2))[1]
    assert "can't write to you yet" in hint.text
    assert hint.keyboard[0][0]["url"] == "https://t.me/paperwire_bot"
    assert "text" not in telegram.toasts[0]
