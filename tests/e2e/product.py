"""The product as a process of its own, set up to talk to fakes on loopback, and what its users see of it."""

import asyncio
import os
import re
import signal
import tempfile
from pathlib import Path

import httpx
from forked import Forked

from servers.loopback import PATIENCE, free_port

PAPERS_A_MESSAGE = 10
"""How many papers a list message carries at most, on Telegram and Discord."""
STARTING = 1.5
"""Seconds that a start takes from a shell, and a forked one does not; Telegram's limits may forget meanwhile."""
PAPER = re.compile(r"https://arxiv\.org/abs/([^\s\"<?#]+)")


class Product:
    """`async with Product(folder, database, key=value)`: settings are environment variables in small letters.

    `main` is the Python text that the process runs.
    """

    main = "from paperwire.cli import main; main()"

    def __init__(self, folder, database, **settings):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ops_port = free_port()
        self.ops = f"http://127.0.0.1:{self.ops_port}"
        self.log = folder / "paperwire.log"
        self.settings = {
            "database__url": database,
            "secret_key": "a key that tests know",
            "web__port": str(self.port),
            "ops__port": str(self.ops_port),
            "sources__arxiv__enabled": "false",
            "sources__huggingface__enabled": "false",
            **settings,
        }
        self._process = None

    @property
    def pid(self):
        """The number of the process; None while there is none."""
        return self._process and self._process.pid

    @property
    def environment(self):
        ours = {f"PAPERWIRE_{name.upper()}": str(value) for name, value in self.settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERWIRE_")}
        return kept | ours

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *_):
        if self._process is not None:
            await self.stop()

    async def start(self, *arguments):
        """Begin and wait until the process answers."""
        await self.begin(*arguments)
        serves_pages = "--only" not in arguments or "web" in arguments[arguments.index("--only") + 1]
        await self.until(lambda: self._answers(self.url if serves_pages else self.ops))

    async def begin(self, *arguments):
        """Begin and wait for nothing."""
        self._process = await self._forked(("run", *arguments), stdout=self.log, stderr=self.log)

    async def kill(self):
        """Take the process away between two instructions."""
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        self._process = None

    async def stop(self):
        """Ask it to end; returns its exit code, which is 1 if it did not manage to within its ten seconds."""
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            code = await self._process.wait()
        self._process = None
        return code

    async def command(self, *arguments, stdin=b""):
        """Run another command of the product in the same place; returns (exit code, output, errors)."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            typed, out, errors = (Path(name, kind) for kind in ("in", "out", "errors"))
            typed.write_bytes(stdin)
            process = await self._forked(arguments, stdin=typed, stdout=out, stderr=errors)
            async with asyncio.timeout(PATIENCE):
                code = await process.wait()
            return code, out.read_text(), errors.read_text()

    def _forked(self, arguments, **files):
        return Forked(self.main, arguments, folder=self.folder, environment=self.environment, **files).start()

    async def get(self, path):
        """A page."""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            return await client.get(path if path.startswith("http") else self.url + path)

    async def metrics(self):
        """The metrics, as Prometheus reads them."""
        answer = await self.get(f"{self.ops}/metrics")
        assert answer.status_code == 200
        return answer.text

    async def ready(self):
        """Wait until the first run of every source has ended."""

        async def is_ready():
            return (await self.get("/readyz")).status_code == 200

        await self.until(is_ready)

    async def until(self, holds, seconds=PATIENCE):
        """Wait until the coroutine function `holds` says so; a process that died meanwhile fails the test at once."""
        try:
            async with asyncio.timeout(seconds):
                while not await holds():
                    if self._process is not None and self._process.returncode is not None:
                        raise AssertionError(f"the product ended: {self.log.read_text()[-3000:]}")
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"waited {seconds} s in vain; the log ends: {self.log.read_text()[-3000:]}") from None

    async def _answers(self, url):
        try:
            return (await self.get(f"{url}/healthz")).status_code == 200
        except httpx.TransportError:
            return False


def papers_of(message):
    """The ids of the papers that a message links, in order."""
    return [found for link in message.links for found in PAPER.findall(link)]
