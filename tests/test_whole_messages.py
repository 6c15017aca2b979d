"""Messages are whole texts: none is a piece that another one or a value is put next to."""

import re

import pytest

from pseudo_locale import messages

PIECES = {
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on",
    "or", "than", "the", "to", "until", "when", "with",
}  # fmt: skip
"""Words that end no text but one that something follows, and are none on their own."""
ENDS_SO = {
    "Ask the operator to let you in.",
    "Mail address that papers go to",
    "Manage your subscriptions, places and saved papers on a web page: a link that signs you in",
    "No upvotes this week. Type what to search for.",
    "Sign in",
    "Submitted on Hugging Face by",
    "The bot may open no threads here. Once it may, send /style threads on",
    "The link signs you in. It works once, for 15 minutes. Don't pass it on.",
    "The link works once, for 15 minutes. If it wasn't you, do nothing, and don't pass the link on.",
    "The monthly note is off. To get it: /checkup on",
    "There is no word to search for",
    "Threads on",
    "Where to",
    "To get fewer messages from:",
    "Add what to look for:",
    "Signed in",
    "%(num)s query with like: finds no stored paper to take its threshold from",
    "%(num)s queries with like: find no stored papers to take their thresholds from",
    "-like: needs like: to choose papers by",
    "rate: needs like: to choose papers by",
    "the query that a feed stands for",
    "what comes to this chat, with an example to subscribe to",
}
"""Whole texts: headings, labels, verbs with a particle."""
JOINED = {"sentences", "list", "clauses"}
"""The contexts of what stands between two texts."""
_VALUE = re.compile(r"%\(\w+\)s")
_WORD = re.compile(r"[^\W\d_]+")


def texts():
    """Each form of each message with its context."""
    for context, message in messages():
        if context not in JOINED:
            yield from ((context, form) for form in ((message,) if isinstance(message, str) else message))


def test_no_message_is_a_word_that_joins_others():
    words = [(form, {word.casefold() for word in _WORD.findall(form)}) for _context, form in texts()]
    assert {form for form, found in words if found and found <= PIECES} <= {"When", "When…"}


def test_no_message_begins_or_ends_with_space():
    assert [form for _context, form in texts() if form != form.strip()] == []


def test_no_message_ends_where_something_has_to_follow():
    ends = [(form, form.rstrip(".,:").split()[-1]) for _context, form in texts()]
    assert {form for form, last in ends if last.casefold() in PIECES} <= ENDS_SO | {"When"}


def test_no_message_begins_with_a_sign_that_follows_something():
    assert [form for _context, form in texts() if form[:1] in {*",;:."}] == []


@pytest.mark.parametrize("message", sorted(ENDS_SO))
def test_what_is_allowed_is_there(message):
    assert message in {form for _context, form in texts()}
