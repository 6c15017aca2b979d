"""A shell to type commands into: a folder of its own, no settings but those a test makes, logging as it was before."""

import io
import json
import logging
import os
import shutil
import sys
from dataclasses import dataclass

import pytest
from cli_world import on

from paperwire.cli import main
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from plain_logs import log_plainly
from servers.loopback import free_port


@dataclass
class Said:
    """What a command did: its exit code, its output and its errors."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Shell:
    """Call it with a command line; `env(web__port=1)` sets settings, `file(name, text)` writes one."""

    def __init__(self, folder, monkeypatch, capsys):
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments, typed=""):
        self._monkeypatch.setattr(sys, "argv", ["paperwire", *map(str, arguments)])
        stdin = io.TextIOWrapper(io.BytesIO(typed)) if isinstance(typed, bytes) else io.StringIO(typed)
        self._monkeypatch.setattr(sys, "stdin", stdin)
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def env(self, **values):
        for name, value in values.items():
            self._monkeypatch.setenv(f"PAPERWIRE_{name.upper()}", str(value))

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path


@pytest.fixture(autouse=True)
def nothing_set(tmp_path, monkeypatch):
    """A folder of its own, no settings from outside, and the logging of before afterwards."""
    for name in [name for name in os.environ if name.startswith("PAPERWIRE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    log_plainly()


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    return Shell(tmp_path, monkeypatch, capsys)


@pytest.fixture
def sound(shell):
    """A shell whose settings leave nothing to say."""
    shell.env(
        web__port=free_port(),
        ops__port=free_port(),
        public_url="https://papers.example.com",
        contact="me@example.com",
        secret_key="a key of more than thirty-two letters",
    )
    return shell


@pytest.fixture
def migrated(sound, sqlite_template):
    """The same with a database of the newest revision, in which nothing is stored."""
    shutil.copy(sqlite_template, sound.folder / "paperwire.db")
    (sound.folder / "paperwire.db").chmod(0o600)
    return sound


PAPERS = [
    {
        "id": f"2601.0000{number}",
        "title": title,
        "abstract": "Words of an abstract.",
        "authors": ["Ada Ashe", "Bo Birch"],
        "categories": ["cs.CL"],
        "published": "2026-01-02T10:00:00Z",
        "updated": None,
        "announced": "2026-01-05",
        "comment": "",
        "doi": "",
        "journal_ref": "",
        "version": 1,
    }
    for number, title in enumerate(["Diffusion models", "Diffusion of heat", "Large language models"], 1)
]


@pytest.fixture
def papers_file():
    """The text of a file of three papers."""
    return "".join(json.dumps(row) + "\n" for row in PAPERS)


@pytest.fixture(scope="session")
def stocked_file(tmp_path_factory):
    """Where the first test leaves a copy of its SQLite database of three papers for the others."""
    return tmp_path_factory.mktemp("stocked") / "paperwire.db"


@pytest.fixture
def stocked(shell, database, papers_file, stocked_file):
    """A shell over a database, of each kind in turn, that holds three papers."""
    shell.env(database__url=database, now="2026-01-06T12:00:00Z", secret_key="a key of more than thirty-two letters")
    shell.file("papers.jsonl", papers_file)
    file = database.removeprefix("sqlite+aiosqlite:///")
    if file != database and stocked_file.exists():
        shutil.copy(stocked_file, file)
        return shell
    assert shell("import", "papers.jsonl").code == 0
    if file != database:
        shutil.copy(file, stocked_file)
    return shell


@pytest.fixture
def ada(stocked, database):
    """A person with a subscription and a paper owed to her; her number."""

    async def make(unit):
        person = await unit.people.ensure(Actor(channel="telegram", user_id="7", name="Ada"), "en")
        place = Place(channel="telegram", address="7", kind="private", title="Ada")
        there = await unit.places.ensure(place, person.number)
        await unit.subscriptions.subscribe(
            person.number,
            parse("diffusion"),
            name="",
            occasions=frozenset({"arrival"}),
            cadence="instant",
            destinations=[there.number],
        )
        return person.number

    return on(database, make)
