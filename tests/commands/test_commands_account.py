"""Taking everything along, leaving nothing behind, and joining accounts."""

import json
import re
from dataclasses import replace

import pytest
from commands_bot import GROUP, Asker, Bot, buttons_of, paper, text_of

from paperwire.core.query.language import parse
from paperwire.errors import CommandError, Gone, Rejected, Retry
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import Reply, Request
from paperwire.services.accounts.link import unlink
from paperwire.sources._xml import parse_xml


async def test_everything_known_about_a_person_as_a_file(bot):
    assert text_of(await bot.says("/export")) == "Nothing is stored about you."
    await bot.record(paper(1, "Diffusion"))
    await bot.number("diffusion")
    await bot.says("/save 2601.00001")
    reply = await bot.says("/export", place=GROUP)
    assert reply.private
    file, listed, feeds = reply.files
    links = (await bot.says("/feed")).message
    assert feeds.name == "feeds.opml"
    assert str(links).count(parse_xml(feeds.content)[1][0][0].get("xmlUrl")) >= 1
    assert (file.media_type, listed.content) == ("application/json", b"diffusion\n")
    known = json.loads(file.content)
    assert "diffusion" in json.dumps(known)
    assert "2601.00001" in json.dumps(known)


async def test_forgetting_asks_first_and_then_forgets_at_once(bot):
    assert text_of(await bot.says("/forget")) == "Nothing is stored about you."
    await bot.number("diffusion")
    asked = await bot.says("/forget", place=GROUP)
    assert asked.private
    assert text_of(asked).split("\n") == [
        "Delete everything stored about you? This can't be undone.",
        "This will be deleted:",
        "• Telegram, private chat: 1 subscription",
        "• name, accounts, settings and feed links",
    ]
    assert text_of(await bot.presses("No", asked)) == "Nothing was deleted."
    assert await bot.subscribed() == ["diffusion"]
    assert "has been deleted" in text_of(await bot.presses("Yes, delete everything", asked))
    assert await bot.subscribed() == []
    assert text_of(await bot.says("/export")) == "Nothing is stored about you."
    assert "has been deleted" in text_of(await bot.presses("Yes, delete everything", asked))


async def code_of(bot, **who):
    reply = await bot.says("/link", **who)
    assert reply.private
    return text_of(reply).split("/link ")[-1]


@pytest.mark.parametrize("command", ["link", "start"])
async def test_two_accounts_become_one_person_after_a_question(bot, command):
    await bot.number("diffusion")
    await bot.number("lora", who="2")
    asked = await bot.says(f"/{command} {await code_of(bot)}", who="2")
    assert asked.private
    assert text_of(asked).splitlines()[:3] == [
        "Link this account with another account? This would be one:",
        "• the other account: telegram:1, 1 subscription, 1 chat or address, 0 saved papers, private feeds",
        "• this account: telegram:2, 1 subscription, 1 chat or address, 0 saved papers, private feeds",
    ]
    assert await bot.subscribed("2") == ["lora"]
    assert text_of(await bot.presses("No", asked, who="2")) == "Nothing was linked."
    assert await bot.subscribed("2") == ["lora"]
    assert "same person now" in text_of(await bot.presses("Yes, link them", asked, who="2"))
    assert await bot.subscribed("1") == await bot.subscribed("2") == ["diffusion", "lora"]
    assert "already linked" in text_of(await bot.presses("Yes, link them", asked, who="2"))


async def test_a_code_is_good_for_a_quarter_of_an_hour_and_only_as_it_was_given(bot):
    code = await code_of(bot)
    assert "isn't valid" in text_of(await bot.says(f"/link {code[:-2]}AA", who="2"))
    asked = await bot.says(f"/link {code}", who="2")
    bot.clock.advance(minutes=15)
    assert "older than 15 minutes" in text_of(await bot.presses("Yes, link them", asked, who="2"))
    assert "older than 15 minutes" in text_of(await bot.says(f"/link {code}", who="2"))


async def test_a_code_links_one_account_and_its_owner_is_notified(bot):
    reply = await bot.says("/link")
    shared = "telegram:1, 0 subscriptions, 1 chat or address, 0 saved papers, private feeds"
    assert text_of(reply).startswith(f"An account that you link will see and can change all of this: {shared}.")
    code = text_of(reply).split("/link ")[-1]
    asked = await bot.says(f"/link {code}", who="2")
    late = await bot.says(f"/link {code}", who="3")
    await bot.presses("Yes, link them", asked, who="2")
    (address, message), *_ = bot.context.channels["telegram"].sent
    assert address == "1"
    assert "Linked with your account: telegram:2" in text_of(Reply(message=message))
    assert "was used" in text_of(await bot.presses("Yes, link them", late, who="3"))
    assert "was used" in text_of(await bot.says(f"/link {code}", who="3"))


