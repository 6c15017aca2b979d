"""What systemd hears from a service that it started with `Type=notify`, over a socket like its own."""

import asyncio
import os
import secrets
import socket

import pytest
from structlog.testing import capture_logs

from paperwire.bootstrap import systemd as systemd_module
from paperwire.bootstrap.systemd import told_to_systemd


class Systemd:
    """The end of the socket that systemd reads."""

    def __init__(self, address):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 -- the socket takes it so
        self._socket.bind(address)

    async def hears(self):
        async with asyncio.timeout(30):
            return (await asyncio.get_running_loop().sock_recv(self._socket, 100)).decode()

    def close(self):
        self._socket.close()


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", f"{tmp_path}/notify")
    there = Systemd(f"{tmp_path}/notify")
    yield there
    there.close()


async def test_it_hears_when_the_process_serves_and_when_it_stops(systemd):
    async with told_to_systemd():
        assert await systemd.hears() == "READY=1"
    assert await systemd.hears() == "STOPPING=1"


async def test_an_abstract_socket(monkeypatch):
    name = f"paperwire-{secrets.token_hex(8)}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    there = Systemd(f"\0{name}")
    async with told_to_systemd():
        assert await there.hears() == "READY=1"
    there.close()


async def test_a_watched_loop_reports_itself(systemd, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    async with told_to_systemd():
        assert [await systemd.hears() for _ in range(4)] == ["READY=1", *["WATCHDOG=1"] * 3]


@pytest.mark.parametrize(("usec", "pid"), [("20000", "1"), ("", ""), ("soon", "")])
async def test_a_process_that_is_not_watched_reports_nothing(systemd, monkeypatch, usec, pid):
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", pid or str(os.getpid()))
    async with told_to_systemd():
        await asyncio.sleep(0)
    assert [await systemd.hears() for _ in range(2)] == ["READY=1", "STOPPING=1"]


@pytest.mark.parametrize("address", ["", "vsock:2:1"])
async def test_without_its_socket_nothing_is_said(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    with capture_logs() as logs:
        async with told_to_systemd():
            pass
    assert logs == []


async def test_a_socket_that_is_gone_stops_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("NOTIFY_SOCKET", f"{tmp_path}/gone")
    with capture_logs() as logs:
        async with told_to_systemd():
            pass
    assert [line["event"] for line in logs] == ["systemd was not notified"] * 2


async def test_a_beat_that_fails_is_logged_once_until_it_works_again(monkeypatch, tmp_path):
    beats, beat = asyncio.Queue(), systemd_module._tell

    def counted(state, **about):
        try:
            return beat(state, **about)
        finally:
            beats.put_nowait(state)

    monkeypatch.setenv("NOTIFY_SOCKET", f"{tmp_path}/notify")
    monkeypatch.setenv("WATCHDOG_USEC", "2000")
    monkeypatch.setattr(systemd_module, "_tell", counted)
    there = Systemd(f"{tmp_path}/notify")
    with capture_logs() as logs:
        async with told_to_systemd():
            for _ in range(2):
                assert await there.hears()
                there.close()
                (tmp_path / "notify").unlink()
                while not beats.empty():
                    beats.get_nowait()
                for _ in range(5):
                    await beats.get()
                there = Systemd(f"{tmp_path}/notify")
            while await there.hears() != "WATCHDOG=1":
                pass
    there.close()
    assert [line["state"] for line in logs] == ["WATCHDOG=1"] * 2
