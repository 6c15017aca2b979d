"""What people read and press in their chats: the first words, refusals, and buttons that carry a query on."""

import asyncio
from datetime import date

import pytest
from conversation_world import ANN, BOB, FORUM, GROUP, NEWS, PAPERS, POST, SERVER, conversing, paper

from paperwire.channels.discord.listen import Bot
from paperwire.commands.table import SPECS
from paperwire.core.days.batch import Batch, BatchState
from paperwire.core.days.doubt import Doubt, Why
from servers.discord_people import plain
from servers.discord_world import SEND
from servers.loopback import PATIENCE
from servers.telegram_world import found_in


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):  # whatever the machine does besides
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


@pytest.fixture
async def ready(monkeypatch):
    """Set once the Discord library has seen all servers it was in before: only then one counts as new."""
    seen = asyncio.Event()

    async def on_ready(_bot):
        seen.set()

    monkeypatch.setattr(Bot, "on_ready", on_ready, raising=False)
    return seen


# --- the first words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chat", "status"), [(GROUP, "member"), (NEWS, "administrator")])
async def test_added_to_a_telegram_chat_the_bot_greets_once_and_a_button_subscribes(conversation, chat, status):
    telegram = conversation.telegram
    telegram.chats[chat].bot = "left"
    telegram.standing(ANN, chat, status, **({"can_post_messages": True} if chat == NEWS else {}))
    (greeting,) = await telegram.wait(chat)
    assert "Managers subscribe with a query" in greeting.text
    assert "To get rid of Paperwire, remove the bot from this" in greeting.text
    telegram.standing(ANN, chat, "administrator", can_post_messages=True)  # its rights change, and nothing is said
    telegram.press(BOB, greeting, "Subscribe to this example")
    await telegram.until(lambda: len(telegram.toasts) == 1)
    assert "Only managers" in telegram.toasts[0]["text"]
    telegram.press(ANN, greeting, "Subscribe to this example")
    answer = (await telegram.wait(chat, 2))[1]
    assert answer.text.startswith('Subscribed: "large language model" reasoning')
    assert await conversation.queries() == ['"large language model" reasoning']


async def test_added_to_a_discord_server_the_bot_greets_in_the_system_channel(ready, conversation):
    await ready.wait()
    discord = conversation.discord
    guild = discord.guild(1500, "New lab", managers=(ANN,))
    discord.channel(2500, guild, "rules")
    discord.channel(2501, guild, "welcome")
    guild.system = 2501
    await discord.join(guild)
    (greeting,) = await discord.wait(2501)
    assert discord.messages(2500) == []
    assert "remove the bot from this channel or server." in plain(greeting.text)
    answer = await discord.answer(await discord.press(ANN, greeting, "Subscribe to this example"))
    assert '`"large language model" reasoning`' in plain(answer.text)


@pytest.mark.parametrize("where", ["nowhere", "forbidden"])
async def test_a_discord_server_without_a_system_channel_to_write_in_is_not_greeted(ready, conversation, where):
    await ready.wait()
    discord = conversation.discord
    guild = discord.guild(1500, "New lab", managers=(ANN,))
    discord.channel(2501, guild, "welcome", denied=SEND)
    guild.system = 2501 if where == "forbidden" else None
    await discord.join(guild)
    assert "help" in (await discord.ask(ANN, "/help", PAPERS)).text
    assert discord.messages(2501) == []
    assert SERVER in discord.guilds


# --- from one query to the next ----------------------------------------------------------------------------------


async def test_preview_search_and_subscribe_are_a_tap_apart_on_telegram(conversation):
    telegram = conversation.telegram
    preview = await telegram.ask(ANN, "/preview lora")
    telegram.press(ANN, preview, "Search")
    found = (await telegram.wait(ANN, 2))[1]
    assert found.text.startswith("No papers for lora")
    telegram.press(ANN, found, "Preview")
    assert (await telegram.wait(ANN, 3))[2].text.startswith("Preview: lora")
    telegram.press(ANN, found, "Subscribe")
    assert (await telegram.wait(ANN, 4))[3].text.startswith("Subscribed: lora")
    assert await conversation.queries() == ["lora"]


