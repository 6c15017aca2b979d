"""A subscription shared by links and words, and taken over, over the wire of both platforms."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing, paper

from servers.discord_people import plain

EVE = 9
"""Somebody else on Telegram."""
LONG = '"world model" OR "something long enough to have no room in a link"'


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock) as made:
        await made.record(paper(1, "LoRA"))
        yield made


def start_code(sent, *, group=False):
    """What the link into a chat, or a group, carries."""
    (link,) = [link for link in sent.links if ("startgroup=" if group else "start=") in link]
    return re.search("start(?:group)?=(.*)", link)[1]


async def shared(telegram, query, options=""):
    """Ann's card of a new subscription, shared by its button."""
    await telegram.ask(ANN, f"/subscribe {query} {options}")
    card = await telegram.ask(ANN, f"/subscriptions {query}")
    telegram.press(ANN, card, "Share")
    return (await telegram.wait(ANN, 3))[2]


async def test_another_person_takes_a_subscription_over_by_its_link(conversation):
    telegram = conversation.telegram
    answer = await shared(telegram, "lora", 'name:"Low rank" when:"daily 08:00" occasions:arrival,versions')
    assert answer.text.startswith("Share #1\nA link shows a preview first and asks before anything is subscribed.")
    code = start_code(answer)
    assert (len(code) <= 64, code) == (True, start_code(answer, group=True))
    preview = await telegram.ask(BOB, f"/start {code}")
    assert preview.text.startswith("You aren't subscribed yet. Press Subscribe to get new papers like these here.")
    assert 'With: name:"Low rank" when:"daily 08:00" occasions:arrival,versions\n1 match in' in preview.text
    assert len(await conversation.queries()) == 1
    telegram.press(BOB, preview, "Subscribe")
    await telegram.wait(BOB, 2)
    of_ann, of_bob = await conversation.subscriptions()
    assert (of_bob.name, of_bob.cadence, of_bob.occasions) == ("Low rank", "daily 08:00", {"arrival", "versions"})
    assert of_bob.person != of_ann.person


async def test_a_group_takes_it_over_and_only_its_managers_may(conversation):
    telegram = conversation.telegram
    code = start_code(await shared(telegram, "lora"), group=True)
    preview = await telegram.ask(BOB, f"/start {code}", GROUP)
    telegram.press(BOB, preview, "Subscribe")
    await telegram.until(lambda: telegram.toasts and "Only managers" in telegram.toasts[-1].get("text", ""))
    telegram.press(ANN, preview, "Subscribe")
    assert (await telegram.wait(GROUP, 2))[1].text.startswith("Subscribed: lora (#1)")
    assert (await conversation.subscriptions())[1].place


async def test_a_long_query_is_kept_for_everyone_and_after_its_owner_is_forgotten(conversation, clock):
    telegram = conversation.telegram
    code = start_code(await shared(telegram, LONG))
    assert re.fullmatch(r"share-[\w-]{16}", code)
    assert LONG in (await telegram.ask(BOB, f"/start {code}")).text
    telegram.press(ANN, await telegram.ask(ANN, "/forget"), "Yes, delete everything")
    await telegram.until(lambda: telegram.messages(ANN)[-1].text.startswith("Everything about you"))
    clock.advance(days=20)
    assert LONG in (await telegram.ask(BOB, f"/start {code}")).text
    clock.advance(days=20)
    async with conversation.store.write() as unit:
        await unit.chat_memory.forget_old()
    assert LONG in (await telegram.ask(BOB, f"/start {code}")).text
    clock.advance(days=32)
    async with conversation.store.write() as unit:
        await unit.chat_memory.forget_old()
    assert (await telegram.ask(BOB, f"/start {code}")).text.startswith("This link is too old")


async def test_the_word_share_gives_the_page_and_the_words_without_the_place(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, '/subscribe lora name:"Low rank"')
    answer = await telegram.ask(ANN, "/subscriptions 1 share")
    (page,) = [link for link in answer.links if "/subscribe?" in link]
    assert parse_qs(urlsplit(page).query) == {"q": ["lora"], "name": ["Low rank"]}
    assert answer.text.endswith('As a command: /subscribe lora name:"Low rank"')


async def test_a_list_is_shared_as_words_alone(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe list:here", GROUP)
    answer = await telegram.ask(ANN, "/subscriptions 1 share", GROUP)
    assert answer.links == []
    assert answer.text.endswith("As a command: /subscribe list:here")


async def test_discord_shares_links_and_words_that_can_be_pasted(conversation):
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe lora", PAPERS, options={"name": "Low rank", "when": "daily 08:00"})
    card = await discord.ask(ANN, "/subscriptions lora", PAPERS)
    answer = plain((await discord.answer(await discord.press(BOB, card, "Share"))).text)
    words = 'lora name:"Low rank" when:"daily 08:00"'
    assert f"As a command: `/subscribe {words}`" in answer
    assert "https://t.me/" in answer
    code = re.search(r"\?start=([\w-]+)", answer)[1]
    await conversation.restart()
    telegram, dm = conversation.telegram, discord.dm(BOB).id
    taken = await telegram.ask(EVE, f"/start {code}")  # the same link leads to the other platform
    telegram.press(EVE, taken, "Subscribe")
    assert "Subscribed: Low rank" in (await telegram.wait(EVE, 2))[1].text
    preview = await telegram.ask(ANN, f"/start {code}", GROUP)
    assert 'With: name:"Low rank" when:"daily 08:00"' in preview.text
    await discord.say(BOB, f"/start {code}")
    preview = (await discord.wait(dm))[0]
    assert 'With: `name:"Low rank" when:"daily 08:00"`' in plain(preview.text).replace("**", "")
    await discord.answer(await discord.press(BOB, preview, "Subscribe"))
    await discord.ask(ANN, "/subscribe", None, options={"query": words})
    _first, of_eve, of_bob, of_ann = await conversation.subscriptions()
    assert {(one.name, one.cadence) for one in (of_eve, of_bob, of_ann)} == {("Low rank", "daily 08:00")}
    assert len({one.person for one in (of_eve, of_bob, of_ann)}) == 3
