"""`python -m benchmarks`: everything that is promised of speed, measured against what one would otherwise use."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from benchmarks.databases import server_about, whose_cpu_we_see
from benchmarks.frame import (
    Context,
    Row,
    fallen,
    middle,
    ratios,
    read_ratios,
    short_table,
    table,
    with_generated,
    write_ratios,
)
from benchmarks.workload import has_real_papers, prepare

from benchmarks import (
    acceptance,
    answers,
    delivering,
    digests,
    fanout,
    feeds,
    index,
    matching,
    meaning,
    memory,
    nearest,
    pages,
    readers,
    search,
    suggest,
    whole,
)

ROOT = Path(__file__).resolve().parents[1]
PAGE, RATIOS = ROOT / "docs" / "performance.md", ROOT / "benchmarks" / "ratios.json"
_QUALITY = {theme: ROOT / "docs" / f"{theme}.md" for theme in ("acceptance", "meaning", "suggest")}
_POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
_ROUNDS = 3
"""So often a quick run measures everything; what counts of each ratio is the median."""
_ONLY = {
    "papers": "search, over N papers made out of the recorded ones (4 GB of disk and 10 minutes a million)",
    "places": "delivering, to N private places on each platform (10,000 take 20 minutes on each database)",
    "digests": "digests, N of ten papers that are due at once (100,000 take half an hour on both databases)",
}

Theme: TypeAlias = "Callable[[Context], list[Row]]"
Result = TypeVar("Result")


def themes(*, quick: bool, papers: int, places: int = 0, due: int = 0) -> Iterator[tuple[str, Theme]]:
    """What is measured, in the order of the table.

    With a number of `papers` only the search over these, with one of `places` only the delivery to these,
    with one of `due` only these digests.
    """
    if papers:
        yield f"search over {papers:,}", partial(search.run_many, count=papers)
        return
    if places:
        yield f"delivering to {places:,}", partial(delivering.run, places=places)
        return
    if due:
        yield f"{due:,} digests", partial(digests.run, places=due)
        return
    for subscriptions in (10_000,) if quick else (1_000, 10_000, 100_000, 1_000_000):
        yield f"matching {subscriptions:,}", partial(matching.run, subscriptions=subscriptions)
    most = most_subscriptions(quick=quick)
    yield "editing", partial(index.edit, subscriptions=most)
    yield "cold start", partial(index.start, subscriptions=most)
    yield "fan-out", fanout.run
    yield "search", search.run
    yield "answers", answers.run
    yield "by meaning", nearest.run
    yield "feeds", feeds.run
    yield "pages", pages.run
    yield "readers", readers.run
    if not quick:  # they wait for platforms and simulated days, whatever their size
        yield "delivering", delivering.run
        yield "digests", digests.run
        yield "memory", memory.run
    yield "end to end", partial(whole.run, subscriptions=200 if quick else 5_000)


def most_subscriptions(*, quick: bool) -> int:
    return 10_000 if quick else 1_000_000


def main() -> int:
    options = _options()
    return _how_good(options) if options.theme else _how_fast(options)


def _how_good(options: argparse.Namespace) -> int:
    """Measure what a theme of its own finds."""
    page = _QUALITY[options.theme] if options.write else None
    if options.theme == "acceptance":
        missed = acceptance.run(options.shared, page=page)
    elif options.theme == "suggest":
        missed = suggest.run(options.shared, quick=options.quick, page=page)
    else:
        missed = meaning.run(
            options.shared,
            options.table,
            quick=options.quick,
            page=page,
            server=options.postgres if options.on_postgres else "",
        )
    print(*missed, sep="\n", file=sys.stderr)
    return 1 if missed else 0


def _how_fast(options: argparse.Namespace) -> int:
    """Measure everything else, and say what fell or failed."""
    shared = options.shared
    server = whose_cpu_we_see(options.postgres)
    kind = ("quick" if options.quick else "full") + ("" if has_real_papers(shared) else ", made-up papers")
    is_limited = options.papers or options.places or options.digests
    began, load = time.monotonic(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="paperwire-benchmarks-") as folder:
        ctx = Context(quick=options.quick, folder=Path(folder), shared=Path(shared), postgres=server)
        rows, failed = _measure(ctx, options, _ROUNDS if ctx.quick and not is_limited else 1)
    about = _machine(shared, server_about(server), load, time.monotonic() - began)
    print(f"\n{about}")
    for sentence in failed:
        print(f"failed: {sentence}", file=sys.stderr)
    if is_limited:
        return 1 if failed else 0
    now = ratios(rows)
    if options.write and not failed:
        write_ratios(RATIOS, kind, _processor(), now)
        if not options.quick:
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(with_generated(page, f"{about}\n\n{short_table(rows)}"), encoding="utf-8")
        return 0
    return 1 if _say_what_fell(now, kind, rows) or failed else 0


def _say_what_fell(now: dict[str, float], kind: str, rows: list[Row]) -> bool:
    """Name each ratio that is below half of the one written down; whether there is one."""
    left_out = {row.key for row in rows if row.ratio is None}
    written = {key: ratio for key, ratio in read_ratios(RATIOS, kind).items() if key not in left_out}
    worse = fallen(now, written)
    for sentence in worse:
        print(f"fallen: {sentence}", file=sys.stderr)
    return bool(worse)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "theme",
        nargs="?",
        choices=sorted(_QUALITY),
        help="grades of acceptance, search by meaning or queries from examples: how good, instead of how fast the rest",
    )
    parser.add_argument(
        "--table",
        type=Path,
        action="append",
        default=[],
        help="with meaning: another word table besides the included one; the worse figure counts",
    )
    parser.add_argument(
        "--on-postgres", action="store_true", help="with meaning: the search runs on PostgreSQL instead of SQLite"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="small sizes and the median of three rounds, in a few minutes, without delivering, digests and memory",
    )
    for name, what in _ONLY.items():
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=f"only {what}")
    parser.add_argument("--write", action="store_true", help="write the ratios down, and the table of a full run")
    parser.add_argument(
        "--postgres",
        default=os.environ.get("TEST_POSTGRES", _POSTGRES),
        help="a server on this machine, where a database is made and dropped (%(default)s)",
    )
    parser.add_argument(
        "--shared", type=Path, default=ROOT.parent / "shared" / "data", help="recorded papers and queries (%(default)s)"
    )
    return parser.parse_args()


def _measure(ctx: Context, options: argparse.Namespace, rounds: int) -> tuple[list[Row], list[str]]:
    """The rows of all themes, and a sentence for each that failed; what a theme measured is printed when it ends."""
    sizes = {"papers": options.papers, "places": options.places, "due": options.digests}
    if not options.papers:
        _say("subscriptions")
        _apart(partial(prepare, ctx, most_subscriptions(quick=ctx.quick)))
    measured: list[Row] = []
    failed: list[str] = []
    for name, theme in themes(quick=ctx.quick, **sizes):
        try:
            rows = middle([_round(name, theme, ctx, number, rounds) for number in range(1, rounds + 1)])
        except Exception as error:  # noqa: BLE001 -- whatever it is, the other themes are measured
            failed.append(f"{name}: {error}")
            print(f"\n{failed[-1]}", file=sys.stderr, flush=True)
            continue
        measured += rows
        print(f"\n{table(rows)}", flush=True)
    return measured, failed


def _round(name: str, theme: Theme, ctx: Context, number: int, rounds: int) -> list[Row]:
    """One round of a theme, ours and its rivals in turn."""
    _say(f"{name}, {number} of {rounds}" if rounds > 1 else name)
    return _apart(partial(theme, ctx))


def _apart(work: Callable[[], Result]) -> Result:
    """What something gives in a process of its own, so that it inherits no memory of another's."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        return processes.submit(work).result()


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text} ...", file=sys.stderr, flush=True)


def _machine(shared: Path, server: str, load: float, seconds: float) -> str:
    known = "recorded papers and queries" if has_real_papers(shared) else "made-up papers, as the recorded are absent"
    return (
        f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite"
        f" {sqlite3.sqlite_version}, {server};"
        f" {known}; {time.strftime('%Y-%m-%d')}, {seconds:,.0f} s in all, load {load:.1f} before and"
        f" {os.getloadavg()[0]:.1f} after."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    raise SystemExit(main())
