"""A shared place owns what is subscribed there: two managers, a member, a stranger, and one who goes."""

from dataclasses import replace

import pytest
from commands_bot import GROUP, Asker, buttons_of, paper, text_of

from paperwire.core.subscriptions.feeds import PrivateFeed, Retired
from paperwire.core.tokens import token_hash
from paperwire.ports.callers import Place

CHANNEL = Place(channel="telegram", address="-200", kind="channel", title="Our papers")


def links(reply):
    return [line for line in text_of(reply).split("\n") if "/f/" in line]


async def found(bot, link):
    token = link.rpartition("/")[2].partition(".")[0]
    async with bot.store.read() as unit:
        return await unit.feeds.by_hash(token_hash(token))


async def test_two_managers_with_one_query_make_one_subscription(bot):
    first = await bot.number("diffusion model", place=GROUP)
    second = await bot.number("Models DIFFUSION", place=GROUP, who="2")
    assert first == second
    listed = text_of(await bot.says("/subscriptions", place=GROUP, who="2"))
    assert listed.split("\n")[:2] == ["1 subscription", "#1 diffusion model (added by User 1)"]
    assert "Unsubscribed" in text_of(await bot.says("/unsubscribe diffusion model", place=GROUP, who="2"))
    assert await bot.subscribed(place=GROUP) == []


async def test_numbers_begin_at_one_for_each_person_and_place_and_never_come_again(bot):
    for query in ("lora", "attention"):
        for place in (None, GROUP):
            assert "(#" in text_of(await bot.says(f"/subscribe {query}", place=place))
    for place in (None, GROUP):
        assert "#2 attention" in text_of(await bot.says("/subscriptions", place=place))
        assert "Unsubscribed: attention" in text_of(await bot.says("/unsubscribe 2", place=place))
        assert "No subscription" in text_of(await bot.says("/subscriptions 2", place=place))
        assert "(#3)" in text_of(await bot.says("/subscribe diffusion", place=place))
    assert "Open 1" in buttons_of(await bot.says("/subscriptions", place=GROUP))
    assert "new query for #3" in text_of(
        await bot.presses("Edit", await bot.says("/subscriptions 3", place=GROUP), place=GROUP)
    )


async def test_a_persons_own_are_not_a_places(bot):
    await bot.number("lora")
    await bot.number("attention", place=GROUP)
    assert await bot.subscribed() == ["lora"]
    assert await bot.subscribed(place=GROUP) == ["attention"]
    assert "attention" not in text_of(await bot.says("/subscriptions"))
    assert "lora" not in text_of(await bot.says("/subscriptions", place=GROUP))


async def test_who_added_it_is_shown_where_it_is_known(bot):
    number = await bot.number("lora", place=GROUP)
    assert "Added by User 1." in text_of(await bot.presses(f"sub:{number}", place=GROUP, who="3", manages=False))
    await bot.presses("Yes, delete everything", await bot.says("/forget"))
    opened = text_of(await bot.presses(f"sub:{number}", place=GROUP))
    assert "Added by" not in opened
    assert "Subscribed on" in opened
    assert "#1 lora" in text_of(await bot.says("/subscriptions", place=GROUP)).split("\n")


async def test_the_same_query_where_it_was_added_again_comes_back_as_that_one(bot):
    ended = await bot.presses(f"undo:{await bot.number('lora', place=GROUP)}", place=GROUP)
    await bot.number("LoRAs", place=GROUP, who="2")
    back = await bot.presses("Undo", ended, place=GROUP)
    assert text_of(back) == "Already subscribed again: LoRAs (#2)"
    assert buttons_of(back) == {}  # an Undo would delete what another manager added
    assert await bot.subscribed(place=GROUP) == ["LoRAs"]


# --- from a private chat -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["sub:{}", "undo:{}", "del:{}", "edit:{}", "when:{}", "off:{}", "feed:{}"])
async def test_a_stranger_learns_nothing_of_a_places_subscription(bot, action):
    bot.channel.managed["-200"] = (CHANNEL, {"1"})
    number = await bot.number("lora", to="-200")
    await bot.says("/start", who="2")
    for gone in (False, True):
        if gone:
            del bot.channel.managed["-200"]
        reply = await bot.presses(action.format(number), who="2")
        assert "No subscription with this number" in text_of(reply)
        assert "Our papers" not in text_of(reply)
    assert await bot.subscribed(place=CHANNEL) == ["lora"]