async def test_preview_search_and_subscribe_are_a_tap_apart_on_discord_also_for_a_long_query(conversation):
    discord, query = conversation.discord, " OR ".join(f'"word {number}"' for number in range(60))
    preview = await discord.ask(BOB, f"/preview {query}", PAPERS)
    refused = await discord.answer(await discord.press(BOB, preview, "Subscribe"))
    assert "Only managers" in refused.text
    assert refused.only_for == BOB
    found = await discord.answer(await discord.press(BOB, preview, "Search"))
    assert "**No papers** for" in found.text
    made = await discord.answer(await discord.press(ANN, found, "Subscribe"))
    assert "Subscribed:" in made.text
    assert await conversation.queries() == [query]


@pytest.mark.parametrize("pasted", ["https://arxiv.org/abs/2601.00001", "arXiv:2601.00001v1 [cs.CV] 4 Jan 2026"])
async def test_a_pasted_paper_is_answered_with_its_card(conversation, pasted):
    await conversation.record(paper(1, "Diffusion"))
    sent = await conversation.telegram.ask(BOB, pasted)
    assert sent.text.startswith("Diffusion\n")
    assert sent.links == ["https://arxiv.org/abs/2601.00001"]
    conversation.telegram.press(BOB, sent, "Watch")
    assert (await conversation.telegram.wait(BOB, 2))[1].text.startswith("Watching: Diffusion")


async def test_commands_in_the_help_can_be_tapped(conversation):
    sent = await conversation.telegram.ask(BOB, "/help")
    tappable = [entity for entity in found_in(sent.text) if entity["type"]["@type"] == "textEntityTypeBotCommand"]
    assert len(tappable) >= len(SPECS)
    assert not [entity for entity in sent.entities if entity["type"]["@type"] == "textEntityTypeCode"]
    answer = await conversation.discord.ask(BOB, "/help", PAPERS)
    ids = {command["name"]: command["id"] for command in conversation.discord.commands}
    assert all(f"</{spec.name}:{ids[spec.name]}>" in answer.text for spec in SPECS)


# --- refusals ----------------------------------------------------------------------------------------------------


async def test_status_says_whether_this_chat_missed_anything_on_both_platforms(conversation):
    conversation.clock.set("2026-10-21T16:00:00Z")
    doubts = (Doubt(why=Why.STALE, views=("rss",)),)
    batches = [
        Batch(source="arxiv", part="cs.CL", day=date(2026, 10, 20), state=BatchState.UNCONFIRMED, doubts=doubts),
        Batch(source="arxiv", part="cs.CL", day=date(2026, 10, 21), state=BatchState.COMPLETE),
        Batch(source="arxiv", part="stat.ML", day=date(2026, 10, 21), state=BatchState.COMPLETE),
    ]
    async with conversation.store.write() as unit:
        await unit.sources.save_batches(batches)
    await conversation.telegram.ask(ANN, "/subscribe cat:cs.CL", GROUP)
    answer = await conversation.telegram.ask(BOB, "/status", GROUP)
    assert "⚠ arXiv: Tue 20 Oct not confirmed: the feed still shows an older list." in answer.text.split("\n")
    await conversation.discord.ask(ANN, "/subscribe cat:stat.ML", PAPERS)
    answer = await conversation.discord.ask(BOB, "/status", PAPERS)
    assert "arXiv: read to today, nothing missing." in answer.text.split("\n")


