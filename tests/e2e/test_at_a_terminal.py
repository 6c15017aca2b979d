"""`paperwire demo` and `run --console` as a person at a terminal has them, over pipes."""

import asyncio
import re
import signal
import sys
import tempfile
from contextlib import asynccontextmanager

import httpx
import pytest
from product import Product

from servers.loopback import PATIENCE


class Terminal:
    """A process whose input and output are ours; `shown` is all that it wrote."""

    def __init__(self, process):
        self.process = process
        self.shown = ""
        self._reading = asyncio.create_task(self._read())

    async def _read(self):
        while data := await self.process.stdout.read(4096):
            self.shown += data.decode()

    def type(self, line):
        self.process.stdin.write(f"{line}\n".encode())

    async def sees(self, pattern, *, after=0):
        """Wait for a pattern, in what comes after so many characters; the match."""
        async with asyncio.timeout(PATIENCE):
            while not (found := re.search(pattern, self.shown[after:])):
                assert self.process.returncode is None, self.shown
                await asyncio.sleep(0.05)
        return found

    async def end(self):
        """Close the input as Ctrl-D does; the exit code."""
        self.process.stdin.write_eof()
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
            await self._reading
        return code


@asynccontextmanager
async def terminal(folder, *arguments, environment):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", Product.main, *arguments, cwd=folder, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield Terminal(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_demo_shows_the_main_job_and_leaves_nothing_but_what_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    tempfile.tempdir = None
    environment = Product(tmp_path, "unused").environment | {"TMPDIR": str(tmp_path)}
    environment = {name: value for name, value in environment.items() if not name.startswith("PAPERWIRE_")}
    async with terminal(tmp_path, "demo", environment=environment) as screen:
        site = (await screen.sees(r"Pages, search and feeds: (http://127\.0\.0\.1:\d+)"))[1]
        screen.type("/search agents OR attention OR learning OR model OR graph")
        await screen.sees(r"\d\d papers for agents")  # of its thirty days, which are there before the prompt
        screen.type("/subscribe agents OR attention OR learning OR model OR graph")
        await screen.sees(r"a week|of the last")  # the preview with its rate
        await screen.sees(rf"{site}/papers/demo\.\d+", after=len(screen.shown))  # an alert
        screen.type("/feed")
        feed = (await screen.sees(r"(http://127\.0\.0\.1:\d+/f/[\w-]+\.atom)"))[1]
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            assert (await client.get(feed)).status_code == 200
            assert "<h2>" in (await client.get(site)).text
        screen.type("/export")
        await screen.sees("Written to .*paperwire.json")
        assert await screen.end() == 0
    assert "Traceback" not in screen.shown
    assert "agents OR attention" in (tmp_path / "paperwire.json").read_text("utf-8")
    assert not list(tmp_path.glob("paperwire-demo-*"))


async def test_a_terminal_next_to_the_service(tmp_path, sqlite_template):
    product = Product(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/paperwire.db")
    async with terminal(tmp_path, "run", "--console", environment=product.environment) as screen:
        await screen.sees("Pages, search and feeds")
        screen.type("/help")
        await screen.sees("/subscribe")
        screen.type("/nonsense")
        await screen.sees("(?i)nonsense")
        assert await screen.end() == 0


@pytest.mark.parametrize("sign", ["SIGINT", "SIGTERM"])
async def test_a_signal_ends_it_without_a_trace(tmp_path, sign):
    product = Product(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/paperwire.db", web__port="0")
    async with terminal(tmp_path, "run", environment=product.environment) as screen:
        port = (await screen.sees(r"http://127\.0\.0\.1:(\d+)"))[1]
        assert port != "0"
        screen.process.send_signal(getattr(signal, sign))
        async with asyncio.timeout(PATIENCE):
            assert await screen.process.wait() == 0
    assert "Traceback" not in screen.shown
