"""One idiom for one thing: how the source names columns and classes, and words that no native would write.

`idioms.txt` is the list of those words, and of names that say nothing.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "paperwire"
MIGRATIONS = SOURCE / "store" / "migrations"
FILES = [file for file in sorted(SOURCE.rglob("*.py")) if not file.is_relative_to(MIGRATIONS)]
WORDS = Path(__file__).with_name("idioms.txt")
PROSE = {".css", ".html", ".js", ".md", ".py", ".sh", ".toml", ".txt"}


def test_columns_are_named_by_the_class_of_their_table():
    """`col(PaperRow.title)`, not the table by its name; only what looks at a whole schema asks the catalogue."""
    by_name = re.compile(r"metadata\.tables|__table__")
    assert [file.name for file in FILES if by_name.search(file.read_text())] == ["schema.py"]


def prose():
    """All files of the project that hold sentences, except for the list itself."""
    for name in ("src", "tests", "docs", "benchmarks", ".ci"):
        for file in sorted((ROOT / name).rglob("*")):
            if file.suffix in PROSE and file != WORDS and not file.parent.name.endswith(".egg-info"):
                yield file
    yield from (file for file in sorted(ROOT.glob("*")) if file.suffix in PROSE)


def listed(section):
    """The lines of one section of the list."""
    _, _, lines = WORDS.read_text().partition(f"[{section}]\n")
    return lines.partition("\n[")[0].strip().splitlines()


def idioms():
    """What each pattern of the list begins with, it compiled for whole words, what to write instead, and whether tests
    may have it.
    """
    for line in listed("words"):
        pattern, better, *where = line.split("\t")
        spaced = pattern.replace(" ", r"(?:\s+(?:#\s*)?|[_-])")
        begins = re.match(r"[a-z]*", pattern)[0]
        whole = re.compile(rf"(?<![^\W_])(?:{spaced})(?![^\W_])", re.IGNORECASE)
        yield begins, whole, better, where == ["not in tests"]


def test_no_word_of_the_list_is_used():
    patterns = list(idioms())
    used = [
        f"{file.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()!r}: {better}"
        for file in prose()
        for text in [file.read_text()]
        for lowered in [text.lower()]
        for begins, pattern, better, not_in_tests in patterns
        if begins in lowered  # quicker than the search
        if not (not_in_tests and file.is_relative_to(ROOT / "tests"))
        for hit in pattern.finditer(text)
    ]
    assert used == []


@cache
def trees():
    """What each file of the source is as Python reads it."""
    return {file: ast.parse(file.read_text()) for file in FILES}


SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def within_scopes(tree):
    """Each node of functions and comprehensions, once."""
    for node in ast.iter_child_nodes(tree):
        yield from ast.walk(node) if isinstance(node, SCOPES) else within_scopes(node)


def test_variables_say_what_they_are():
    """`paper`, `rows`, `matches`, not `one`, `wanted`, `found`: in the rooms of the list, which grows."""
    (names,), (rooms,) = listed("variables"), listed("rooms")
    vague = {
        f"{file.relative_to(ROOT)}:{node.lineno}: {node.id}"
        for file, tree in trees().items()
        if file.relative_to(SOURCE).parts[0].removesuffix(".py") in rooms.split()
        for node in within_scopes(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names.split()
    }
    assert sorted(vague) == []


def test_each_reason_of_an_ignore_has_one_form():
    """`# noqa: CODE -- reason`, `# pragma: no cover -- reason` and `# type: ignore[code]  # reason`."""
    ignore = re.compile(r"# (noqa|pragma:|type: ignore).*")
    form = re.compile(
        r"# (noqa: [A-Z]+\d+(, [A-Z]+\d+)* --|pragma: no (cover|branch) --|type: ignore\[[a-z-]+\]  #) \S.*[^.]"
    )
    wrong = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in prose()
        if file.suffix == ".py" and file != Path(__file__)
        for match in ignore.finditer(file.read_text())
        if not form.fullmatch(match.group())
    ]
    assert wrong == []


def test_log_events_are_fixed_lower_case_words():
    """`_log.info("source failed", source=...)`: what differs from one event to the next comes by keyword."""
    event = re.compile(r"[a-zA-Z/'`,. -]+")
    odd = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"_log", "log"}
        and not isinstance(node.args[0], ast.Name)  # what the command line says, where a machine reads it
        and not (isinstance(node.args[0], ast.Constant) and event.fullmatch(node.args[0].value))
    ]
    assert odd == []
