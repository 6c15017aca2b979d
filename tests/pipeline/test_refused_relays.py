"""A real Postfix or Exim as the relay on its bad days: no address is closed wrongly, and all mail is in afterwards."""

import asyncio
import tempfile
from collections import Counter
from datetime import timedelta

import pytest
from outage_world import live, states
from pydantic import SecretStr

from paperwire.channels.email import Options, build
from paperwire.store.database.tables.base import State
from servers import exim, postfix
from servers.direct import DIRECT
from servers.exim import Exim
from servers.postfix import Postfix
from servers.smtp import MailServer

pytestmark = pytest.mark.slow

PLACES, HOURS = 8, 6
READERS = [f"reader{number}@example.org" for number in range(PLACES)]
PAPERS = [f"Paper {number}" for number in range(3)]
PERMIT = "permit_mynetworks, reject"


def by_postfix(of, restriction):
    return {f"smtpd_{of}_restrictions": restriction}


def by_exim(text, *, at="rcpt", verb="deny", only=""):
    return {f"at_{at}": f"  {verb} message = {text}\n{only}"}


EVERYONE = {
    ("postfix", "sender refused"): by_postfix("sender", "reject"),
    ("postfix", "sender of another"): by_postfix(
        "sender", "check_sender_access static:{553 5.7.1 Sender address rejected: not owned}"
    ),
    ("postfix", "quota"): by_postfix(
        "recipient", "check_client_access static:{550 5.4.5 Daily user sending limit exceeded}"
    ),
    ("postfix", "blocklist"): by_postfix(
        "client", "check_client_access static:{554 5.7.1 Service unavailable; Client host blocked using x}"
    ),
    ("postfix", "no relay"): by_postfix("relay", "reject_unauth_destination"),
    ("postfix", "greylisting"): by_postfix(
        "recipient", "check_client_access static:{450 4.7.1 Greylisted, come back later}"
    ),
    ("postfix", "too busy"): by_postfix("recipient", "check_client_access static:{421 4.3.2 Service shutting down}"),
    ("exim", "sender refused"): by_exim("Sending from $sender_address is not allowed here", at="mail"),
    ("exim", "sender of another"): by_exim("Sender verify failed"),
    ("exim", "quota"): by_exim(
        "Sender rate overlimit - $sender_rate / $sender_rate_period",
        only="       ratelimit = 0 / 1h / strict / per_rcpt\n",
    ),
    ("exim", "blocklist"): by_exim("$sender_host_address is in a black list at bl.example.net"),
    ("exim", "no relay"): by_exim("relay not permitted"),
    ("exim", "refused at the text"): by_exim("Administrative prohibition", at="data"),
    ("exim", "greylisting"): by_exim("Greylisted, please try again later", verb="defer"),
    ("exim", "too busy"): by_exim("Temporary local problem - please try later", verb="defer"),
}
"""What refuses everyone: restrictions of Postfix, access lists of Exim, with their usual words."""
HELD = {trouble for _, trouble in EVERYONE} - {"greylisting", "too busy"}
USUAL = {
    "postfix": {
        "smtpd_sender_restrictions": "",
        "smtpd_client_restrictions": "",
        "smtpd_relay_restrictions": PERMIT,
        "smtpd_recipient_restrictions": PERMIT,
    },
    "exim": {"at_mail": "", "at_rcpt": "", "at_data": ""},
}
FULL_AND_SLOW = {
    "postfix": by_postfix("recipient", "check_recipient_access texthash:{folder}/access, " + PERMIT),
    "exim": {
        "at_rcpt": f"  defer recipients = {READERS[0]}\n        message = 452 4.2.2 Mailbox full\n"
        f"  accept recipients = {READERS[1]}\n         delay = 22s\n"
    },
}
NONE_AND_FULL = {
    "postfix": FULL_AND_SLOW["postfix"],
    "exim": {
        "at_rcpt": f"  deny recipients = {READERS[0]}\n       message = Unrouteable address\n"
        f"  deny recipients = {READERS[1]}\n       message = 552 Mailbox size limit exceeded\n"
    },
}
ANSWERS = {
    "full and slow": f"{READERS[0]} 452 4.2.2 Mailbox full\n{READERS[1]} sleep 22, permit\n",
    "none and full": f"{READERS[0]} 550 5.1.1 No such user\n{READERS[1]} 552 Mailbox size limit exceeded\n",
}
"""What Postfix's table `access` says."""