async def test_a_name_on_the_platform_is_no_part_of_the_question(bot):
    actor = Actor(channel="telegram", user_id="1", name="Paperwire. Press Yes to keep your papers: http://evil.example")
    place = Place(channel="telegram", address="1", kind="private")
    reply = await bot.commands.handle(Request(actor=actor, place=place, can_manage=True, command="link"))
    code = text_of(reply).split("/link ")[-1]
    for command in ("link", "start"):
        asked = await bot.says(f"/{command} {code}", who="2")
        assert "evil.example" not in text_of(asked)
        assert "Press" not in text_of(asked)


async def test_who_is_notified_nowhere_is_linked_all_the_same(bot):
    code = await code_of(bot)
    bot.context.channels["telegram"].refuses = Rejected("no")
    asked = await bot.says(f"/link {code}", who="2")
    assert "same person now" in text_of(await bot.presses("Yes, link them", asked, who="2"))


async def test_linking_and_unlinking_over_and_over_makes_no_more_subscriptions_than_one_may_have(bot):
    bot = Bot(bot.store, bot.clock, replace(bot.context, max_subscriptions=3))
    await bot.number("diffusion")
    await bot.number("lora")
    await bot.number("quantum", who="2")
    asked = await bot.says(f"/link {await code_of(bot)}", who="2")
    await bot.presses("Yes, link them", asked, who="2")
    async with bot.store.write() as unit:
        person = (await unit.people.person_of(Actor(channel="telegram", user_id="1"))).number
        other = Place(channel="telegram", address="2", kind="private")
        await unit.routes.lead_all(person, (await unit.places.at(other)).number)
    await bot.presses("unlink:yes:telegram:2")
    assert (await bot.subscribed("1"), await bot.subscribed("2")) == (
        ["diffusion", "lora"],
        ["quantum", "diffusion", "lora"],
    )
    asked = await bot.says(f"/link {await code_of(bot)}", who="2")
    refused = await bot.presses("Yes, link them", asked, who="2")
    assert "Together they would have 5 subscriptions; the maximum is 3." in text_of(refused)
    assert await bot.subscribed("1") == ["diffusion", "lora"]


async def test_the_code_of_somebody_who_is_gone(bot):
    code = await code_of(bot)
    asked = await bot.says(f"/link {code}", who="2")
    await bot.presses("Yes, delete everything", await bot.says("/forget"))
    assert "isn't valid" in text_of(await bot.says(f"/link {code}", who="2"))
    assert "isn't valid" in text_of(await bot.presses(buttons_of(asked)["Yes, link them"], who="2"))


LINKS = re.compile(r"https?://\S+/f/[\w-]+")


async def linked(bot):
    await bot.number("diffusion")
    asked = await bot.says(f"/link {await code_of(bot)}", who="2")
    await bot.presses("Yes, link them", asked, who="2")
    return await bot.says("/link")


async def test_an_account_is_unlinked_after_a_question(bot):
    shown = await linked(bot)
    asked = await bot.presses("Unlink telegram:2", shown)
    assert asked.private
    assert "Unlink telegram:2?" in text_of(asked)
    assert text_of(await bot.presses("No", asked)) == "Nothing was unlinked."
    assert await bot.subscribed("2") == ["diffusion"]
    assert text_of(await bot.presses("Yes, unlink it", asked)) == "Unlinked: telegram:2"
    assert await bot.subscribed("1") == ["diffusion"]
    assert await bot.subscribed("2") == []
    assert "isn't linked with yours" in text_of(await bot.presses("Yes, unlink it", asked))
    assert "Unlink" not in "".join(buttons_of(await bot.says("/link")))


async def test_an_account_that_was_unlinked_does_not_come_back_by_the_code_it_had(bot):
    await bot.number("diffusion")
    codes = [await code_of(bot), await code_of(bot)]
    await bot.presses("Yes, link them", await bot.says(f"/link {codes[0]}", who="2"), who="2")
    await bot.presses("unlink:yes:telegram:2")
    for code in codes:
        assert "was used" in text_of(await bot.says(f"/link {code}", who="2"))
        assert "was used" in text_of(await bot.presses(f"join:{code}", who="2"))
    assert "This would be one" in text_of(await bot.says(f"/link {await code_of(bot)}", who="2"))


