"""Readers whose mail a real server takes first and returns afterwards, into `paperwire bounce`."""

import asyncio
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text

from paperwire.channels.email import Options, build
from paperwire.core.messages.message import Message, Span
from paperwire.ports.callers import Actor, Place
from paperwire.services.subscriptions.leave import leave_button
from servers.direct import DIRECT
from servers.loopback import PATIENCE

KEY = "a key of more than thirty-two letters"
URL = "https://papers.example.com"
FROM = "papers@papers.example.com"
BOUNCE = [sys.executable, "-c", "from paperwire.cli import main; main()", "bounce"]
LATER = "451 4.7.1 Greylisted, try again"
ANSWERS = {
    "gone@example.org": "550 5.1.1 No such user",
    "full@example.org": "552 5.2.2 Mailbox full",
    "quota@example.org": "550 mailbox unavailable: user is over quota",
    "blocked@example.org": "554 5.7.1 Blocked: your host is on a list",
    "sender@example.org": "553 5.1.8 Sender address rejected",
    "plain@example.org": "550 Requested action not taken: mailbox unavailable",
}
CLOSED, SOFT = {"gone@example.org", "plain@example.org"}, {"full@example.org", "quota@example.org"}


@contextmanager
def open_folder():
    """A folder that other users may enter, as the daemons of a mail server are."""
    with tempfile.TemporaryDirectory(prefix="paperwire-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@dataclass
class Readers:
    """The subscribed mailboxes in `store`."""

    store: object
    clock: object

    def settings(self, monkeypatch, url):
        for name, value in {
            "DATABASE__URL": self.store.url,
            "SECRET_KEY": KEY,
            "PUBLIC_URL": URL,
            "NOW": f"{self.clock():%FT%TZ}",
            "CHANNELS__EMAIL__SMTP_URL": url,
            "CHANNELS__EMAIL__FROM_ADDRESS": FROM,
        }.items():
            monkeypatch.setenv(f"PAPERWIRE_{name}", value)

    async def add(self, address):
        async with self.store.write() as unit:
            person = await unit.people.ensure(Actor(channel="email", user_id=address), "en")
            place = Place(channel="email", address=address, kind="mailbox", title=address)
            return await unit.places.ensure(place, person.number)

    async def send(self, url, *addresses, key="0123456789abcdef"):
        """Send each a mail by the server at `url`."""
        options = Options(smtp_url=SecretStr(url), from_address=FROM)
        channel = build(options, network=DIRECT, now=self.clock, public_url=URL)
        for address in addresses:
            place = await self.add(address)
            leave = leave_button(KEY.encode(), URL, place)
            await channel.send(address, Message(head=((Span("A paper"),),), key=key, leave=leave))

    async def paused(self):
        """Why each address that is paused is."""
        return await self._rows("SELECT address, paused FROM destination WHERE paused <> ''")

    async def counted(self):
        """On how many days mail to each address came back."""
        rows = await self._rows("SELECT address, days FROM bounce JOIN destination ON destination.number = destination")
        return {address: len(days.split()) for address, days in rows.items()}

    async def _rows(self, query):
        async with self.store.read() as unit:
            return dict((await unit.connection.execute(text(query))).all())


async def until(holds, why):
    """Wait until `holds()`; `why()` says what is there instead."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 -- it is other programs that are waited for
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(why()) from None
