"""A typed undo takes back what a button changed of how papers come, after a restart too."""

import pytest
from conversation_world import conversing
from lives import LIVES

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
}
"""What somebody who subscribed to `lora` types and [presses], and how the answer to `undo` begins."""


@pytest.mark.parametrize("kind", LIVES)
@pytest.mark.parametrize("name", CHANGES)
async def test_undo_is_of_the_last_button(store, clock, tmp_path, monkeypatch, kind, name):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    steps, undone = CHANGES[name]
    async with conversing(store, clock) as world:
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
