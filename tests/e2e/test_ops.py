"""What an operator and machines see of each process: its health, its metrics, its channels, and why it is not ready."""

import asyncio
import json
import socket

import pytest
from product import Product

from servers.telegram import TelegramServer

NOBODY = {"sources__demo__enabled": "true", "sources__demo__every": "1"}


def sqlite(folder):
    return f"sqlite+aiosqlite:///{folder}/paperwire.db"


@pytest.mark.parametrize("roles", ["web", "collect,match"])
async def test_every_process_is_watched_on_a_port_of_its_own(tmp_path, roles):
    product = Product(tmp_path, sqlite(tmp_path), **NOBODY)
    await product.start("--only", roles)
    try:
        assert (await product.get(f"{product.ops}/healthz")).text == "alive\n"

        async def is_ready():
            return (await product.get(f"{product.ops}/readyz")).status_code == 200

        await product.until(is_ready)
        assert "paperwire_outbox_owed 0.0" in await product.metrics()
        if roles == "web":
            assert (await product.get("/readyz")).status_code == 200
            assert (await product.get("/metrics")).status_code == 404
    finally:
        assert await product.stop() == 0


async def test_a_port_that_is_taken_ends_the_start_and_any_free_one_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        product = Product(tmp_path, sqlite(tmp_path), ops__port=port, **NOBODY)
        code, _, err = await product.command("run")
        assert code == 1
        assert err.startswith(f"paperwire: port {port} on 127.0.0.1 is in use; stop what listens there or set ops.port")
        assert err.endswith(" (PAPERWIRE_OPS__PORT) to another or to 0\n")
    product.settings["ops__port"] = "0"
    async with product:
        await product.until(lambda: logged(product, "health checks and metrics"))
        assert await product.stop() == 0


async def test_systemd_hears_of_a_service_that_answers_and_of_its_stop(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"{tmp_path}/notify")
        systemd.setblocking(False)  # noqa: FBT003 -- the socket takes it so
        monkeypatch.setenv("NOTIFY_SOCKET", f"{tmp_path}/notify")
        monkeypatch.setenv("WATCHDOG_USEC", "1000000")
        product = Product(tmp_path, sqlite(tmp_path), **NOBODY)
        await product.begin()
        heard = [(await asyncio.get_running_loop().sock_recv(systemd, 100)).decode() for _ in range(3)]
        assert heard == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        assert (await product.get(f"{product.ops}/healthz")).text == "alive\n"
        assert await product.stop() == 0
        while (last := (await asyncio.get_running_loop().sock_recv(systemd, 100)).decode()) == "WATCHDOG=1":
            pass
        assert last == "STOPPING=1"


async def logged(product, words):
    return words in product.log.read_text()


async def test_a_source_that_fails_leaves_a_process_ready_and_one_that_nobody_tries_is_overdue(tmp_path):
    papers = tmp_path / "papers.jsonl"
    papers.write_text(json.dumps({"id": "2601.00001", "title": "One", "abstract": "", "authors": ["A"]}) + "\n")
    product = Product(
        tmp_path, sqlite(tmp_path), sources__jsonl__files=f'["{papers}"]', sources__jsonl__every="1s",
        now="2026-01-05T08:00:00Z",
    )  # fmt: skip
    async with product:
        await product.ready()
        papers.unlink()

        async def fails():
            return "source failed" in product.log.read_text()

        await product.until(fails)
        assert (await product.get("/readyz")).status_code == 200
        assert (await product.get(f"{product.ops}/readyz")).status_code == 200
        assert await product.stop() == 0
    product.settings["now"] = "2026-01-05T20:00:00Z"
    for command in ("status", "check"):
        _, out, _ = await product.command(command)
        assert "jsonl: overdue" in out
        assert "not tried since Mon 5 Jan 2026 08:0" in out