async def test_a_refusal_comes_where_the_question_was_on_telegram(conversation):
    telegram = conversation.telegram
    refused = await telegram.ask(BOB, "/subscribe lora", GROUP)
    assert refused.text == "Only managers can change subscriptions and settings here."
    assert refused.reply_to
    telegram.post(NEWS, "/subscribe foo:bar")
    (mistaken,) = await telegram.wait(NEWS)
    assert "isn't a field" in mistaken.text
    telegram.say_as_group(GROUP, "/subscribe foo:bar")
    assert "isn't a field" in (await telegram.wait(GROUP, 2))[1].text
    in_topic = await telegram.ask(ANN, "/digest hourly", FORUM, 5)
    assert (in_topic.thread, "hourly" in in_topic.text) == (5, True)
    assert telegram.messages(BOB) == []


async def test_a_refusal_is_seen_on_discord_by_who_asked_alone(conversation):
    refused = await conversation.discord.ask(BOB, "/subscribe lora", POST)
    assert (refused.only_for, refused.text) == (BOB, "Only managers can change subscriptions and settings here.")
    mistaken = await conversation.discord.ask(ANN, "/subscribe foo:bar", PAPERS)
    assert mistaken.only_for == ANN
    assert conversation.discord.messages(PAPERS) == []


@pytest.mark.parametrize("command", ["/feed", "/export", "/forget", "/link"])
async def test_what_is_secret_never_shows_in_a_shared_place(conversation, command):
    await conversation.telegram.ask(ANN, "/subscribe lora")
    await conversation.telegram.ask(ANN, "/subscribe lora", GROUP)
    hint = await conversation.telegram.ask(BOB, command, GROUP)
    assert "I can't write to you yet" in hint.text
    before = len(conversation.telegram.messages(ANN))
    conversation.telegram.say(ANN, command, GROUP)
    assert len(await conversation.telegram.wait(ANN, before + 1)) > before
    assert len(conversation.telegram.messages(GROUP)) == 2  # what is subscribed, and the hint
    assert (await conversation.discord.ask(ANN, command, PAPERS)).only_for == ANN


async def test_a_saved_paper_is_confirmed_where_it_was_saved(conversation):
    await conversation.record(paper(1, "Diffusion"))
    sent = await conversation.telegram.ask(BOB, "/save 2601.00001", GROUP)
    assert (sent.text, sent.keyboard) == ("Saved: Diffusion", [])
    assert (await conversation.discord.ask(BOB, "/save 2601.00001", PAPERS)).only_for == BOB


async def test_who_is_made_a_manager_may_act_at_once(conversation):
    telegram = conversation.telegram
    assert "Only managers" in (await telegram.ask(BOB, "/subscribe lora", GROUP)).text
    telegram.chats[GROUP].admins.add(BOB)
    conversation.clock.advance(seconds=1)
    assert (await telegram.ask(BOB, "/subscribe lora", GROUP)).text.startswith("Subscribed: lora")


# --- files and captions ------------------------------------------------------------------------------------------


def shown(sent):
    """The text without what keeps Telegram from making links of it."""
    return sent.text.replace("\u2060", "")


BIB = b"@misc{one, eprint = {2601.00001}}\n@misc{two, doi = {10.48550/arXiv.2601.00002}}\n@book{knuth, title = {Art}}"


async def test_a_bib_file_is_answered_with_its_papers_and_a_button_that_watches_them(conversation):
    telegram = conversation.telegram
    await conversation.record(paper(1, "One"), paper(2, "Two"))
    telegram.send_file(BOB, "thesis.bib", BIB)
    (sent,) = await telegram.wait(BOB)
    assert sent.text.startswith("2 papers are mentioned here.")
    telegram.press(BOB, sent, "Watch all 2 papers")
    assert (await telegram.wait(BOB, 2))[1].text.startswith("Watching 2 papers here")


async def test_a_bib_file_with_the_command_as_caption_is_watched(conversation):
    await conversation.record(paper(1, "One"), paper(2, "Two"))
    conversation.telegram.send_file(ANN, "thesis.bib", BIB, "/watch", GROUP)
    (sent,) = await conversation.telegram.wait(GROUP)
    assert sent.text.startswith("Watching 2 papers here")
    assert sent.text.endswith("No paper recognised in: knuth")


