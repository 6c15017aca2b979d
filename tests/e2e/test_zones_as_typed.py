"""Time zones as people type and are offered them, over the wire of both platforms."""

import pytest
from conversation_world import ANN, conversing
from private_chats import PLATFORMS

from servers.loopback import PATIENCE


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


@pytest.fixture(params=PLATFORMS)
def ann(request, conversation):
    return PLATFORMS[request.param](conversation)


@pytest.mark.parametrize(("typed", "zone"), [("berlin", "Europe/Berlin"), ("new york", "America/New_York")])
async def test_a_city_is_read(ann, typed, zone):
    assert f"every day at 08:00 ({zone})" in ann.text(await ann.says(f"/digest daily 8 {typed}"))


@pytest.mark.parametrize(("typed", "zones"), [("IST", ["Asia/Kolkata", "Europe/Dublin"]), ("CET", ["Europe/Berlin"])])
async def test_an_abbreviation_of_several_is_asked_for(ann, typed, zones):
    asked = await ann.says(f"/digest daily 8 {typed}")
    assert f'"{typed}" is used for several time zones: {zones[0]}' in ann.text(asked)
    assert ann.labels(asked)[: len(zones)] == zones
    assert f"every day at 08:00 ({zones[0]})" in ann.text(await ann.presses(zones[0], asked))


@pytest.mark.parametrize(("language", "zone"), [("de", "Europe/Berlin"), ("pt-br", "America/Sao Paulo")])
async def test_the_zones_of_the_readers_country_come_first_on_telegram(conversation, language, zone):
    telegram = conversation.telegram
    telegram.person(ANN, "Ann", language=language)
    asked = await telegram.ask(ANN, "/digest daily 8")
    labels = [button["text"] for row in asked.keyboard for button in row]
    assert labels[0] == zone
    assert "Europe/Busingen" not in labels


async def test_the_zones_of_the_readers_country_come_first_on_discord(conversation):
    discord = conversation.discord
    asked = await discord.ask(ANN, "/digest daily 8", locale="pt-BR")
    assert asked.labels[0][0] == "America/Sao Paulo"
    choices = await discord.complete(ANN, "digest", "daily 8 IST")
    assert "daily 8 Asia/Kolkata" in choices.values()
