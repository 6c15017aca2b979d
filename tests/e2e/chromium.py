"""Headless Chromium over its DevTools protocol: pages, keys as people press them, and what the browser reports."""

import asyncio
import base64
import contextlib
import importlib.util
import itertools
import json
import os
import re
import shutil
from pathlib import Path

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FOUND = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
"""The browser; None where there is none."""
PATIENCE = 60
"""Seconds for one answer."""
KEYS = {"Tab": 9, "Enter": 13, "Space": 32, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38}
TEXTS = {"Enter": "\r", "Space": " "}
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # as root it would not start; it sees pages of ours alone
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)


def axe_source():
    """The text of axe-core's script, from the file named by `AXE` or a package; None where that isn't installed."""
    if file := os.environ.get("AXE"):
        return Path(file).read_text()
    found = importlib.util.find_spec("axe_core_python")
    return Path(found.origin).with_name("axe.min.js").read_text() if found else None


class Chromium:
    """`async with Chromium(folder) as browser`: one browser with a profile of its own in `folder`."""

    def __init__(self, folder):
        self._folder = folder
        self._numbers = itertools.count(1)
        self._answers = {}
        self._pages = {}

    async def __aenter__(self):
        environment = {**os.environ, "HOME": str(self._folder)}
        self._process = await asyncio.create_subprocess_exec(
            FOUND,
            *FLAGS,
            f"--user-data-dir={self._folder / 'profile'}",
            "about:blank",
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE):
            while not (found := re.search(rb"listening on (ws://\S+)", await self._process.stderr.readline())):
                assert self._process.returncode is None, "the browser ended"
        self._draining = asyncio.create_task(self._process.stderr.read())  # or the pipe would fill up
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(found[1].decode(), max_msg_size=0)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_):
        with contextlib.suppress(Exception):
            await self.ask("Browser.close")
        await self._socket.close()
        await self._reading
        await self._session.close()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._draining

    async def page(self, *, scripts=True, width=1100, height=900, dark=False):
        """An empty page; without `scripts` no page may run any."""
        target = (await self.ask("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self.ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Audits", "DOM"):
            await page.ask(f"{domain}.enable")
        await page.ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await page.ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await page.ask("Emulation.setEmulatedMedia", features=[scheme])
        return page

    async def ask(self, method, session=None, **params):
        """The answer to one command."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        await self._socket.send_json(message)
        async with asyncio.timeout(PATIENCE):
            told = await answer
        assert "error" not in told, (method, told)
        return told["result"]

    async def _read(self):
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told.get("sessionId") in self._pages:
                self._pages[told["sessionId"]].noted(told["method"], told["params"])


class Page:
    """One tab. `reports` is what the browser complains of: errors, refused loads, breaches of the page's policy."""

    def __init__(self, browser, session):
        self._browser = browser
        self._session = session
        self._loaded = asyncio.Event()
        self.reports = []

    async def ask(self, method, **params):
        """The answer to one command to this tab."""
        return await self._browser.ask(method, self._session, **params)

    def noted(self, method, told):
        """What the browser tells of this tab."""
        if method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Log.entryAdded" and told["entry"]["level"] in {"error", "warning"}:
            self.reports.append(told["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and told["type"] in {"error", "warning", "assert"}:
            self.reports.append(str(told["args"]))
        elif method == "Runtime.exceptionThrown":
            self.reports.append(told["exceptionDetails"]["text"])
        elif method == "Audits.issueAdded":
            self.reports.append(json.dumps(told["issue"]))

    async def open(self, url):
        """Go to an address and wait until it is loaded."""
        await self.loading(self.ask("Page.navigate", url=url))

    async def loading(self, action):
        """Do what loads another page, and wait for that."""
        self._loaded.clear()
        await action
        async with asyncio.timeout(PATIENCE):
            await self._loaded.wait()

    async def run(self, script):
        """The value of a script in the page, which its policy and switched-off scripts don't concern."""
        told = await self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def press(self, key, *, shift=False):
        """Press and release a key."""
        code = {"key": " " if key == "Space" else key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        code |= {"modifiers": 8} if shift else {}
        text = {"text": TEXTS[key]} if key in TEXTS else {}
        await self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **code, **text)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **code)

    async def type(self, text):
        """Type into what has the focus, in place of what is there."""
        everything = {
            "modifiers": 2,
            "key": "a",
            "code": "KeyA",
            "windowsVirtualKeyCode": 65,
            "commands": ["selectAll"],
        }
        await self.ask("Input.dispatchKeyEvent", type="rawKeyDown", **everything)
        await self.ask("Input.insertText", text=text)

    async def tab_to(self, script, most=200):
        """Press Tab until the focused element (`e`) is as `script` says."""
        for _ in range(most):
            await self.press("Tab")
            if await self.run(f"(e => !!({script}))(document.activeElement)"):
                return
        raise AssertionError(f"not reached by Tab: {script}")

    async def until_focused(self, script):
        """Wait until the focused element (`e`) is as `script` says: a page that asks for the focus gets it after it
        was loaded, when it is drawn."""
        async with asyncio.timeout(PATIENCE):
            while not await self.run(f"(e => !!({script}))(document.activeElement)"):  # noqa: ASYNC110 -- asks another process
                await asyncio.sleep(0.05)

    async def violations(self, axe):
        """What axe finds wrong, one line for each element."""
        await self.run(axe)
        found = await self.run(
            "axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))"
        )
        return [f"{one['id']}: {node['html'][:200]}" for one in json.loads(found) for node in one["nodes"]]

    async def picture(self, file):
        """A picture of the whole page."""
        told = await self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(told["data"]))
