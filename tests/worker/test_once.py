"""One pass through all stages, as a scheduled job asks for it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs
from worker_scene import Bot, Reader, Scene

from paperwire.errors import Unknown
from paperwire.pipeline import details
from paperwire.pipeline.gate import Delivered
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
        details=[SimpleNamespace(name="a", run=stage("details a", Collected(failed=1)))],
        reconcilers=[SimpleNamespace(name="a", run=stage("reconcile a", Collected(papers=1, events=1, failed=1)))],
        matching=SimpleNamespace(run=stage("match")),
        libraries=SimpleNamespace(run=stage("libraries")),
        checkups=SimpleNamespace(run=stage("check-ups")),
        delivery=SimpleNamespace(run=stage("deliver", 1), delivered=lambda _kind: Delivered()),
        pruning=SimpleNamespace(daily=stage("prune")),
        channels={"telegram": SimpleNamespace(kind="telegram", singleton=False)},
        specs=(),
        handler=None,
        reports=None,
        roles=frozenset(STAGES),
        owner="me",
        now=None,
        troubles={},
    )
    # A source that cannot be read fails the job; a second view of one that was read does not.
    assert await Worker(parts).once() == Pass(Collected(papers=3, events=4, failed=1))
    first, then = ["correct", "poll a", "reconcile a", "match", "deliver", "mark"], ["libraries", "check-ups", "prune"]
    assert done == [*first, *then, "details a"]


async def test_a_pass_waits_briefly_for_details(clock, monkeypatch):
    monkeypatch.setattr(details, "_AT_MOST", 0)
    scene = Scene(clock)
    slow = SimpleNamespace(name="a", run=asyncio.Event().wait)
    parts = replace(scene.parts, details=[slow])
    assert await Worker(parts).once() == Pass(Collected())


async def test_a_pass_for_a_scheduled_job_does_each_stage_once(clock):
    first, second = Reader("arxiv", brings=2), Reader("huggingface", brings=3)
    scene = Scene(clock, collectors=(first, second), reconcilers=(first,), channels={"webhook": Bot()})
    assert await scene.worker.once() == Pass(Collected(events=7))
    assert first.looks == [True, "reconcile"]
    parts = scene.parts
    stages = (parts.future_times, parts.matching, parts.delivery, parts.libraries, parts.pruning)
    assert [stage.rounds for stage in stages] == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("roles", "does"),
    [
        ({"web", "telegram"}, set()),
        ({"collect"}, {"collect", "reconcile", "prune"}),
        ({"match"}, {"match"}),
        ({"deliver"}, {"deliver"}),
    ],
)
async def test_a_pass_does_the_parts_that_are_named_alone(clock, roles, does):
    first, view = Reader(), Reader()
    scene = Scene(clock, collectors=(first,), reconcilers=(view,), channels={"webhook": Bot()}, roles=frozenset(roles))
    await scene.worker.once()
    done = {
        "collect": len(first.looks),
        "reconcile": len(view.looks),
        "prune": scene.parts.pruning.rounds,
        "match": scene.parts.matching.rounds,
        "deliver": scene.parts.delivery.rounds,
    }
    assert {name for name, count in done.items() if count} == does


async def test_a_pass_leaves_a_channel_to_the_process_that_delivers_there(store, clock):
    bots = {"telegram": Bot(kind="telegram", singleton=True), "webhook": Bot()}
    scene = Scene(clock, store=store, channels=bots, roles=frozenset({"deliver"}))
    async with store.write() as unit:
        assert await unit.leases.acquire("deliver telegram", "another", timedelta(minutes=1))
    assert await scene.worker.once() == Pass(Collected(), ("telegram",))
    assert scene.parts.delivery.rounds == 1  # for the webhook
    async with store.write() as unit:
        await unit.leases.release("deliver telegram", "another")
    assert await scene.worker.once() == Pass(Collected())
    assert scene.parts.delivery.rounds == 3
    async with store.read() as unit:
        assert await unit.leases.holder("deliver telegram") is None


async def test_what_people_said_meanwhile_is_answered_first_and_a_failure_stops_nothing(clock):
    said = []

    class Keeping(Bot):
        async def catch_up(self, specs, handler):
            said.append((specs, handler))
            raise Unknown("no answer")

    scene = Scene(clock, collectors=(Reader("arxiv", brings=2),), conversations=(Keeping(), Bot()))
    with capture_logs() as logs:
        assert await scene.worker.once() == Pass(Collected(events=2))
    assert said == [(scene.parts.specs, scene.parts.handler)]
    assert [line["problem"] for line in logs if line["event"] == "not answered what people said"] == ["no answer"]
