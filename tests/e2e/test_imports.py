"""Lists of queries and feeds imported, over the wire of both platforms."""

import asyncio
from copy import copy
from datetime import timedelta

import pytest
from conversation_world import ANN, BOB, GROUP, NEWS, PAPERS, conversing, paper

from paperwire.ports.sources import SourceState
from servers.discord_people import plain

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>RSStT</title></head><body>
<outline text="cs"><outline type="rss" text="cs.LG and CL" xmlUrl="https://rss.arxiv.org/rss/cs.LG+cs.CL"/></outline>
<outline type="rss" text="LoRA" xmlUrl="http://export.arxiv.org/api/query?search_query=cat:cs.LG+AND+all:lora"/>
<outline type="rss" text="A blog" xmlUrl="https://blog.example.org/rss.xml"/>
<outline type="rss" text="cs.LG again" xmlUrl="https://rss.arxiv.org/atom/cs.CL+cs.LG"/>
<outline type="rss" text="HF" xmlUrl="https://huggingface.co/papers"/>
</body></opml>"""
QUERIES = ["cat:cs.LG OR cat:cs.CL", "cat:cs.LG AND all:lora", "(source:arxiv OR source:huggingface) upvotes>=1"]
PREVIEW = """\
3 will be subscribed.
1 repeats another one.
• cat:cs.LG OR cat:cs.CL (from arxiv)
• cat:cs.LG AND all:lora (from arxiv)
• (source:arxiv OR source:huggingface) upvotes>=1 (from huggingface)
Together they match about 2 a day, each paper sent once.
1 can't be subscribed:
Line 3: https://blog.example.org/rss.xml – This feed isn't collected here.
Nothing is subscribed yet."""


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock) as made:
        made.context.sources["huggingface"] = timedelta(minutes=30)
        await made.record(paper(1, "LoRA", categories=("cs.LG",)), paper(2, "Chess", categories=("cs.CL",)))
        yield made


def forget_buttons(conversation):
    """What a restart forgets."""
    conversation.context.long_texts._texts.clear()


# --- Telegram ----------------------------------------------------------------------------------------------------


async def edited(telegram, chat, beginning):
    """The latest message of a chat, once it begins so."""
    await telegram.until(lambda: telegram.messages(chat)[-1].text.startswith(beginning))
    return telegram.messages(chat)[-1]


async def test_an_opml_file_in_private_is_previewed_confirmed_and_taken_back(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe diffusion")
    telegram.send_file(ANN, "feeds.opml", OPML.encode())
    preview = (await telegram.wait(ANN, 2))[1]
    assert preview.text == PREVIEW
    assert await conversation.queries() == ["diffusion"]
    forget_buttons(conversation)
    telegram.press(ANN, preview, "Subscribe to all 3")
    done = await edited(telegram, ANN, "Subscribed to 3.\nTo see or change them: /subscriptions")
    assert await conversation.queries() == ["diffusion", *QUERIES]
    forget_buttons(conversation)
    telegram.press(ANN, done, "Undo")
    gone = await edited(telegram, ANN, "3 subscriptions taken back.")
    assert await conversation.queries() == ["diffusion"]
    telegram.press(ANN, gone, "Subscribe again")
    await edited(telegram, ANN, "Subscribed to 3.")
    assert await conversation.queries() == ["diffusion", *QUERIES]


async def test_a_second_press_and_a_second_undo_change_nothing(conversation):
    telegram = conversation.telegram
    preview = await telegram.ask(ANN, "/import lora\n\n# mine\n- qlora adapters\n2. lora")
    assert preview.text.startswith("2 will be subscribed.\n1 repeats another one.\n• lora\n• qlora adapters\nTogether")
    stale = copy(preview)
    telegram.press(ANN, preview, "Subscribe to all 2")
    done = copy(await edited(telegram, ANN, "Subscribed to 2."))
    telegram.press(ANN, stale, "Subscribe to all 2")
    await telegram.until(lambda: telegram.toasts[-1].get("text") == "Already subscribed to all of these.")
    assert await conversation.queries() == ["lora", "qlora adapters"]
    assert telegram.messages(ANN)[0].text == done.text
    await telegram.ask(ANN, "/unsubscribe lora")
    telegram.press(ANN, done, "Undo")
    await telegram.until(lambda: telegram.messages(ANN)[0].text == "1 subscription taken back.")
    telegram.press(ANN, done, "Undo")
    await telegram.until(lambda: telegram.toasts[-1].get("text") == "There was nothing left to undo.")
    assert await conversation.queries() == []


async def test_undo_leaves_what_was_there_before(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora")
    preview = await telegram.ask(ANN, "/import LoRA\nqlora")
    assert preview.text.startswith("1 will be subscribed.\n1 was already there.\n• qlora")
    telegram.press(ANN, preview, "Subscribe to 1")
    telegram.press(ANN, await edited(telegram, ANN, "Subscribed to 1."), "Undo")
    await edited(telegram, ANN, "1 subscription taken back.")
    assert await conversation.queries() == ["lora"]


async def test_the_answer_to_the_question_is_the_list(conversation):
    telegram = conversation.telegram
    asked = await telegram.ask(ANN, "/import")
    assert asked.text.startswith("Which list?\nSend one query or feed address per line as your next message")
    preview = await telegram.ask(ANN, "lora\nhttps://rss.arxiv.org/rss/math.AG")
    assert preview.text.startswith("1 will be subscribed.\n• lora\n")
    assert "Line 2: https://rss.arxiv.org/rss/math.AG – math.\u2060AG isn't collected here." in preview.text


async def test_pasted_lines_are_offered_the_import_and_papers_are_not(conversation):
    telegram = conversation.telegram
    preview = await telegram.ask(ANN, 'cat:cs.LG\n"world model" -survey')
    assert preview.text.startswith('2 will be subscribed.\n• cat:cs.LG\n• "world model" -survey\n')
    assert "Import" not in (await telegram.ask(ANN, "2601.00001\n2601.00002")).text
    one = await telegram.ask(ANN, "lora\n(")
    assert "will be subscribed" not in one.text


async def test_in_a_group_only_managers_import_and_it_is_the_groups(conversation):
    telegram = conversation.telegram
    assert (await telegram.ask(BOB, "/import lora\nqlora", GROUP)).text.startswith("Only managers")
    preview = await telegram.ask(ANN, "/import lora\nqlora", GROUP)
    telegram.press(BOB, preview, "Subscribe to all 2")
    await telegram.until(lambda: telegram.toasts and "Only managers" in telegram.toasts[-1].get("text", ""))
    assert await conversation.queries() == []
    telegram.press(ANN, preview, "Subscribe to all 2")
    done = await edited(telegram, GROUP, "Subscribed to 2.")
    assert all(subscription.place for subscription in await conversation.subscriptions())
    telegram.press(BOB, done, "Undo")
    await telegram.until(lambda: "Only managers" in telegram.toasts[-1].get("text", ""))
    assert len(await conversation.queries()) == 2
    telegram.press(ANN, done, "Undo")
    await edited(telegram, GROUP, "2 subscriptions taken back.")


async def test_a_channels_post_imports_for_the_channel(conversation):
    telegram = conversation.telegram
    telegram.post(NEWS, "/import lora\nqlora")
    preview = (await telegram.wait(NEWS))[0]
    telegram.press(ANN, preview, "Subscribe to all 2")
    await edited(telegram, NEWS, "Subscribed to 2.")
    assert await conversation.queries() == ["lora", "qlora"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (OPML[:-30], "This OPML file can't be read: the XML is broken or cut off"),
        (OPML.replace("<opml", '<!DOCTYPE opml [<!ENTITY a "b">]><opml', 1), "the XML has a DOCTYPE"),
        ('<opml version="2.0"><body/></opml>', "This list is empty."),
        ('<rss version="2.0"></rss>', "This isn't an OPML file."),
        ("\n".join(f"word{number}" for number in range(201)), "This list has 201 entries, and at most 200"),
        ("lora\n" * 100_001, "This list is too long: at most 500,000 characters are read."),
    ],
)
async def test_a_list_that_cannot_be_read_says_why(conversation, content, problem):
    telegram = conversation.telegram
    telegram.send_file(ANN, "list.txt", content.encode(), caption="/import")
    assert problem in (await telegram.wait(ANN))[0].text


async def test_a_file_that_is_no_text_is_named(conversation):
    telegram = conversation.telegram
    telegram.send_file(ANN, "feeds.zip", b"x", caption="/import")
    assert (await telegram.wait(ANN))[0].text.startswith("feeds.\u2060zip can't be read. Send a text or OPML file")


async def test_two_hundred_lines_are_imported_and_long_lists_of_reasons_come_as_a_file(conversation):
    telegram = conversation.telegram
    lines = [f"word{number}" for number in range(185)] + [f"https://{number}.example.org/feed" for number in range(15)]
    telegram.send_file(ANN, "list.txt", "\n".join(lines).encode(), caption="/import")
    preview, file = await telegram.wait(ANN, 2)
    assert "• word9\nand 175 more\n" in preview.text
    assert "15 can't be subscribed:" in preview.text
    assert preview.text.count("isn't collected here.") == 10
    assert file.document[0] == "not-subscribed.txt"
    assert [key["text"] for row in preview.keyboard for key in row] == ["Subscribe to all 185"]


async def test_the_limit_is_said_before_and_obeyed(store, clock):
    async with conversing(store, clock, most=3) as conversation:
        telegram = conversation.telegram
        await telegram.ask(ANN, "/subscribe lora")
        preview = await telegram.ask(ANN, "/import lora\na1\na2\na3\na4")
        assert preview.text.startswith("2 will be subscribed.\n1 was already there.")
        assert "2 can't be subscribed:\nLine 4: a3 – That would be more than 3 subscriptions, the max" in preview.text
        await telegram.ask(ANN, "/subscribe qlora")
        telegram.press(ANN, preview, "Subscribe to all 2")
        await telegram.until(lambda: telegram.messages(ANN)[1].text.startswith("Subscribed to 1."))
        done = telegram.messages(ANN)[1]
        assert "Line 2: a2 – That would be more than 3 subscriptions" in done.text
        assert await conversation.queries() == ["lora", "qlora", "a1"]


async def test_the_exported_list_is_imported_again(conversation):
    telegram = conversation.telegram
    typed = '"world model" -survey name:"My \'world\'" when:"daily 08:00" occasions:arrival,versions'
    await telegram.ask(ANN, f"/subscribe {typed}")
    await telegram.ask(ANN, "/subscribe cat:cs.LG")
    telegram.say(ANN, "/export")
    listed = (await telegram.wait(ANN, 5))[4]
    assert listed.document == ("subscriptions.txt", f"{typed}\ncat:cs.LG\n".encode())
    telegram.send_file(ANN, *listed.document, caption="/import")
    assert (await telegram.wait(ANN, 7))[6].text.startswith("0 will be subscribed.\n2 were already there.")
    telegram.send_file(BOB, *listed.document)
    preview = (await telegram.wait(BOB))[0]
    telegram.press(BOB, preview, "Subscribe to all 2")
    await edited(telegram, BOB, "Subscribed to 2.")
    *_, first, _second = await conversation.subscriptions()
    assert (first.name, first.cadence, first.occasions) == ("My 'world'", "daily 08:00", {"arrival", "versions"})


async def test_a_feed_that_is_collected_here_is_subscribed_by_its_title(conversation):
    telegram, url = conversation.telegram, "https://maps.example.org/feed/"
    conversation.context.sources["rss"] = timedelta(hours=1)
    async with conversation.store.write() as unit:
        await unit.sources.save(SourceState(source="rss", part=url))
    opml = f'<opml version="1.0"><body><outline title="Annals of Maps" xmlUrl="{url[:-1]}"/></body></opml>'
    telegram.send_file(ANN, "feeds.xml", opml.encode())
    assert '• source:"Annals of Maps" (from rss)' in (await telegram.wait(ANN))[0].text
    untitled = await telegram.ask(ANN, f"/import {url}")
    assert "This feed is collected here. Subscribe to it by its name: source:" in untitled.text


async def test_what_is_not_collected_and_where_papers_cannot_go_is_said_by_line(conversation):
    preview = await conversation.telegram.ask(
        ANN,
        "/import https://www.biorxiv.org/x.xml\nlora to:telegram:-999\nqlora to:telegram:-999\nzz:x\nlist:here\nlike:1",
    )
    assert preview.text.startswith("0 will be subscribed.\n6 can't be subscribed:\n")
    for reason in ("biorxiv isn't collected", "The bot can't reach -999", "zz: isn't a field", "A private chat has no"):
        assert reason in preview.text.replace("\u2060", "")


async def test_a_list_that_brings_too_much_says_so(conversation):
    await conversation.record(*(paper(number, f"Chess {number}", categories=("cs.GT",)) for number in range(10, 50)))
    preview = await conversation.telegram.ask(ANN, "/import cat:cs.GT\nchess")
    assert "Together they match about 41 a day, each paper sent once." in preview.text
    assert "⚠ That's more than 30 a day. Leave some out, or choose a digest: /digest daily 08:00" in preview.text


# --- Discord -----------------------------------------------------------------------------------------------------


async def test_discord_imports_an_attached_file_for_a_channel(conversation):
    discord = conversation.discord
    discord.files["feeds.opml"] = OPML.encode()
    refused = await discord.ask(BOB, "/import", PAPERS, options={"file": "feeds.opml"})
    assert plain(refused.text).startswith("Only managers")
    preview = await discord.ask(ANN, "/import", PAPERS, options={"file": "feeds.opml"})
    assert "3 will be subscribed." in plain(preview.text)
    assert "`cat:cs.LG OR cat:cs.CL` (from arxiv)" in plain(preview.text)
    forget_buttons(conversation)
    stale = copy(preview)
    done = await discord.answer(await discord.press(ANN, preview, "Subscribe to all 3"))
    assert "Subscribed to 3." in plain(done.text)
    assert await conversation.queries() == QUERIES
    again = await discord.answer(await discord.press(ANN, stale, "Subscribe to all 3"))
    assert "Already subscribed to all of these." in plain(again.text)
    forget_buttons(conversation)
    gone = await discord.answer(await discord.press(ANN, done, "Undo"))
    assert "3 subscriptions taken back." in plain(gone.text)
    assert await conversation.queries() == []


async def test_discord_asks_for_the_list_in_a_form_with_room_for_lines(conversation):
    discord = conversation.discord
    made = await discord.command(ANN, "/import", PAPERS)
    await discord.until(lambda: made.form is not None)
    if running := [task for task in asyncio.all_tasks() if task.get_name() == "CommandTree-invoker"]:
        await asyncio.wait(running)  # a form is known to the channel a moment after it was shown
    filled = await discord.fill(ANN, made, "lora\nqlora")
    *_, label = made.form["components"]
    assert label["component"]["style"] == 2
    assert "2 will be subscribed." in plain((await discord.answer(filled)).text)


async def test_discord_offers_the_import_of_pasted_lines_and_files_in_private(conversation):
    discord = conversation.discord
    discord.files["feeds.opml"] = OPML.encode()
    dm = discord.dm(ANN).id
    await discord.say(ANN, "lora\nqlora")
    assert "2 will be subscribed." in plain((await discord.wait(dm))[0].text)
    await discord.say(ANN, "", files=("feeds.opml",))
    assert "3 will be subscribed." in plain((await discord.wait(dm, 2))[1].text)
    discord.files["broken.opml"] = OPML[:-30].encode()
    await discord.say(ANN, "", files=("broken.opml",))
    assert "This OPML file can't be read" in plain((await discord.wait(dm, 3))[2].text)