async def test_what_was_taken_out_or_switched_off_while_it_failed_is_not_called_failing(tmp_path):
    papers = tmp_path / "papers.jsonl"
    papers.write_text(json.dumps({"id": "2601.00001", "title": "One", "abstract": "", "authors": ["A"]}) + "\n")
    product = Product(tmp_path, sqlite(tmp_path), sources__jsonl__files=f'["{papers}", "{tmp_path}/gone.jsonl"]')
    await product.command("run", "--once")
    assert "Can't reach jsonl" in (await product.command("status"))[1]
    product.settings["sources__jsonl__enabled"] = "false"
    assert "\njsonl: last read" in (await product.command("status"))[1]
    product.settings["sources__jsonl__enabled"] = "true"
    product.settings["sources__jsonl__files"] = f'["{papers}"]'
    assert (await product.command("run", "--once"))[0] == 0
    assert "\njsonl: last read" in (await product.command("status"))[1]


@pytest.mark.slow_on_postgresql
async def test_the_shell_names_the_channels_of_a_running_service(tmp_path, database):
    async with TelegramServer() as telegram:
        product = Product(
            tmp_path,
            database,
            channels__telegram__token=telegram.token,
            channels__telegram__api_url=telegram.url,
            channels__webhook__enabled="true",
        )

        async def shown(*lines):
            _, out, _ = await product.command("status")
            return all(line in out.splitlines() for line in lines)

        async with product:
            await product.until(lambda: shown("Telegram: connected", "webhook: ready"))
            assert await product.stop() == 0
        assert await shown("Telegram: not running", "webhook: not running")


async def test_pages_show_the_channels_of_other_processes(tmp_path, database):
    if database.startswith("sqlite"):
        pytest.skip("one process writes to SQLite")
    async with TelegramServer() as telegram:
        settings = {"channels__telegram__token": telegram.token, "channels__telegram__api_url": telegram.url}
        (tmp_path / "b").mkdir()
        pages, bot = Product(tmp_path, database, **settings), Product(tmp_path / "b", database, **settings)
        try:
            await pages.start("--only", "web")

            async def shows(state):
                return state in (await pages.get("/status")).text

            await pages.until(lambda: shows("not running"))
            await bot.start("--only", "telegram,deliver")
            await pages.until(lambda: shows("connected"))
            assert await bot.stop() == 0
            await pages.until(lambda: shows("not running"))
        finally:
            for product in (pages, bot):
                if product.pid:
                    await product.stop()


async def test_with_log_json_every_line_is_json(tmp_path):
    """A channel that is off, a refused token, a source that fails, and a stop."""
    async with TelegramServer() as telegram:
        product = Product(
            tmp_path,
            sqlite(tmp_path),
            channels__telegram__token="42:AAcanary",
            channels__telegram__api_url=telegram.url,
            channels__discord__enabled="true",
            sources__huggingface__enabled="true",
            sources__huggingface__url="http://127.0.0.1:9/",
            **NOBODY,
        )
        await product.start("--log-json")

        async def all_happened():
            log = product.log.read_text()
            return all(told in log for told in ("source failed", "channel disconnected", "announcement collected"))

        await product.until(all_happened)
        assert await product.stop() == 0
    lines = [json.loads(line) for line in product.log.read_text().splitlines()]
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    events = [line["event"] for line in lines]
    assert "discord is off: channels.discord.token is not set" in events
    assert any(event.startswith("Pages, search and feeds: ") for event in events)
    assert "canary" not in product.log.read_text()


async def test_with_log_json_a_service_that_cannot_start_says_so_in_json(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        product = Product(tmp_path, sqlite(tmp_path), web__port=other.getsockname()[1])
        code, out, errors = await product.command("run", "--log-json")
    assert (code, out) == (1, "")
    assert any("is in use; stop what listens there" in json.loads(line)["event"] for line in errors.splitlines())
    product.settings["database__url"] = "sqlite+aiosqlite:////proc/none/paperwire.db"
    code, out, errors = await product.command("run", "--log-json")
    assert (code, out) == (1, "")
    assert [json.loads(line)["level"] for line in errors.splitlines()] == ["error"]
