"""A first week in each language over the wire of both platforms: no text is left in English, and all are accepted."""

import re
from zoneinfo import available_timezones

import pytest
from conversation_world import ANN, PAPERS, SERVER, paper
from pressing import CHATS, announce, send_due

from catalogues import LANGUAGES
from english_left import english_left
from paperwire.commands.table import SPECS
from paperwire.languages import served, tag_of, translated
from paperwire.texts import texts_in
from servers.discord import DiscordServer
from servers.discord_listening import listening as on_discord
from servers.recorder import Recorder
from servers.telegram import TelegramServer
from servers.telegram_listening import listening as on_telegram

pytestmark = pytest.mark.whole
REPORTED = {"telegram": {"zh_Hans": "zh-hans", "pt_BR": "pt-br"}, "discord": {"zh_Hans": "zh-CN", "es": "es-ES"}}
"""How a platform names a language, where not as its tag."""
MENUS = {"zh_Hans": "zh", "pt_BR": "pt"}
DATA = (
    *("Zzzz", "zzzz", "vvvv", "Qq", "Ann", "Lab", "News", "papers", "LoRA", "cs.CV", "Europe/Berlin", "Telegram"),
    *("Discord", "telegram", "discord", "Markdown", "BibTeX", "RIS", "xyzzy", "OR", "daily", "weekly", "mon", "yes"),
    *("large reasoning", *available_timezones()),
    *("name", "when", "papers.example.org", "abs", "ti", "au", "cat"),
)
"""What is no text of ours, or typed as it is in each language."""
WEEK = (
    ("/start", "/help", "/subscribe zzzz", "/preview zzzz", "/search zzzz", "zzzz", "/subscribe", "xyzzy:zzzz"),
    ("/digest daily 08:00 Europe/Berlin", "/subscriptions", "/subscriptions 1", "/settings", "/style"),
    ("/quiet 22:00-07:00",),
    ("/why 2601.00001", "/save 2601.00001", "/saved", "/watch 2601.00001", "/mutes", "/trending", "/trending month"),
    ("/feed", "/export", "/me", "/link", "/status", "/import", "/language", "/subscribe xyzzy"),
    ("/digest weekly mon 08:00", "/digest", "/pause", "/resume", "/checkup"),
    ("/submit 2601.00001", "/agenda", "/agenda weekly fri 15:00", "/submit 2601.00002"),
    ("/unsubscribe 1", "/unsubscribe 99", "/subscriptions", "/forget"),
)  # fmt: skip
PRESSED_AFTER = {
    "/subscribe zzzz",
    "/subscriptions 1",
    "/settings",
    "/style",
    "/search zzzz",
    "/why 2601.00001",
    "/feed",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CHATS)
async def test_a_first_week_leaves_nothing_in_english(conversation, kind, language):
    tag = REPORTED[kind].get(language, tag_of(language))
    conversation.telegram.person(ANN, "Ann", language=tag)
    conversation.discord.locale = conversation.discord.guilds[SERVER].locale = tag
    chat = CHATS[kind](conversation, private=ANN)
    english = {}

    def look(what, *texts):
        text = re.sub(r"<[@#/][^>]*>", " ", "\n".join(texts))
        if words := english_left(text, language, *DATA, *served().values()):
            english[what] = words

    for day, typed in enumerate(WEEK):
        for text in typed:
            shown = await asked(chat, text)
            look(text, *shown)
        published = [paper(10 * day + number, "Zzzz", abstract="Zzzz.", authors=("Qq",)) for number in (1, 2)]
        before = len(chat.messages())
        await announce(conversation, kind, *published)
        conversation.clock.advance(days=1)
        await send_due(conversation, kind)
        for sent in chat.messages()[before:]:
            look(f"day {day}", *shown_by(chat, sent))
    assert english == {}, english
    assert conversation.discord.invalid == conversation.telegram.invalid == []


async def asked(chat, text):
    """All that an answer shows, and what its buttons lead to."""
    if chat.kind == "discord":
        return await asked_on_discord(chat, text)
    sent = await chat.ask(ANN, text)
    texts = shown_by(chat, sent)
    if text in PRESSED_AFTER:
        for key in [key["text"] for row in sent.keyboard for key in row if "callback_data" in key]:
            if key in chat.labels(sent):
                shown, note = await chat.press(ANN, sent, key)
                texts += [note, *shown_by(chat, shown)]
    return texts


async def asked_on_discord(chat, text):
    server, channel = chat.server, None if chat.private else PAPERS
    if not text.startswith("/"):
        text = f"/search {text}"
    made = await server.command(ANN, text, channel)
    await server.until(lambda: made.form is not None or (made.original and not made.original.thinking))
    if made.form is not None:
        return strings(made.form)
    sent = made.original
    texts = shown_by(chat, sent)
    if text in PRESSED_AFTER:
        for key in [key["label"] for row in sent.rows for key in row if "custom_id" in key]:
            if key in chat.labels(sent):
                pressed = await server.press(ANN, sent, key)
                await server.until(
                    lambda pressed=pressed: pressed.form or (pressed.original and not pressed.original.thinking)
                )
                texts += strings(pressed.form) if pressed.form else shown_by(chat, pressed.original)
    return texts


def shown_by(chat, sent):
    return [chat.text(sent), *chat.labels(sent)]


def strings(part):
    """All texts that a form shows."""
    if isinstance(part, list):
        return [text for each in part for text in strings(each)]
    if isinstance(part, dict):
        own = [part[key] for key in ("title", "label", "placeholder", "content", "description") if part.get(key)]
        return own + [text for key in ("components", "component") for text in strings(part.get(key, []))]
    return []


async def test_both_platforms_take_the_menus_of_all_languages():
    async with TelegramServer() as telegram, DiscordServer() as discord:
        telegram.limits.burst = 100
        telegram.person(ANN)
        async with (
            on_telegram(telegram, Recorder(), SPECS, menus=translated()),
            on_discord(discord, Recorder(), specs=SPECS),
        ):
            await telegram.ask(ANN, "/help")
            await discord.until(lambda: discord.syncs == 1)
    for language in LANGUAGES:
        texts = texts_in(language)
        menu = telegram.menus[f"all_private_chats {MENUS.get(language, language)}"]
        helps = {spec.name: texts.gettext(spec.help) for spec in SPECS}
        assert all(helps[each["command"]] == each["description"] for each in menu)
        locale = REPORTED["discord"].get(language, tag_of(language))
        for command in discord.commands:
            assert command["description_localizations"][locale] == helps[command["name"]]
