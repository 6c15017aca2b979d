"""Every button with every number, from who has no business there: programs can send what no button of ours says."""

import pytest
from commands_bot import GROUP, paper, text_of
from sqlalchemy import select

from paperwire.commands.answer import presses
from paperwire.commands.table import COMMANDS
from paperwire.ports.callers import Place
from paperwire.store.database.tables.base import Row

OTHER = Place(channel="telegram", address="-999", kind="group", title="Another group")
SECRET = "unheardof"
PARTS = (
    "{}",
    "yes:{}",
    "{}:yes",
    "place:{}",
    "place:{}:yes",
    "{}:daily",
    "{}:versions",
    "{}:1767600000",
    "calendar:{}",
    "newcalendar:{}",
    "{}:{}",
    "telegram:{}",
    "yes:telegram:{}",
    "{}:lora",
)


async def rows(bot):
    """All that is stored, except for counters."""
    stored = {}
    async with bot.store.read() as unit:
        for name, table in Row.metadata.tables.items():
            if name != "counter":
                stored[name] = {str(row) for row in await unit.connection.execute(select(table))}
    return stored


async def shown(bot, action, place):
    """What a stranger reads who sends an action."""
    bot.clock.advance(seconds=60)
    reply = await bot.commands.handle(bot.request("9", place, manages=True, action=action))
    assert "Something went wrong" not in text_of(reply), action
    return f"{text_of(reply)} {[file.content for file in reply.files]} {reply.toast}"


@pytest.mark.slow
@pytest.mark.parametrize("place", [None, OTHER], ids=["in private", "as a manager of another group"])
@pytest.mark.parametrize("verb", sorted(presses(COMMANDS).keys() - {"place"}))
async def test_a_button_that_was_never_shown_changes_and_reveals_nothing(bot, verb, place):
    await bot.record(paper(1, "Diffusion"), paper(2, "Another"))
    for where in ({}, {"place": GROUP}):
        await bot.number(SECRET, **where)
        await bot.presses("save:1", **where)
        await bot.says("/feed", **where)
        await bot.says("/mute Ann Author", **where)
        await bot.says("/watch 2601.00002", **where)
    await bot.says("/agenda weekly fri 15:00", place=GROUP)
    await bot.says("/start", who="9", place=place)
    before, numbers = await rows(bot), {"telegram": {"1"}}
    for name in ("subscription", "destination", "paper", "person", "mute", "feed", "agenda"):
        numbers[name] = {text.split(",")[0].strip("()") for text in before[name]}
    for number in sorted(set.union(*numbers.values())):
        for part in PARTS:
            assert SECRET not in await shown(bot, f"{verb}:{part.format(number, number)}", place)
    after = await rows(bot)
    own = {row for row in before["destination"] if "'9'" in row or "'-999'" in row}
    gone = {name: before[name] - after[name] - own for name in before}
    assert not any(gone.values()), gone