async def test_another_manager_uses_the_buttons_of_an_answer_in_private(bot):
    bot.channel.managed["-200"] = (CHANNEL, {"1", "2"})
    number = await bot.number("lora", to="-200")
    again = await bot.says("/subscribe lora", to="-200", who="2")
    await bot.presses(f"edit:{number}", who="2")
    await bot.commands.handle(bot.request("2", args="qlora"))
    assert await bot.subscribed(place=CHANNEL) == ["qlora"]
    assert "Undo" not in buttons_of(again)  # it was there
    assert "Unsubscribed" in text_of(await bot.presses(f"undo:{number}", who="2"))
    assert await bot.subscribed(place=CHANNEL) == []


async def test_the_list_of_a_place_is_for_who_manages_it_now(bot):
    bot.channel.managed["-200"] = (CHANNEL, {"1"})
    for number in range(12):
        await bot.number(f"word{number}", to="-200")
    first = await bot.presses("Our papers (12)", await bot.says("/subscriptions"))
    second = await bot.presses("Next »", first)
    assert "#12 word11" in text_of(second)
    action = buttons_of(second)["« Back"]
    assert "No subscription" in text_of(await bot.presses(action, who="2"))
    assert "No subscription" in text_of(await bot.presses(action, place=GROUP))
    assert "No subscription" in text_of(await bot.presses("subs:999999999:0"))
    bot.channel.managed["-200"] = (CHANNEL, set())
    assert "Only managers of Our papers" in text_of(await bot.presses(action))


# --- /forget -----------------------------------------------------------------------------------------------------


async def test_forget_names_what_goes_and_what_stays(bot):
    asker = Asker(kind="ntfy", naming="open")
    asker.managed["papers"] = (Place(channel="ntfy", address="papers", kind="address", title="papers"), {"1"})
    bot.context.channels["ntfy"] = asker
    await bot.record(paper(1, "Diffusion"))
    await bot.number("lora")
    await bot.number("attention")
    await bot.number("lora", to="ntfy:papers")
    await bot.number("lora", place=GROUP)
    await bot.number("diffusion", place=GROUP, who="2")
    await bot.says("/watch 2601.00001", place=GROUP)
    await bot.says("/watch 2601.00001")
    await bot.says("/save 2601.00001")
    asked = await bot.says("/forget")
    assert text_of(asked).split("\n") == [
        "Delete everything stored about you? This can't be undone.",
        "This will be deleted:",
        "• Telegram, private chat: 2 subscriptions, 1 watched paper",
        "• ntfy, papers: 1 subscription",
        "• 1 saved paper",
        "• name, accounts, settings and feed links",
        "Kept, as it belongs to the chat, without the name of who added it:",
        "• Telegram, Vision lab: 2 subscriptions (1 of them added by this account)",
    ]
    await bot.presses("Yes, delete everything", asked)
    assert await bot.subscribed() == []
    assert await bot.subscribed(place=GROUP) == ["lora", "diffusion"]
    assert "Watching 1 paper here" in text_of(await bot.says("/watch", place=GROUP, who="2"))
    assert "No papers are watched here" in text_of(await bot.says("/watch"))


async def test_what_a_manager_who_left_had_added_goes_on(bot):
    await bot.number("diffusion", place=GROUP)
    await bot.presses("Yes, delete everything", await bot.says("/forget"))
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    await bot.deliver()
    assert [to for to, _ in bot.channel.sent] == [GROUP.address]


# --- feeds -------------------------------------------------------------------------------------------------------


async def test_a_shared_place_has_a_feed_of_its_own(bot):
    await bot.number("diffusion")
    assert "empty until you /subscribe" in text_of(await bot.says("/feed", place=GROUP))
    await bot.number("lora", place=GROUP)
    reply = await bot.says("/feed", place=GROUP)
    assert text_of(reply).startswith("Feed of all subscriptions of Vision lab\n")
    assert reply.private
    own = links(await bot.says("/feed"))
    assert links(reply) != own
    assert links(await bot.says("/feed", place=GROUP, who="3", manages=False)) == links(reply)
    stored = await found(bot, links(reply)[0])
    assert (stored.person, stored.title) == (None, "Vision lab")
    one = await bot.says("/feed 1", place=GROUP)
    assert text_of(one).startswith("Feed of lora\n")
    assert (await found(bot, links(one)[0])).place == stored.place


