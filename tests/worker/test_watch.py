"""Operators are told of trouble and of its end once, across restarts and processes, and flapping floods no one."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from paperwire.channels.email import Options, build
from paperwire.core.health import ChannelHealth, Health, SourceHealth, StageHealth
from paperwire.core.messages.message import Message, Span
from paperwire.errors import ChannelRefused, Gone, Retry, StoreError
from paperwire.ports.channels import Receipt
from paperwire.services.running.trouble import LEAST_ROOM, troubles_of
from paperwire.worker.watch import LONGEST_QUIET, LOOK_INTERVAL, OVER_AFTER, TROUBLE_REMEMBERED, Operators, Watch
from servers.direct import DIRECT
from servers.smtp import MailServer

HOUR = timedelta(hours=1)
REFUSED = "token refused since 2026-01-05 08:00 UTC: check channels.telegram.token"
BROKEN = Health(channels=(ChannelHealth(kind="telegram", state=REFUSED),))


class Mail:
    """A channel whose addresses are its accounts."""

    kind = "email"

    def __init__(self):
        self.sent = []
        self.fails = None

    async def wait_for_slot(self, to):
        pass

    async def send(self, to, message):
        if self.fails:
            raise self.fails
        self.sent.append((to, "\n".join("".join(span.text for span in line) for line in message.head)))
        return Receipt("1")

    @property
    def titles(self):
        return [text.split("\n")[0] for _, text in self.sent]


class Scene:
    """A service whose health tests set, and a process that watches it."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.health, self.free = Health(), None
        self.mail, self.ntfy = Mail(), Mail()
        self.watch = self.process()

    def process(self, *names, owner="one"):
        async def health():
            return self.health

        channels = {"email": self.mail, "ntfy": self.ntfy}
        operators = Operators(names or ("email:ops@example.org",), channels, self.clock)
        return Watch(self.store, operators, health=health, free=lambda: self.free, owner=owner, now=self.clock)

    async def during(self, *, watch=None, step=LOOK_INTERVAL, **time):
        """Look every minute, or at each `step`, for as long."""
        end = self.clock() + timedelta(**time)
        while self.clock() < end:
            assert await (watch or self.watch).run() == LOOK_INTERVAL
            self.clock.advance(seconds=step.total_seconds())


@pytest.fixture
def watched_service(store, clock):
    return Scene(store, clock)


async def test_trouble_that_lasts_is_told_once_and_so_is_its_end(watched_service):
    watched_service.health = BROKEN
    await watched_service.during(minutes=5)
    assert watched_service.mail.sent == []
    await watched_service.during(hours=2)
    ((to, told),) = watched_service.mail.sent
    assert to == "ops@example.org"
    assert told.startswith(f"⚠ Trouble: channel telegram\n{REFUSED}\nSince Mon 5 Jan 2026 07:59 UTC.")
    watched_service.health = Health()
    await watched_service.during(hours=2)
    assert watched_service.mail.titles == ["⚠ Trouble: channel telegram", "Over: channel telegram"]
    assert "From Mon 5 Jan 2026 07:59 UTC to Mon 5 Jan 2026 10:03 UTC." in watched_service.mail.sent[1][1]


async def test_what_is_over_soon_is_told_to_no_one(watched_service):
    watched_service.health = BROKEN
    await watched_service.during(minutes=4)
    watched_service.health = Health()
    await watched_service.during(hours=1)
    assert watched_service.mail.sent == []
    async with watched_service.store.read() as unit:
        assert await unit.settings.beginning("trouble ") == {}


async def test_a_restart_and_another_process_tell_nothing_again(watched_service):
    watched_service.health = BROKEN
    await watched_service.during(minutes=10)
    other, after_restart = watched_service.process(owner="two"), watched_service.process()
    for _ in range(10):
        await asyncio.gather(other.run(), after_restart.run())
        watched_service.clock.advance(minutes=1)
    assert len(watched_service.mail.sent) == 1
    watched_service.health = Health()
    for _ in range(10):
        await asyncio.gather(other.run(), after_restart.run())
        watched_service.clock.advance(minutes=1)
    assert len(watched_service.mail.sent) == 2


