"""One pass through all stages, as a scheduled job asks for it."""

from types import SimpleNamespace

from paperwire.pipeline.delivered import Delivered
from paperwire.pipeline.ingest import Collected
from paperwire.worker import STAGES, Parts, Pass, Worker


async def test_a_pass_collects_checks_matches_and_delivers_in_this_order():
    done = []

    def stage(name, result=None):
        async def work(*_args, **_named):
            done.append(name)
            return result

        return work

    parts = Parts(
        future_times=SimpleNamespace(correct=stage("correct")),
        mark=SimpleNamespace(advance=stage("mark")),
        store=None,
        collectors=[SimpleNamespace(name="a", poll=stage("poll a", Collected(papers=2, events=3, failed=1)))],
        reconcilers=[SimpleNamespace(name="a", run=stage("reconcile a", Collected(papers=1, events=1, failed=1)))],
        matching=SimpleNamespace(run=stage("match")),
        delivery=SimpleNamespace(run=stage("deliver", 1), delivered=lambda _kind: Delivered()),
        pruning=SimpleNamespace(daily=stage("prune")),
        channels={"telegram": SimpleNamespace(kind="telegram", singleton=False)},
        conversations=(),
        specs=(),
        handler=None,
        serve=None,
        ops=None,
        reports=None,
        roles=frozenset(STAGES),
        owner="me",
        now=None,
        troubles={},
    )
    # A source that cannot be read fails the job; a second view of one that was read does not.
    assert await Worker(parts).once() == Pass(Collected(papers=3, events=4, failed=1))
    assert done == ["correct", "poll a", "reconcile a", "match", "deliver", "mark", "prune"]