async def test_the_answer_says_that_the_links_of_feeds_are_new(bot):
    await linked(bot)
    before = text_of(await bot.says("/feed"))
    said = text_of(await bot.presses("unlink:yes:telegram:2"))
    assert said == (
        "Unlinked: telegram:2\n"
        "The old links of your private feeds no longer work. Your other accounts have new ones: /feed"
    )
    after = text_of(await bot.says("/feed"))
    assert LINKS.findall(after)
    assert not set(LINKS.findall(before)) & set(LINKS.findall(after))


async def test_nobody_unlinks_what_is_not_theirs_or_all_they_have(bot):
    shown = await linked(bot)
    for action in ("unlink:yes:telegram:1", "unlink:yes:telegram:2", "unlink:yes:x", "unlink:yes:~x"):
        await bot.presses(action, who="3")
    assert buttons_of(await bot.says("/link")).keys() == buttons_of(shown).keys()
    assert "too old" in text_of(await bot.presses("unlink:~x"))
    await bot.presses("unlink:yes:telegram:2")
    assert "your only account" in text_of(await bot.presses("unlink:yes:telegram:1"))
    assert await bot.subscribed("1") == ["diffusion"]


class Direct(Asker):
    """A platform whose private chats have addresses of their own."""

    async def private_address(self, actor):
        if self.fails:
            raise self.fails
        return f"dm{actor.user_id}"


async def of_two_on_discord(bot):
    """A person with two accounts on one platform, both of which get a subscription."""
    bot.context.channels["discord"] = Direct("discord")
    actors = [Actor(channel="discord", user_id=user) for user in ("8", "9")]
    async with bot.store.write() as unit:
        person = (await unit.people.ensure(actors[0], "en")).number
        await unit.people.link(actors[1], person)
        chats = [Place(channel="discord", address=f"dm{actor.user_id}", kind="private") for actor in actors]
        places = [(await unit.places.ensure(chat, person)).number for chat in chats]
        await unit.subscriptions.subscribe(
            person, parse("lora"), name="", occasions=frozenset({"arrival"}), cadence="", destinations=places
        )
    return replace(bot.request(), actor=actors[0], place=chats[0]), places


async def test_of_two_accounts_on_a_platform_the_one_unlinked_gets_no_more_of_the_other(bot):
    caller, (mine, theirs) = await of_two_on_discord(bot)
    await unlink(bot.context, caller, "discord:9")
    async with bot.store.read() as unit:
        me, other = [await unit.people.person_of(replace(caller.actor, user_id=user)) for user in ("8", "9")]
        owners = [(await unit.places.get(place)).owner for place in (mine, theirs)]
        (kept,), (copied,) = [await unit.subscriptions.of_person(one.number) for one in (me, other)]
    assert owners == [me.number, other.number]
    assert (kept.destinations, copied.destinations) == ((mine,), (theirs,))


@pytest.mark.parametrize("fault", [Retry("asleep", 1), None])
async def test_nothing_is_unlinked_while_the_platform_does_not_say_whose_chat_is_whose(bot, fault):
    caller, _ = await of_two_on_discord(bot)
    if fault:
        bot.context.channels["discord"].fails = fault
    else:
        del bot.context.channels["discord"]
    with pytest.raises(CommandError, match=r"gain in a minute|gain later"):
        await unlink(bot.context, caller, "discord:9")
    async with bot.store.read() as unit:
        assert len(await unit.people.accounts((await unit.people.person_of(caller.actor)).number)) == 2


async def test_an_account_that_can_not_be_written_to_is_unlinked(bot):
    caller, _ = await of_two_on_discord(bot)
    bot.context.channels["discord"].fails = Gone("no such user")
    assert (await unlink(bot.context, caller, "discord:9")).account.user_id == "9"


async def test_a_chat_that_an_earlier_version_left_to_another_is_who_writes_there_s(bot):
    """Unlinking once left the private chat of one of two accounts on a platform with the other."""
    await bot.number("diffusion")
    chat = Place(channel="telegram", address="2", kind="private")
    async with bot.store.write() as unit:
        first = (await unit.people.person_of(Actor(channel="telegram", user_id="1"))).number
        (subscription,) = await unit.subscriptions.of_person(first)
        await unit.routes.lead(subscription.number, (await unit.places.ensure(chat, first)).number)
    await bot.says("/subscribe lora", who="2")
    async with bot.store.read() as unit:
        second = (await unit.people.person_of(Actor(channel="telegram", user_id="2"))).number
        place = await unit.places.at(chat)
        its = await unit.subscriptions.of_place(place.number)
    assert place.owner == second
    assert sorted((one.text, one.person) for one in its) == [("diffusion", second), ("lora", second)]
    assert await bot.subscribed("1") == ["diffusion"]
