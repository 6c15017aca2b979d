"""Places that people name: what they are, who manages them, and which right the bot lacks there."""

import pytest

from paperwire.channels.discord.channel import DiscordChannel
from paperwire.errors import Gone, Retry
from paperwire.ports.callers import Actor
from servers.direct import DIRECT
from servers.discord import DiscordServer
from servers.discord_world import BOT_ID, CATEGORY, EMBED, FORUM, GROUP_DM, NEWS, SEND, THREADS, VIEW, Channel
from servers.loopback import PATIENCE
from servers.recorder import NOW

MANAGER, MEMBER, STRANGER, OWNER = 7, 8, 9, 1


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        guild = server.guild(1000, managers=(MANAGER,))
        guild.members[MEMBER] = set()
        papers = server.channel(2000, guild)
        server.thread(2001, papers, "LoRA")
        yield server


@pytest.fixture
async def channel(discord):
    channel = DiscordChannel(discord.token, network=DIRECT, api_url=discord.url, now=lambda: NOW, timeout=PATIENCE)
    yield channel
    await channel.close()


def actor(user):
    return Actor(channel="discord", user_id=str(user), name="Ann")


@pytest.mark.parametrize(
    "address",
    [
        "2000",
        " <#2000> ",
        "https://discord.com/channels/1000/2000",
        "https://discord.com/channels/1000/2000/123456/",
        "https://ptb.discord.com/channels/1000/2000",
        "https://discordapp.com/channels/1000/2000",
    ],
)
async def test_a_channel_has_many_names(channel, address):
    place, manages = await channel.inspect(address, actor(MANAGER))
    assert (place.channel, place.address, place.kind, place.title) == ("discord", "2000", "channel", "Lab › papers")
    assert (place.problem, manages) == ("", True)


async def test_a_private_chat_is_there_for_who_never_wrote(discord, channel):
    address = await channel.private_address(actor(MANAGER))
    assert address == str(discord.dm(MANAGER).id)
    assert await channel.private_address(actor(MANAGER)) == address


async def test_a_private_chat_that_discord_refuses_is_gone(discord, channel):
    discord.fail("no_dm", route="dm")
    with pytest.raises(Gone):
        await channel.private_address(actor(MANAGER))


@pytest.mark.parametrize(
    "address", ["", "#papers", "papers", "<@7>", "https://evil.example/channels/1/2000", "https://t.me/x", "-5", "1e3"]
)
async def test_what_names_no_channel_is_gone(discord, channel, address):
    with pytest.raises(Gone):
        await channel.inspect(address, actor(MANAGER))
    assert discord.calls == []


@pytest.mark.parametrize(("user", "manages"), [(MANAGER, True), (MEMBER, False), (STRANGER, False), (OWNER, True)])
async def test_who_manages_a_channel_is_asked_at_the_time(discord, channel, user, manages):
    assert (await channel.inspect("2000", actor(user)))[1] is manages
    discord.guilds[1000].members[user] = set()
    assert (await channel.inspect("2000", actor(user)))[1] is (user == OWNER)


async def test_threads_and_posts_take_the_rights_of_where_they_are(discord, channel):
    forum = discord.channel(2006, discord.guilds[1000], "forum", FORUM)
    discord.thread(2007, forum, "A post")
    for address, title in (("2001", "Lab › LoRA"), ("2007", "Lab › A post")):
        place, manages = await channel.inspect(address, actor(MANAGER))
        assert (place.kind, place.address, place.title, place.problem, manages) == ("thread", address, title, "", True)
    assert (await channel.inspect("2001", actor(MEMBER)))[1] is False


async def test_news_channels_are_channels(discord, channel):
    discord.channel(2005, discord.guilds[1000], "news", NEWS)
    assert (await channel.inspect("2005", actor(MANAGER)))[0].kind == "channel"


@pytest.mark.parametrize(
    ("address", "denied", "named"),
    [
        ("2000", SEND, "Send Messages"),
        ("2000", EMBED, "Embed Links"),
        ("2001", THREADS, "Send Messages in Threads"),
        ("2001", EMBED, "Embed Links"),
        ("2001", SEND, ""),
    ],
)
async def test_the_right_that_is_lacking_is_named(discord, channel, address, denied, named):
    discord.channels[2000].denied = denied
    place, manages = await channel.inspect(address, actor(MANAGER))
    assert named in place.problem
    assert bool(place.problem) is bool(named)
    assert manages


async def test_an_administrator_lacks_nothing(discord, channel):
    discord.guilds[1000].roles[1500] = 1 << 3
    discord.guilds[1000].members[BOT_ID] = {1500}
    discord.channels[2000].denied_all = SEND | EMBED
    assert (await channel.inspect("2000", actor(MANAGER)))[0].problem == ""


async def test_a_channel_that_the_bot_may_not_see_is_gone(discord, channel):
    discord.channels[2000].denied = VIEW
    with pytest.raises(Gone):
        await channel.inspect("2000", actor(MANAGER))


async def test_a_forum_itself_and_a_locked_thread_take_nothing(discord, channel):
    forum = discord.channel(2006, discord.guilds[1000], "forum", FORUM)
    discord.thread(2008, forum, "closed", archived=True, locked=True)
    assert "forum" in (await channel.inspect("2006", actor(MANAGER)))[0].problem
    assert "locked" in (await channel.inspect("2008", actor(MANAGER)))[0].problem
    discord.guilds[1000].roles[1500] = 1 << 34
    discord.guilds[1000].members[BOT_ID] = {1500}
    assert (await channel.inspect("2008", actor(MANAGER)))[0].problem == ""


async def test_categories_groups_and_unknown_channels_are_gone(discord, channel):
    discord.channel(2009, discord.guilds[1000], "all", CATEGORY)
    discord.channels[2200] = Channel(2200, GROUP_DM, recipient=MEMBER)
    for address in ("2009", "2200", "999"):
        with pytest.raises(Gone):
            await channel.inspect(address, actor(MANAGER))


async def test_only_its_own_person_may_name_a_private_chat(discord, channel):
    address = str(discord.dm(MEMBER).id)
    place, manages = await channel.inspect(address, actor(MEMBER))
    assert (place.kind, place.address, place.title, manages) == ("private", address, "Ann", True)
    with pytest.raises(Gone):
        await channel.inspect(address, actor(MANAGER))


@pytest.mark.parametrize("route", ["login", "channel", "guild", "member"])
@pytest.mark.parametrize("kind", ["unavailable", "unauthorized"])
async def test_discord_being_away_is_no_answer(discord, channel, route, kind):
    discord.fail(kind, route=route)
    with pytest.raises(Retry):
        await channel.inspect("2000", actor(MANAGER))


async def test_a_server_that_the_bot_has_left_is_gone(discord, channel):
    discord.guilds[1000].members.pop(BOT_ID)
    with pytest.raises(Gone):
        await channel.inspect("2000", actor(MANAGER))