@pytest.mark.parametrize(
    ("name", "content", "caption", "begins"),
    [
        ("refs.bib.gz", b"\x1f\x8b", "", "refs.bib.gz can't be read."),
        ("refs.bib.gz", b"\x1f\x8b", "/subscribe lora", "Subscribed: lora"),
        ("refs.bib", b"\xff\xfe\xff", "", "refs.bib can't be read."),
        ("notes.txt", b"nothing here", "", "This file mentions no papers."),
        ("huge.bib", b"2601.00001 " * 400_000, "", "huge.bib can't be read."),
    ],
)
async def test_files_that_cannot_be_read_are_named_and_their_captions_answered(
    conversation, name, content, caption, begins
):
    conversation.telegram.send_file(BOB, name, content, caption)
    (sent,) = await conversation.telegram.wait(BOB)
    assert shown(sent).startswith(begins)
    assert ("can't be read" in sent.text) == (name != "notes.txt")


async def test_a_photo_with_a_command_as_caption_is_answered(conversation):
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]
    conversation.telegram.say(BOB, "", caption="/preview lora", photo=photo)
    conversation.telegram.say(BOB, "", photo=photo)
    preview, alone = await conversation.telegram.wait(BOB, 2)
    assert preview.text.startswith("Preview: lora")
    assert "photo can't be read." in preview.text
    assert alone.text.startswith("photo can't be read.")


async def test_a_file_that_telegram_does_not_hand_out_is_said(conversation):
    conversation.telegram.send_file(BOB, "thesis.bib", BIB)
    conversation.telegram.files.clear()
    (sent,) = await conversation.telegram.wait(BOB)
    assert shown(sent).startswith("thesis.bib can't be read.")


# --- help --------------------------------------------------------------------------------------------------------


async def test_roles_are_offered_where_there_are_roles(conversation):
    assert "role" not in (await conversation.telegram.ask(BOB, "/help subscribe")).text
    assert "role" in (await conversation.discord.ask(BOB, "/help subscribe", PAPERS)).text


# --- lists to choose from, and what is asked for -----------------------------------------------------------------


async def test_channels_and_roles_are_picked_on_discord(conversation):
    discord = conversation.discord
    await discord.ask(ANN, "/help", PAPERS)
    (subscribe,) = [command for command in discord.commands if command["name"] == "subscribe"]
    options = {option["name"]: option for option in subscribe["options"]}
    assert (options["to"]["type"], options["role"]["type"], options["query"]["type"]) == (3, 8, 3)
    answer = await discord.ask(ANN, "/subscribe lora", PAPERS, options={"to": f"<#{POST}>", "role": "<@&100001>"})
    assert "New papers go to Lab › LoRA" in plain(answer.text)
    (made,) = await conversation.subscriptions()
    assert made.mention == "<@&100001>"
    typed = await discord.ask(ANN, "/subscribe qlora", PAPERS, options={"to": str(POST)})
    assert "New papers go to Lab › LoRA" in plain(typed.text)
    refused = await discord.ask(BOB, "/subscribe qlora", options={"to": f"<#{POST}>"})
    assert "Only managers of Lab › LoRA" in plain(refused.text)


@pytest.mark.parametrize(
    ("command", "option", "typed", "offered"),
    [
        ("search", "query", "diffusion computer vis", "diffusion cat:cs.CV"),
        ("subscribe", "query", "diffusion cat:cs.c", "diffusion cat:cs.CL"),
        ("preview", "query", "lor", "lora rank"),
        ("preview", "query", "", "diffus*"),
        ("unsubscribe", "query", "lora", "NUMBER"),
        ("subscriptions", "query", "#NUMBER", "NUMBER"),
        ("digest", "query", "daily 08:00 berl", "daily 08:00 Europe/Berlin"),
        ("digest", "query", "daily 07:30", "daily 07:30 Europe/London"),
        ("digest", "query", "daily 07:30 cet", "daily 07:30 Europe/Berlin"),
        ("digest", "query", "daily 07:30 IST", "daily 07:30 Asia/Jerusalem"),
        ("digest", "query", "we", "weekly mon 08:00"),
        ("quiet", "query", "22:00-07:00 new_y", "22:00-07:00 America/New_York"),
        ("subscribe", "when", "dai", "daily 18:00"),
        ("help", "query", "sub", "subscriptions"),
    ],
)
async def test_what_may_be_meant_is_offered_while_one_types(conversation, command, option, typed, offered):
    await conversation.discord.ask(ANN, "/subscribe lora rank", PAPERS)
    number = str((await conversation.subscriptions())[0].ordinal)
    typed, offered = typed.replace("NUMBER", number), offered.replace("NUMBER", number)
    choices = await conversation.discord.complete(ANN, command, typed, PAPERS, option=option)
    assert offered in choices.values()
    assert len(choices) <= 25