async def test_flapping_is_a_handful_of_messages(watched_service):
    for _ in range(24):
        watched_service.health = BROKEN
        await watched_service.during(minutes=10, step=5 * LOOK_INTERVAL)
        watched_service.health = Health()
        await watched_service.during(minutes=10, step=5 * LOOK_INTERVAL)
    assert len(watched_service.mail.sent) <= 6
    await watched_service.during(seconds=LONGEST_QUIET.total_seconds(), step=HOUR)
    assert watched_service.mail.titles[-1] == "Over: channel telegram"
    sent = len(watched_service.mail.sent)
    await watched_service.during(seconds=(TROUBLE_REMEMBERED + 2 * HOUR).total_seconds(), step=HOUR)
    assert len(watched_service.mail.sent) == sent
    async with watched_service.store.read() as unit:
        assert await unit.settings.beginning("trouble ") == {}


async def test_a_channel_in_trouble_is_told_of_on_another_and_later_on_itself(watched_service):
    watch = watched_service.process("email:ops@example.org", "ntfy:ops")
    watched_service.health = Health(channels=(ChannelHealth(kind="email", state="mail refused: sender"),))
    watched_service.mail.fails = Retry("refused", 5.0, everywhere=True)
    await watched_service.during(watch=watch, minutes=30)
    assert watched_service.ntfy.titles == ["⚠ Trouble: channel email"]
    assert watched_service.mail.sent == []
    watched_service.mail.fails = None
    await watched_service.during(watch=watch, hours=1)
    assert watched_service.mail.titles == ["⚠ Trouble: channel email"]
    watched_service.health = Health()
    await watched_service.during(watch=watch, hours=1)
    assert (
        watched_service.ntfy.titles
        == watched_service.mail.titles
        == ["⚠ Trouble: channel email", "Over: channel email"]
    )


async def test_mail_that_a_server_refuses_is_told_elsewhere_with_its_words_and_since_when(watched_service):
    watch = watched_service.process("ntfy:ops")
    async with MailServer() as server:
        options = Options(smtp_url=SecretStr(server.url), from_address="news@papers.example.org")
        channel = build(options, network=DIRECT, now=watched_service.clock, public_url="https://papers.example.org")

        async def mail(to):
            async with channel.room(to):
                await channel.send(to, Message(head=((Span("A paper"),),), key="0123456789abcdef"))

        server.closed = {"gone@example.org": "550 5.1.1 No such user", "ann@example.org": "553 5.7.1 Sender rejected"}
        for to, error in (("gone@example.org", Gone), ("ann@example.org", ChannelRefused)):
            watched_service.health = Health(channels=(ChannelHealth(kind="email", state=channel.state()),))
            await watched_service.during(watch=watch, minutes=10)
            assert watched_service.ntfy.sent == []
            with pytest.raises(error):
                await mail(to)
        watched_service.health = Health(channels=(ChannelHealth(kind="email", state=channel.state()),))
        await watched_service.during(watch=watch, hours=1)
        ((_, told),) = watched_service.ntfy.sent
        assert told.startswith(
            "⚠ Trouble: channel email\nrefused since 2026-01-05 08:19 UTC: 127.0.0.1 refuses our mail: 553 5.7.1 Sender"
            " rejected; check channels.email.smtp_url and from_address\nSince Mon 5 Jan 2026 08:19 UTC."
        )
        server.closed = {}
        await mail("ann@example.org")
        watched_service.health = Health(channels=(ChannelHealth(kind="email", state=channel.state()),))
        await watched_service.during(watch=watch, hours=1)
    assert watched_service.ntfy.titles == ["⚠ Trouble: channel email", "Over: channel email"]


@pytest.mark.parametrize("error", [Gone("chat not found"), RuntimeError("a library's")])
async def test_an_operator_who_cannot_be_told_holds_up_no_other(watched_service, error):
    watch = watched_service.process("email:ops@example.org", "discord:1", "ntfy:ops")
    watched_service.health, watched_service.mail.fails = BROKEN, error
    await watched_service.during(watch=watch, minutes=20)
    assert watched_service.ntfy.titles == ["⚠ Trouble: channel telegram"]


