"""Which parts a process runs, what wakes them, and a bot that falls over."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from paperwire import worker
from paperwire.errors import Retry, StoreError
from paperwire.pipeline.delivered import Delivered
from paperwire.pipeline.ingest import Collected
from paperwire.ports import TimeOfDay
from paperwire.worker import STAGES, Parts, Pass, Worker
from servers.loopback import PATIENCE
from servers.virtual import hurry

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def hurried(request, monkeypatch):
    """Time takes none, but where a database is asked."""
    if "store" not in request.fixturenames:
        hurry(monkeypatch)


class Reader:
    """A source being read: `brings` events at each look, and its past in one go unless told otherwise."""

    def __init__(self, name="arxiv", *, brings=0, past=(True,)):
        self.name = name
        self.source = SimpleNamespace(times=lambda: [TimeOfDay(0, 5)] * 3) if name == "arxiv" else SimpleNamespace()
        self.brings = brings
        self.past = list(past)
        self.looks = []

    async def poll(self, *, early=False):
        self.looks.append(early)
        return Collected(events=self.brings)

    async def rest(self):
        return HOUR

    async def read_back(self, days):
        assert days == timedelta(days=30)
        return self.past.pop(0)

    async def rest_back(self):
        return timedelta(0)

    async def run(self):
        self.looks.append("reconcile")
        await asyncio.sleep(0.2)  # longer than the first round of matching takes
        return Collected(events=self.brings)


class Counted:
    """A stage that counts its rounds and gives answers in order, the last one again and again."""

    def __init__(self, *answers, held=None):
        self.rounds = 0
        self.answers = list(answers)
        self.held = held

    async def run(self, *_):
        self.rounds += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    daily = correct = advance = run

    async def rest(self):
        return self.held

    async def next_due(self, _kind):
        return None

    def delivered(self, _kind):
        return Delivered()


@dataclass
class Bot:
    """A channel that listens until it is told to fail or to end."""

    kind: str = "webhook"
    singleton: bool = False
    ends: list = field(default_factory=list)
    listening: int = 0
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, specs, handler):
        self.listening += 1
        self.began.set()
        end = self.ends.pop(0) if self.ends else None
        if end is None:
            await asyncio.Event().wait()
        if isinstance(end, Exception):
            raise end


class Scene:
    def __init__(self, clock, **parts):
        self.served = 0
        self.parts = Parts(
            **{
                "store": None,
                "collectors": (),
                "reconcilers": (),
                "matching": Counted(0),
                "delivery": Counted(0),
                "pruning": Counted(0),
                "future_times": Counted(0),
                "mark": Counted(0),
                "channels": {},
                "conversations": (),
                "specs": (),
                "handler": None,
                "serve": self.serve,
                "ops": None,
                "reports": Counted(HOUR),
                "roles": frozenset(STAGES),
                "owner": "me",
                "now": clock,
                "troubles": {},
            }
            | parts
        )
        self.worker = Worker(self.parts)

    async def serve(self):
        self.served += 1
        await asyncio.Event().wait()

    async def for_a_moment(self, seconds=0.1):
        """Run, and stop after a moment."""
        running = asyncio.create_task(self.worker.run())
        await asyncio.sleep(seconds)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_everything_runs_in_one_process(clock):
    reader, bot = Reader(brings=1), Bot()
    scene = Scene(clock, collectors=(reader,), channels={"webhook": bot}, conversations=(bot,))
    await scene.for_a_moment(0.5)
    assert scene.served == 1
    assert reader.looks == [False]
    assert scene.parts.matching.rounds >= 1
    assert scene.parts.delivery.rounds >= 1
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


async def test_a_process_listens_on_its_own_conversations_alone(clock):
    discord, telegram = Bot(kind="discord"), Bot(kind="telegram")
    bots = {"discord": discord, "telegram": telegram}
    await Scene(clock, channels=bots, conversations=(discord,), roles=frozenset({"discord"})).for_a_moment()
    assert (discord.listening, telegram.listening) == (1, 0)


async def test_what_comes_in_is_matched_and_sent_at_once(clock):
    matching, delivery = Counted(0, 1, 0), Counted(0)
    scene = Scene(clock, collectors=(), channels={"webhook": Bot()}, matching=matching, delivery=delivery)
    running = asyncio.create_task(scene.worker.run())
    await asyncio.sleep(0.3)
    assert (matching.rounds, delivery.rounds) == (1, 1)
    scene.worker._bells.match.set()  # as a source that brought something does
    await asyncio.sleep(0.5)
    assert matching.rounds == 2
    assert delivery.rounds == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_second_view_is_read_beside_the_first_and_what_it_brings_is_matched(clock):
    matching, view = Counted(0), Reader(brings=1)
    scene = Scene(clock, reconcilers=(view,), matching=matching)
    await scene.for_a_moment(0.8)
    assert view.looks == ["reconcile"]
    assert matching.rounds == 2


async def test_the_past_is_read_in_pieces_until_it_is_done(clock):
    reader = Reader(past=[False, False, True])
    scene = Scene(clock, collectors=(reader,))
    await scene.for_a_moment(0.8)
    assert reader.past == []


async def test_a_source_is_looked_at_early_at_its_times_of_day(clock):
    reader, other = Reader(), Reader("huggingface")
    scene = Scene(clock, collectors=(reader, other))
    alarms = scene.worker._alarms()
    assert len(alarms) == 4  # pruning, and the source's three
    running = asyncio.create_task(scene.worker.run())
    await asyncio.sleep(0.3)
    alarms[1].ring()
    await asyncio.sleep(0.3)
    assert (reader.looks, other.looks) == ([False, True], [False])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(Scene(clock, collectors=(other,)).worker._alarms()) == 1


async def test_the_next_delivery_that_is_due_wakes_its_stage(clock):
    class Soon(Counted):
        async def next_due(self, _kind):
            return clock() + timedelta(seconds=0.3)

    delivery = Soon(0)
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=delivery)
    await scene.for_a_moment(0.9)
    assert delivery.rounds >= 2


async def test_the_end_of_a_burst_wakes_the_matcher(clock):
    matching = Counted(0, held=timedelta(seconds=0.3))
    await Scene(clock, matching=matching).for_a_moment(0.9)
    assert matching.rounds >= 2


async def test_a_stage_that_fails_takes_no_other_down(clock):
    reader = Reader()
    scene = Scene(clock, collectors=(reader,), channels={"webhook": Bot()}, matching=Counted(StoreError("disk full")))
    with capture_logs() as logs:
        await scene.for_a_moment(0.3)
    assert scene.served == 1
    assert reader.looks == [False]
    assert [line["stage"] for line in logs if line["event"] == "stage failed"] == ["match"]
    assert list(scene.parts.troubles) == ["match"]


async def test_a_bot_that_falls_over_is_started_again_ever_later(clock, monkeypatch):
    naps = []
    real = asyncio.sleep

    async def nap(seconds):
        naps.append(seconds)
        await real(0)

    bot = Bot(ends=[Retry("token refused", 1), KeyError("odd"), *[Retry("x", 1)] * 9, "end"])
    scene = Scene(clock)
    monkeypatch.setattr(worker.asyncio, "sleep", nap)
    with capture_logs() as logs:
        await scene.worker._listen(bot)
    assert naps == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0, 300.0]
    assert [line["event"] for line in logs[:2]] == ["channel is not listening", "channel fell over"]
    assert logs[0]["problem"] == "token refused"


async def test_a_bot_that_worked_for_long_is_started_again_soon(clock, monkeypatch):
    naps, times = [], iter([0.0, 1.0, 1.0, 100.0, 100.0, 101.0, 200.0])

    async def nap(seconds):
        naps.append(seconds)

    monkeypatch.setattr(worker.asyncio, "sleep", nap)
    monkeypatch.setattr(worker, "_clock", lambda: next(times))
    bot = Bot(ends=[Retry("x", 1), Retry("x", 1), Retry("x", 1), "end"])
    with capture_logs():
        await Scene(clock).worker._listen(bot)
    assert naps == [2.0, 1.0, 2.0]


async def test_of_two_processes_one_listens(store, clock):
    bots = [Bot(kind="telegram", singleton=True), Bot(kind="telegram", singleton=True)]
    scenes = [
        Scene(clock, store=store, conversations=(bot,), owner=owner, roles=frozenset({"telegram"}))
        for owner, bot in zip("ab", bots, strict=True)
    ]
    running = [asyncio.create_task(scene.worker.run()) for scene in scenes]
    waiting = [asyncio.create_task(bot.began.wait()) for bot in bots]
    await asyncio.wait(waiting, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0.5)
    assert sorted(bot.listening for bot in bots) == [0, 1]
    for task in (*running, *waiting):
        task.cancel()
    await asyncio.gather(*running, *waiting, return_exceptions=True)


async def test_a_pass_for_a_scheduled_job_does_each_stage_once(clock):
    first, second = Reader("arxiv", brings=2), Reader("huggingface", brings=3)
    scene = Scene(clock, collectors=(first, second), reconcilers=(first,), channels={"webhook": Bot()})
    assert await scene.worker.once() == Pass(Collected(events=7))
    assert first.looks == [True, "reconcile"]
    parts = scene.parts
    stages = (parts.future_times, parts.matching, parts.delivery, parts.pruning)
    assert [stage.rounds for stage in stages] == [1, 1, 1, 1]


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


# --- the mark of what was sent, and the clock ----------------------------------------------------------------------


@pytest.mark.parametrize(("sent", "marks"), [(0, 0), (3, 1)])
async def test_what_was_sent_is_marked_when_a_process_stops(clock, sent, marks):
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Counted(sent))
    await scene.for_a_moment()
    assert scene.parts.mark.rounds == marks


async def test_what_is_sent_is_marked_again_and_again(clock, monkeypatch):
    monkeypatch.setattr(worker, "_MARK", timedelta(0))
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Counted(2, 0))
    running = asyncio.create_task(scene.worker.run())
    await asyncio.sleep(0.5)
    assert scene.parts.mark.rounds == 1  # nothing was sent since
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert scene.parts.mark.rounds == 1


async def test_a_turn_that_goes_on_or_was_broken_off_counts_as_sending(clock, monkeypatch):
    class Endless(Counted):
        async def run(self, *_):
            await asyncio.Event().wait()

    monkeypatch.setattr(worker, "_MARK", timedelta(0))
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Endless(0))
    await scene.for_a_moment(0.5)
    assert scene.parts.mark.rounds >= 2


async def test_a_mark_that_cannot_be_made_at_the_end_is_no_error(clock):
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Counted(3), mark=Counted(StoreError("gone away")))
    await scene.for_a_moment()
    assert scene.parts.mark.rounds == 1


async def test_a_pass_marks_what_it_sent(clock):
    scene = Scene(clock, channels={"webhook": Bot()}, delivery=Counted(3))
    await scene.worker.once()
    assert scene.parts.mark.rounds == 1


async def test_future_times_are_corrected_at_first_daily_and_when_the_clock_goes_back(clock):
    scene = Scene(clock)

    async def look():
        await scene.worker._look_at_clock()
        return scene.parts.future_times.rounds

    assert await look() == 1
    clock.advance(hours=1)
    assert await look() == 1
    clock.advance(minutes=-1)
    assert await look() == 2
    clock.advance(days=1)
    assert await look() == 3
    clock.advance(days=400)
    assert await look() == 4
    clock.advance(days=-400)
    assert await look() == 5
    assert await look() == 5
