"""A burst offers a way to get fewer, over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, paper
from pressing import CHATS, announce, send_due

CALMER = ["Daily digest", "Best 10 a day", "Narrow…", "Mute"]


@pytest.fixture(params=CHATS)
def chat(conversation, request):
    return CHATS[request.param](conversation)


def burst(count, first=1):
    return [paper(first + number, f"Diffusion number {number}") for number in range(count)]


async def lists_of(chat, count, *, query="diffusion"):
    """A burst of that many papers: the lists that came."""
    await chat.ask(ANN, f"/subscribe {query}")
    before = len(chat.messages())
    await announce(chat.world, chat.kind, *burst(count))
    return chat.messages()[before:]


async def settings(chat):
    """The place as stored, and its subscriptions."""
    (subscription, *_) = await chat.world.subscriptions()
    async with chat.world.store.read() as unit:
        place = await unit.places.get(subscription.destinations[0])
        return place, await unit.subscriptions.of_place(place.number)


async def test_each_list_of_a_burst_offers_fewer_and_the_last_of_many_says_how(chat):
    lists = await lists_of(chat, 183)
    assert len(lists) == 19
    assert all(chat.labels(sent)[-1] == "Fewer…" for sent in lists[:-1])
    assert not any("For fewer" in chat.text(sent) for sent in lists[:-1])
    last = chat.text(lists[-1])
    assert "183 papers came in 19 messages." in last
    assert "a daily digest brings all papers of a day at once, with one sound." in last
    assert "The best 10 a day come in 1 message, with links to the other 173." in last
    assert chat.labels(lists[-1])[-4:] == CALMER
    place, (subscription,) = await settings(chat)
    assert (place.cadence, place.digest_max, subscription.cadence) == ("instant", 0, "")  # nothing is cut until then


@pytest.mark.parametrize("kind", CHATS)
async def test_a_private_chat_offers_the_same(conversation, kind):
    private = CHATS[kind](conversation, private=ANN)
    lists = await lists_of(private, 31)
    assert private.labels(lists[-1])[-4:] == CALMER
    chosen, _ = await private.press(ANN, lists[-1], "Best 10 a day")
    assert "#1 diffusion: every day at 08:00 (UTC)" in private.text(chosen)
    place, (subscription,) = await settings(private)
    assert (place.digest_max, subscription.cadence) == (10, "daily 08:00")


async def test_a_short_burst_only_has_the_button(chat):
    lists = await lists_of(chat, 23)
    assert [chat.labels(sent)[-1] for sent in lists] == ["Fewer…"] * 3
    assert not any("For fewer" in chat.text(sent) for sent in lists)
    offered, _ = await chat.press(ANN, lists[0], "Fewer…")
    assert "#1 diffusion" in chat.text(offered)
    assert chat.labels(offered) == CALMER


async def test_a_daily_digest_is_chosen_late_and_twice(chat):
    lists = await lists_of(chat, 31)
    chat.world.clock.advance(days=5)
    for _ in range(2):
        chosen, _ = await chat.press(ANN, lists[-1], "Daily digest")
        assert "#1 diffusion: every day at 08:00 (UTC)" in chat.text(chosen)
    _, (subscription,) = await settings(chat)
    assert subscription.cadence == "daily 08:00"
    before = len(chat.messages())
    await announce(chat.world, chat.kind, *burst(12, first=100))
    assert len(chat.messages()) == before
    chat.world.clock.advance(days=1)
    await send_due(chat.world, chat.kind)
    assert "12 new papers" in chat.text(chat.messages()[before])
    assert "Fewer…" not in chat.labels(chat.messages()[before])


async def test_the_best_ten_a_day_are_one_message(chat):
    lists = await lists_of(chat, 31)
    chosen, _ = await chat.press(ANN, lists[-1], "Best 10 a day")
    assert "A digest lists at most 10 papers and links to the others." in chat.text(chosen)
    assert "Digest options…" in chat.labels(chosen)
    await announce(chat.world, chat.kind, *burst(25, first=100))
    before = len(chat.messages())
    chat.world.clock.advance(days=1)
    await send_due(chat.world, chat.kind)
    (digest,) = chat.messages()[before:]
    assert "25 new papers" in chat.text(digest)
    assert "and 15 more" in chat.text(digest)


async def test_a_daily_digest_after_the_best_ten_says_what_is_still_cut_and_ends_that(chat):
    lists = await lists_of(chat, 31)
    await chat.press(ANN, lists[-1], "Best 10 a day")
    daily, _ = await chat.press(ANN, lists[-1], "Daily digest")
    assert "A digest lists at most 10 papers and links to the others." in chat.text(daily)
    choices, _ = await chat.press(ANN, daily, "When…")
    chosen, _ = await chat.press(ANN, choices, "Every day at 18:00")
    assert "A digest lists at most 10 papers and links to the others." in chat.text(chosen)
    options, _ = await chat.press(ANN, daily, "List all papers")
    assert "A digest lists all its papers." in chat.text(options)
    again, _ = await chat.press(ANN, lists[-1], "Daily digest")
    assert "List all papers" not in chat.labels(again)


async def test_narrower_offers_queries_or_the_old_one_to_edit(chat):
    await chat.world.record(paper(500, "Weather", abstract="The number of models of heat, and a diffusion."))
    lists = await lists_of(chat, 31, query="diffusion number")
    narrower, _ = await chat.press(ANN, lists[-1], "Narrow…")
    assert '"diffusion number" – as a phrase' in chat.text(narrower)
    assert chat.labels(narrower)[-1] == "Edit"
    _, toast = await chat.press(ANN, narrower, "Edit")
    assert chat.kind == "telegram" or toast == "New query for #1"


async def test_a_subscription_is_muted_and_comes_back(chat):
    lists = await lists_of(chat, 31)
    muted, _ = await chat.press(ANN, lists[-1], "Mute")
    assert "Muted here: subscription #1" in chat.text(muted)
    before = len(chat.messages())
    await announce(chat.world, chat.kind, *burst(2, first=100))
    assert len(chat.messages()) == before
    undone, _ = await chat.press(ANN, muted, "Undo")
    assert "Unmuted." in chat.text(undone)


async def test_of_several_subscriptions_one_is_chosen(chat):
    await chat.ask(ANN, "/subscribe number")
    lists = await lists_of(chat, 31)
    offered, _ = await chat.press(ANN, lists[0], "Fewer…")
    assert "#1 number" in chat.text(offered)
    assert "#2 diffusion" in chat.text(offered)
    for label, question in (("Mute…", "What should be muted here?"), ("Narrow…", "Which subscription")):
        which, _ = await chat.press(ANN, lists[-1], label)
        assert question in chat.text(which)
        assert sorted(chat.labels(which)) == ["Subscription diffusion", "Subscription number"]
    await chat.press(ANN, lists[-1], "Best 10 a day")
    _, subscriptions = await settings(chat)
    assert [one.cadence for one in subscriptions] == ["daily 08:00"] * 2


async def test_a_member_is_told_who_may(chat):
    lists = await lists_of(chat, 31)
    for sent, label in ((lists[0], "Fewer…"), *((lists[-1], label) for label in CALMER)):
        _, note = await chat.press(BOB, sent, label)
        assert "Only managers can change subscriptions and settings here." in note
    place, (subscription,) = await settings(chat)
    assert (place.digest_max, subscription.cadence) == (0, "")


async def test_once_the_subscription_is_gone_the_buttons_say_so(chat):
    lists = await lists_of(chat, 31)
    await chat.ask(ANN, "/unsubscribe 1")
    for sent, label in ((lists[0], "Fewer…"), *((lists[-1], label) for label in CALMER)):
        answer, note = await chat.press(ANN, sent, label)
        assert (
            "The subscription that brought these papers was deleted, so no more will come."
            in f"{chat.text(answer)} {note}"
        )


async def test_what_comes_in_a_digest_already_stays_as_it_is(chat):
    lists = await lists_of(chat, 31)
    await chat.ask(ANN, "/subscriptions 1 weekly fri 09:00")
    chosen, _ = await chat.press(ANN, lists[-1], "Daily digest")
    assert "every Friday at 09:00" in chat.text(chosen)
    await chat.ask(ANN, "/digest daily 18:00 berlin max:5")
    await chat.ask(ANN, "/subscriptions 1 instant")
    chosen, _ = await chat.press(ANN, lists[-1], "Best 10 a day")
    assert "every day at 18:00 (Europe/Berlin)" in chat.text(chosen)
    place, (subscription,) = await settings(chat)
    assert (place.digest_max, subscription.cadence) == (5, "")


async def test_a_subscription_that_brings_a_lot_has_the_same_buttons_at_once(chat):
    await chat.world.record(*burst(33))
    answer = await chat.ask(ANN, "/subscribe diffusion")
    assert "more than 30 a day" in chat.text(answer)
    assert set(CALMER) <= set(chat.labels(answer))
    chosen, _ = await chat.press(ANN, answer, "Best 10 a day")
    assert "#1 diffusion: every day at 08:00 (UTC)" in chat.text(chosen)
    assert "Times are in UTC. Choose your time zone" in chat.text(chosen)
    zoned, _ = await chat.press(ANN, chosen, "Europe/Berlin")
    assert "Time zone: Europe/Berlin." in chat.text(zoned)
    place, (subscription,) = await settings(chat)
    assert (place.zone, place.digest_max, subscription.cadence) == ("Europe/Berlin", 10, "daily 08:00")


async def test_a_muted_subscription_is_marked_where_subscriptions_are_listed(chat):
    lists = await lists_of(chat, 31)
    await chat.press(ANN, lists[-1], "Mute")
    assert "(muted" in chat.text(await chat.ask(ANN, "/subscriptions"))
    assert "It is muted here. To unmute it: /mutes" in chat.text(await chat.ask(ANN, "/subscriptions 1"))
    assert "(muted)" in chat.text(await chat.ask(ANN, "/status"))
    await chat.press(ANN, await chat.ask(ANN, "/mutes"), "Unmute subscription #1")
    for text in ("/subscriptions", "/subscriptions 1", "/status"):
        assert "muted" not in chat.text(await chat.ask(ANN, text)), text
