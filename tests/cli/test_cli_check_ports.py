"""`check`: who has our ports, and whether the platforms let us in."""

import asyncio
import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cli_world import found

from paperwire.cli import check
from paperwire.store.unit import Store
from servers.loopback import free_port
from servers.telegram import TelegramServer


class Answering(BaseHTTPRequestHandler):
    """A server of somebody else, which answers every path."""

    text = "<html>a printer</html>"

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *_):
        return


class Ours(Answering):
    """What a service of ours answers."""

    text = "alive\n"


@contextmanager
def served(handler):
    """The port of a server that answers with `handler`."""
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def writer(shell):
    """A service that writes to the database."""
    store = Store.open(f"sqlite+aiosqlite:///{shell.folder}/paperwire.db", now=lambda: datetime.now(UTC))
    store.lock_service()
    try:
        yield
    finally:
        asyncio.run(store.close())


@pytest.mark.whole
@pytest.mark.parametrize(("subject", "key"), [("port", "web"), ("ops port", "ops")])
def test_a_port_that_a_stranger_has(migrated, subject, key):
    with served(Answering) as port:
        migrated.env(**{f"{key}__port": port})
        said = migrated("check", "--json")
        assert said.code == 1
        assert found(said)[subject][0] == "broken"
        assert f"set {key}.port (PAPERWIRE_{key.upper()}__PORT) to another" in found(said)[subject][1]
        with writer(migrated):  # a service of ours that runs does not have this port
            assert found(migrated("check", "--json"))[subject][0] == "broken"


@pytest.mark.whole
def test_a_port_that_our_service_has(migrated):
    with served(Ours) as port:
        migrated.env(web__port=port)
        about = found(migrated("check", "--json"))["port"]
        assert about == (
            "broken", f"another Paperwire service answers on 127.0.0.1:{port}: none writes to this database"
        )  # fmt: skip
        with writer(migrated):
            about = found(migrated("check", "--json"))["port"]
            assert about == ("ok", f"a Paperwire service answers on 127.0.0.1:{port}")
        (migrated.folder / "paperwire.db.lock").unlink()
        assert found(migrated("check", "--json"))["port"][0] == "broken"


def test_something_that_listens_and_does_not_answer(sound, monkeypatch):
    monkeypatch.setattr(check, "_LOCAL_TIMEOUT", 0.1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        sound.env(web__port=other.getsockname()[1])
        assert found(sound("check", "--json"))["port"][0] == "broken"


def test_on_postgresql_a_service_on_the_port_may_be_of_any_database(stocked, database):
    if database.startswith("sqlite"):
        pytest.skip("this is about PostgreSQL")
    with served(Ours) as port:
        stocked.env(web__port=port, web__host="0.0.0.0")  # noqa: S104 -- nothing of ours listens
        assert found(stocked("check", "--json"))["port"] == ("ok", f"a Paperwire service answers on 0.0.0.0:{port}")


def test_an_address_that_is_not_ours(sound):
    sound.env(web__host="192.0.2.1")
    said = sound("check", "--json")
    assert said.code == 1
    assert found(said)["port"][0] == "broken"


# --- tokens ------------------------------------------------------------------------------------------------------


def test_channels_without_a_token_and_those_that_have_none(sound):
    sound.file("config.toml", "[channels.telegram]\n[channels.webhook]\nenabled = true").chmod(0o600)
    about = found(sound("check", "--json"))
    assert about["telegram"] == ("warning", "off: channels.telegram.token is not set")
    assert about["webhook"] == ("ok", "on; addresses are tried when something is sent")


async def asked(shell, url, token):
    """What `check` says of Telegram, asked next to its server."""
    shell.env(channels__telegram__api_url=url, channels__telegram__token=token)
    said = await asyncio.to_thread(shell, "check", "--json")
    assert token not in said.out + said.err
    return found(said)["telegram"]


async def test_a_token_is_tried(shell):
    async with TelegramServer() as telegram:
        assert await asked(shell, telegram.url, telegram.token) == ("ok", "answers and lets us in")
        level, text = await asked(shell, telegram.url, "42:wrong")
        assert level == "broken"
        assert "Telegram refused the token" in text


async def test_a_platform_that_cannot_be_reached(shell):
    level, text = await asked(shell, "http://127.0.0.1:9", "42:any")
    assert level == "broken"
    assert "Telegram can't be reached" in text


async def test_a_platform_that_does_not_answer_in_time(monkeypatch):
    monkeypatch.setattr(check, "_TIMEOUT", 0.05)

    class Silent:
        async def probe(self):
            await asyncio.sleep(9)

    assert (await check._token("telegram", Silent())).level == "broken"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104 -- the setting of containers
def test_one_port_for_pages_and_machines_is_broken(migrated, host):
    port = free_port()
    migrated.env(web__host=host, web__port=port, ops__port=port)
    said = migrated("check", "--json")
    assert said.code == 1
    assert found(said)["ops port"] == ("broken", f"ops.port is {port} like web.port; set another one, or 0 for any")


def test_one_port_on_two_addresses_is_fine(migrated):
    port = free_port()
    migrated.env(web__host="127.0.0.2", web__port=port, ops__port=port)
    assert found(migrated("check", "--json"))["ops port"] == ("ok", f"127.0.0.1:{port} is free")
