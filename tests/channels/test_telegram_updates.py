"""Reading updates: recorded ones of several libraries, and made-up ones that are none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from paperwire.channels.telegram.transport import readable
from paperwire.channels.telegram.updates import read


def understood(update):
    """What the listener makes of an update: something, nothing, or a line in the log; never a crash."""
    try:
        return incoming(update)
    except (AttributeError, TypeError):
        return None


def incoming(update):
    return read(Update.de_json(readable(update)), "paperwire_bot")


@pytest.mark.shared
def test_recorded_payloads_are_read_or_passed_over(shared_data):
    lines = (shared_data / "messengers" / "telegram" / "payloads.jsonl").read_text().splitlines()
    seen = {"update": 0, "message": 0, "callback_query": 0}
    for line in lines:
        recorded = json.loads(line)
        kind, payload = recorded["kind"], recorded["payload"]
        if kind not in seen:
            continue
        seen[kind] += 1
        seen_as = understood(payload if kind == "update" else {"update_id": 1, kind: payload})
        if seen_as is not None:
            request = seen_as.request
            assert request.place.channel == "telegram"
            assert request.actor.user_id.lstrip("-").isdigit()
            assert request.command or request.args or request.action or seen_as.file
    assert min(seen.values()) > 0


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["/start", "private", "member"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "chat", "type", "from", "text", "data", "message", "status", "sender_chat", "user"])
            | st.sampled_from(["new_chat_member", "message_thread_id", "is_topic_message", "reply_to_message"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(["message", "channel_post", "callback_query", "my_chat_member", "poll"]), values)
def test_nothing_that_is_posted_can_crash_the_reader(kind, value):
    understood({"update_id": 1, kind: value})


def message(**extra):
    fields = {"message_id": 1, "date": 1, "chat": {"id": 100, "type": "private"}, "from": person(first_name="Ann")}
    return incoming({"update_id": 1, "message": fields | extra})


def person(**names):
    return {"id": 100, "is_bot": False} | names


@pytest.mark.parametrize(
    ("text", "command", "args"),
    [
        ("/subscribe", "subscribe", ""),
        ("/SUBSCRIBE  x ", "subscribe", "x"),
        ("/subscribe\nx", "subscribe", "x"),
        ("/subscribe@paperwire_BOT x", "subscribe", "x"),
        ("/subscribe-x", "", "/subscribe-x"),
        ("/ subscribe", "", "/ subscribe"),
        ("//subscribe", "", "//subscribe"),
        ("/подписка", "", "/подписка"),
        (" /subscribe x", "", "/subscribe x"),
        ("au:hinton", "", "au:hinton"),
    ],
)
def test_what_is_a_command(text, command, args):
    request = message(text=text).request
    assert (request.command, request.args) == (command, args)


def test_an_answer_in_a_private_topic_goes_back_to_it_and_the_place_stays_one():
    topic = message(text="/help", message_thread_id=9, is_topic_message=True)
    assert (topic.address.thread, topic.request.place.address, topic.request.place.kind) == (9, "100", "private")


@pytest.mark.parametrize(
    ("names", "name"),
    [({"first_name": "Ann", "last_name": "Lee"}, "Ann Lee"), ({"first_name": "", "username": "ann"}, "ann")],
)
def test_a_name_is_made_of_what_there_is(names, name):
    assert message(text="x", **{"from": person(**names)}).request.actor.name == name


def test_a_button_under_a_message_too_old_to_see_is_obeyed():
    chat = {"id": -1001, "type": "supergroup", "title": "Lab"}
    query = {"id": "1", "chat_instance": "1", "data": "next:1", "from": person(first_name="Ann")}
    query["message"] = {"message_id": 5, "date": 0, "chat": chat}
    press = incoming({"update_id": 1, "callback_query": query})
    assert (press.request.action, press.request.place.title, press.message, press.user) == ("next:1", "Lab", 5, 100)
