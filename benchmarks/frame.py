"""What a benchmark gives: rows with CPU seconds and memory, the table they make, and ratios to fall back from."""

from __future__ import annotations

import gc
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- python -m benchmarks{theme} --write: from here -->", "<!-- to here -->"
"""What stands between these in a page of docs is written by the benchmarks, or by a theme of them."""
WORST = 0.5
"""A ratio below so much of the one written down is a failure: the load of neighbours moves ratios too."""
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


class BenchmarkError(Exception):
    """A benchmark that says nothing: what it compares gives different answers."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every theme is given; `postgres` is the address of a server whose CPU we can see, or empty."""

    quick: bool
    folder: Path
    shared: Path
    postgres: str

    def databases(self) -> list[tuple[str, dict[str, Any]]]:
        """The available kinds of databases, each with this context's values for a process that measures on it alone."""
        values = {"folder": str(self.folder), "shared": str(self.shared), "quick": self.quick}
        servers = {"SQLite": "", "PostgreSQL": self.postgres}
        return [(kind, values | {"postgres": at}) for kind, at in servers.items() if at or kind == "SQLite"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: what was done, by whom, on how much, and what it took.

    `cpu` is CPU seconds as measured, `memory` megabytes. A rival's `ratio` is how many times as much CPU it takes as
    the row of ours that it is compared with; `key` is the name under which the ratio is written down.
    """

    section: str
    what: str
    size: str
    cpu: float
    figure: str
    memory: float | None = None
    ratio: float | None = None
    key: str = ""
    goal: str = ""
    note: str = ""


class Cost:
    """CPU seconds of a block: this process, its threads, and the processes in `pids`."""

    cpu = 0.0


@contextmanager
def spent(*pids: int, tidy: bool = True) -> Iterator[Cost]:
    """Measure a block; `tidy` collects garbage before, which is too slow before something short."""
    cost = Cost()
    if tidy:
        gc.collect()
    began = time.process_time() + sum(map(cpu_of, pids))
    yield cost
    cost.cpu = time.process_time() + sum(map(cpu_of, pids)) - began


def repeated(work: Callable[[], object], *pids: int, least: float = 0.5, fewest: int = 1) -> tuple[int, float]:
    """Do some work `fewest` times and until it took `least` CPU seconds; how often, and how many it took."""
    rounds, cpu = 0, 0.0
    while cpu < least or rounds < fewest:
        with spent(*pids) as cost:
            work()
        rounds, cpu = rounds + 1, cpu + cost.cpu
    return rounds, cpu


def cpu_of(pid: int) -> float:
    """CPU seconds of another process of this machine; 0 if it is gone."""
    try:
        ran = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(ran.split()[0]) / 1e9


def memory() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_SIZE / 1e6


def most_memory() -> float:
    """The most megabytes that this program had; `ru_maxrss` would count what the one that started it had."""
    (most,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(most) * 1024 / 1e6


# --- the table -----------------------------------------------------------------------------------------------------

_HEAD = ("what", "size", "CPU s", "figure", "memory", "CPU of ours x", "goal")
_SHORT_HEAD = ("what", "figure", "goal", "CPU of ours x")


def table(rows: Iterable[Row]) -> str:
    """All that was measured, a table for each section."""
    lines: list[str] = []
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines += ["", f"### {section}", "", _line(_HEAD), _line(["---"] * len(_HEAD))]
        lines.append(_line(_cells(row)))
    return "\n".join(lines).strip() + "\n"


def short_table(rows: Iterable[Row]) -> str:
    """One table: a line for each row of ours, with the rivals that follow it in its last cell."""
    lines = [_line(_SHORT_HEAD), _line(["---"] * len(_SHORT_HEAD))]
    section = ""
    for ours, rivals in _with_rivals(rows):
        if ours.section != section:
            section = ours.section
            lines.append(_line([f"**{section}**", ours.size, "", ""]))
        memory = "" if ours.memory is None else f", {ours.memory:,.0f} MB"
        against = "; ".join(f"{_name(rival.what)} {_number(rival.ratio or 0.0)}" for rival in rivals)
        lines.append(_line([ours.what.removeprefix("Paperwire, "), f"{ours.figure}{memory}", ours.goal, against]))
    return "\n".join(lines) + "\n"


def _name(rival: str) -> str:
    """What a rival is, without how it is asked."""
    return re.split(r": |, (?![^()]*\))", rival)[0]


def _with_rivals(rows: Iterable[Row]) -> list[tuple[Row, list[Row]]]:
    """Each row of ours and the rivals that follow it."""
    grouped: list[tuple[Row, list[Row]]] = []
    for row in rows:
        if row.ratio is None:
            grouped.append((row, []))
        else:
            grouped[-1][1].append(row)
    return grouped


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"{row.what} ({row.note})" if row.note else row.what,
        row.size,
        _number(row.cpu),
        row.figure,
        "" if row.memory is None else f"{row.memory:,.0f} MB",
        "" if row.ratio is None else _number(row.ratio),
        row.goal,
    )


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.1g}"


def with_generated(page: str, generated: str, theme: str = "") -> str:
    """The page with what stands between BEGIN and END replaced; raises ValueError if they are not there."""
    first = BEGIN.format(theme=theme and f" {theme}")
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page needs the lines {first} and {END}")
    return f"{before}{first}\n\n{generated}\n{END}{after}"


# --- rounds --------------------------------------------------------------------------------------------------------


def middle(rounds: Sequence[Sequence[Row]]) -> list[Row]:
    """Of each row the one whose ratio is the median of all rounds; of rows without a ratio, whose CPU seconds are.

    Raises BenchmarkError if a round measured something else than another.
    """
    if len({tuple((row.section, row.what, row.key) for row in rows) for rows in rounds}) > 1:
        raise BenchmarkError("rounds of the same run measured different things")
    return [_median(same) for same in zip(*rounds, strict=True)]


def _median(same: Sequence[Row]) -> Row:
    compared = [row for row in same if row.ratio is not None] or list(same)
    compared.sort(key=lambda row: row.cpu if row.ratio is None else row.ratio)
    return compared[(len(compared) - 1) // 2]


# --- ratios --------------------------------------------------------------------------------------------------------


def ratios(rows: Iterable[Row]) -> dict[str, float]:
    """The ratios of a run by their keys; raises ValueError for a key that two rows have."""
    measured: dict[str, float] = {}
    for row in rows:
        if row.ratio is None or not row.key:
            continue
        if row.key in measured:
            raise ValueError(f"two rows are called {row.key!r}")
        measured[row.key] = float(f"{row.ratio:.3g}")
    return measured


def fallen(now: Mapping[str, float], written: Mapping[str, float]) -> list[str]:
    """A sentence for each ratio that was not measured or is below WORST of the one written down."""
    sentences: list[str] = []
    for key, before in sorted(written.items()):
        if key not in now:
            sentences.append(f"{key}: was {before:g}, and was not measured in this run")
        elif now[key] < WORST * before:
            sentences.append(f"{key}: {now[key]:g}, less than half of the {before:g} written down")
    return sentences


def read_ratios(file: Path, kind: str) -> dict[str, float]:
    """The ratios written down for one kind of run; where processors differ, the smallest."""
    smallest: dict[str, float] = {}
    for of_one in _written(file).get(kind, {}).values():
        smallest |= {key: min(ratio, smallest.get(key, ratio)) for key, ratio in of_one.items()}
    return smallest


def write_ratios(file: Path, kind: str, processor: str, now: Mapping[str, float]) -> None:
    """Write down the ratios of one kind of run on one processor and leave the others."""
    every = _written(file)
    every.setdefault(kind, {})[processor] = dict(now)
    file.write_text(json.dumps(every, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _written(file: Path) -> dict[str, dict[str, dict[str, float]]]:
    """By kind of run, processor and key."""
    if not file.exists():
        return {}
    written: dict[str, dict[str, dict[str, float]]] = json.loads(file.read_text(encoding="utf-8"))
    return written


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so large a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
