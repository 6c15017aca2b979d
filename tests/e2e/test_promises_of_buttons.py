"""What a person reads before they are forgotten, and how long buttons and questions last: over the wire of both."""

from dataclasses import replace

import pytest
from conversation_world import ANN, GROUP, PAPERS, paper
from lives import reply_to
from private_chats import PLATFORMS

from meaning_world import small_table
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.nearness import Nearness

LONG = "diffusion AND (robot OR navigation OR manipulation OR locomotion OR planning OR grasping)"
OLD = "This button is too old. Send the command again."


@pytest.fixture(params=PLATFORMS)
def ann(request, conversation):
    return PLATFORMS[request.param](conversation)


async def later(conversation, days):
    """Let days pass, with the nightly pruning, and begin again as another process."""
    conversation.clock.advance(days=days)
    async with conversation.store.write() as unit:
        await unit.chat_memory.forget_old()
    await conversation.restart()


async def test_what_will_be_deleted_is_named_before_the_yes_and_takes_along_what_buttons_carry(conversation, ann):
    await conversation.record(paper(1, "LoRA"))
    for command in ("/subscribe lora", "/save 2601.00001", "/watch 2601.00001"):
        await ann.says(command)
    offer = await ann.says(f"/preview {LONG}")
    asked = await ann.says("/forget")
    question, *lines = ann.text(asked).splitlines()
    assert question == "Delete everything stored about you? This can't be undone."
    assert lines[0] == "This will be deleted:"
    assert lines[1].endswith("1 subscription, 1 watched paper")
    assert lines[2:] == ["• 1 saved paper", "• name, accounts, settings and feed links"]
    assert await conversation.queries() == ["lora"]
    assert ann.text(await ann.says("yes")) == "Everything about you has been deleted."
    assert await conversation.queries() == []
    await conversation.restart()
    assert ann.text(await ann.presses("Search", offer)) == OLD


@pytest.mark.parametrize("days", [30, 32])
async def test_a_button_with_a_long_query_lasts_a_month(conversation, ann, days):
    offer = await ann.says(f"/preview {LONG}")
    await later(conversation, days)
    answer = ann.text(await ann.presses("Subscribe", offer))
    assert answer == OLD if days > 31 else answer.startswith(f"Subscribed: {LONG}")


@pytest.mark.parametrize("days", [30, 32])
@pytest.mark.parametrize("kind", PLATFORMS)
async def test_a_question_lasts_a_month_for_who_replies_to_it(conversation, kind, days):
    telegram, discord = conversation.telegram, conversation.discord
    if kind == "telegram":
        asked = await telegram.ask(ANN, "/subscribe", GROUP)
    else:
        form = await discord.command(ANN, "/subscribe", PAPERS)
        await discord.until(lambda: form.form is not None)
    await later(conversation, days)
    if kind == "telegram":
        telegram.say(ANN, "lora", GROUP, **reply_to(telegram, asked))
        answer = (await telegram.wait(GROUP, 2))[1] if days < 31 else asked
        await telegram.until(telegram.confirmed)
    else:
        answer = await discord.answer(await discord.fill(ANN, form, "lora"))
    assert answer.text.replace("*", "").startswith("Subscribed: ") is (days < 31)
    assert await conversation.queries() == (["lora"] if days < 31 else [])


async def test_a_sentence_offers_meaning_and_its_words(conversation, ann):
    calibration = Calibration(conversation.store, Nearness(conversation.store, small_table()), now=conversation.clock)
    conversation.context = replace(conversation.context, calibration=calibration)
    await conversation.record(paper(1, "Latent diffusion"))
    await Encoding(conversation.store, calibration.encoder, calibration).run()
    await conversation.restart()
    offer = await ann.says("I'm interested in papers about latent diffusion")
    assert "latent diffusion – " in ann.text(offer)
    assert ann.labels(offer)[:3] == ["Subscribe", "Preview", "Search"]
    assert "Latent diffusion" in ann.text(await ann.presses("Search by meaning", offer))
    made = ann.text(await ann.presses("Subscribe by meaning", offer))
    assert made.startswith('Subscribed: like:"latent diffusion"')