async def test_only_what_is_collected_and_ones_own_is_offered(conversation):
    await conversation.discord.ask(ANN, "/subscribe lora rank", PAPERS)
    assert await conversation.discord.complete(BOB, "unsubscribe", "lora") == {}
    assert "cat:math.AG" not in (await conversation.discord.complete(BOB, "search", "algebraic geometry")).values()


async def test_choices_that_take_too_long_are_none(conversation, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.SUGGEST_WITHIN", 0.0)
    assert await conversation.discord.complete(ANN, "search", "computer vision", PAPERS) == {}


async def test_choices_that_cannot_be_made_are_none(conversation, monkeypatch):
    monkeypatch.setattr("paperwire.commands.talk.completions.zones_like", None)
    assert await conversation.discord.complete(ANN, "digest", "daily 08:00 berl", PAPERS) == {}


async def test_a_long_abstract_is_cut_on_discord_until_more_is_asked_for(conversation):
    await conversation.record(paper(1, "Diffusion", abstract="word " * 200 + "end"))
    found = await conversation.discord.ask(BOB, "/search diffusion", PAPERS)
    card = await conversation.discord.answer(await conversation.discord.press(BOB, found, "1"))
    assert len(card.embeds[0]["description"]) < 600
    whole = await conversation.discord.answer(await conversation.discord.press(BOB, card, "More"))
    assert whole.only_for == BOB
    assert whole.text.endswith("word end")
    assert whole.links == ["https://arxiv.org/abs/2601.00001"]


async def test_a_short_abstract_has_no_more(conversation):
    await conversation.record(paper(1, "Diffusion"))
    found = await conversation.discord.ask(BOB, "/search diffusion", PAPERS)
    card = await conversation.discord.answer(await conversation.discord.press(BOB, found, "1"))
    assert "More" not in [label for row in card.labels for label in row]


async def test_a_mistyped_command_that_names_the_bot_is_answered_in_a_group(conversation):
    conversation.telegram.say(ANN, "/subscirbe lora", GROUP)
    sent = await conversation.telegram.ask(ANN, "/subscirbe@paperwire_bot lora", GROUP)
    assert sent.text == "Unknown command /subscirbe. Did you mean /subscribe lora?"
    assert len(conversation.telegram.messages(GROUP)) == 1


async def test_words_and_pasted_papers_are_answered_in_a_private_chat_on_discord(conversation):
    discord = conversation.discord
    await conversation.record(paper(1, "Diffusion"))
    chat = discord.dm(BOB).id
    await discord.say(BOB, "lora")
    (offer,) = await discord.wait(chat)
    made = await discord.answer(await discord.press(BOB, offer, "Subscribe anyway"))
    assert "Subscribed:" in made.text
    await discord.say(BOB, "https://arxiv.org/abs/2601.00001")
    assert (await discord.wait(chat, 3))[2].links == ["https://arxiv.org/abs/2601.00001"]
    await discord.say(BOB, "/preview lora")
    assert "Preview: `lora`" in (await discord.wait(chat, 4))[3].text
    await discord.say(BOB, "", files=("thesis.bib",))
    assert "thesis.bib can't be read." in plain((await discord.wait(chat, 5))[4].text)
