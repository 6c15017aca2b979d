"""A chat that is paused says so first, with a way to resume: over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, conversing, paper
from pressing import CHATS, announce, send_due

from servers.loopback import PATIENCE

PAUSED = "⚠ Nothing is sent here: paused by Ann. Papers that match are kept until /resume."
BACK = "Back again. Papers that matched meanwhile were kept: /resume sends them."


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    async with conversing(store, clock) as made:
        made.discord.names.update({ANN: "Ann", BOB: "Bob"})
        yield made


@pytest.fixture(params=CHATS)
def chat(conversation, request):
    return CHATS[request.param](conversation)


@pytest.fixture(params=CHATS)
def private(conversation, request):
    return CHATS[request.param](conversation, private=ANN)


@pytest.mark.parametrize("command", ["/start", "/subscriptions"])
async def test_paused_is_said_first_where_papers_would_come(chat, command):
    await chat.ask(ANN, "/subscribe lora")
    assert PAUSED not in chat.text(await chat.ask(ANN, command))
    await chat.ask(ANN, "/pause")
    answer = await chat.ask(ANN, command)
    assert chat.text(answer).startswith(PAUSED)
    assert chat.labels(answer)[0] == "Resume"
    _, note = await chat.press(BOB, answer, "Resume")
    assert "Only managers" in note
    resumed, _ = await chat.press(ANN, answer, "Resume", says="Resumed.")
    assert "Resumed." in chat.text(resumed)
    assert PAUSED not in chat.text(await chat.ask(ANN, command))


@pytest.mark.parametrize("word", ["start", "Subscriptions", "settings"])
async def test_a_command_without_its_slash_says_so_once_too(private, word):
    await private.ask(ANN, "/pause")
    server = private.world.telegram if private.kind == "telegram" else private.world.discord
    before = len(private.messages())
    said = server.say(ANN, word)
    if private.kind == "discord":
        await said
    await server.until(lambda: len(private.messages()) > before)
    answer = private.messages()[before]
    assert private.text(answer).count(PAUSED) == 1
    assert "Resume" in private.labels(answer)


async def test_the_card_of_settings_says_paused_and_resumes(chat):
    await chat.ask(ANN, "/pause")
    card = await chat.ask(ANN, "/settings")
    assert PAUSED in chat.text(card)
    assert chat.labels(card)[0] == "Resume"
    choices, _ = await chat.press(ANN, card, "Look…")
    back, _ = await chat.press(ANN, choices, "« Settings")
    assert PAUSED in chat.text(back)
    await chat.press(ANN, back, "Resume")
    card = await chat.ask(ANN, "/settings")
    assert PAUSED not in chat.text(card)
    assert "Resume" not in chat.labels(card)


@pytest.mark.parametrize("command", ["/start", "/subscriptions", "/settings"])
async def test_a_member_reads_that_it_is_paused_without_a_button_that_is_refused(chat, command):
    await chat.ask(ANN, "/subscribe lora")
    await chat.ask(ANN, "/pause")
    answer = await chat.ask(BOB, command)
    assert PAUSED in chat.text(answer)
    assert "Resume" not in chat.labels(answer)


async def test_a_new_subscription_says_here_of_this_chat(chat):
    await chat.ask(ANN, "/pause")
    answer = chat.text(await chat.ask(ANN, "/subscribe lora"))
    assert "⚠ Deliveries are paused here (paused by Ann) until /resume." in answer
    assert "until /resume there" not in answer


@pytest.mark.parametrize("written", ["/start", "/subscriptions", "/search lora"])
async def test_who_blocked_the_bot_and_writes_again_reads_that_first(private, written):
    await private.ask(ANN, "/subscribe lora")
    block(private)
    await announce(private.world, private.kind, paper(1, "LoRA"))
    unblock(private)
    answer = await private.ask(ANN, written)
    assert private.text(answer).startswith(BACK)
    assert private.labels(answer)[0] == "Resume"
    before = len(private.messages())
    resumed, _ = await private.press(ANN, answer, "Resume", says="Resumed.")
    assert "Resumed." in private.text(resumed)
    await send_due(private.world, private.kind)
    assert any("LoRA" in private.text(sent) for sent in private.messages()[before:])
    assert BACK not in private.text(await private.ask(ANN, written))


async def test_telegram_reports_the_end_of_a_block_and_any_message_says_it_again(conversation):
    private = CHATS["telegram"](conversation, private=ANN)
    await private.ask(ANN, "/subscribe lora")
    private.server.standing(ANN, ANN, "kicked")
    before = len(private.messages())
    private.server.standing(ANN, ANN, "member")
    (back,) = (await private.server.wait(ANN, before + 1))[before:]
    assert back.text == BACK
    assert private.labels(back) == ["Resume"]
    assert private.text(await private.ask(ANN, "diffusion models")).startswith(BACK)


async def test_who_paused_before_a_block_is_still_paused_by_themselves(private):
    await private.ask(ANN, "/subscribe lora")
    await private.ask(ANN, "/pause")
    if private.kind == "telegram":
        before = len(private.messages())
        for standing in ("kicked", "member"):
            private.server.standing(ANN, ANN, standing)
        (back,) = (await private.server.wait(ANN, before + 1))[before:]
        assert back.text == PAUSED
        assert private.labels(back) == ["Resume"]
    else:
        block(private)
        await announce(private.world, private.kind, paper(1, "LoRA"))
        unblock(private)
    answer = await private.ask(ANN, "/start")
    assert private.text(answer).startswith(PAUSED)


def block(private):
    """Let the platform refuse messages from now on; nothing is heard of it before one is sent."""
    if private.kind == "telegram":
        private.server.chats[private.chat].bot = "kicked"
    else:
        private.server.channels[private.chat].closed = True


def unblock(private):
    if private.kind == "telegram":
        private.server.chats[private.chat].bot = "member"
    else:
        private.server.channels[private.chat].closed = False