async def test_an_operator_who_blocks_the_bot_keeps_no_one_from_hearing_of_the_next_trouble(watched_service):
    watch = watched_service.process("email:ops@example.org", "ntfy:ops")
    watched_service.health = BROKEN
    await watched_service.during(watch=watch, minutes=10)
    watched_service.mail.fails = Gone("blocked")
    for health in (Health(), BROKEN, Health()):
        watched_service.health = health
        await watched_service.during(watch=watch, hours=1)
    began, over = "⚠ Trouble: channel telegram", "Over: channel telegram"
    assert (watched_service.mail.titles, watched_service.ntfy.titles) == ([began], [began, over, began, over])
    assert "Since Mon 5 Jan 2026 09:09 UTC" in watched_service.ntfy.sent[2][1]
    await watched_service.during(watch=watch, seconds=2 * TROUBLE_REMEMBERED.total_seconds(), step=HOUR)
    async with watched_service.store.read() as unit:
        assert await unit.settings.beginning("trouble ") == {}


async def test_what_is_trouble(clock):
    health = Health(
        channels=(
            ChannelHealth(kind="discord", state="connecting"),
            ChannelHealth(kind="email", state="ready"),
            ChannelHealth(kind="ntfy", state=""),
            ChannelHealth(kind="telegram", state=REFUSED),
        ),
        sources=(SourceHealth(name="arxiv", error="refused"), SourceHealth(name="rss")),
        processes={"web": 1},
        missing=("match",),
    )
    assert troubles_of(health, LEAST_ROOM, clock()) == {
        "channel telegram": REFUSED,
        "role match": "No process matches new papers. To start one: paperwire run --only match",
        "source arxiv": "can't be read: refused",
    }
    assert troubles_of(Health(), LEAST_ROOM - 1, clock()) == {"disk": "1,000 MB are left for the database"}
    stuck = replace(Health(), unmatched=3, unmatched_since=clock() - timedelta(hours=1))
    assert troubles_of(stuck, None, clock()) == {}
    stuck = replace(stuck, unmatched_since=clock() - timedelta(hours=1, seconds=1))
    assert list(troubles_of(stuck, None, clock())) == ["matching"]


async def test_a_source_has_six_hours_and_a_disk_none(watched_service):
    watched_service.health, watched_service.free = Health(sources=(SourceHealth(name="arxiv", error="refused"),)), 5e8
    await watched_service.during(hours=6, step=HOUR)
    assert watched_service.mail.titles == ["⚠ Trouble: disk"]
    await watched_service.during(minutes=1)
    assert watched_service.mail.titles == ["⚠ Trouble: disk", "⚠ Trouble: source arxiv"]


async def test_a_stage_that_keeps_failing_is_told_except_over_the_database(watched_service, clock):
    about = {"since": clock(), "next_at": clock(), "reason": "the folder copies of [backup] isn't there"}
    failing = StageHealth(name="backup", **about), StageHealth(name="match", database=True, **about)
    watched_service.health = Health(troubles=failing)
    await watched_service.during(minutes=6)
    ((_, told),) = watched_service.mail.sent
    assert told.startswith("⚠ Trouble: stage backup\nthe folder copies of [backup] isn't there\n")


async def test_a_limit_that_is_near_is_told(watched_service):
    watched_service.watch.limits = lambda: {"limit of discord": "the bot is in 2,000 servers"}
    await watched_service.during(minutes=6)
    ((_, told),) = watched_service.mail.sent
    assert told.startswith("⚠ Trouble: limit of discord\nthe bot is in 2,000 servers\n")


async def test_a_database_that_cannot_be_used_is_told_of_from_memory(watched_service, monkeypatch):
    usable = type(watched_service.store).write

    def full(_store):
        raise StoreError("the disk is full")

    monkeypatch.setattr(type(watched_service.store), "write", full)
    await watched_service.during(hours=1)
    assert watched_service.mail.titles == ["⚠ Trouble: database"]
    monkeypatch.setattr(type(watched_service.store), "write", usable)
    await watched_service.during(seconds=2 * OVER_AFTER.total_seconds())
    assert watched_service.mail.titles == ["⚠ Trouble: database", "Over: database"]
    await watched_service.during(seconds=(TROUBLE_REMEMBERED + HOUR).total_seconds(), step=HOUR)
    assert len(watched_service.mail.sent) == 2
