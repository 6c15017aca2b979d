"""Look-ups in a server's channel over Discord's wire: only who asked sees them, until they share them."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, POST, SERVER, conversing, paper

from servers.discord_people import plain
from servers.discord_world import ADMINISTRATOR, BOT_ID, SEND

ASKED = (
    "/help",
    "/subscriptions",
    "/status",
    "/search diffusion",
    "/trending",
    "/preview diffusion",
    "/why 2601.00001",
)


@pytest.fixture
async def world(store, clock):
    async with conversing(store, clock) as made:
        await made.record(paper(1, "Diffusion"), paper(2, "More diffusion"))
        yield made


def shown(world, channel=PAPERS):
    """What all see in a channel."""
    return world.discord.messages(channel)


@pytest.mark.parametrize("place", [PAPERS, POST])
async def test_look_ups_are_seen_by_who_asked_until_they_share_them(world, place):
    discord = world.discord
    for number, typed in enumerate(ASKED):
        answer = await discord.ask(BOB, typed, place)
        assert answer.only_for == BOB, typed
        assert answer.labels[-1][-1] == "Share here"
        assert len(shown(world, place)) == number
        made = await discord.press(BOB, answer, "Share here")
        *_, shared = await discord.wait(place, number + 1)
        assert shared.content == "\n".join(filter(None, (answer.content, "-# Shared by Ann"))), typed
        texts = [(embed.get("title"), embed.get("description")) for embed in answer.embeds]
        assert [(embed.get("title"), embed.get("description")) for embed in shared.embeds] == texts
        assert shared.links == answer.links
        assert [label for row in shared.labels for label in row] == [
            label for row in answer.labels for label in row if label not in {"Share here", "Shared"}
        ]
        assert shared.body["allowed_mentions"] == {"parse": []}
        assert (await discord.answer(made)).button("Shared")["disabled"] is True
    assert discord.violations == []


async def test_what_is_pressed_under_a_look_up_is_seen_by_who_pressed_alone_too(world):
    discord = world.discord
    found = await discord.ask(BOB, "/search diffusion", PAPERS)
    card = await discord.answer(await discord.press(BOB, found, "1"))
    assert card.only_for == BOB
    assert card.embeds[0]["title"] in {"Diffusion", "More diffusion"}  # equally relevant
    assert card.labels[-1][-1] == "Share here"
    preview = await discord.answer(await discord.press(BOB, found, "Preview"))
    assert (preview.only_for, "Share here" in preview.labels[-1]) == (BOB, True)
    refused = await discord.answer(await discord.press(BOB, preview, "Subscribe"))
    assert (refused.only_for, refused.labels) == (BOB, [])
    assert shown(world) == []
    await discord.press(BOB, card, "Share here")
    (shared,) = await discord.wait(PAPERS)
    public = await discord.answer(await discord.press(ANN, shared, "Why?"))
    assert public.only_for is None


async def test_pages_turn_in_place_and_keep_the_button(world):
    await world.record(*(paper(number, f"Diffusion {number}") for number in range(3, 12)))
    found = await world.discord.ask(BOB, "/search diffusion", PAPERS)
    await world.discord.answer(await world.discord.press(BOB, found, "Next »"))
    assert found.edits
    assert [label for row in found.labels for label in row].count("Share here") == 1


async def test_the_button_speaks_the_language_that_was_chosen_there(world):
    discord = world.discord
    await discord.ask(ANN, "/language de", PAPERS)
    answer = await discord.ask(BOB, "/status", PAPERS)
    assert answer.labels[-1][-1] == "Hier teilen"
    made = await discord.press(BOB, answer, "Hier teilen")
    assert (await discord.answer(made)).button("Geteilt")["disabled"] is True


async def test_no_one_shares_what_they_may_not_post(world):
    discord = world.discord
    guild = discord.guilds[SERVER]
    guild.roles[SERVER + 2] = ADMINISTRATOR
    guild.members[BOT_ID].add(SERVER + 2)
    discord.channels[PAPERS].denied_all = SEND
    answer = await discord.ask(BOB, "/status", PAPERS)
    assert answer.button("Share here")["disabled"] is True
    discord.channels[PAPERS].denied_all = 0
    answer = await discord.ask(BOB, "/status", PAPERS)
    discord.channels[PAPERS].denied_all = SEND
    refused = await discord.answer(await discord.press(BOB, answer, "Share here"))
    assert (refused.only_for, plain(refused.text)) == (BOB, "You can't send messages in this channel.")
    guild.members[BOT_ID].clear()
    discord.channels[PAPERS].denied_all, discord.channels[PAPERS].denied = 0, SEND
    refused = await discord.answer(await discord.press(BOB, answer, "Share here"))
    assert refused.only_for == BOB
    assert "Can't post here: the bot may not write in this channel" in plain(refused.text)
    assert shown(world) == []


async def test_a_name_that_would_ping_pings_no_one(world):
    discord = world.discord
    discord.names[BOB] = "@everyone <@&1> **x**"
    answer = await discord.ask(BOB, "/status", PAPERS)
    await discord.press(BOB, answer, "Share here")
    (shared,) = await discord.wait(PAPERS)
    assert shared.content == "-# Shared by \\@everyone \\<\\@&1> \\*\\*x\\*\\*"
    assert shared.body["allowed_mentions"] == {"parse": []}


async def test_private_chats_and_telegram_have_no_such_button(world):
    for typed in ASKED:
        alone = await world.discord.ask(BOB, typed)
        assert "Share here" not in [label for row in alone.labels for label in row]
    telegram = world.telegram
    here = await telegram.ask(BOB, "/status", GROUP)
    keyboard = [[{"text": "x", "callback_data": "publish:"}]]
    here.keyboard[:] = keyboard
    telegram.press(BOB, here, "x")
    await telegram.until(lambda: len(telegram.toasts) == 1)
    assert "too old" in telegram.toasts[0]["text"]


async def test_changes_and_secrets_come_as_before(world):
    discord = world.discord
    assert (await discord.ask(ANN, "/subscribe lora", PAPERS)).only_for is None
    secret = await discord.ask(ANN, "/feed", PAPERS)
    assert (secret.only_for, "Share here" in [label for row in secret.labels for label in row]) == (ANN, False)
    refused = await discord.ask(BOB, "/search foo:bar", PAPERS)
    assert (refused.only_for, "Share here" in [label for row in refused.labels for label in row]) == (BOB, False)


async def test_slow_look_ups_are_hidden_from_the_start_and_can_be_shared(world, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", 0.0)
    discord = world.discord
    answer = await discord.ask(BOB, "/status", PAPERS)
    assert (answer.only_for, answer.labels) == (BOB, [["Share here"]])
    await discord.press(BOB, answer, "Share here")
    (shared,) = await discord.wait(PAPERS)
    assert shared.content == "-# Shared by Ann"
    await discord.until(lambda: answer.labels == [["Shared"]])


async def test_what_members_may_not_press_is_not_shared(world):
    discord = world.discord
    await discord.ask(ANN, "/subscribe diffusion", PAPERS)
    await discord.ask(ANN, "/pause", PAPERS)
    for typed, kept in (("/subscriptions", ["Open 1"]), ("/subscriptions 1", ["Share"])):
        answer = await discord.ask(ANN, typed, PAPERS)
        assert "Resume" in [label for row in answer.labels for label in row] or typed.endswith("1")
        posted = len(shown(world))
        await discord.press(ANN, answer, "Share here")
        shared = (await discord.wait(PAPERS, posted + 1))[-1]
        assert [label for row in shared.labels for label in row] == kept
