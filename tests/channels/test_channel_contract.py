"""What every channel keeps to, for each file in the folder."""

import inspect
import io
import os
import pkgutil
from datetime import UTC, datetime
from importlib import import_module

import pytest
from pydantic import SecretStr

import paperwire.channels
from paperwire.channels.console import ConsoleChannel
from paperwire.errors import SendError
from paperwire.ports import Channel

NAMES = [found.name for found in pkgutil.iter_modules(paperwire.channels.__path__) if not found.name.startswith("_")]
METHODS = [name for name, _ in inspect.getmembers(Channel, inspect.isfunction) if not name.startswith("_")]
VALUES = {"kind": str, "singleton": bool, "in_flight": int, "shared_service": bool}
KINDS = ("private", "group", "channel", "topic", "thread", "mailbox", "webhook", "terminal", "web")
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(params=NAMES)
async def channel(request, tmp_path):
    """One channel of each kind; what it would reach is not there."""
    if request.param == "console":
        source, typing = os.pipe()
        yield ConsoleChannel(source, io.StringIO(), folder=tmp_path)
        os.close(typing)
        os.close(source)
        return
    module = import_module(f"paperwire.channels.{request.param}")
    known = {"token": SecretStr("1:a"), "api_url": NOWHERE}
    options = module.Options(**{key: known[key] for key in known if key in module.Options.model_fields})
    made = module.build(options, now=lambda: datetime(2026, 1, 5, 8, tzinfo=UTC), public_url="https://p.example")
    yield made
    await made.close()


def test_the_port_is_whole():
    assert set(METHODS) == {"per_minute", "turn", "send", "probe", "listen", "inspect", "state", "close"}
    assert set(Channel.__annotations__) == set(VALUES)


async def test_a_channel_has_all_that_the_port_names(channel, request):
    assert channel.kind == request.node.callspec.params["channel"]
    assert {name: type(getattr(channel, name)) for name in VALUES} == VALUES
    assert channel.in_flight >= 1
    for name in METHODS:
        has, wants = getattr(type(channel), name), getattr(Channel, name)
        assert inspect.iscoroutinefunction(has) == inspect.iscoroutinefunction(wants), name
        assert [*inspect.signature(has).parameters] == [*inspect.signature(wants).parameters], name
        assert has.__doc__, name
    assert all(channel.per_minute(kind) >= 1 for kind in KINDS)
    assert channel.state()


async def test_a_probe_of_a_service_that_is_not_there_fails_and_the_state_says_so(channel):
    if not channel.shared_service:
        await channel.probe()
        return
    with pytest.raises(SendError) as caught:
        await channel.probe()
    assert caught.value.everywhere
    assert "can't be reached" in str(caught.value)
    assert channel.state() == f"reconnecting since 2026-01-05 08:00 UTC: {caught.value}"
