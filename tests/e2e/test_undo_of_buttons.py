"""A typed undo takes back what a command or a button changed, after a restart too, in groups for who changed it."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, SERVER, conversing, paper
from lives import LIVES, reply_to

from servers.loopback import PATIENCE

CHANGES = {
    "zone of a digest": (("/digest daily 08:00", "[Europe/Berlin]"), "Changed back.\nTime zone: UTC."),
    "zone": (("/settings", "[Time zone…]", "[Europe/Berlin]"), "Changed back.\nTime zone: UTC."),
    "best ten": (
        ("/digest weekly mon 08:00 UTC", "/subscriptions 1", "[When…]", "[At once]", "fewer", "[Best 10 a day]"),
        "Changed back.\n#1 lora: as they appear",
    ),
    "daily digest": (("fewer", "[Daily digest]"), "Changed back.\n#1 lora: as they appear"),
    "when": (
        ("/subscriptions 1", "[When…]", "[Every day at 08:00]"),
        "#1 lora\nNew papers will be posted here as they appear.",
    ),
    "mute": (("2601.00001", "[Mute…]", "[Author Jiaqi Liu]"), "Unmuted."),
    "end of a mute": (
        ("2601.00001", "[Mute…]", "[Author Jiaqi Liu]", "/mutes", "[Unmute Jiaqi Liu]"),
        "Muted here: Jiaqi Liu",
    ),
    "end of a subscription's mute": (
        ("fewer", "[Mute]", "/mutes", "[Unmute subscription #1]"),
        "Muted here: subscription #1",
    ),
    "watch": (("/watch 2601.00001",), "No longer watching: LoRA 1"),
    "watch of several": (
        ("/watch 2601.00001", "/watch 2601.00001 2601.00002 2601.00003"),
        "No longer watching: LoRA 2, LoRA 3",
    ),
    "end of a watch": (("/watch 2601.00001 2601.00002", "undo"), "Watching 2 papers here"),
}
"""What somebody who subscribed to `lora` types and [presses], and how the answer to `undo` begins."""


@pytest.mark.parametrize("kind", LIVES)
@pytest.mark.parametrize("name", CHANGES)
async def test_undo_is_of_the_last_button(store, clock, tmp_path, monkeypatch, kind, name):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    steps, undone = CHANGES[name]
    async with conversing(store, clock) as world:
        await world.record(*(paper(number, f"LoRA {number}") for number in range(1, 4)))
        chat = LIVES[kind](world, tmp_path)
        await chat.restarted()
        shown = await chat.says("/subscribe lora")
        for step in steps:
            shown = await (chat.presses(shown, step[1:-1]) if step.startswith("[") else chat.says(step))
        await world.restart()
        await chat.restarted()
        shown = await chat.says("undo")
        await chat.end()
    assert undone in shown.text


SEVERAL = "/watch 2601.00001 2601.00002"
GONE = "No longer watching: LoRA 1, LoRA 2"


@pytest.fixture
async def shared(conversation):
    """Both platforms with two stored papers."""
    await conversation.record(paper(1, "LoRA 1"), paper(2, "LoRA 2"))
    return conversation


async def test_a_group_on_telegram_reads_the_undo_of_the_manager_who_changed_it(shared):
    telegram = shared.telegram
    telegram.chats[GROUP].admins.add(BOB)
    made = await telegram.ask(ANN, SEVERAL, GROUP)
    await shared.restart()
    telegram.say(ANN, "undo", GROUP)  # to somebody else
    replies = {
        "before": (BOB, "There is nothing to undo here."),
        "now": (ANN, GONE),
        "after": (ANN, "Watching 2 papers"),
    }
    for number, (who, answer) in enumerate(replies.values(), 2):
        telegram.say(who, "undo", GROUP, **reply_to(telegram, made))
        assert answer in (await telegram.wait(GROUP, number))[number - 1].text
    assert len(telegram.messages(GROUP)) == 4


async def test_a_channel_on_discord_has_the_button_for_each_manager(shared):
    discord = shared.discord
    discord.guilds[SERVER].members[9] = set(discord.guilds[SERVER].members[ANN])
    made = await discord.ask(ANN, SEVERAL, PAPERS)
    await shared.restart()
    assert "Only managers" in (await discord.answer(await discord.press(BOB, made, "Undo"))).text
    undone = await discord.answer(await discord.press(9, made, "Undo"))
    assert GONE in undone.text
    assert "Watching 2 papers" in (await discord.answer(await discord.press(ANN, undone, "Undo"))).text
