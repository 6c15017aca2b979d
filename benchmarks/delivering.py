"""Delivering: how fast messages go out over both platforms, and their cost against the loop of an earlier commit."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.frame import BenchmarkError, Context, Row
from benchmarks.platforms import figures, running
from benchmarks.rounds import Round, Took, output_of, played

LATENCY = 0.15
"""Seconds that a platform takes to answer."""
BEFORE = "1c37bf8"
"""The last commit that sent one message after the other, each in a transaction of its own."""
_ITS_BENCHMARKS = "37c4067"  # the last that could measure it: later ones know other modules and columns
_GOALS = {"telegram": 25, "discord": 40}  # messages a second
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Sizes:
    """How many subscriptions a day is for, how many places get one message, and how many of them by the old loop."""

    subscriptions: int
    places: int
    old_places: int

    @classmethod
    def of(cls, *, quick: bool, places: int = 0) -> Sizes:
        """Those of a quick or a full run; `places` overrides the number that the platforms are measured on."""
        return cls(200, places or 150, 40) if quick else cls(1_000, places or 2_000, 200)


def run(ctx: Context, places: int = 0) -> list[Row]:
    """Both databases, both platforms and a channel that drops everything."""
    sizes = Sizes.of(quick=ctx.quick, places=places)
    rows: list[Row] = []
    with _before(ctx) as before:
        for kind, values in ctx.databases():
            measured = _Measured(f"Delivering, {kind}", values, before)
            rows += measured.to_nowhere("a day end to end", subscriptions=sizes.subscriptions)
            rows += measured.to_nowhere("one message a place", places=min(sizes.places, 2_000))
            for platform in ("telegram", "discord"):
                rows += measured.over(platform, sizes)
    return rows


@contextmanager
def _before(ctx: Context) -> Iterator[Path | None]:
    """The program of the earlier commit with benchmarks of its time; None where the history is not here."""
    with TemporaryDirectory(dir=ctx.folder) as place:
        if not _unpack_into(place):
            yield None
        else:
            output_of(["-c", _PREPARED.format(folder=place, shared=str(ctx.shared), quick=ctx.quick)], Path(place))
            yield Path(place)


def _unpack_into(place: str) -> bool:
    """Put the earlier program and its benchmarks into a folder; False where the history is not here."""
    try:
        for commit, folder in ((BEFORE, "src"), (_ITS_BENCHMARKS, "benchmarks")):
            archive = ["git", "-C", str(_ROOT), "archive", "--format=tar", f"--output={place}/old.tar", commit, folder]
            subprocess.run(archive, check=True, capture_output=True)  # noqa: S603 -- arguments of our own
            unpack = ["tar", "-x", "-f", f"{place}/old.tar", "-C", place]
            subprocess.run(unpack, check=True)  # noqa: S603 -- the same
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


# Its queries are stored in a form of their own.
_PREPARED = """
from pathlib import Path
from benchmarks.frame import Context
from benchmarks.workload import prepare
prepare(Context(quick={quick}, folder=Path({folder!r}), shared=Path({shared!r}), postgres=""), 10_000)
"""


@dataclass(frozen=True)
class _Measured:
    """The rows of one section: one database, and the program that is compared with."""

    section: str
    values: dict[str, Any]
    before: Path | None

    def to_nowhere(self, what: str, **size: int) -> list[Row]:
        """CPU a message to a channel that answers at once."""
        ours, theirs = self._in_turns(Round(**(self.values | size)))
        (number,) = size.values()
        size_of_round = f"{number:,} {next(iter(size))}, {ours.messages:,} messages"
        parts = f"collect {ours.collect:.2f}, match and fan out {ours.match:.2f}, deliver {ours.deliver:.2f}"
        mine = ours.cpu / ours.messages
        return [
            Row(
                section=self.section,
                what=f"Paperwire, {what}, to a channel that drops it",
                size=size_of_round,
                cpu=ours.cpu,
                figure=f"{mine * 1e3:.2f} ms a message",
                goal="half of the loop before",
                note=parts,
            ),
            self._compared(
                f"{what}, to nowhere",
                size_of_round,
                theirs,
                lambda took: (f"{took.cpu / took.messages * 1e3:.2f} ms a message", took.cpu / took.messages / mine),
            ),
        ]

    def _in_turns(self, what: Round) -> tuple[Took, Took | None]:
        """The cheaper of two rounds each, turn by turn, as neighbours' work comes and goes."""
        ours, theirs = [], []
        for _ in range(2):
            ours.append(played(what))
            if self.before:
                theirs.append(self._by_earlier(what))
        best = min(ours, key=lambda took: took.cpu)
        if theirs and theirs[0].messages != best.messages:
            raise BenchmarkError(f"{best.messages} messages, and by the loop before {theirs[0].messages}")
        return best, min(theirs, key=lambda took: took.cpu, default=None)

    def _by_earlier(self, what: Round) -> Took:
        return played(replace(what, folder=str(self.before)), root=self.before)

    def over(self, platform: str, sizes: Sizes) -> list[Row]:
        """Messages a second over a platform's loopback double."""
        ours, mine = self._sent(platform, sizes.places)
        size_of_round = f"{sizes.places:,} private places, one message each"
        theirs, per_second = self._sent(platform, sizes.old_places, earlier=True) if self.before else (None, 0.0)
        return [
            Row(
                section=self.section,
                what=f"Paperwire, over {platform.title()} with {LATENCY * 1e3:.0f} ms a request",
                size=size_of_round,
                cpu=ours.cpu,
                figure=f"{mine:.1f} messages/s",
                goal=f"{_GOALS[platform]} messages/s",
                note="no message refused by its limits",
            ),
            self._compared(
                f"over {platform.title()}, time by the clock",
                f"{sizes.old_places:,} private places",
                theirs,
                lambda _: (f"{per_second:.1f} messages/s", mine / per_second),
            ),
        ]

    def _sent(self, platform: str, places: int, *, earlier: bool = False) -> tuple[Took, float]:
        with running(platform, LATENCY) as url:
            what = Round(**self.values, channel=platform, url=url, places=places)
            took = self._by_earlier(what) if earlier else played(what)
            came = figures(url)
        if came["messages"] != places or (came["refused"] and not earlier):
            raise BenchmarkError(f"{platform}: {came}, where {places} messages were owed")
        return took, (places - 1) / came["seconds"]

    def _compared(self, what: str, size: str, theirs: Took | None, shown: Callable[[Took], tuple[str, float]]) -> Row:
        """The row of the loop before; its figure and ratio are what `shown` makes of what it took."""
        figure, ratio = shown(theirs) if theirs else ("", None)
        return Row(
            section=self.section,
            what=f"the loop before, {what}",
            size=size,
            cpu=theirs.cpu if theirs else 0.0,
            figure=figure,
            ratio=ratio,
            key=f"{self.section}: the loop before, {what}",
            note="" if theirs else f"left out, as commit {BEFORE} isn't available",
        )
