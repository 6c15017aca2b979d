"""Mail after a real relay has taken, queued and passed it on: as it was written, and still signed."""

import asyncio
import base64
import tempfile
from dataclasses import replace
from pathlib import Path

import dkim
import pytest
from mail_scene import ANN, LEAVE, ONE, PAPER, channel_of
from pydantic import SecretStr

from paperwire.channels.email.envelope import parts
from paperwire.core.messages.message import Message, Span
from servers import postfix
from servers.loopback import PATIENCE

pytestmark = pytest.mark.slow
LONG = "https://code.example.org/" + "long-path/" * 150
TITLES = (
    "." + " .." * 40,
    "From here to there",
    "👩‍👩‍👧‍👦 🏳️‍🌈 " * 20,
    "שלום \u202ehello\u202c عربى " * 9,
    "a\u2028b\u2029c\x85d\x0be",
    "x" * 600,
    "漢字" * 300,
    "a\r\n.\r\nMAIL FROM:<evil@e.example>\r\nBcc: evil@e.example",
    "=?utf-8?q?x=0ABcc:_evil@e.example?=",
    'trailing = "quoted" <b@c> ; , \\ =3D   ',
    "e" + "\u0301" * 50,
)
ABSTRACT = f"{'word ' * 13}.starts a line\n.\n{'word ' * 15}From the start, {LONG} {'Ω' * 3000} {'y' * 3000} -- \n-- "


@pytest.fixture
async def relay(smtp_server):
    if why := postfix.missing():
        pytest.skip(why)
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="postfix-", ignore_cleanup_errors=True) as folder:
        async with postfix.postfix(Path(folder), next_hop=smtp_server.port) as running:
            yield running


async def test_what_relays_convert_stays_as_it_was_written_and_signed(smtp_server, relay, rsa):
    key, public = rsa
    channel = channel_of(relay, dkim_selector="s1", dkim_key=SecretStr(key))
    papers = [replace(PAPER, title=title, abstract=ABSTRACT) for title in TITLES]
    sent = [replace(ONE, items=(paper,), key=f"key{number}") for number, paper in enumerate(papers)]
    sent += [
        Message(head=((Span("Confirm"),), (Span(LONG, url=LONG),)), key="alone"),
        replace(ONE, items=tuple(papers)),
    ]
    for message in sent:
        await channel.send(ANN, message)
    async with asyncio.timeout(PATIENCE):
        while len(smtp_server.mails) < len(sent):  # noqa: ASYNC110 -- it is another program that is waited for
            await asyncio.sleep(0.1)
    arrived = {mail.parsed["Message-ID"].partition("@")[0].removeprefix("<"): mail for mail in smtp_server.mails}
    for message in sent:
        mail, made = arrived[message.key], parts(message)
        assert dkim.verify(mail.raw, dnsfunc=lambda *_, **__: b"v=DKIM1; k=rsa; p=" + base64.b64encode(public))
        assert mail.raw.isascii()
        assert mail.part("plain").replace("\r\n", "\n") == made.text
        assert mail.part("html").replace("\r\n", "\n").rstrip("\n") == made.html.rstrip("\n")
        assert mail.parsed["Subject"] == made.subject.replace("=?", "= ?")
        assert (mail.recipients, mail.parsed["Bcc"]) == ([ANN], None)
        assert message is not sent[-2] or LONG in made.text.split()
        assert message.leave is None or LEAVE.url in made.text.split()
