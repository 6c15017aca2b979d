"""The example that needs no server: its script run day by day in an empty folder, with only its branch as memory."""

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from product import papers_of

from servers.arxiv import ArxivServer
from servers.loopback import PATIENCE
from servers.telegram import TelegramServer

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "github-actions"
ADA = 101


def git(folder, *arguments):
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout


class Runs:
    """Scheduled runs of a repository: each in a clone of its own, at the time of the test's clock."""

    def __init__(self, folder, clock, arxiv, telegram):
        self.folder, self.clock, self.arxiv, self.telegram = folder, clock, arxiv, telegram
        self.origin = folder / "origin.git"
        git(folder, "init", "--quiet", "--bare", self.origin)
        self.settings = folder / "settings"
        shutil.copytree(EXAMPLE, self.settings)
        programs = folder / "programs"
        programs.mkdir()
        self.program(programs / "paperwire", f'exec {sys.executable} -P -m paperwire "$@"')
        self.program(programs / "date", 'echo "$SIMULATED"')
        self.programs = f"{programs}:{os.environ['PATH']}"
        self.count = 0

    def program(self, file, text):
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def subscribe(self, *lines):
        (self.settings / "subscriptions.txt").write_text("# what we read\n" + "".join(f"{line}\n" for line in lines))

    async def run(self, **variables):
        """One run; (exit status, all it said)."""
        self.count += 1
        clone = self.folder / f"clone{self.count}"
        git(self.folder, "init", "--quiet", clone)
        git(clone, "remote", "add", "origin", self.origin)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERWIRE_")}
        environment = kept | {
            "PATH": self.programs,
            "SETTINGS": str(self.settings),
            "SIMULATED": str(int(self.clock().timestamp())),
            "STATE_KEY": "a long secret of the repository",
            "HOME": str(self.folder),
            "PAPERWIRE_NOW": self.clock().isoformat(),
            "PAPERWIRE_SOURCES__HUGGINGFACE__ENABLED": "false",
            "PAPERWIRE_SOURCES__ARXIV__RSS_URL": self.arxiv.rss_url,
            "PAPERWIRE_SOURCES__ARXIV__API_URL": self.arxiv.api_url,
            "PAPERWIRE_SOURCES__ARXIV__OAI_URL": self.arxiv.oai_url,
            "PAPERWIRE_SOURCES__ARXIV__LIST_URL": self.arxiv.list_url,
            "PAPERWIRE_SOURCES__ARXIV__MIN_INTERVAL": "0.05",
            "PAPERWIRE_CHANNELS__TELEGRAM__TOKEN": self.telegram.token,
            "PAPERWIRE_CHANNELS__TELEGRAM__API_URL": self.telegram.url,
            **variables,
        }
        process = await asyncio.create_subprocess_exec(
            self.settings / "papers.sh",
            cwd=clone,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(5 * PATIENCE):  # a run starts some ten processes
            said, _ = await process.communicate()
        return process.returncode, said.decode()

    def told(self):
        """The papers that were sent, in order."""
        return [paper for message in self.telegram.messages(ADA) for paper in papers_of(message)]

    def mark_cut_off(self):
        """Let the branch be as a run left it that was cut off now."""
        work = self.folder / "cut"
        git(self.folder, "clone", "--quiet", "--branch", "state", self.origin, work)
        git(work, "checkout", "--quiet", "--orphan", "cut")
        (work / "sending").write_text(f"{int(self.clock().timestamp())}\n")
        git(work, "add", "--all")
        git(work, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "--message", "Sending")
        git(work, "push", "--quiet", "--force", "origin", "cut:state")

    def marked(self):
        """The files on the branch, and how many commits it has."""
        files = git(self.origin, "ls-tree", "--name-only", "state").split()
        return files, int(git(self.origin, "rev-list", "--count", "state"))


@pytest.fixture
async def runs(tmp_path, clock):
    clock.set("2026-01-05T12:00:00Z")  # a Monday
    arxiv = ArxivServer(clock)
    telegram = TelegramServer()
    telegram.person(ADA)
    async with arxiv, telegram:
        yield Runs(tmp_path, clock, arxiv, telegram)


def announce(runs, number, day):
    runs.arxiv.archive.add(
        f"2601.0000{number}" if number < 10 else f"2601.000{number}", day, title=f"Diffusion {number}"
    )


async def test_each_paper_comes_once_though_a_run_is_doubled_or_cut_off(runs):
    runs.subscribe(f"telegram:{ADA} diffusion")
    announce(runs, 1, "2026-01-05")
    code, said = await runs.run()
    assert code == 0, said
    assert f"telegram:{ADA}: diffusion" in said
    assert runs.marked() == (["state.tar.gz.gpg"], 1)

    # what a person wrote since is answered first
    runs.clock.set("2026-01-06T12:00:00Z")
    announce(runs, 2, "2026-01-06")
    runs.telegram.say(ADA, "/digest")
    code, said = await runs.run()
    assert code == 0, said
    assert runs.telegram.confirmed()
    assert runs.told().count("2601.00002") == 1

    # cut off while it sent, and begun again at once: refused; a day later: held, and said
    runs.clock.set("2026-01-07T12:00:00Z")
    announce(runs, 3, "2026-01-07")
    before = git(runs.origin, "rev-parse", "state").strip()
    assert (await runs.run())[0] == 0
    runs.mark_cut_off()
    assert before != git(runs.origin, "rev-parse", "state").strip()
    code, said = await runs.run()
    assert code == 1
    assert "another run began 0 seconds ago and has not ended" in said
    runs.clock.set("2026-01-08T12:00:00Z")
    announce(runs, 4, "2026-01-08")
    code, said = await runs.run()
    assert code == 1
    assert "nothing is sent until you start the workflow by hand" in said
    assert "2601.00004" not in runs.told()

    # decided by hand
    code, said = await runs.run(DOUBT="send")
    assert code == 0, said
    assert [runs.told().count(f"2601.0000{number}") for number in (2, 3, 4)] == [1, 1, 1]
    assert runs.marked() == (["state.tar.gz.gpg"], 1)


@pytest.mark.slow
async def test_a_line_taken_out_ends_and_a_bad_one_is_named(runs):
    runs.subscribe(f"telegram:{ADA} diffusion", f"telegram:{ADA} (lora")
    code, said = await runs.run()
    assert code == 1
    assert f"This line of subscriptions.txt was refused: telegram:{ADA} (lora" in said
    runs.subscribe(f"telegram:{ADA} lora")
    runs.clock.advance(hours=6)
    code, said = await runs.run()
    assert code == 0, said
    assert f"telegram:{ADA}: no longer diffusion" in said


async def test_without_its_key_its_settings_or_its_branch_nothing_begins_afresh(runs):
    code, said = await runs.run(STATE_KEY="")
    assert code == 1
    assert "the secret STATE_KEY is not set" in said
    there = (runs.settings / "subscriptions.txt").rename(runs.settings / "elsewhere.txt")
    code, said = await runs.run()
    assert code == 1
    assert "subscriptions.txt is not in" in said
    there.rename(runs.settings / "subscriptions.txt")
    assert (await runs.run())[0] == 0
    runs.clock.advance(hours=6)
    code, said = await runs.run(STATE_KEY="another")
    assert code == 1
    assert "could not be decrypted" in said
    runs.origin.rename(runs.folder / "away")
    code, said = await runs.run()
    assert code == 1
    assert "beginning afresh would send papers again" in said


def stub(runs, refused="nothing"):
    """A program instead of Paperwire that says how it is called, and fails when it is asked for what is `refused`."""
    file = runs.folder / "stub"
    runs.program(file, f'echo "called: $*"; case "$*" in *"{refused}"*) exit 1 ;; esac')
    return {"PAPERWIRE": str(file)}


def calls(said):
    return [line.removeprefix("called: ") for line in said.splitlines() if line.startswith("called: ")]


async def test_spaces_and_another_editor_make_no_other_line(runs):
    (runs.settings / "subscriptions.txt").write_bytes("\ufefftelegram:1  -survey   lora \n telegram:2\tlora".encode())
    code, said = await runs.run(**stub(runs))
    assert code == 0, said
    assert calls(said)[:2] == ["subscribe --to telegram:1 -- -survey   lora", "subscribe --to telegram:2 -- lora"]
    (runs.settings / "subscriptions.txt").write_bytes(b"telegram:1 -survey   lora\r\ntelegram:2 lora\r\n")
    code, said = await runs.run(**stub(runs))
    assert code == 0, said
    assert calls(said) == ["run --once", "status"]


async def test_a_key_of_several_lines_is_refused_and_a_last_line_end_is_none(runs):
    code, said = await runs.run(**stub(runs), STATE_KEY="-----BEGIN KEY-----\nsecret\n")
    assert code == 1
    assert "several lines" in said
    assert calls(said) == []
    assert (await runs.run(**stub(runs), STATE_KEY="secret\n"))[0] == 0
    assert (await runs.run(**stub(runs), STATE_KEY="secret"))[0] == 0


async def test_a_state_that_is_too_large_is_kept_and_no_run_begins_with_it(runs):
    size = runs.folder / "programs" / "stat"
    runs.program(size, "echo 90000000")
    code, said = await runs.run(**stub(runs))
    assert code == 1
    assert "the state has more than 90 MB" in said
    assert runs.marked() == (["state.tar.gz.gpg"], 1)
    code, said = await runs.run(**stub(runs))
    assert code == 1
    assert "the state has more than 90 MB" in said
    assert calls(said) == []


async def test_a_push_that_fails_is_tried_again(runs):
    runs.program(runs.folder / "programs" / "sleep", 'echo "slept $1"')
    real, fails = shutil.which("git"), runs.folder / "fails"
    runs.program(
        runs.folder / "programs" / "git",
        f'if [ "$1" = push ] && [ -s {fails} ]; then sed -i 1d {fails}; exit 128; fi; exec {real} "$@"',
    )
    fails.write_text("once\ntwice\n")
    code, said = await runs.run(**stub(runs))
    assert code == 0, said
    assert "slept 10\nslept 60\n" in said
    assert runs.marked() == (["state.tar.gz.gpg"], 1)
    fails.write_text("always\n" * 3)
    code, said = await runs.run(**stub(runs))
    assert code == 1
    assert "the branch state could not be pushed" in said
    assert calls(said) == []


async def test_nothing_is_sent_where_it_could_not_be_dropped(runs):
    assert (await runs.run(**stub(runs)))[0] == 0
    runs.mark_cut_off()
    code, said = await runs.run(**stub(runs), DOUBT="drop")
    assert code == 1
    assert "another run began 0 seconds ago and has not ended" in said  # whatever is to be done about it
    runs.clock.advance(hours=2)
    code, said = await runs.run(**stub(runs, refused="drop --owed"), DOUBT="drop")
    assert code == 1
    assert calls(said) == ["outbox drop --owed"]
    code, said = await runs.run(**stub(runs), DOUBT="drop")
    assert code == 0
    assert calls(said) == ["outbox drop --owed", "outbox --release", "run --once", "status"]


async def test_a_line_that_cannot_be_ended_is_tried_again(runs):
    runs.subscribe("telegram:1 -survey lora", "telegram:2 lora")
    assert (await runs.run(**stub(runs)))[0] == 0
    runs.subscribe("telegram:1 lora  -survey")
    wanted = "unsubscribe --if-there --to telegram:2 -- lora"
    for _ in range(2):
        code, said = await runs.run(**stub(runs, refused="telegram:2"))
        assert code == 1
        assert "could not be ended; the next run tries again: telegram:2 lora" in said
        assert wanted in calls(said)
    code, said = await runs.run(**stub(runs))
    assert code == 0, said
    assert calls(said) == [wanted, "run --once", "status"]


async def test_a_line_that_is_spelled_otherwise_ends_nothing(runs):
    runs.subscribe("telegram:1 -survey lora")
    assert (await runs.run(**stub(runs)))[0] == 0
    runs.subscribe("telegram:1 lora  -survey", "telegram:2 world")
    _, said = await runs.run(**stub(runs))
    assert calls(said)[0] == "unsubscribe --if-there --to telegram:1 --unless=lora  -survey -- -survey lora"


async def test_pages_are_written_where_they_are_wished(runs):
    said = (await runs.run(**stub(runs), PAGES="/srv/pages", PAGES_URL="https://ada.github.io/papers"))[1]
    assert calls(said) == ["run --once", "pages /srv/pages", "status"]
    about = {"PAGES": "/srv/pages", "PAGES_URL": "https://ada.github.io/papers"}
    code, said = await runs.run(**stub(runs, refused="pages"), **about)
    assert code == 1
    assert "the pages could not be written" in said
    assert runs.marked() == (["state.tar.gz.gpg"], 1)


@pytest.mark.slow
async def test_a_fortnight_with_two_days_missed(runs):
    runs.telegram.say(ADA, "/start")  # before that a bot may not write to anyone
    runs.subscribe(f"telegram:{ADA} diffusion")
    first, missed, number = date(2026, 1, 5), {date(2026, 1, 13), date(2026, 1, 14)}, 0
    said_late = []
    for day in (first + timedelta(days=count) for count in range(16)):
        runs.clock.set(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).isoformat())
        if day.weekday() < 5:
            number += 1
            announce(runs, number, day.isoformat())
        if day in missed:
            continue
        code, said = await runs.run()
        assert code == 0, said
        said_late += [day] if "hours ago" in said else []
    assert runs.count == 14
    told = runs.told()
    assert sorted(told) == sorted(set(told))
    assert len(told) == number - 1  # the first was there before anyone subscribed
    assert date(2026, 1, 15) in said_late
    assert runs.marked() == (["state.tar.gz.gpg"], 1)
