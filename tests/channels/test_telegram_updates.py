"""Reading updates: recorded ones of several libraries, and made-up ones that are none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.channels.telegram.updates import read

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


def understood(update):
    """What the listener makes of an update: something, nothing, or a line in the log; never a crash."""
    try:
        return read(update, "paperwire_bot")
    except UNREADABLE:
        return None


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
        incoming = understood(payload if kind == "update" else {"update_id": 1, kind: payload})
        if incoming is not None:
            assert incoming.place.channel == "telegram"
            assert incoming.actor.user_id.lstrip("-").isdigit()
            assert incoming.command or incoming.args or incoming.action
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
    said = {"message_id": 1, "chat": {"id": 100, "type": "private"}, "from": {"id": 100, "first_name": "Ann"}}
    return {"update_id": 1, "message": said | extra}


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
    incoming = read(message(text=text), "paperwire_bot")
    assert (incoming.command, incoming.args) == (command, args)


def test_an_answer_in_a_private_topic_goes_back_to_it_and_the_place_stays_one():
    incoming = read(message(text="/help", message_thread_id=9, is_topic_message=True), "paperwire_bot")
    assert (incoming.spot.thread, incoming.place.address, incoming.place.kind) == (9, "100", "private")


def test_a_name_is_made_of_what_there_is():
    names = {"first_name": "Ann", "last_name": "Lee"}
    assert read(message(text="x", **{"from": {"id": 1} | names}), "b").actor.name == "Ann Lee"
    assert read(message(text="x", **{"from": {"id": 1, "username": "ann"}}), "b").actor.name == "ann"
