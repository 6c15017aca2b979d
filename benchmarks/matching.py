"""Matching: a day's papers against all queries, compared with the naive loop and the tools one would otherwise pick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.frame import BenchmarkError, Context, Row, memory, repeated
from benchmarks.rivals import Speed
from benchmarks.workload import Wanted, days_before, one_day, wanted

from benchmarks import rivals
from paperwire.core.matching.matcher import Matcher
from paperwire.core.papers.paper import Paper
from paperwire.core.query.prepared import Doc
from paperwire.pipeline.match import NEWS_PER_ROUND

_GOALS = {1_000: ("2,500", ""), 10_000: ("2,500", ""), 100_000: ("2,000", ""), 1_000_000: ("1,600", "1,500")}
_AGAINST = {"the naive loop": "1,000x", "PostgreSQL": "20x", "mokaccino": "20x", "FTS5": "4x"}
_PAIRS, _FEW_PAIRS = 1_500_000, 150_000
_ONE_AT_A_TIME = 200


def run(ctx: Context, subscriptions: int) -> list[Row]:
    """Ours in batches and one paper at a time, then the rivals on the same queries and papers."""
    wants, papers = wanted(ctx, subscriptions), one_day(ctx.shared)
    before = memory()
    matcher = wants.index()
    used = memory() - before
    matcher.match_many([Doc.of(paper) for paper in days_before(ctx.shared)])  # a process that was not just born
    found, speed = _in_batches(matcher, papers)
    right, pairs = check(wants, papers, found, _FEW_PAIRS if ctx.quick else _PAIRS)
    theirs = sum(wants.users[number - 1] for numbers in found for number in numbers) / len(papers)
    size = f"{subscriptions:,} subscriptions, {len(wants.dumped):,} queries; {speed.sample}"
    note = f"{theirs:,.0f} deliveries a paper; as plain evaluation on {pairs:,} pairs"
    ours = replace(speed, sample=size, memory=used)
    goal, goal_alone = _GOALS[subscriptions]
    batches = replace(_row(subscriptions, f"Paperwire, {NEWS_PER_ROUND} papers at once", ours), goal=goal, note=note)
    alone = replace(_row(subscriptions, "Paperwire, one at a time", _one_at_a_time(matcher, papers)), goal=goal_alone)
    trees = rivals.index_trees(query for _, query in wants.loaded())
    others = {
        "the naive loop": right,
        "FTS5: one query at a time over the day": rivals.fts5(trees, papers),
        "mokaccino": rivals.percolator(trees, papers),
    }
    if ctx.postgres:
        others |= rivals.postgres(ctx.postgres, trees, papers)
    return [batches, *(_row(subscriptions, name, speed, ours) for name, speed in others.items()), alone]


def _row(subscriptions: int, what: str, speed: Speed, ours: Speed | None = None) -> Row:
    section = f"Matching, {subscriptions:,} subscriptions"
    at_most = _AGAINST.get(what.partition(":")[0], "") if subscriptions == 1_000_000 else ""
    return Row(
        section=section,
        what=what,
        size=speed.sample,
        cpu=speed.cpu,
        figure=f"{speed.papers:,.0f} papers/s" if speed.papers >= 100 else f"{speed.papers:.3g} papers/s",
        memory=speed.memory,
        ratio=ours.papers / speed.papers if ours else None,
        key=f"{section}: {what}" if ours else "",
        goal=at_most,
    )


def _in_batches(matcher: Matcher, papers: Sequence[Paper]) -> tuple[list[list[int]], Speed]:
    """What the day's papers match, and how fast; text in, matches out."""
    matches: list[list[int]] = []

    def match() -> None:
        matches.clear()
        for start in range(0, len(papers), NEWS_PER_ROUND):
            matches.extend(matcher.match_many([Doc.of(paper) for paper in papers[start : start + NEWS_PER_ROUND]]))

    rounds, cpu = repeated(match, fewest=4)  # in the first one the day's words are new
    return matches, rivals.Speed(rounds * len(papers) / cpu, cpu, f"{rounds} x {len(papers):,} papers")


def _one_at_a_time(matcher: Matcher, papers: Sequence[Paper]) -> Speed:
    sample = papers[:_ONE_AT_A_TIME]
    rounds, cpu = repeated(lambda: [matcher.match(Doc.of(paper)) for paper in sample])
    return rivals.Speed(rounds * len(sample) / cpu, cpu, f"{rounds} x {len(sample):,} papers")


def check(wants: Wanted, papers: Sequence[Paper], found: list[list[int]], pairs: int) -> tuple[Speed, int]:
    """Raise BenchmarkError unless the index found what plain evaluation finds, and say how fast that is."""
    queries = [query for _, query in wants.loaded()]
    for query in queries:
        _ = query.root  # unpacked before the clock runs
    speed, right = rivals.naive(queries, papers, pairs)
    for paper, ours, plain in zip(papers, found, right, strict=False):
        if ours != plain:
            odd = min(set(ours) ^ set(plain))
            raise BenchmarkError(f"{paper.id} and {queries[odd - 1]}: the index does not find what evaluation finds")
    return speed, len(right) * len(queries)
