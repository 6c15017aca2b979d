"""A real Postfix as the relay on its bad days: no address is closed wrongly, and all mail is in once it is back."""

import asyncio
import tempfile
from collections import Counter
from datetime import timedelta

import pytest
from outage_world import live, states
from pydantic import SecretStr

from paperwire.channels.email import Options, build
from paperwire.store.tables.base import State
from servers.direct import DIRECT
from servers.postfix import Postfix, missing
from servers.smtp import MailServer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "Postfix can be run")]

PLACES, HOURS = 8, 6
READERS = [f"reader{number}@example.org" for number in range(PLACES)]
PAPERS = [f"Paper {number}" for number in range(3)]
EVERYONE = {
    "sender refused": ("sender", "reject"),
    "sender of another": (
        "sender",
        "check_sender_access static:{553 5.7.1 Sender address rejected: not owned}",
    ),
    "quota": ("recipient", "check_client_access static:{550 5.4.5 Daily user sending limit exceeded}"),
    "blocklist": ("client", "check_client_access static:{554 5.7.1 Service unavailable; Client host blocked using x}"),
    "greylisting": ("recipient", "check_client_access static:{450 4.7.1 Greylisted, come back later}"),
    "no relay": ("relay", "reject_unauth_destination"),
    "too busy": ("recipient", "check_client_access static:{421 4.3.2 Service shutting down}"),
}
"""What it refuses at RCPT, as Postfix does, by which of its restrictions."""


class Relay:
    """Postfix between a channel and the readers' mailboxes; `trouble` are settings, `away` that it doesn't run."""

    def __init__(self, scene, mailboxes, folder):
        self.scene, self.mailboxes = scene, mailboxes
        self.postfix = Postfix(folder, next_hop=mailboxes.port)

    async def begin(self):
        await self.postfix.start()
        options = Options(smtp_url=SecretStr(self.postfix.url), from_address="news@papers.example.org")
        self.scene.post = build(options, network=DIRECT, now=self.scene.clock, public_url="https://papers.example.org")
        self.scene.begin()
        return [(await self.scene.subscribe(to, "paper"))[0] for to in READERS]

    async def restart(self, **settings):
        await self.postfix.stop()
        self.postfix.settings |= settings
        await self.postfix.start()

    async def has_passed_on(self, count):
        async with asyncio.timeout(120):
            while len(self.mailboxes.mails) < count:  # noqa: ASYNC110 -- Postfix passes mail on when it likes
                await asyncio.sleep(0.05)


@pytest.fixture
async def relay(scene):
    # below a folder that its daemons may enter
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="postfix-") as folder:
        async with MailServer() as mailboxes:
            made = Relay(scene, mailboxes, folder)
            try:
                yield made
            finally:
                await made.postfix.stop()


async def comes_in(relay, numbers, titles):
    """Everything owed is in once, and nothing was closed or given up."""
    scene = relay.scene
    await live(scene, scene.clock() + timedelta(hours=12))
    assert set(await states(scene)) == {State.SENT}, relay.postfix.log
    assert [(await scene.place(number)).paused for number in numbers] == [""] * len(numbers)
    await relay.has_passed_on(len(numbers))
    await asyncio.sleep(0)
    got = Counter(
        (mail.recipients[0], title) for mail in relay.mailboxes.mails for title in titles if title in mail.part("plain")
    )
    assert got == Counter({(to, title): 1 for to in READERS for title in titles})


async def a_bad_time(relay, titles, hours):
    scene = relay.scene
    began = scene.clock()
    announcements = [(began + timedelta(hours=1 + at), title) for at, title in enumerate(titles)]
    await live(scene, began + timedelta(hours=hours), announcements)
    scene.clock.at = max(scene.clock(), began + timedelta(hours=hours))


async def usual(relay):
    """Everyone gets a first paper."""
    numbers = await relay.begin()
    await relay.scene.announce("First paper")
    assert await relay.scene.deliver() == PLACES, relay.postfix.log
    return numbers


@pytest.mark.parametrize("trouble", list(EVERYONE))
async def test_a_relay_that_refuses_everything_for_hours_closes_nobody(relay, trouble):
    numbers = await usual(relay)
    of, restriction = EVERYONE[trouble]
    name = f"smtpd_{of}_restrictions"
    before = {name: relay.postfix.settings.get(name, "permit_mynetworks, reject" if of == "relay" else "")}
    await relay.restart(**{name: restriction})
    await a_bad_time(relay, PAPERS, HOURS)
    assert set(await states(relay.scene)) == {State.SENT, State.OWED}
    if trouble not in {"greylisting", "too busy"}:
        assert relay.scene.post.state().startswith("refused since"), relay.postfix.log
    await relay.restart(**before)
    await comes_in(relay, numbers, ["First paper", *PAPERS])
    assert relay.scene.post.state() == "ready"


async def test_a_relay_that_is_away_for_six_hours_loses_and_repeats_nothing(relay):
    numbers = await usual(relay)
    await relay.postfix.stop()
    await a_bad_time(relay, PAPERS, HOURS)
    assert relay.scene.post.state().startswith("reconnecting since")
    await relay.postfix.start()
    await comes_in(relay, numbers, ["First paper", *PAPERS])


async def test_a_full_mailbox_and_a_tarpit_hold_up_no_others(relay):
    numbers = await usual(relay)
    access = relay.postfix.folder / "access"
    access.write_text(f"{READERS[0]} 452 4.2.2 Mailbox full\n{READERS[1]} sleep 22, permit\n")
    before = relay.postfix.settings["smtpd_recipient_restrictions"]
    await relay.restart(smtpd_recipient_restrictions=f"check_recipient_access texthash:{access}, {before}")
    await a_bad_time(relay, PAPERS[:1], 2)
    owed = await relay.scene.owed()
    assert owed == 1, relay.postfix.log  # the full mailbox; who answers after 22 seconds got it
    await relay.restart(smtpd_recipient_restrictions=before)
    await comes_in(relay, numbers, ["First paper", *PAPERS[:1]])


async def test_an_address_that_is_none_is_closed_alone(relay):
    numbers = await usual(relay)
    access = relay.postfix.folder / "access"
    access.write_text(f"{READERS[0]} 550 5.1.1 No such user\n")
    before = relay.postfix.settings["smtpd_recipient_restrictions"]
    await relay.restart(smtpd_recipient_restrictions=f"check_recipient_access texthash:{access}, {before}")
    await a_bad_time(relay, PAPERS[:1], 2)
    assert [(await relay.scene.place(number)).paused for number in numbers] == ["refused"] + [""] * (PLACES - 1)