async def test_a_member_makes_nothing_of_a_place_where_nothing_is_subscribed(bot):
    reply = await bot.says("/feed", place=GROUP, who="3", manages=False)
    assert text_of(reply) == "No subscriptions here yet. Managers can add one with /subscribe and a query."
    async with bot.store.read() as unit:
        assert await unit.places.at(GROUP) is None


async def test_only_managers_give_a_places_feed_new_links(bot):
    await bot.number("lora", place=GROUP)
    first = await bot.says("/feed", place=GROUP)
    for reply in (
        await bot.says("/feed reset", place=GROUP, who="3", manages=False),
        await bot.presses("New links", first, place=GROUP, who="3", manages=False),
        await bot.presses("New links", first, who="3"),  # where private answers are read
    ):
        assert links(reply) == []
    bot.channel.managed[GROUP.address] = (GROUP, {"2"})
    assert isinstance(await found(bot, links(first)[0]), PrivateFeed)
    reset = await bot.presses("Yes, make new links", await bot.presses("New links", first, who="2"), who="2")
    assert "the old ones no longer work" in text_of(reset)
    assert isinstance(await found(bot, links(first)[0]), Retired)
    assert isinstance(await found(bot, links(reset)[0]), PrivateFeed)
    again = await bot.presses("Yes, make new links", await bot.presses("New links", first, place=GROUP), place=GROUP)
    assert isinstance(await found(bot, links(reset)[0]), Retired)
    assert isinstance(await found(bot, links(again)[0]), PrivateFeed)


async def test_the_feeds_of_ones_places_are_offered_in_private(bot):
    bot.channel.managed["-200"] = (CHANNEL, {"1"})
    await bot.number("lora", to="-200")
    own = await bot.says("/feed")
    offered = await bot.presses("Feed of Our papers", own)
    assert text_of(offered).startswith("Feed of all subscriptions of Our papers\n")
    assert links(await bot.says("/feed", place=CHANNEL)) == links(offered)
    bot.channel.managed["-200"] = (CHANNEL, set())
    assert links(await bot.presses("Feed of Our papers", own)) == []


async def test_a_mute_names_what_is_muted_by_its_number_here(bot):
    await bot.number("lora")
    await bot.record(paper(1, "Diffusion"))
    number = await bot.number("diffusion", place=GROUP)
    stored = (await bot.stored("2601.00001")).number
    muted = await bot.presses(f"muted:{stored}:subscription:{number}", place=GROUP)
    assert text_of(muted) == "Muted here: subscription #1"
    assert list(buttons_of(await bot.says("/mutes", place=GROUP))) == ["Unmute subscription #1"]
    await bot.presses(f"del:{number}", place=GROUP)
    assert list(buttons_of(await bot.says("/mutes", place=GROUP))) == ["Unmute a deleted subscription"]


async def test_a_place_has_so_many_subscriptions_at_most(bot):
    bot.commands.context = replace(bot.context, max_subscriptions=1)
    await bot.number("lora")
    await bot.number("lora", place=GROUP)
    refused = text_of(await bot.says("/subscribe attention", place=GROUP))
    assert refused == "Vision lab has 1 subscriptions, the maximum. Remove one with /unsubscribe first."
    assert text_of(await bot.says("/subscribe attention")).startswith("You have 1 subscriptions, the maximum")


@pytest.mark.parametrize("place", [None, GROUP])
async def test_undoing_a_deletion_makes_no_more_subscriptions_than_one_may_have(bot, place):
    bot.commands.context = replace(bot.context, max_subscriptions=1)
    ended = await bot.presses(f"del:{await bot.number('lora', place=place)}", place=place)
    await bot.number("attention", place=place)
    assert "has 1 subscriptions, the maximum" in text_of(await bot.presses("Undo", ended, place=place)).replace(
        "You have", "has"
    )
    assert await bot.subscribed(place=place) == ["attention"]
    await bot.says("/unsubscribe attention", place=place)
    assert "Subscribed again" in text_of(await bot.presses("Undo", ended, place=place))
    assert await bot.subscribed(place=place) == ["lora"]