class Relay:
    """A mail server between a channel and the readers' mailboxes."""

    def __init__(self, stages, mailboxes, name, folder):
        self.stages, self.mailboxes, self.name = stages, mailboxes, name
        self.server = {"postfix": Postfix, "exim": Exim}[name](folder, next_hop=mailboxes.port)

    async def begin(self):
        """Everyone subscribes and gets a first paper; gives their places."""
        await self.server.restart(**USUAL[self.name])
        options = Options(smtp_url=SecretStr(self.server.url), from_address="news@papers.example.org")
        self.stages.post = build(
            options, network=DIRECT, now=self.stages.clock, public_url="https://papers.example.org"
        )
        self.stages.begin()
        numbers = [(await self.stages.subscribe(to, "paper"))[0] for to in READERS]
        await self.stages.announce("First paper")
        assert await self.stages.deliver() == PLACES, self.server.log
        return numbers

    async def answer(self, settings, access=""):
        """Restart with these settings; `access` is a table that Postfix may look into."""
        (self.server.folder / "access").write_text(access)
        folder = self.server.folder
        await self.server.restart(**{key: text.replace("{folder}", str(folder)) for key, text in settings.items()})

    async def is_usual(self):
        await self.server.restart(**USUAL[self.name])

    async def paused(self, numbers):
        return [(await self.stages.place(number)).paused for number in numbers]


@pytest.fixture
async def relay(request, stages):
    name = request.param
    if why := {"postfix": postfix, "exim": exim}[name].missing():
        pytest.skip(why)
    # below a folder that its daemons may enter
    with tempfile.TemporaryDirectory(dir="/tmp", prefix=f"{name}-", ignore_cleanup_errors=True) as folder:
        async with MailServer() as mailboxes:
            made = Relay(stages, mailboxes, name, folder)
            try:
                yield made
            finally:
                await made.server.stop()


BOTH = pytest.mark.parametrize("relay", list(USUAL), indirect=True)


async def comes_in(relay, numbers, titles):
    """Everything owed is in once, and nothing was closed or given up."""
    stages = relay.stages
    await live(stages, stages.clock() + timedelta(hours=12))
    assert set(await states(stages)) == {State.SENT}, relay.server.log
    assert await relay.paused(numbers) == [""] * len(numbers)
    expected = Counter({(to, title): 1 for to in READERS for title in titles})
    async with asyncio.timeout(120):
        while (got := arrived(relay, titles)) != expected and got <= expected:  # noqa: ASYNC110 -- the server passes mail on when it likes
            await asyncio.sleep(0.05)
    assert got == expected


def arrived(relay, titles):
    return Counter(
        (mail.recipients[0], title) for mail in relay.mailboxes.mails for title in titles if title in mail.part("plain")
    )


async def a_bad_time(relay, titles, hours):
    stages = relay.stages
    began = stages.clock()
    announcements = [(began + timedelta(hours=1 + at), title) for at, title in enumerate(titles)]
    await live(stages, began + timedelta(hours=hours), announcements)
    stages.clock.at = max(stages.clock(), began + timedelta(hours=hours))


@pytest.mark.parametrize(("relay", "trouble"), list(EVERYONE), indirect=["relay"])
async def test_a_relay_that_refuses_everything_for_hours_closes_nobody(relay, trouble):
    numbers = await relay.begin()
    await relay.answer(EVERYONE[relay.name, trouble])
    await a_bad_time(relay, PAPERS, HOURS)
    assert set(await states(relay.stages)) == {State.SENT, State.OWED}
    if trouble in HELD:
        assert relay.stages.post.state().startswith("refused since"), relay.server.log
    await relay.is_usual()
    await comes_in(relay, numbers, ["First paper", *PAPERS])
    assert relay.stages.post.state() == "ready"


@BOTH
async def test_a_relay_that_is_away_for_six_hours_loses_and_repeats_nothing(relay):
    numbers = await relay.begin()
    await relay.server.stop()
    await a_bad_time(relay, PAPERS, HOURS)
    assert relay.stages.post.state().startswith("reconnecting since")
    await relay.server.start()
    await comes_in(relay, numbers, ["First paper", *PAPERS])


@BOTH
async def test_a_full_mailbox_and_a_tarpit_hold_up_no_others(relay):
    numbers = await relay.begin()
    await relay.answer(FULL_AND_SLOW[relay.name], ANSWERS["full and slow"])
    await a_bad_time(relay, PAPERS[:1], 2)
    owed = await relay.stages.owed()
    assert owed == 1, relay.server.log  # the full mailbox; who answers after 22 seconds got it
    await relay.is_usual()
    await comes_in(relay, numbers, ["First paper", *PAPERS[:1]])


@BOTH
async def test_an_address_that_is_none_is_closed_alone(relay):
    numbers = await relay.begin()
    await relay.answer(NONE_AND_FULL[relay.name], ANSWERS["none and full"])
    await a_bad_time(relay, PAPERS[:1], 2)
    assert await relay.paused(numbers) == ["refused"] + [""] * (PLACES - 1)
    assert relay.stages.post.state() == "ready"
