"""The source `demo`: made-up papers from a file of our own, one at each look, without any network."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import Any

from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.names import tidy_name
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.ports.options import Now, PollInterval
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher

_PART = "papers"
_BACKLOG = 30  # papers that are there from the start, two a day, so that previews have something to count
_SCORE_AFTER = 2  # looks after which a paper's upvotes come in


class Options(BaseOptions):
    """`[sources.demo]`: a new paper `every` few seconds."""

    every: PollInterval = 5.0


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return DemoSource(now=now, base_url=public_url)


class DemoSource:
    """Sixty made-up papers: thirty as a quiet backlog, then one statement at each look.

    Ids are `demo.00001` and up and never come twice; when the file is used up its papers come again as parts 2, 3
    and so on. A paper's page is our own, under `base_url`. The cursor is how many statements were made.
    """

    name = "demo"

    def __init__(self, *, now: Now, base_url: str) -> None:
        self._now = now
        self._base_url = base_url.rstrip("/")
        lines = files("paperwire.sources").joinpath("demo_papers.jsonl").read_text("utf-8").splitlines()
        entries: list[Mapping[str, Any]] = [json.loads(line) for line in lines]
        self._papers = [entry for entry in entries if "title" in entry]
        self._sequels = len(self._papers) - _BACKLOG
        self._script = _script(entries)

    def parts(self) -> Sequence[str]:
        return (_PART,)

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """The backlog at the first look, then one statement about one paper, and the upvotes of an earlier one."""
        if not cursor:
            today = self._now().date()
            days = [today - timedelta(days=1 + (_BACKLOG - number) // 2) for number in range(1, _BACKLOG + 1)]
            events = tuple(self._arrival(number, day) for number, day in enumerate(days, 1))
            yield Page(part=part, events=events, cursor="0", quiet=True, view="demo")
            return
        step = int(cursor)
        number, revision = self._statement(step)
        statements = [self._revision(number, revision) if revision else self._arrival(number, self._now().date())]
        if step >= _SCORE_AFTER:
            statements.append(self._score(self._statement(step - _SCORE_AFTER)[0]))
        yield Page(part=part, events=tuple(statements), cursor=str(step + 1), view="demo")

    async def lookup(self, paper_id: str) -> Paper | None:
        """The made-up paper with this id, or None for an id of another kind."""
        own_id = canonical_id(paper_id) or ""
        number = int(own_id.removeprefix("demo.")) if own_id.startswith("demo.") else 0
        return self._paper(number) if number else None

    def _statement(self, step: int) -> tuple[int, Mapping[str, Any]]:
        """Which paper statement `step` is about, and what it changes (nothing for a paper that is new)."""
        if step < len(self._script):
            return self._script[step]
        return _BACKLOG + self._sequels + 1 + step - len(self._script), {}

    def _paper(self, number: int) -> Paper:
        part, place = divmod(max(0, number - 1 - _BACKLOG), self._sequels)
        entry = self._papers[number - 1 if number <= _BACKLOG else _BACKLOG + place]
        paper_id = f"demo.{number:05}"
        return Paper(
            id=paper_id,
            title=entry["title"] + (f", Part {part + 1}" if part else ""),
            source=self.name,
            abstract=entry["abstract"],
            authors=tuple(map(tidy_name, entry["authors"])),
            categories=tuple(entry["categories"]),
            comment=entry.get("comment", ""),
            url=f"{self._base_url}/papers/{paper_id}",
            code_url=entry.get("code_url", ""),
            upvotes=entry["upvotes"],
        )

    def _arrival(self, number: int, day: date) -> Event:
        now = self._now()
        submitted = now if day == now.date() else datetime.combine(day - timedelta(days=1), time(15), UTC)
        paper = replace(self._paper(number), published=submitted, updated=submitted, announced=day)
        if day == now.date():
            paper = replace(paper, upvotes=None)
        return Event(kind=EventKind.NEW, paper=paper, source=self.name, day=day, at=now)

    def _revision(self, number: int, revision: Mapping[str, Any]) -> Event:
        now = self._now()
        words = {"abstract": revision["abstract"], "comment": revision["comment"]}
        paper = replace(self._paper(number), version=2, updated=now, **words)
        return Event(kind=EventKind.REPLACED, paper=paper, source=self.name, day=now.date(), at=now)

    def _score(self, number: int) -> Event:
        now = self._now()
        paper = self._paper(number)
        return Event(kind=EventKind.SCORE, paper=paper, source=self.name, day=now.date(), at=now, score=paper.upvotes)


def _script(entries: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """The statements after the backlog in the file's order: (number, {}) for a new paper, (number, change) else."""
    script: list[tuple[int, Mapping[str, Any]]] = []
    number = _BACKLOG
    for entry in entries[_BACKLOG:]:
        if "title" in entry:
            number += 1
        script.append((number, {}) if "title" in entry else (entry["revises"], entry))
    return script
