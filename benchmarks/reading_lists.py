"""Reading lists kept by people, as tasks: found again from a topic as text or from saved papers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAVED = (1, 5, 10)
TOPIC = "a topic as text"


@dataclass(frozen=True, slots=True)
class Task:
    """What one person wants found: the papers of a reading list, except those that are `saved`."""

    topic: str
    wanted: frozenset[int]
    saved: tuple[int, ...] = ()


def tasks(folder: Path, places: dict[str, int]) -> dict[str, list[Task]]:
    """The tasks by kind; papers by their place in the corpus."""
    lists = {
        listing["topic"]: [places[name] for name in listing["ids"]]
        for listing in lines_of(folder / "collections.jsonl")
    }
    kinds: dict[str, list[Task]] = {TOPIC: [Task(topic, frozenset(ids)) for topic, ids in lists.items()]}
    for draw in lines_of(folder / "saved_draws.jsonl"):
        if draw["k"] in SAVED:
            saved = tuple(places[name] for name in draw["saved"])
            task = Task(draw["topic"], frozenset(lists[draw["topic"]]) - set(saved), saved)
            kinds.setdefault(f"{draw['k']} saved", []).append(task)
    return kinds


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file that has one a line."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
