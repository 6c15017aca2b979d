"""Search, preview and /why by meaning, as people type them: what is shown, why, and each refusal."""

from datetime import timedelta

import pytest
from commands_bot import DAY, buttons_of, paper, text_of

from meaning_world import small_table
from paperwire.core.papers.paper import Paper
from paperwire.errors import EncoderError
from paperwire.pipeline.encode import Encoding
from paperwire.ports.callers import Place
from paperwire.services.papers.meaning import like_query

GROUP = Place(channel="telegram", address="-100", kind="group", title="Lab")
TITLES = ("Latent diffusion", "Weather by diffusion", "Proof", "Weather forecast", "Diffusion proof proof")


class Opaque:
    """The small table as an encoder that can't tell words apart."""

    instant = True

    def __init__(self):
        self.table = small_table()
        self.version, self.width = "opaque", self.table.width
        self.is_away = False

    async def encode(self, texts):
        if self.is_away:
            raise EncoderError("the server is away")
        return await self.table.encode(texts)

    async def close(self):
        pass


async def know(bot, encoder=None):
    """Five papers, one a day, that have vectors."""
    encoder = encoder or small_table()
    await bot.record(*(paper(n, title, day=DAY - timedelta(days=n)) for n, title in enumerate(TITLES)))
    bot.knows(encoder)
    await Encoding(bot.store, encoder).run()
    return encoder


def shown(reply):
    return [item.title for item in reply.message.items]


async def save(bot, *numbers):
    for number in numbers:
        await bot.presses(f"save:{(await bot.stored(f'2601.{number:05}')).number}")


async def test_search_ranks_all_papers_and_says_what_brings_them_near(bot):
    await know(bot)
    reply = await bot.says("/search like:2601.00000")
    assert text_of(reply).startswith("4 papers for like:2601.00000\n")
    assert shown(reply) == ["Weather by diffusion", "Diffusion proof proof", "Weather forecast", "Proof"]
    assert "Close in: diffusion 100%" in text_of(reply)
    assert shown(await bot.says("/search like:2601.00000 -weather")) == ["Diffusion proof proof", "Proof"]
    assert shown(await bot.says("/search like:2601.00000 rate:1/week")) == ["Weather by diffusion"]


async def test_a_text_is_searched_for_by_words_too_and_pages_turn(bot):
    await know(bot)
    await bot.record(paper(7, "Forecasting with zebras"))
    first = await bot.says('/search like:"weather zebras"')
    assert text_of(first).startswith('6 papers for like:"weather zebras"\n')
    assert shown(first)[:2] == ["Weather forecast", "Weather by diffusion"]
    assert "Forecasting with zebras" in shown(first)
    second = await bot.presses("Next »", first)
    assert len(shown(second)) == 1
    assert not set(shown(second)) & set(shown(first))


async def test_what_a_person_saved_is_asked_by_that_person_alone(bot):
    await know(bot)
    await save(bot, 0, 1, 4)
    reply = await bot.says("/search like:saved")
    assert shown(reply) == ["Proof", "Weather forecast"]
    assert "Nearest of your saved papers: Diffusion proof proof" in text_of(reply)
    assert "Nearest of your saved papers: Weather by diffusion" in text_of(reply)
    assert "and you have 0" in text_of(await bot.says("/search like:saved", who="2"))
    refused = text_of(await bot.says("/search like:saved", place=GROUP))
    assert refused.startswith("like:saved works only in a private chat (column 1).")


async def test_another_encoder_names_words_in_common_without_percentages(bot):
    encoder = await know(bot, Opaque())
    reply = await bot.says("/search like:2601.00000")
    assert "In common: diffusion" in text_of(reply)
    assert "%" not in text_of(reply)
    assert "In common: weather, forecast" in text_of(await bot.says('/search like:"forecast weather"'))
    await save(bot, 0, 1, 4)
    saved = text_of(await bot.says("/search like:saved"))
    assert "In common: proof. Nearest of your saved papers: Diffusion proof proof" in saved
    encoder.is_away = True
    away = text_of(await bot.says('/search like:"diffusion"'))
    assert away.startswith("Search by meaning isn't working at the moment: the server is away (column 1).")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("lora -like:2601.00000", "-like: needs like: to choose papers by (column 6)"),
        ("like:saved rate:1/day rate:2/day", "rate: is allowed only once (column 23)"),
        ("lora rate:1/day", "rate: needs like: to choose papers by (column 6)"),
        ('like:""', "There is no word in these quotes (column 6)"),
        ("lora like:2601.00099", "2601.00099 isn't stored here (column 6)"),
        ('like:"zebras"', "None of these words is known to the encoder (column 1)"),
        ("lora like:saved", "like:saved needs 3 saved papers or more, and you have 1 (column 6)"),
        ("like:2601.00006", "That isn't indexed by meaning yet (column 1). Papers waiting: 1"),
    ],
)
@pytest.mark.parametrize("command", ["search", "preview", "subscribe", "why 2601.00001"])
async def test_refusals(bot, command, typed, told):
    await know(bot)
    await bot.record(paper(6, "Rain"))
    await save(bot, 0)
    assert told in text_of(await bot.says(f"/{command} {typed}"))
    assert "You have no subscriptions" in text_of(await bot.says("/subscriptions"))


