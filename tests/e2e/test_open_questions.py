"""Every question that waits for words, a yes or a no, answered after a restart on each platform and at a terminal."""

import ast
from pathlib import Path

import pytest
from conversation_world import conversing, paper
from lives import LIVES

from servers.loopback import PATIENCE

COMMANDS = Path(__file__).parents[2] / "src" / "paperwire" / "commands"
SUBSCRIBED = ("/subscribe lora",)
QUESTIONS = {
    "subscribe": (("/subscribe",), "search engines", "Subscribed: search engines"),
    "subscriptions": ((*SUBSCRIBED, "/subscriptions 1", "[Edit]"), "qlora", "Changed: qlora (#1)"),
    "imports": (("/import",), "lora", "1 will be subscribed."),
    "suggest": (("/suggest",), "2601.00001", "Queries for papers like this one"),
    "library": (("/saved import",), "2601.00001", "1 paper added to your saved papers."),
    "feed": (("/feed", "[New links]"), "no", "The links stay as they are."),
    "account": ((*SUBSCRIBED, "/forget"), "yes", "Everything about you has been deleted."),
}
"""By the file that asks: what somebody types and [presses], the words that answer, and what comes of them."""
ELSEWHERE = {"agenda", "memory", "last_answer"}
"""Notes of a meeting (`test_club_of_a_month`), and files that read questions back."""


@pytest.fixture
async def world(store, clock, monkeypatch):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    async with conversing(store, clock) as made:
        await made.record(paper(1, "LoRA for small diffusion models"))
        yield made


def asks(tree):
    """Whether a file makes a question, or offers a No."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
    first = {node.args[0].value for node in calls if node.args and isinstance(node.args[0], ast.Constant)}
    return "Question" in named or "No" in first


def test_every_file_that_asks_is_in_the_table():
    files = [file for file in COMMANDS.rglob("*.py") if asks(ast.parse(file.read_text()))]
    assert {file.stem for file in files} - ELSEWHERE == QUESTIONS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("kind", LIVES)
@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_is_answered_after_a_restart(world, tmp_path, kind, name):
    steps, words, answer = QUESTIONS[name]
    chat = LIVES[kind](world, tmp_path)
    await chat.restarted()
    shown = None
    for step in steps:
        shown = await (chat.presses(shown, step[1:-1]) if step.startswith("[") else chat.says(step))
    await world.restart()
    await chat.restarted()
    shown = await chat.says(words)
    await chat.end()
    assert answer in shown.text
