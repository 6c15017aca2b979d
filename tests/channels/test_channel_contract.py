"""What every channel keeps to, for each file in the folder, and that no other file names one."""

import ast
import inspect
import io
import os
import pkgutil
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr

import paperwire.channels
from paperwire import config
from paperwire.bootstrap import serving
from paperwire.channels.console import ConsoleChannel
from paperwire.errors import SendError
from paperwire.network import Network
from paperwire.ports.callers import Actor
from paperwire.ports.channels import AddressInvitation, Channel, Conversation, Inviting, Naming, channel_label
from paperwire.texts import ENGLISH
from paperwire.worker import STAGES
from servers.direct import DIRECT

ROOT = Path(__file__).resolve().parents[2]
NAMES = [found.name for found in pkgutil.iter_modules(paperwire.channels.__path__) if not found.name.startswith("_")]
CONFIGURED = [*config.modules("channels")]
"""All but the terminal, which no settings file switches on."""
VALUES = {
    "kind": str,
    "label": str,
    "singleton": bool,
    "in_flight": int,
    "shared_service": bool,
    "naming": str,
    "greets": bool,
    "digest_size": int,
}
KINDS = ("private", "group", "channel", "topic", "thread", "mailbox", "address", "terminal", "web")
NOWHERE = "http://127.0.0.1:9"
WITHIN = {"smtp_url": "smtp://ann:x@127.0.0.1:9"}
"""Secrets that are addresses."""
ANN = Actor(channel="elsewhere", user_id="1")

NEW_CHANNEL = textwrap.dedent('''
    """The channel `pigeon`: a made-up one."""

    from paperwire.errors import Gone
    from paperwire.ports.options import Options as BaseOptions
    from paperwire.ports.channels import Receipt
    from paperwire.ports.callers import Place

    EXAMPLE = "aLoft"


    class Options(BaseOptions):
        loft: str = "Ghent"


    def build(options, *, network, now, public_url) -> "Channel":
        return PigeonChannel()


    class PigeonChannel:
        kind = "pigeon"
        label = "carrier pigeon"
        singleton = False
        in_flight = 1
        shared_service = False
        naming = "open"
        greets = False
        digest_size = 3

        def per_minute(self, kind):
            """One in ten minutes would be more like it."""
            return 1

        async def wait_for_slot(self, to):
            """At once."""

        async def send(self, to, message):
            """Fly."""
            return Receipt("1")

        async def probe(self):
            """Nothing to ask."""

        async def inspect(self, address, actor):
            """Any loft there is."""
            return Place(channel="pigeon", address=address, kind="address"), True

        def state(self):
            """How it is."""
            return "flying"

        async def close(self):
            """Let it rest."""
''')


def built(name, tmp_path):
    """One channel; what it would reach is not there."""
    module = config.modules("channels")[name]
    fields = module.Options.model_fields.items()
    secrets = {key: SecretStr(WITHIN.get(key, "1:a")) for key, field in fields if field.annotation is SecretStr}
    addresses = {key: NOWHERE for key, field in fields if str(field.default).startswith("https://")}
    addresses |= {key: "papers@example.org" for key, _ in fields if key == "from_address"}
    options = module.Options(**secrets, **addresses)
    return module.build(
        options, network=DIRECT, now=lambda: datetime(2026, 1, 5, 8, tzinfo=UTC), public_url="https://p.example"
    )


@pytest.fixture
def added_channel(tmp_path, monkeypatch):
    """Add one file to the folder for the length of a test; returns how, with or without lines that begin so."""

    def add(without=""):
        lines = NEW_CHANNEL.splitlines()
        at = next((number for number, line in enumerate(lines) if without and line.strip().startswith(without)), None)
        if at is not None:
            del lines[at : at + (1 if " = " in lines[at] else 3)]
        (tmp_path / "pigeon.py").write_text("\n".join(lines))
        monkeypatch.setattr(paperwire.channels, "__path__", [*paperwire.channels.__path__, str(tmp_path)])
        monkeypatch.delitem(sys.modules, "paperwire.channels.pigeon", raising=False)
        config.modules.cache_clear()
        return "pigeon"

    yield add
    config.modules.cache_clear()


@pytest.fixture(params=[*NAMES, "pigeon"])
async def channel(request, tmp_path):
    if request.param not in (*CONFIGURED, "pigeon"):
        source, typing = os.pipe()
        yield ConsoleChannel(source, io.StringIO(), folder=tmp_path)
        os.close(typing)
        os.close(source)
        return
    if request.param == "pigeon":
        request.getfixturevalue("added_channel")()
    made = built(request.param, tmp_path)
    yield made
    await made.close()


