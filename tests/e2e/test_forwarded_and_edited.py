"""Forwarded posts, PDFs and edited messages, read over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, GROUP, conversing, paper
from private_chats import OnDiscord, OnTelegram

from servers.loopback import PATIENCE

ABS = "https://arxiv.org/abs/2601"


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", PATIENCE)
    async with conversing(store, clock) as made:
        await made.record(paper(1, "One"), paper(2, "Two"))
        yield made


# --- papers in links and in names ----------------------------------------------------------------------------


def linked(text, *titles):
    """The entities of a text in which titles are links."""
    return [
        {"type": "text_link", "offset": text.index(title), "length": len(title), "url": url} for title, url in titles
    ]


async def test_titles_that_link_papers_are_read_in_a_post_forwarded_on_telegram(conversation):
    ann = OnTelegram(conversation)
    text = "Daily papers\n1. One\n2. Two\nMore on our site"
    links = linked(
        text, ("One", f"{ABS}.00001v2"), ("Two", f"{ABS}.00002"), ("our site", "https://news.example.org/today")
    )
    post = await ann.says(
        text, entities=links, forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "x"}
    )
    assert ann.text(post).startswith("2 papers are mentioned here.")
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]
    captioned = await ann.says("", caption="One", caption_entities=linked("One", ("One", f"{ABS}.00001")), photo=photo)
    assert ann.text(captioned).startswith("One\n")
    button = {"inline_keyboard": [[{"text": "Read", "url": "https://arxiv.org/pdf/2601.00002"}]]}
    assert ann.text(await ann.says("A paper of today", reply_markup=button)).startswith("Two\n")
    other = await ann.says("lora", entities=linked("lora", ("lora", "https://news.example.org/lora")))
    assert "Subscribe anyway" in ann.labels(other)


async def test_links_of_a_post_forwarded_on_discord_are_read_in_its_text_and_embeds(conversation):
    discord, chat = conversation.discord, conversation.discord.dm(ANN).id
    await discord.forward(ANN, f"Today: [One]({ABS}.00001v1) and [Two](<{ABS}.00002>)")
    assert (await discord.wait(chat))[0].text.startswith("2 papers are mentioned here.")
    await discord.forward(ANN, "", embeds=({"type": "rich", "title": "One", "url": f"{ABS}.00001"},))
    assert (await discord.wait(chat, 2))[1].links == [f"{ABS}.00001"]
    embed = {"type": "rich", "description": "Daily", "fields": [{"name": "1", "value": f"[Two]({ABS}.00002)"}]}
    await discord.say(ANN, "look", embeds=[embed])
    assert (await discord.wait(chat, 3))[2].links == [f"{ABS}.00002"]


@pytest.mark.parametrize("name", ["2601.00001v2.pdf", "2601.00001.PDF", "arXiv_2601.00001v1 (1).pdf"])
async def test_a_pdf_is_the_paper_that_it_is_called_by(conversation, name):
    telegram, discord = conversation.telegram, conversation.discord
    telegram.send_file(ANN, name, b"%PDF-1.7")
    assert (await telegram.wait(ANN))[0].text.startswith("One\n")
    telegram.send_file(ANN, name, b"%PDF-1.7", "/watch")
    assert (await telegram.wait(ANN, 2))[1].text.startswith("Watching: One")
    await discord.say(ANN, "", files=(name,))
    assert (await discord.wait(discord.dm(ANN).id))[0].links == [f"{ABS}.00001"]


@pytest.mark.parametrize("name", ["thesis.pdf", "2601.00001.zip", "pdf"])
async def test_another_file_that_cannot_be_read_is_named(conversation, name):
    conversation.telegram.send_file(ANN, name, b"%PDF-1.7")
    (answer,) = await conversation.telegram.wait(ANN)
    assert "can't be read" in answer.text


# --- edited messages ---------------------------------------------------------------------------------------------


async def test_a_message_edited_within_a_minute_is_read_again_once_on_telegram(conversation):
    telegram = conversation.telegram
    message = telegram.say(ANN, "/subscirbe lora")
    await telegram.wait(ANN)
    telegram.edit(ANN, message, "/subscribe lora", after=60)
    assert (await telegram.wait(ANN, 2))[1].text.startswith("Subscribed: lora")
    telegram.edit(ANN, message, "/subscribe qlora", after=60)
    late = telegram.say(ANN, "/preview lora")
    telegram.edit(ANN, late, "/subscribe gnn", after=61)
    telegram.edit(ANN, telegram.say(ANN, "/preview lora"), "", location={"latitude": 1, "longitude": 1})
    in_group = telegram.say(ANN, "hello", GROUP)
    telegram.edit(ANN, in_group, "/subscribe gnn", GROUP)
    assert (await telegram.wait(GROUP))[0].text.startswith("Subscribed: gnn")
    telegram.edit(BOB, telegram.say(BOB, "hm", GROUP), "hello all", GROUP)
    await telegram.until(telegram.confirmed)
    assert len(telegram.messages(ANN)) == 4
    assert len(telegram.messages(GROUP)) == 1
    assert await conversation.queries() == ["lora", "gnn"]


async def test_a_message_edited_within_a_minute_is_read_again_once_on_discord(conversation):
    ann, discord = OnDiscord(conversation), conversation.discord
    message = await discord.say(ANN, "/subscirbe lora")
    await discord.wait(ann.chat)
    await discord.edit(message, "/subscirbe lora", after=None)  # a preview of a link appears
    await discord.edit(message, "/subscribe lora", after=60)
    assert ann.text((await discord.wait(ann.chat, 2))[1]).startswith("Subscribed: lora")
    await discord.edit(message, "/subscribe qlora", after=60)
    late = await discord.say(ANN, "/preview lora")
    await discord.wait(ann.chat, 3)
    await discord.edit(late, "/subscribe gnn", after=61)
    assert ann.text(await ann.says("subscriptions")).count("#") == 1
    assert len(discord.messages(ann.chat)) == 4
    assert await conversation.queries() == ["lora"]