@pytest.mark.parametrize("typed", ["like:2601.00000", 'like:"diffusion"', "like:saved", "lora like:2601.00000"])
async def test_without_an_encoder_all_is_refused(bot, typed):
    assert "Search by meaning is off here (column" in text_of(await bot.says(f"/search {typed}"))


async def test_a_preview_counts_what_is_near_enough(bot):
    await know(bot)
    reply = await bot.says("/preview like:2601.00000 rate:2/week")
    assert "1 match in the last 5 days" in text_of(reply)
    assert shown(reply) == ["Weather by diffusion"]
    assert "Close in: diffusion 100%" in text_of(reply)
    assert "2 matches in the last 5 days" in text_of(await bot.says("/preview like:2601.00000 rate:3/week"))


async def test_why_tells_the_score_that_is_asked_for(bot):
    await know(bot)
    near = text_of(await bot.says("/why 2601.00001 like:2601.00000 rate:1/week"))
    assert "The query matches this paper:\n✓ like:2601.00000: score 0.71, needs 0.71\n" in near
    assert "\nClose in: diffusion 100%\n" in near
    far = text_of(await bot.says("/why 2601.00002 -lora like:2601.00000 rate:1/week"))
    assert "The query doesn't match this paper:\n✓ -lora\n✗ like:2601.00000: score 0.00, needs 0.71" in far
    own = text_of(await bot.says("/why 2601.00000 like:2601.00000"))
    assert "✗ like:2601.00000: it is one of these papers itself" in own
    await bot.record(paper(6, "Rain"))
    assert "this paper isn't indexed by meaning yet" in text_of(await bot.says("/why 2601.00006 like:2601.00000"))
    assert "no stored paper is like that" in text_of(await bot.says("/why 2601.00001 rain like:2601.00000"))


async def test_words_that_find_little_are_offered_by_meaning(bot):
    await know(bot)
    reply = await bot.says("/search diffusion weather")
    assert shown(reply) == ["Weather by diffusion"]
    assert shown(await bot.presses("Search by meaning", reply))[0] == "Weather by diffusion"
    nothing = await bot.says('/search "weather of latent diffusion"')
    assert buttons_of(nothing)["Search by meaning"] == 'look:like:"weather of latent diffusion"'
    for enough in ("/search proof", "/search cat:cs.LG proof", "/search weather OR (proof diffusion)"):
        assert "Search by meaning" not in buttons_of(await bot.says(enough))
    typed = await bot.commands.handle(bot.request(args="diffusion zebra"))
    assert "Search by meaning" in buttons_of(typed)


@pytest.mark.parametrize(
    ("paper_id", "query"),
    [
        ("2601.00001", "like:2601.00001"),
        ("10.1101/2025.01.02.123456", "like:10.1101/2025.01.02.123456"),
        ("rss-2ab3", "like:rss-2ab3"),
        ("no id", 'like:"Of quotes and spaces"'),
        ("a|1", 'like:"Of quotes and spaces"'),
    ],
)
def test_the_query_for_more_like_a_paper_can_always_be_read(paper_id, query):
    assert like_query(Paper(id=paper_id, title='Of "quotes"  and spaces')) == query


async def test_a_sentence_is_offered_by_meaning_with_the_options_it_came_with(bot):
    await know(bot)
    sentence = "I'm interested in papers about the weather of latent diffusion"
    reply = await bot.says(f'/subscribe {sentence} name:"My weather"')
    assert 'like:"weather of latent diffusion" – papers about this, even when the words differ' in text_of(reply)
    found = await bot.presses("Search by meaning", reply)
    assert "Weather by diffusion" in shown(found)
    subscribed = await bot.presses("Subscribe anyway", reply)
    assert text_of(subscribed).startswith("Subscribed: My weather: weather latent diffusion")
    assert text_of(await bot.presses("Subscribe by meaning", reply)).startswith("Subscribed: My weather: like:")
    typed = await bot.commands.handle(bot.request(args=sentence))
    assert buttons_of(typed)["Search by meaning"] == 'look:like:"weather of latent diffusion"'
    assert text_of(await bot.presses("Preview all words as typed", typed)).startswith(f"Preview: {sentence}")
    category = await bot.commands.handle(bot.request(args="please send me cs.AI"))
    assert "cat:cs.AI – " in text_of(category)
