"""The menus of both platforms in each language that has a catalogue; the names of commands stay English."""

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from paperwire import languages
from paperwire.commands.table import SPECS
from paperwire.texts import texts_in
from servers.discord import DiscordServer
from servers.discord_listening import listening as on_discord
from servers.recorder import Recorder
from servers.telegram import TelegramServer
from servers.telegram_listening import listening as on_telegram


def german(text):
    return f"[{text}]"[:100]


@pytest.fixture(autouse=True)
def _german(tmp_path, monkeypatch):
    catalogue = Catalog(locale="de")
    for spec in SPECS:
        for text in (spec.help, *(argument.help for argument in (*spec.args, *spec.options))):
            catalogue.add(text, german(text))
    file = tmp_path / "locale" / "de" / languages.CATALOGUE
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_mo(opened, catalogue)
    monkeypatch.setattr(languages, "files", lambda _package: tmp_path)
    texts_in.cache_clear()
    yield
    texts_in.cache_clear()


async def test_telegram_has_a_menu_in_each_language_and_is_told_once():
    async with TelegramServer() as telegram:
        telegram.limits.burst = 100
        telegram.person(100)
        for _ in range(2):
            async with on_telegram(telegram, Recorder(), SPECS, menus=languages.translated()):
                await telegram.ask(100, "/help")
        english, translated = telegram.menus["all_private_chats"], telegram.menus["all_private_chats de"]
        assert [each["command"] for each in translated] == [each["command"] for each in english]
        assert [each["description"] for each in translated] == [german(each["description"]) for each in english]
        assert [name for name, _ in telegram.calls].count("setMyCommands") == 6


async def test_discord_has_descriptions_in_each_language_and_is_told_once():
    async with DiscordServer() as discord:
        for _ in range(2):
            async with on_discord(discord, Recorder(), specs=SPECS):
                pass
        assert discord.syncs == 1
        for command in discord.commands:
            for part in (command, *command.get("options", ())):
                assert part["description_localizations"] == {"de": german(part["description"])}
