"""Which parts a process runs, and what wakes them."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from worker_scene import HOUR, Bot, Counted, Reader, Scene

from paperwire.errors import StoreError, StoreUnsupported
from paperwire.pipeline.gate import Delivered
from paperwire.worker import STAGES
from servers.virtual import hurry


@pytest.fixture(autouse=True)
async def hurried(request, monkeypatch):
    """Time takes none, but where a database is asked."""
    if "store" not in request.fixturenames:
        hurry(monkeypatch)


async def test_everything_runs_in_one_process(clock):
    reader, bot = Reader(brings=1), Bot()
    scene = Scene(clock, collectors=(reader,), channels={"webhook": bot}, conversations=(bot,))
    await scene.for_a_moment(0.5)
    assert scene.served == 1
    assert reader.looks == [False]
    assert scene.parts.matching.rounds >= 1
    assert scene.parts.delivery.rounds >= 1
    assert scene.parts.libraries.rounds == 1
    assert scene.parts.checkups.rounds == 1
    assert scene.parts.pruning.rounds == 1
    assert bot.listening == 1


@pytest.mark.parametrize(
    ("roles", "does"),
    [
        ({"web"}, {"serve"}),
        ({"collect"}, {"collect", "prune"}),
        ({"match"}, {"match"}),
        ({"deliver"}, {"deliver"}),
    ],
)
async def test_a_role_does_its_own_part_alone(clock, roles, does):
    reader, bot = Reader(), Bot(kind="discord")
    scene = Scene(clock, collectors=(reader,), channels={"discord": bot}, roles=frozenset(roles))
    await scene.for_a_moment()
    done = {
        "serve": scene.served,
        "collect": len(reader.looks),
        "prune": scene.parts.pruning.rounds,
        "match": scene.parts.matching.rounds,
        "deliver": scene.parts.delivery.rounds,
        "listen": bot.listening,
    }
    assert {name for name, count in done.items() if count} == does


async def test_a_second_view_is_read_next_to_the_first_and_what_it_brings_is_matched(clock):
    matching, view = Counted(0), Reader(brings=1)
    scene = Scene(clock, reconcilers=(view,), matching=matching)
    await scene.for_a_moment(0.8)
    assert view.looks == ["reconcile"]
    assert matching.rounds == 2


async def test_details_are_read_next_to_the_lists_and_what_they_bring_is_matched(clock):
    matching, details = Counted(0), Reader(brings=1)
    scene = Scene(clock, details=(details,), matching=matching)
    await scene.for_a_moment(0.8)
    assert details.looks == ["reconcile"]
    assert matching.rounds == 2


async def test_the_past_is_read_in_pieces_until_it_is_done(clock):
    reader = Reader(past=[False, False, True])
    scene = Scene(clock, collectors=(reader,))
    await scene.for_a_moment(0.8)
    assert reader.past == []


async def test_a_stage_that_fails_takes_no_other_down(clock):
    reader = Reader()
    scene = Scene(clock, collectors=(reader,), channels={"webhook": Bot()}, matching=Counted(StoreError("disk full")))
    with capture_logs() as logs:
        await scene.for_a_moment(0.3)
    assert scene.served == 1
    assert reader.looks == [False]
    assert [line["stage"] for line in logs if line["event"] == "stage failed"] == ["match"]
    assert list(scene.parts.troubles) == ["match"]


async def test_a_burst_of_messages_is_one_line(clock):
    class Sending(Counted):
        def delivered(self, kind):
            sent = Delivered()
            if self.rounds == 1:
                for place, papers in ((1, 1), (1, 5), (2, 1)):
                    sent.add(place, papers)
            return sent

    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Sending(3))
    with capture_logs() as logs:
        await scene.worker.once()
        await scene.worker.once()
    (line,) = [line for line in logs if line["event"] == "delivered"]
    assert line.pop("seconds") >= 0
    assert line == {
        "event": "delivered", "log_level": "info", "channel": "webhook", "messages": 3, "papers": 7, "places": 2
    }  # fmt: skip


@pytest.mark.parametrize("role", [*STAGES, "telegram"])
async def test_every_role_answers_machines_and_reports_its_channels(clock, role):
    asked = asyncio.Event()

    async def ops():
        asked.set()
        await asyncio.Event().wait()

    scene = Scene(clock, roles=frozenset({role}), ops=ops)
    await scene.for_a_moment()
    assert asked.is_set()
    assert scene.parts.reports.rounds == 1


async def test_a_newer_schema_ends_the_work_with_one_sentence(clock):
    async def outdated():
        raise StoreUnsupported("the database was written by a newer Paperwire")

    scene = Scene(clock, outdated=outdated)
    with pytest.raises(StoreUnsupported, match="a newer Paperwire"):
        await scene.worker.run()


async def test_copies_are_made_by_the_service_and_by_a_pass(clock):
    backups = Counted(HOUR)
    scene = Scene(clock, backups=backups)
    await scene.worker.once()
    await scene.for_a_moment()
    assert backups.rounds == 2


# --- what wakes them ---------------------------------------------------------------------------------------------


class Rounds(Counted):
    """A stage whose rounds can be awaited."""

    def __init__(self, *answers, held=None, due=None):
        super().__init__(*answers, held=held)
        self.ended = asyncio.Condition()
        self.due = due

    async def run(self, *_):
        answer = await super().run()
        async with self.ended:
            self.ended.notify_all()
        return answer

    async def next_due(self, _kind):
        return self.due

    async def until(self, rounds):
        async with self.ended, asyncio.timeout(60):
            await self.ended.wait_for(lambda: self.rounds >= rounds)


@pytest.fixture
async def running():
    """What runs a scene until the test is over."""
    tasks = []
    yield lambda scene: tasks.append(asyncio.create_task(scene.worker.run()))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def until(holds):
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 -- nothing tells when it does
            await asyncio.sleep(0.01)


async def rests(scene, *names):
    """Wait until the stages of these names are planned."""
    await until(lambda: all(scene.worker._timetable.get_job(name) for name in names))


async def test_what_comes_in_is_matched_and_sent_at_once(clock, running):
    matching, delivery = Rounds(0, 1, 0), Rounds(0)
    scene = Scene(clock, channels={"webhook": Bot()}, matching=matching, delivery=delivery)
    running(scene)
    await rests(scene, "match", "deliver webhook")
    assert (matching.rounds, delivery.rounds) == (1, 1)
    scene.worker._match_now.set()  # as a source that brought something does
    await delivery.until(2)
    assert matching.rounds == 2


async def test_a_source_is_looked_at_early_at_its_times_of_day(clock, running):
    reader, other = Reader(), Reader("huggingface")
    reader.every = other.every = timedelta(days=9)
    scene = Scene(clock, collectors=(reader, other))
    clock.set("2026-01-06T00:04:00Z")
    running(scene)
    await rests(scene, "collect arxiv", "collect huggingface")
    for number in (1, 2, 3):
        before = len(reader.looks)
        scene.pass_time(hours=number > 1, minutes=number == 1)
        await until(lambda: len(reader.looks) > before)  # noqa: B023 -- awaited before the next round
    assert reader.looks == [False, True, True, True]
    assert not any(other.looks)


async def test_a_source_is_looked_at_again_at_its_interval(clock, running):
    reader = Reader("huggingface")
    scene = Scene(clock, collectors=(reader,))
    running(scene)
    await rests(scene, "collect huggingface")
    scene.pass_time(hours=1.1)
    await until(lambda: len(reader.looks) == 2)
    assert reader.looks == [False, False]


async def test_old_rows_go_at_night_in_new_york(clock, running):
    pruning = Rounds(0)
    pruning.daily = pruning.run
    scene = Scene(clock, pruning=pruning)
    clock.set("2026-01-06T08:16:00Z")
    running(scene)
    await rests(scene, "prune")
    scene.pass_time(minutes=1)
    await pruning.until(2)


async def test_the_next_delivery_that_is_due_wakes_its_stage(clock, running):
    delivery = Rounds(0, due=clock() + timedelta(seconds=0.25))
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=delivery)
    running(scene)
    await rests(scene, "deliver webhook")
    scene.pass_time(seconds=0.25)
    await delivery.until(2)


async def test_the_end_of_a_burst_wakes_the_matcher(clock, running):
    matching = Rounds(0, held=timedelta(seconds=0.25))
    scene = Scene(clock, matching=matching)
    running(scene)
    await rests(scene, "match")
    scene.pass_time(seconds=0.25)
    await matching.until(2)


async def test_future_times_are_corrected_at_first_daily_and_when_the_clock_goes_back(clock, running):
    times = Rounds(0)
    times.correct = times.run
    scene = Scene(clock, future_times=times)
    running(scene)
    await rests(scene, "clock")
    for rounds, passed in enumerate(({"days": 1}, {"days": 400}, {"days": -400}), 2):
        scene.pass_time(**passed)
        await times.until(rounds)
        await rests(scene, "clock")
    scene.pass_time(hours=1)
    await asyncio.sleep(0)
    assert times.rounds == 4
