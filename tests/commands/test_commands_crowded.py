"""Commands while too much is going on."""

import asyncio
from dataclasses import replace

import pytest
from commands_bot import buttons_of, paper, text_of

from crowd import connections_held, searches_held, wait_for_nothing
from paperwire.commands.answer import Commands
from paperwire.commands.papers.preview import once_read
from paperwire.core.search.preview import Preview
from paperwire.errors import StoreBusy
from paperwire.store import lanes
from paperwire.store.lanes import Lane
from paperwire.store.search.search import Search


@pytest.fixture(autouse=True)
def nothing_pauses(bot):
    """Updates look again at once."""

    async def pause(_seconds):
        return

    bot.context = replace(bot.context, pause=pause)
    bot.commands = Commands(bot.context)


BUSY = "Too many requests right now. Try again in 5 seconds."


@pytest.mark.parametrize("typed", ["/search diffusion", "/preview diffusion", "/suggest 2601.00001"])
async def test_one_search_too_many_is_answered_politely(bot, store, monkeypatch, typed):
    await bot.record(paper(1, "Diffusion"))
    wait_for_nothing(monkeypatch)
    async with searches_held(store, Lane.COMMANDS):
        assert text_of(await bot.says(typed)) == BUSY
    assert text_of(await bot.says(typed)) != BUSY


@pytest.mark.parametrize("crowded", [Lane.PAGES, Lane.API])
async def test_searches_of_pages_take_no_connection_of_chats(bot, store, crowded):
    await bot.record(paper(1, "Diffusion"))
    async with connections_held(store, crowded):
        assert text_of(await bot.says("/search diffusion")).startswith("1 paper")


async def test_other_commands_are_answered_while_all_turns_to_search_are_taken(bot, store, monkeypatch):
    await bot.record(paper(1, "Diffusion"))
    wait_for_nothing(monkeypatch)
    async with searches_held(store, Lane.COMMANDS):
        reply = await bot.says("/subscribe diffusion")
        assert text_of(reply).startswith("Subscribed: diffusion (#1)")
        assert "can't be counted right now" in text_of(reply)
        assert "Undo" in buttons_of(reply)
        assert "diffusion" in text_of(await bot.says("/subscriptions"))
    update = await reply.update()
    assert "1 match in the last day" in text_of(update.reply)


async def test_a_search_that_takes_too_long_is_answered(bot, monkeypatch):
    async def search(*_given, **_options):
        await asyncio.Event().wait()

    monkeypatch.setattr(Search, "search", search)
    monkeypatch.setattr(lanes, "SEARCH_TIME", 0.01)
    assert "took too long" in text_of(await bot.says("/search diffusion"))


async def test_a_question_is_asked_again_where_its_answer_found_no_room(bot, store, monkeypatch):
    await bot.record(paper(1, "Diffusion"))
    wait_for_nothing(monkeypatch)
    await bot.says("/suggest")
    answer = bot.request(args="2601.00001")
    async with searches_held(store, Lane.COMMANDS):
        assert text_of(await bot.commands.handle(answer)) == BUSY
    assert "Finds 1 of 1 paper" in text_of(await bot.commands.handle(answer))


async def test_an_update_that_finds_no_room_is_looked_for_again(bot):
    await bot.record(paper(1, "Diffusion"))
    looks = iter([StoreBusy("full", after=5), "the update"])

    async def update():
        result = next(looks)
        if isinstance(result, Exception):
            raise result
        return result

    assert await once_read(bot.context, update) == "the update"


def test_a_preview_that_is_put_off_is_not_the_last_word():
    assert not Preview(query=None, uncollected=(), is_put_off=True).is_final