async def resolved(_network, _target):
    """A number of the public internet, for any name."""
    return ["93.184.216.34"]


def methods(port):
    return [name for name, _ in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")]


def faults(channel):
    """What a channel lacks of the port, or has otherwise."""
    port = Conversation if hasattr(channel, "listen") else Channel
    for name, kind in VALUES.items():
        if type(getattr(channel, name, None)) is not kind:
            yield name
    for name in methods(port):
        has, wants = getattr(type(channel), name, None), getattr(port, name)
        same = (
            has is not None
            and inspect.iscoroutinefunction(has) == inspect.iscoroutinefunction(wants)
            and [*inspect.signature(has).parameters] == [*inspect.signature(wants).parameters]
        )
        if not same:
            yield name


def test_the_port_is_whole():
    assert set(methods(Channel)) == {"per_minute", "wait_for_slot", "send", "probe", "inspect", "state", "close"}
    assert set(methods(Conversation)) == {*methods(Channel), "listen", "private_address"}
    assert set(Channel.__annotations__) == set(VALUES)


async def test_texts_call_a_channel_as_people_write_it(channel):
    assert channel_label(channel.kind) in {channel.label, channel.kind}  # one that is no subclass is called by its kind
    labels = {channel_label(name) for name in NAMES}
    assert labels == {"Discord", "Telegram", "e-mail", "ntfy", "terminal", "webhook"}
    assert channel_label("pigeons") == "pigeons"


async def test_a_channel_has_all_that_the_port_names(channel, request):
    assert channel.kind == request.node.callspec.params["channel"]
    assert list(faults(channel)) == []
    assert channel.naming in get_args(Naming)
    assert channel.in_flight >= 1
    assert 1 <= channel.digest_size <= (10 if isinstance(channel, Conversation) else 50)  # buttons of more have no room
    assert all(channel.per_minute(kind) >= 1 for kind in KINDS)
    assert channel.state()


@pytest.mark.parametrize("missing", [*VALUES, *(f"def {name}" for name in methods(Channel))])
def test_a_channel_that_lacks_anything_is_found_out(added_channel, tmp_path, missing):
    prefix = (
        missing.replace("def ", "async def ")
        if missing.endswith(("wait_for_slot", "send", "probe", "inspect", "close"))
        else missing
    )
    made = built(added_channel(without=prefix), tmp_path)
    assert missing.removeprefix("def ") in list(faults(made))


@pytest.mark.parametrize("name", CONFIGURED)
def test_types_hold_a_module_to_the_port(name):
    assert config.modules("channels")[name].build.__annotations__["return"] in {"Channel", "Conversation"}


async def test_who_may_name_an_address_is_as_the_channel_says(channel, monkeypatch):
    if channel.naming != "open":
        return
    monkeypatch.setattr(Network, "numbers", resolved)
    address = config.modules("channels")[channel.kind].EXAMPLE
    place, may = await channel.inspect(address, ANN)
    assert (may, place.channel, place.kind) == (True, channel.kind, "address")
    assert address not in place.title  # who knows it may use it


async def test_who_invites_says_all_that_a_page_needs(channel):
    if not isinstance(channel, Inviting):
        return
    has, wants = type(channel).invitation, Inviting.invitation
    assert inspect.iscoroutinefunction(has)
    assert [*inspect.signature(has).parameters] == [*inspect.signature(wants).parameters]
    invitation = await channel.invitation(ENGLISH)
    if isinstance(channel, Conversation):
        assert invitation is None  # as its platform is not there
        return
    assert isinstance(invitation, AddressInvitation)
    assert channel.naming != "managed"  # whose addresses no page can check
    assert all((invitation.name, invitation.heading, invitation.label))
    assert invitation.example == config.modules("channels")[channel.kind].EXAMPLE
    assert all("{address}" in url for url in invitation.apps.values())
    if invitation.fresh:
        place, _ = await channel.inspect(invitation.fresh, ANN)
        assert place.address == invitation.fresh != (await channel.invitation(ENGLISH)).fresh


async def test_a_conversation_is_a_role_and_a_channel_that_only_sends_is_none(channel):
    roles = config.roles()
    talks = isinstance(channel, Conversation)
    assert talks == (channel.kind in roles or channel.kind not in config.modules("channels"))
    assert talks == hasattr(channel, "listen")
    everything = frozenset({*STAGES, *roles.values()})
    channels = {channel.kind: channel}
    assert serving._conversations(channels, frozenset(STAGES), None) == ()
    assert bool(serving._conversations(channels, everything, None)) == (channel.kind in roles)
    assert bool(serving._conversations(channels, frozenset({"web"}), channel)) == talks  # as the terminal of a process


def test_roles_are_what_the_command_line_takes():
    modules = config.modules("channels").items()
    talking = {name for name, module in modules if module.build.__annotations__["return"] == "Conversation"}
    assert config.roles() == {name: name for name in talking}


async def test_a_probe_of_a_service_that_is_not_there_fails_and_the_state_says_so(channel):
    if not channel.shared_service:
        await channel.probe()
        return
    with pytest.raises(SendError) as caught:
        await channel.probe()
    assert caught.value.everywhere
    assert "can't be reached" in str(caught.value)
    assert channel.state() == f"reconnecting since 2026-01-05 08:00 UTC: {caught.value}"


# --- one file is one channel -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONFIGURED)
def test_a_channel_is_in_the_example_the_settings_and_the_readme(name):
    assert f"[channels.{name}]" in (ROOT / "config.example.toml").read_text()
    assert f"## `[channels.{name}]`" in (ROOT / "docs" / "settings.md").read_text()
    connect = (ROOT / "README.md").read_text().partition("## Connect your places")[2].partition("\n## ")[0]
    pages = [
        page.name for page in (ROOT / "docs").glob("*.md") if page.stem in {name, f"{name}s", name.removeprefix("e")}
    ]
    assert len(pages) == 1
    assert f"(docs/{pages[0]})" in connect


NAMED = {
    ("bootstrap/serving.py", "console"): "the terminal of `--console`, which no settings file switches on",
    ("channels/telegram/", "webhook"): "Telegram's own word for calling a bot",
    ("channels/webhook.py", "discord"): "a link to a chat is no webhook, whether or not its channel is on",
    ("channels/webhook.py", "telegram"): "a link to a chat is no webhook, whether or not its channel is on",
    ("cli/app.py", "console"): "rich's class, which prints",
    ("cli/operate.py", "telegram"): "an example in a text",
    ("cli/outbox.py", "telegram"): "an example in a text",
    ("cli/subscribe.py", "telegram"): "an example in a text",
    ("cli/findings.py", "console"): "the terminal of `--console`, which people may have named",
    ("cli/papers.py", "console"): "what commands print is printed by that channel",
    ("cli/run.py", "console"): "the terminal of `--console`, which no settings file switches on",
    ("channels/discord/faults.py", "email"): "Python's own package of that name",
    ("core/days/dates.py", "email"): "Python's own package of that name",
    ("core/duration.py", "email"): "Python's own package of that name",
    ("core/papers/identity.py", "email"): "a part of arXiv's addresses",
    ("sources/rss/entries.py", "email"): "an element of feeds",
    ("services/access.py", "console"): "the terminal of `--console`, whose user sits at the machine",
    ("core/mailbox.py", "email"): "a part of Gmail's other domain",
    ("ports/options.py", "telegram"): "an example in a text",
    ("commands/places/mailbox.py", "email"): "the command of that name, and an example of an address",
    ("observe.py", "console"): "structlog's class",
    ("observe.py", "discord"): "the log of a library of that name",
    ("observe.py", "telegram"): "the log of a library of that name",
}
"""Where a kind of channel is named outside its own file or folder, and why."""


def words_of(tree):
    """All names and texts in a module; what documents it is none of them, nor what it imports from Python itself."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in sys.stdlib_module_names:
            continue
        for field in ("id", "attr", "name", "arg", "module", "asname"):
            if isinstance(word := getattr(node, field, None), str):
                yield word


def test_no_kind_of_channel_is_named_outside_its_file():
    source = ROOT / "src" / "paperwire"
    named = set()
    for path in sorted(source.rglob("*.py")):
        where = path.relative_to(source).as_posix()
        text = " ".join(words_of(ast.parse(path.read_text()))).casefold()
        own = {name for name in NAMES if where == f"channels/{name}.py" or where.startswith(f"channels/{name}/")}
        named |= {(where, name) for name in NAMES if name in text and name not in own}
    excused = {
        (place, name) for place, name in named for known, kind in NAMED if name == kind and place.startswith(known)
    }
    assert named - excused == set(), "let the port say it"
    unused = {(known, kind) for known, kind in NAMED if not any(p.startswith(known) and n == kind for p, n in named)}
    assert unused == set(), "no longer named there"
