"""`bounce`: what is none of ours costs little, a folder of mails is one process, soft failures pause for a while."""

import os
import subprocess
import sys

import pytest
from cli_world import on

from bounce_forms import FORMS, NAME, TAGGED, report
from paperwire.ports.callers import Actor, Place
from paperwire.services.accounts.opt_in import Wish, fulfil
from paperwire.services.subscriptions.leave import leave_button
from paperwire.texts import ENGLISH

ANN, BEN = "ann@example.org", "ben@example.org"
KEY = "a key of more than thirty-two letters"
COSTLY = {"typer", "rich", "structlog", "pydantic", "sqlalchemy", "httpx", "aiosmtplib", "paperwire.observe"}


def box(address):
    return Place(channel="email", address=address, kind="mailbox", title=address)


@pytest.fixture
def mailing(migrated):
    migrated.env(
        channels__email__smtp_url="smtp://127.0.0.1:1", channels__email__from_address="news@papers.example.com"
    )
    return migrated


@pytest.fixture
def database(mailing):
    return f"sqlite+aiosqlite:///{mailing.folder}/paperwire.db"


@pytest.fixture
def tagged(mailing, database):
    """A subscribed mailbox; the address that its mails go back to."""
    return subscribed(database, ANN)


def subscribed(database, address):
    async def add(unit):
        person = await unit.people.ensure(Actor(channel="email", user_id=address), "en")
        place = await fulfil(unit, box(address), person.number, Wish(text="diffusion"), ENGLISH, most=1)
        return leave_button(KEY.encode(), "https://papers.example.com", place).url.rpartition("/")[2]

    return f"news+{on(database, add)}.abc@papers.example.com"


def paused(database, address=ANN):
    async def look(unit):
        return (await unit.places.at(box(address))).paused

    return on(database, look)


NONE_OF_OURS = {name: FORMS[name] for name in ("postfix, blocklist", "postfix, delayed", "away", "words, untagged")}


@pytest.mark.parametrize("name", NONE_OF_OURS)
def test_what_asks_for_nothing_loads_nothing(name):
    program = f"""
import sys
sys.argv = ["paperwire", "--log-level=ERROR", "bounce", "--recipient", ""]
from paperwire.cli import main
main()
print(sorted({COSTLY!r} & sys.modules.keys()))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], input=NONE_OF_OURS[name].raw, capture_output=True, check=True
    )
    said, loaded = done.stdout.decode().splitlines()
    assert said.startswith(("not a report of anything", "nothing changes: "))
    assert loaded == "[]"


def test_a_mail_of_any_size_is_read_to_its_end(mailing):
    said = mailing("bounce", typed=b"Subject: hello\n\n" + b"a" * 3_000_000)
    assert (said.code, said.out) == (0, "not a report of anything: ignored\n")
    assert sys.stdin.buffer.read() == b""


@pytest.mark.parametrize("arguments", [["bounce", "--help"], ["bounce", "-x"], ["--log-json", "bounce"], ["--config"]])
def test_other_command_lines_are_the_programs(mailing, arguments):
    said = mailing(*arguments, typed=b"Subject: hello\n\n")
    assert "ignored" not in said.out


def test_options_may_stand_anywhere(mailing, tagged, database):
    config = mailing.file("other.toml", "")
    raw = report("5.1.1", to="news@papers.example.com", original="")
    said = mailing("--config", config, "bounce", f"--recipient={tagged}", "--log-level", "ERROR", typed=raw)
    assert (said.code, said.out) == (0, f"{ANN} is paused: mail came back: 5.1.1\n")


def test_a_soft_failure_counts_once_a_day_and_five_pause(mailing, tagged, database, monkeypatch):
    for day in range(1, 6):
        monkeypatch.setenv("PAPERWIRE_NOW", f"2026-12-0{day}T10:00:00Z")
        assert paused(database) == ""
        for _ in range(3):
            said = mailing("bounce", typed=report("4.2.2", to=tagged))
        expected = "goes on: mail came back: 4.2.2" if day < 5 else "is paused: on several days mail came back: 4.2.2"
        assert said.out == f"{ANN} {expected}\n"
    assert paused(database) == "on several days mail came back: 4.2.2"


@pytest.fixture
def folder(mailing):
    """A maildir; call it with mails by name."""
    path = mailing.folder / "returns"
    (path / "new").mkdir(parents=True)

    def put(**mails):
        for name, raw in mails.items():
            (path / "new" / name).write_bytes(raw)
        return path

    return put


def names(path):
    return sorted(file.name for file in path.iterdir())


def test_a_folder_is_taken_in_one_process_and_emptied(mailing, tagged, database, folder):
    ben = subscribed(database, BEN)
    path = folder(a=report("5.1.1", to=tagged), b=b"Subject: hi\n\n", c=report("4.2.2", to=ben), d=b"")
    said = mailing("bounce", "--maildir", path)
    assert said.code == 0
    assert said.out.splitlines() == [
        f"a: {ANN} is paused: mail came back: 5.1.1",
        f"c: {BEN} goes on: mail came back: 4.2.2",
        "4 mails read",
    ]
    assert names(path / "new") == []
    assert names(path / "cur") == ["a:2,S", "b:2,S", "c:2,S", "d:2,S"]
    assert mailing("bounce", "--maildir", path).out == "0 mails read\n"
    assert paused(database)
    assert not paused(database, BEN)


def test_what_cannot_be_read_stays_and_is_named(mailing, tagged, database, folder):
    path = folder(z=report("5.1.1", to=tagged), **{".draft": b""})
    (path / "new" / "folder").mkdir()
    (path / "new" / "link").symlink_to("/etc/passwd")
    os.mkfifo(path / "new" / "pipe")
    said = mailing("bounce", "--maildir", path)
    assert said.code == 1
    assert said.err.splitlines()[:3] == [
        "paperwire: folder can't be read and stays: it is no file",
        "paperwire: link can't be read and stays: Too many levels of symbolic links",
        "paperwire: pipe can't be read and stays: it is no file",
    ]
    assert said.out.splitlines()[-1] == "1 mails read, 3 stay"
    assert names(path / "new") == [".draft", "folder", "link", "pipe"]
    assert paused(database)


def test_a_folder_that_is_no_maildir_is_a_mistake(mailing):
    said = mailing("bounce", "--maildir", mailing.folder / "nowhere")
    assert said.code == 2
    assert said.err.endswith("nowhere: No such file or directory\n")


def test_a_database_that_is_away_leaves_the_mails_where_they_are(mailing, folder):
    mailing.env(database__url=f"sqlite+aiosqlite:///{mailing.folder}/nowhere.db")
    path = folder(a=report("5.1.1"))
    said = mailing("bounce", "--maildir", path)
    assert said.code == os.EX_TEMPFAIL
    assert names(path / "new") == ["a"]


def test_a_mail_that_another_process_took_is_passed_over(mailing, tagged, folder, monkeypatch):
    path = folder(a=b"Subject: hi\n\n", b=report("5.1.1", to=tagged))
    monkeypatch.setattr("paperwire.cli.bounce.Maildir.names", lambda _: ["a", "b", "gone"])
    assert mailing("bounce", "--maildir", path).out.endswith("2 mails read\n")


def test_a_thousand_mails_of_strangers_pause_no_one(mailing, tagged, database, folder):
    forged = {
        f"m{number:03}": report("5.1.1", to=TAGGED.replace(NAME, f"{number:x}-{'a' * 24}")) for number in range(50)
    }
    said = mailing("bounce", "--maildir", folder(**forged))
    assert said.out.count("no address of this Paperwire is named") == 50
    assert paused(database) == ""
