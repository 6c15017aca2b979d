"""What people type in their own language: times, and queries whose words no paper has."""

import pytest
from commands_bot import buttons_of, paper, text_of


async def asked(bot, text, locale="de"):
    command, _, args = text.removeprefix("/").partition(" ")
    return await bot.commands.handle(bot.request(command=command, args=args, locale=locale))


@pytest.mark.parametrize(("command", "verb"), [("/preview", "try"), ("/search", "look")])
async def test_a_query_of_german_words_is_offered_in_english(bot, command, verb):
    await bot.record(paper(1, "Diffusion models for snakes"))
    reply = await asked(bot, f"{command} Diffusionsmodelle")
    assert '"diffusion model"' in text_of(reply)
    assert buttons_of(reply)['"diffusion model"'] == f'{verb}:"diffusion model"'
    assert "Diffusion models for snakes" in text_of(await bot.presses('"diffusion model"', reply))


async def test_a_query_that_finds_papers_is_left_alone(bot):
    await bot.record(paper(1, "Robotik und Robotics"))
    assert "robotics" not in buttons_of(await asked(bot, "/search Robotik"))


async def test_who_reads_another_language_is_offered_nothing(bot):
    await bot.record(paper(1, "Diffusion models for snakes"))
    assert '"diffusion model"' not in buttons_of(await asked(bot, "/search Diffusionsmodelle", locale="fr"))


async def test_times_are_read_in_german(bot):
    assert "07:00" in text_of(await asked(bot, "/digest täglich um 7 Uhr"))
    assert "22:00" in text_of(await asked(bot, "/quiet von 22 bis 7 Uhr"))
    assert "22:00" not in text_of(await asked(bot, "/quiet aus"))
