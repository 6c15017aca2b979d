"""What an operator does about mail: `check --send-test`, and `bounce` on a mail server's pipe."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cli_world import found, on

from paperwire.ports.callers import Actor, Place
from paperwire.services.accounts.opt_in import Wish, fulfil
from paperwire.services.subscriptions.leave import leave_button
from paperwire.texts import ENGLISH
from servers.smtp import MailServer

ANN, OTHER = "ann@example.org", "ann@home.example"
BOX = Place(channel="email", address=ANN, kind="mailbox", title=ANN)
KEY = "a key of more than thirty-two letters"
REPORT = """\
From: MAILER-DAEMON@mx.example
To: {to}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Action: failed
Status: {status}

--b--
"""


@pytest.fixture
def smtp_server():
    """A mail server next to the command, in a thread of its own."""
    loop, ready, ends, servers = asyncio.new_event_loop(), threading.Event(), asyncio.Event(), []

    async def serve():
        async with MailServer() as smtp_server:
            servers.append(smtp_server)
            ready.set()
            await ends.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    yield servers[0]
    loop.call_soon_threadsafe(ends.set)
    thread.join()
    loop.close()


@pytest.fixture
def mailing(migrated, smtp_server):
    migrated.env(channels__email__smtp_url=smtp_server.url, channels__email__from_address="news@papers.example.com")
    return migrated


@pytest.fixture
def subscribed(mailing):
    """The same with a mailbox that gets something; the name of the place."""
    database = f"sqlite+aiosqlite:///{mailing.folder}/paperwire.db"

    async def add(unit):
        person = await unit.people.ensure(Actor(channel="email", user_id=ANN), "en")
        place = await fulfil(unit, BOX, person.number, Wish(text="diffusion"), ENGLISH, most=1)
        return leave_button(KEY.encode(), "https://papers.example.com", place).url.rpartition("/")[2]

    return mailing, on(database, add), database


def paused(database):
    async def look(unit):
        return (await unit.places.at(BOX)).paused

    return on(database, look)


def test_check_warns_without_a_signature_and_sends_a_test(mailing, smtp_server):
    said = mailing("check")
    assert said.code == 0
    assert "     ok  email: answers and lets us in\n" in said.out
    assert "warning  email: mail is not signed by DKIM" in said.out
    assert smtp_server.mails == []
    said = mailing("check", "--send-test", ANN)
    assert said.code == 0
    (mail,) = smtp_server.mails
    assert mail.recipients == [ANN]
    assert mail.parsed["Subject"] == "A test of Paperwire"
    assert f"     ok  email: a test was handed over for {ANN} as {mail.parsed['Message-ID']}\n" in said.out


def test_a_test_that_reaches_nobody_is_broken(mailing, smtp_server):
    smtp_server.closed = {ANN: "550 5.1.1 No such user"}
    said = mailing("check", "--send-test", ANN, "--json")
    assert said.code == 1
    assert found(said)["email"] == (
        "broken",
        f"no test reaches {ANN}: the mail server refused the address: 550 5.1.1 No such user",
    )
    assert "looks like ann@example.org" in mailing("check", "--send-test", "ann").out


def test_a_test_that_hangs_ends(mailing, smtp_server, monkeypatch):
    monkeypatch.setattr("paperwire.cli.check._TIMEOUT", 0.3)
    smtp_server.at_data.append("hang")
    said = mailing("check", "--send-test", ANN).out
    assert f"no test reaches {ANN}: stopped before 127.0.0.1 answered; the mail may have arrived" in said


def test_a_test_needs_a_channel_that_sends_mail(migrated):
    said = migrated("check", "--send-test", ANN)
    assert said.code == 1
    assert " BROKEN  send-test: no channel is on that sends mail" in said.out


def test_with_a_signature_there_is_no_warning(mailing):
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    mailing.file("dkim.pem", key.decode())
    mailing.env(channels__email__dkim_selector="s1", channels__email__dkim_key_file=mailing.folder / "dkim.pem")
    assert "not signed by DKIM" not in mailing("check").out


def bounce(shell, *arguments, to="", status="5.1.1"):
    return shell("bounce", *arguments, typed=REPORT.format(to=to, status=status).encode())


def test_a_report_pauses_its_address(subscribed):
    shell, name, database = subscribed
    said = bounce(shell, to=f"news+{name}.abc@papers.example.com")
    assert (said.code, said.out) == (0, f"{ANN} is paused: mail came back: 5.1.1\n")
    assert paused(database) == "mail came back: 5.1.1"


def test_whose_address_it_is_is_told_elsewhere_once(subscribed, smtp_server):
    shell, name, database = subscribed

    async def add(unit):
        person = await unit.people.person_of(Actor(channel="email", user_id=ANN))
        await unit.places.ensure(Place(channel="email", address=OTHER, kind="mailbox"), person.number)

    on(database, add)
    for _ in range(2):
        assert bounce(shell, to=f"news+{name}.abc@papers.example.com").out.startswith(f"{ANN} is paused")
    (mail,) = smtp_server.mails
    assert mail.recipients == [OTHER]
    text = mail.parsed.get_body(("plain",)).get_content()
    assert text.split("\r\n")[:2] == [
        "Papers no longer reach one of your addresses:",
        f"{ANN}: mail came back: 5.1.1.",
    ]
    assert "/resume" not in text
    assert re.fullmatch(r"<https://papers\.example\.com/u/2-[a-z2-7]{24}>", mail.parsed["List-Unsubscribe"])


@pytest.mark.parametrize("variable", ["ORIGINAL_RECIPIENT", "RECIPIENT", "LOCAL_PART_SUFFIX"])
def test_the_pipe_says_whom_it_is_for(subscribed, monkeypatch, variable):
    shell, name, database = subscribed
    suffix = f"+{name}.abc"
    whole = suffix if variable == "LOCAL_PART_SUFFIX" else f"news{suffix}@papers.example.com"
    monkeypatch.setenv(variable, whole)
    assert bounce(shell, to="somebody@else.example").code == 0
    assert paused(database)


def test_the_option_says_it_too_and_a_mail_that_was_refused_pauses_nothing(subscribed):
    shell, name, database = subscribed
    said = bounce(shell, "--recipient", f"news+{name}@papers.example.com", status="5.7.1")
    assert said.out == "nothing changes: the mail was refused: 5.7.1\n"
    assert paused(database) == ""


def test_a_mail_to_leave_ends_all(subscribed):
    shell, name, database = subscribed
    said = shell("bounce", typed=f"To: news+{name}.abc@papers.example.com\nSubject: unsubscribe\n\n".encode())
    assert (said.code, said.out) == (0, f"{ANN} is unsubscribed: asked to leave by mail\n")
    assert paused(database) == "unsubscribed"


@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"Subject: Out of office\n\nBack on Monday\n", b"a" * 100_000])
def test_anything_else_is_ignored_and_never_answered(subscribed, raw):
    shell, _, database = subscribed
    said = shell("bounce", typed=raw)
    assert (said.code, said.out, said.err) == (0, "not a report of anything: ignored\n", "")
    assert paused(database) == ""


def test_a_forged_report_pauses_nobody(subscribed):
    shell, name, database = subscribed
    forged = name[:-1] + ("a" if name[-1] != "a" else "b")
    said = bounce(shell, to=f"news+{forged}.abc@papers.example.com")
    assert (said.code, said.out) == (0, "no address of this Paperwire is named: ignored (mail came back: 5.1.1)\n")
    assert paused(database) == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite+aiosqlite:///nowhere.db", "there is no database nowhere.db yet"),
        ("sqlite+aiosqlite:///folder.db", "the database folder.db failed"),
        ("sqlite+aiosqlite:///garbage.db", "the database garbage.db failed: file is not a database"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", "failed: connection failed"),
    ],
)
@pytest.mark.whole
def test_a_database_that_cannot_be_opened_lets_the_mail_server_try_again(mailing, url, why):
    (mailing.folder / "folder.db").mkdir()
    mailing.file("garbage.db", "garbage " * 1000)
    mailing.env(database__url=url)
    program = [Path(sys.executable).with_name("paperwire"), "bounce"]
    mail = REPORT.format(to="news+1f-aaaaaaaaaaaaaaaaaaaaaaaa.abc@papers.example.com", status="5.1.1")
    said = subprocess.run(program, input=mail, capture_output=True, text=True, check=False)
    assert said.returncode == os.EX_TEMPFAIL
    assert said.stderr.startswith("paperwire: ")
    assert why in said.stderr
    assert said.stderr.count("\n") == 1
    assert not (mailing.folder / "nowhere.db").exists()


def test_without_mail_a_pipe_is_a_mistake(migrated):
    said = bounce(migrated, to="news+1f-aaaaaaaaaaaaaaaaaaaaaaaa.abc@papers.example.com")
    assert (said.code, said.err) == (2, "paperwire: no channel is on whose messages could come back\n")
