"""A small database of each release, and the service before and after it: what the folder `releases` is made of.

`PYTHONPATH=tests python tests/e2e/released.py VERSION` writes `releases/VERSION.sqlite.sql.gz` and, with
`TEST_POSTGRES`, `releases/VERSION.postgresql.sql.gz`. It works by commands and settings alone, as a release has them.
Those of 0.1.0.dev0 are by commit 800958fc, with schema 0026.
"""

import asyncio
import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from databases import POSTGRES, created
from servers.loopback import PATIENCE
from servers.ntfy import NtfyServer

FOLDER = Path(__file__).parent / "releases"
AT_ONCE, DAILY = "graphs-4711", "words-4711"
BEFORE = {"2601.00001": "Diffusion on graphs", "2601.00002": "Words that translate"}
SENT = {"2601.00003": "Diffusion of heat"}
OWED = {"2601.00004": "Words that speak"}
NEW = {"2601.00005": "Latent diffusion"}
_DAYS = {**dict.fromkeys(BEFORE, "2026-01-05"), **dict.fromkeys(SENT | OWED, "2026-01-06")}
_META = re.compile(r"^(?:\\|SET |SELECT pg_catalog\.set_config).*\n", re.MULTILINE)
"""What of a dump is for `psql`, or differs by the version of PostgreSQL."""

_OF_INDEX = 'INSERT INTO "paper_words" VALUES'
"""Rows of the index of words, whose tables hold them too."""


class Installation:
    """A folder with its database and papers, in which `paperwire` runs at given times; `ntfy` gets what it sends."""

    def __init__(self, folder, url, ntfy):
        self.folder, self.url, self.ntfy = folder, url, ntfy

    async def run(self, when, *arguments):
        """Run one command at a time; raises CalledProcessError."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERWIRE_")}
        settings = {
            "DATABASE__URL": self.url,
            "SECRET_KEY": "the key of a service that goes on",
            "SOURCES__ARXIV__ENABLED": "false",
            "SOURCES__HUGGINGFACE__ENABLED": "false",
            "SOURCES__JSONL__FILES": '["papers.jsonl"]',
            "CHANNELS__NTFY__ENABLED": "true",
            "CHANNELS__NTFY__SERVER": self.ntfy.url,
            "NOW": when,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "paperwire", *arguments),
            cwd=self.folder,
            env=kept | {f"PAPERWIRE_{name}": value for name, value in settings.items()},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(5 * PATIENCE):
            output, errors = await process.communicate()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, arguments, output, errors)
        return output.decode()

    def publish(self, papers):
        """Let the source have these papers, and what it had before."""
        lines = [
            {"id": number, "title": title, "abstract": "An abstract.", "authors": ["Ann Ashe"]}
            | {"categories": ["cs.CL"], "announced": _DAYS.get(number, "2026-01-07")}
            for number, title in papers.items()
        ]
        (self.folder / "papers.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    async def fill(self):
        """Two subscriptions, four papers, one of them sent and one owed to a digest."""
        await self.run("2026-01-05T12:00:00Z", "migrate")
        await self.run("2026-01-05T12:00:00Z", "subscribe", "diffusion", "--to", f"ntfy:{AT_ONCE}")
        await self.run("2026-01-05T12:00:00Z", "subscribe", "words", "--to", f"ntfy:{DAILY}", "--when", "daily 08:00")
        self.publish(BEFORE)
        await self.run("2026-01-05T13:00:00Z", "run", "--once")
        self.publish(BEFORE | SENT | OWED)
        await self.run("2026-01-06T13:00:00Z", "run", "--once")


def dump(url):
    """A database as text in SQL."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(address.database)) as connection:
            return "".join(f"{line}\n" for line in connection.iterdump() if not line.startswith(_OF_INDEX))
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    command = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", plain]
    return _META.sub("", subprocess.check_output(command, text=True))


def load(url, text):
    """Fill an empty database with what `dump` made."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(address.database)) as connection:
            connection.executescript(text)
        return
    with psycopg.connect(address.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute(text)


async def _made(url):
    with tempfile.TemporaryDirectory() as folder:
        async with NtfyServer() as ntfy:
            await Installation(Path(folder), url(Path(folder)), ntfy).fill()
        return dump(url(Path(folder)))


def main():
    """Write down a database that today's version makes."""
    (version,) = sys.argv[1:]
    made = {"sqlite": asyncio.run(_made(lambda folder: f"sqlite+aiosqlite:///{folder}/paperwire.db"))}
    if POSTGRES:
        with created(f"paperwire_release_{os.getpid()}") as url:
            made["postgresql"] = asyncio.run(_made(lambda _folder: url))
    for kind, text in made.items():
        (FOLDER / f"{version}.{kind}.sql.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
