"""Another language in mid-flow, over the wire of both platforms: an open dialog, an old button, a due digest."""

import pytest
from conversation_world import ANN, conversing, paper
from pressing import CHATS, announce, send_due

from paperwire.texts import texts_in
from pseudo_locale import install
from servers.loopback import PATIENCE

ESPERANTO = "Esperanto"


@pytest.fixture
async def conversation(store, clock, tmp_path, monkeypatch):
    install(tmp_path, monkeypatch)
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    async with conversing(store, clock) as made:
        yield made
    texts_in.cache_clear()


@pytest.fixture(params=CHATS)
def chat(conversation, request):
    return CHATS[request.param](conversation)


async def choose(chat):
    card = await chat.ask(ANN, "/language")
    assert chat.labels(card) == ["English", ESPERANTO, "Automatic"]
    chosen, _ = await chat.press(ANN, card, ESPERANTO)
    assert chat.text(chosen) == f"⟦Language here: ⟨{ESPERANTO}⟩.⟧"


async def test_an_old_button_leads_on_in_the_new_language(chat):
    card = await chat.ask(ANN, "/settings")
    assert chat.text(card).startswith("Settings of this chat")
    await choose(chat)
    choices, _ = await chat.press(ANN, card, "Look…")
    assert chat.text(choices).startswith("⟦")
    assert all(label.startswith("⟦") for label in chat.labels(choices))


async def test_what_was_owed_before_comes_in_the_new_language(chat):
    await chat.ask(ANN, "/subscribe snakes when:daily 08:00")
    await announce(chat.world, chat.kind, paper(1, "Snakes"), paper(2, "More snakes"))
    await choose(chat)
    before = len(chat.messages())
    chat.world.clock.advance(days=1)
    await send_due(chat.world, chat.kind)
    (digest,) = chat.messages()[before:]
    assert "⟦" in chat.text(digest)
    assert "Snakes" in chat.text(digest)


async def test_automatic_again_speaks_as_before(chat):
    await choose(chat)
    card = await chat.ask(ANN, "/language")
    back, _ = await chat.press(ANN, card, "⟦Automatic⟧")
    assert chat.text(back).startswith("Language here: automatic.")
