"""Discord's forms and options say what they are for, and addresses in sentences can be tapped, over its wire."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing, paper

from paperwire.commands.table import SPECS

LINKED = "The whole service: <https://papers.example.org/status>"


@pytest.fixture
async def world(store, clock):
    async with conversing(store, clock) as made:
        await made.record(paper(1, "Diffusion models"), paper(2, "A diffusion survey"))
        yield made


def explanation(made):
    """The text of a form above its field."""
    (text,) = [part["content"] for part in made.form["components"] if part["type"] == 10]
    return text


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/subscribe", "a phrase"),
        ("/suggest", "Up to 20 ids, DOIs or links."),
        ("/import", "addresses of arXiv's feeds"),
        ("/saved import", "Ids, DOIs or links"),
    ],
)
async def test_forms_carry_their_explanation(world, command, words):
    made = await world.discord.command(ANN, command)
    await world.discord.until(lambda: made.form is not None)
    assert words.replace("a phrase", 'a "phrase", cat') in explanation(made)


async def test_a_form_to_edit_says_when_the_query_holds_and_takes_the_new_one(world):
    discord = world.discord
    await discord.ask(ANN, "/subscribe lora", PAPERS)
    shown = await discord.ask(ANN, "/subscriptions 1", PAPERS)
    made = await discord.press(ANN, shown, "Edit")
    await discord.until(lambda: made.form is not None)
    assert explanation(made) == "The new query applies from the next paper on. For a day, Undo brings the old one back."
    answer = await discord.answer(await discord.fill(ANN, made, "qlora"))
    assert "Changed:" in answer.text
    assert await world.queries() == ["qlora"]


async def test_a_form_for_a_key_links_the_page_that_makes_one(world):
    made = await world.discord.command(ANN, "/saved import zotero")
    await world.discord.until(lambda: made.form is not None)
    assert "Make a key at <https://www.zotero.org/settings/keys/new> with read access" in explanation(made)


async def test_addresses_in_sentences_can_be_tapped(world):
    assert LINKED in (await world.discord.ask(BOB, "/status", PAPERS)).text
    assert LINKED in (await world.discord.ask(BOB, "/status")).text
    refused = await world.discord.ask(BOB, "/saved import zotero x!")
    assert "Make a key at <https://www.zotero.org/settings/keys/new>" in refused.text
    await world.discord.say(BOB, "/start " + "x" * 30)
    old = (await world.discord.wait(world.discord.dm(BOB).id, 3))[2]
    assert "where you found it: the search on <https://papers.example.org/>" in old.text
    there = await world.telegram.ask(BOB, "/status", GROUP)
    assert '<a href="https://papers.example.org/status">https://papers.example.org/status</a>' in there.html


async def test_words_of_others_in_our_sentences_are_no_links(world):
    await world.discord.ask(ANN, "/subscribe lora", PAPERS, options={"name": "https://evil.example/x"})
    shown = await world.discord.ask(BOB, "/subscriptions", PAPERS)
    assert "<https://evil" not in shown.text
    assert "](" not in shown.text


# --- options -----------------------------------------------------------------------------------------------------


async def test_each_commands_words_are_called_query_and_described_as_what_they_are(world):
    await world.discord.ask(ANN, "/help")
    offered = {command["name"]: command["options"] for command in world.discord.commands}
    words = {name: options[0]["description"] for name, options in offered.items() if options}
    assert {options[0]["name"] for options in offered.values() if options} == {"query"}
    kinds = {name: text.partition(": ")[0] for name, text in words.items()}
    assert kinds == {
        **dict.fromkeys(("subscribe", "preview", "search"), "query"),
        **dict.fromkeys(("why", "save", "watch", "submit", "unsubmit"), "paper"),
        **dict.fromkeys(("subscriptions", "unsubscribe"), "subscription"),
        **dict.fromkeys(("digest", "agenda"), "when"),
        "help": "command",
        "import": "list",
        "suggest": "papers",
        "trending": "time",
        "quiet": "hours",
        "style": "style",
        "feed": "feed",
        "email": "address",
        "saved": "what",
        "link": "code",
        "language": "language",
        "checkup": "note",
    }
    assert words["digest"] == "when: instant, daily 8am, weekdays 7:30, weekly mon 08:00, and a time zone"
    assert words["save"] == "paper: arXiv id, DOI or address"
    for spec in SPECS:
        helps = [argument.help for argument in (*spec.args, *spec.options)]
        assert [option["description"] for option in offered[spec.name]] == helps, spec.name  # none is cut


async def test_further_options_are_picked_or_completed(world):
    await world.discord.ask(ANN, "/help")
    options = {(each["name"], one["name"]): one for each in world.discord.commands for one in each["options"]}
    assert options["subscribe", "role"]["type"] == 8
    assert options["subscribe", "to"]["type"] == 3
    completed = {name for name, option in options.items() if option.get("autocomplete")}
    assert {("subscribe", "when"), ("subscribe", "occasions"), ("email", "when"), ("agenda", "query")} < completed
    assert [one["value"] for one in options["digest", "empty"]["choices"]] == ["yes", "no"]
    assert [one["value"] for one in options["submit", "name"]["choices"]] == ["yes", "no"]


@pytest.mark.parametrize(
    ("command", "option", "typed", "choices"),
    [
        ("save", "query", "diffus", {"2601.00001", "2601.00002"}),
        ("why", "query", "surv", {"2601.00002"}),
        ("watch", "query", "diffusion (", set()),
        ("submit", "query", "2601.0", set()),
        ("unsubmit", "query", "di", set()),
        ("subscribe", "occasions", "", {"arrival", "versions", "withdrawn"}),
        ("subscribe", "occasions", "arrival, ver", {"arrival,versions"}),
        ("email", "when", "weekly", {"weekly mon 08:00"}),
        ("agenda", "query", "week", {"weekly fri 15:00", "weekly mon 10:00"}),
        ("feed", "query", "", {"reset", "1"}),
        ("feed", "query", "lor", {"1"}),
        ("saved", "query", "b", {"bibtex"}),
        ("help", "query", "que", {"query"}),
    ],
)
async def test_what_may_be_meant_is_offered(world, command, option, typed, choices):
    await world.discord.ask(ANN, "/subscribe lora", PAPERS)
    offered = await world.discord.complete(ANN, command, typed, PAPERS, option=option)
    assert set(offered.values()) == choices
