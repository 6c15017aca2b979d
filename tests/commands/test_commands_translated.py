"""Every answer can be translated: in a made-up language no text of ours stands outside of its brackets."""

import re

import pytest
from commands_bot import GROUP, paper

from catalogues import LANGUAGES
from english_left import english_left
from paperwire.ports.callers import Place
from paperwire.texts import texts_in
from pseudo_locale import CODE, LOCALE, install, untranslated

DATA = (
    *("Zzzz", "zzzz", "Qq", "Vvvv", "vvvv", "OR", "foo", "xyzzy", "hourly", "unknown", "User", "Vision lab"),
    *("telegram", "Telegram", "cs.CV", "cs.cv", "cat:math.AG", "math.AG", "Europe/Berlin", "lundo", "BibTeX", "RIS"),
    *(
        "Markdown",
        "papers.example.org",
        "mardo",
        "ti",
        "abs",
        "co",
        "venue",
        "org",
        "by",
        "au",
        "cat",
        "source",
        "id",
        "has",
        "list",
        "public",
        "here",
        "like",
        "rate",
    ),
)
"""What is no text of ours: titles, names, channels, categories, zones."""
CODE_WORDS = ("daily", "weekly", "mon", "version", "when", "name", "yes")
"""What is typed as it is in each language."""
TYPED = (
    "start", "help", "help query", "help subscribe", "help digest", "help xyzzy", "subscribe zzzz", "subscribe",
    "subscribe zzzz when:hourly", "subscribe cat:math.AG", "subscriptions", "subscriptions 1", "subscriptions 99",
    "subscriptions 1 zzzz OR vvvv", "unsubscribe", "unsubscribe 99", "preview zzzz", "preview nothing", "search zzzz",
    "search nothing", "why 2601.00001", "why 2601.00001 vvvv", "why 2601.00009", "trending", "digest",
    "digest daily 08:00 Europe/Berlin", "digest weekly mon 08:00", "quiet 22:00-07:00", "quiet off", "style",
    "style list", "mutes", "pause", "resume", "feed", "save 2601.00001", "save 2601.00009", "saved",
    "watch 2601.00001 zzzz", "watch", "export", "link", "me", "forget", "unknown",
    "submit 2601.00001", "submit 2601.00002 name:yes", "submit 2601.00001", "submit zzzz", "unsubmit 2601.00009",
    "subscribe list:here", "subscribe list:public", "search list:here", "trending here", "unsubmit 2601.00002",
)  # fmt: skip
PRESSED = (
    "mute:1", "muted:1:author:0", "muted:1:category:0", "lift:1", "open:1", "more:1", "whole:1", "why:1", "save:1",
    "unsave:1", "when:1", "when:1:daily 08:00", "edit:1", "sub:1", "off:1", "on:1", "hush:1", "loud:1", "feed:1",
    "newfeed:all", "newfeed:all:no", "newfeed:all:yes", "style:auto", "add:zzzz", "try:zzzz", "look:zzzz", "unwatch:1",
    "undo:1",
    "xyzzy:1", "place:open", "place:closed:removed", "vote:1",
    "sign:1", "unsubmit:1",
)  # fmt: skip


_COMMAND = re.compile(r"/[a-z]+")


@pytest.fixture
def _pseudo(tmp_path, monkeypatch):
    yield install(tmp_path, monkeypatch)
    texts_in.cache_clear()


def read(reply):
    """What people read of a reply, without code, links and the papers' own texts."""
    message = reply.message
    lines = [*message.head, *(line for item in message.items for line in item.lines), *message.foot]
    shown = ["".join(CODE if span.style == "code" or span.url else span.text for span in line) for line in lines]
    return _COMMAND.sub(
        "", "\n".join([*shown, *(button.label for row in message.buttons for button in row), reply.toast])
    )


@pytest.mark.whole
@pytest.mark.usefixtures("_pseudo")
@pytest.mark.parametrize("place", [None, GROUP, Place(channel="telegram", address="-9", kind="channel", title="Vvvv")])
async def test_no_answer_shows_a_text_of_ours_untranslated(bot, known, place):
    found = await answers(bot, known, place, LOCALE, lambda text: untranslated(text, *DATA))
    assert found == {}


@pytest.mark.whole
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_answer_is_left_in_english(bot, known, language):
    found = await answers(bot, known, None, language, lambda text: english_left(text, language, *DATA, *CODE_WORDS))
    assert found == {}


async def answers(bot, known, place, locale, faults_of):
    """What is wrong with each answer, by what was typed or pressed."""
    known["2601.00009"] = paper(9, "Zzzz", authors=("Qq",), categories=("math.AG",))
    await bot.record(paper(1, "Zzzz", authors=("Qq",)), paper(2, "Zzzz zzzz", authors=("Qq",)))
    asked = [{"command": text.partition(" ")[0], "args": text.partition(" ")[2]} for text in TYPED]
    asked += [{"args": text} for text in ("zzzz", "foo:bar", "2601.00001", "2601.00001 2601.00002", "")]
    asked += [{"args": "", "unread": "zzzz"}, *({"action": action} for action in PRESSED)]
    found = {}
    for what in asked:
        for manages in (True, False):
            bot.clock.advance(seconds=30)
            reply = await bot.commands.handle(bot.request(place=place, manages=manages, locale=locale, **what))
            if words := faults_of(read(reply)):
                found[str(what), manages] = words
    return found
