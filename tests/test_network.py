"""The way out: through a proxy that alone knows where names lead, by one's own authorities; what failures say."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime

import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from paperwire.channels import discord, email, telegram
from paperwire.channels.webhook import WebhookChannel
from paperwire.core.messages.message import Message, Span
from paperwire.errors import ConfigError, Gone, Retry, SourceError
from paperwire.network import Network, why
from paperwire.ports.callers import Actor
from paperwire.ports.options import NetworkOptions
from paperwire.sources._http import Fetcher
from servers.discord import TOKEN as DISCORD_TOKEN
from servers.discord import DiscordServer
from servers.hook import HookServer
from servers.rude import Rude
from servers.smtp import MailServer
from servers.telegram import TelegramServer
from servers.way_out import Authority, Proxy

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
PUBLIC = "93.184.216.34"
ONE = Message(head=((Span("A paper"),),), key="k1")


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
async def safe(authority):
    """A server with a certificate for `papers.example`; `port` is where it is."""
    async with Safe(authority.server("papers.example")) as server:
        yield server


class Safe:
    """An HTTPS server on loopback: `port` is where, `hosts` are the names it was asked by."""

    def __init__(self, context):
        self._context, self.hosts, self.port = context, [], 0

    async def __aenter__(self):
        app = web.Application()
        app.add_routes([web.get("/{path:.*}", self._answer)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._context).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    async def _answer(self, request):
        self.hosts.append(request.host)
        return web.Response(text="here")


def network_of(proxy=None, ca_file=None):
    return Network(NetworkOptions(proxy=SecretStr(proxy.url if proxy else ""), ca_file=ca_file))


class NoPace:
    """Lets every request out at once."""

    def slot(self, *_args, **_how):
        return self

    async def __aenter__(self):
        pass

    async def __aexit__(self, *_):
        pass


async def got(network, url, **how):
    fetcher = Fetcher(network=network, user_agent="Paperwire/test", pace=NoPace(), now=lambda: NOW)
    try:
        return (await fetcher.get(url, service="s", **how)).body
    finally:
        await fetcher.close()


async def test_a_source_is_read_through_the_proxy_with_and_without_tls(safe, authority):
    async with Rude() as plain:
        plain.answer = lambda _: web.Response(text="there")
        leads = {"plain.example": int(plain.url.rpartition(":")[2]), "papers.example": safe.port}
        async with Proxy(leads, login="ann:hunter2") as proxy:
            network = network_of(proxy, authority.file)
            assert await got(network, "http://plain.example/feed") == b"there"
            assert await got(network, "https://papers.example/feed") == b"here"
            assert proxy.asked == ["plain.example", "papers.example"]
            assert await got(network, f"{plain.url}/local") == b"there"
            assert len(proxy.asked) == 2


async def test_what_a_person_names_is_asked_of_the_proxy_by_its_number(safe, authority, monkeypatch):
    async def numbers(_self, target):
        assert target.host == "papers.example"
        return [PUBLIC]

    monkeypatch.setattr(Network, "numbers", numbers)
    async with Proxy({PUBLIC: safe.port}) as proxy:
        assert await got(network_of(proxy, authority.file), "https://papers.example/feed", guard=True) == b"here"
        assert proxy.asked == [PUBLIC]
        assert safe.hosts == ["papers.example"]
        with pytest.raises(SourceError, match="authority is unknown here"):
            await got(network_of(proxy), "https://papers.example/feed", guard=True)


@pytest.mark.whole
async def test_a_certificate_that_fails_through_the_proxy_says_why_each_time(safe, authority):
    async with Proxy({"papers.example": safe.port}) as proxy:
        fetcher = Fetcher(network=network_of(proxy), user_agent="Paperwire/test", pace=NoPace(), now=lambda: NOW)
        for _ in range(2):
            with pytest.raises(SourceError, match="authority is unknown here"):
                await fetcher.get("https://papers.example/feed", service="s", deadline=20.0)
        await fetcher.close()


@pytest.mark.parametrize("numbers", [["10.0.0.7"], [PUBLIC, "127.0.0.1"], []])
async def test_no_name_leads_into_the_proxys_house(monkeypatch, numbers):
    async def found(_self, _target):
        return numbers

    monkeypatch.setattr(Network, "numbers", found)
    async with Proxy({}) as proxy:
        with pytest.raises(SourceError, match="not on the public internet"):
            await got(network_of(proxy), "https://inside.example/feed", guard=True)
        channel = WebhookChannel(network=network_of(proxy), now=lambda: NOW)
        with pytest.raises(Gone, match="not on the public internet"):
            await channel.inspect("https://inside.example/hook", Actor(channel="", user_id=""))
        await channel.close()
        assert proxy.asked == []


async def test_a_name_that_this_machine_cannot_look_up_is_refused_with_that_reason():
    async with Proxy({"hooks.invalid": 1}) as proxy:
        channel = WebhookChannel(network=network_of(proxy), now=lambda: NOW)
        with pytest.raises(Retry, match="name is not found; a proxy is only asked for what this machine can look up"):
            await channel.inspect("https://hooks.invalid/x", Actor(channel="", user_id=""))
        await channel.close()
        assert proxy.asked == []


async def test_a_webhook_gets_its_papers_through_the_proxy(monkeypatch):
    async def numbers(_self, _target):
        return [PUBLIC]

    monkeypatch.setattr(Network, "numbers", numbers)
    async with HookServer() as hook, Proxy({PUBLIC: hook.port}) as proxy:
        channel = WebhookChannel(network=network_of(proxy), now=lambda: NOW)
        await channel.send("http://hooks.example/papers", ONE)
        await channel.close()
        assert [one.host for one in hook.deliveries] == ["hooks.example"]
        assert proxy.asked == [PUBLIC]


async def test_telegram_and_discord_are_reached_through_the_proxy():
    async with TelegramServer() as chat, DiscordServer() as guilds:
        ports = {"telegram.example": chat, "discord.example": guilds}
        leads = {name: int(server.url.split(":")[2].partition("/")[0]) for name, server in ports.items()}
        async with Proxy(leads, login="ann:hunter2") as proxy:
            known = {"network": network_of(proxy), "now": lambda: NOW, "public_url": "https://p.example"}
            urls = {name: server.url.replace("127.0.0.1", name) for name, server in ports.items()}
            tokens = SecretStr(chat.token), SecretStr(DISCORD_TOKEN)
            bots = (
                telegram.build(telegram.Options(token=tokens[0], api_url=urls["telegram.example"]), **known),
                discord.build(discord.Options(token=tokens[1], api_url=urls["discord.example"]), **known),
            )
            for bot in bots:
                await bot.probe()
                await bot.close()
            assert set(proxy.asked) == set(leads)


@pytest.mark.parametrize("kind", [telegram, discord])
async def test_a_proxy_that_refuses_is_named_without_its_login(kind):
    async with Proxy({}, login="ann:hunter2") as proxy:
        proxy.url = proxy.url.replace("hunter2", "wrong")
        network = network_of(proxy)
        url = "http://chat.example" if kind is telegram else "http://chat.example/api/v10"
        options = kind.Options(token=SecretStr("1:a"), api_url=url)
        bot = kind.build(options, network=network, now=lambda: NOW, public_url="https://p.example")
        with pytest.raises(Retry) as caught:
            await bot.probe()
        await bot.close()
        assert "407" in str(caught.value)
        assert caught.value.everywhere
        with pytest.raises(SourceError, match="HTTP 407, check the login in network"):
            await got(network, "https://papers.example/")
        assert "wrong" not in repr(network) + str(caught.value) + bot.state()


async def test_mail_goes_directly_and_trusts_the_file(authority):
    async with MailServer(tls=authority.server("127.0.0.1"), starttls=True) as server, Proxy({}) as proxy:
        url = SecretStr(f"smtp://127.0.0.1:{server.port}?starttls=1")
        options = email.Options(smtp_url=url, from_address="news@papers.example")
        channel = email.build(
            options, network=network_of(proxy, authority.file), now=lambda: NOW, public_url="https://p.example"
        )
        await channel.send("ann@example.org", ONE)
        assert len(server.mails) == 1
        assert proxy.asked == []


@pytest.mark.whole
@pytest.mark.parametrize(
    ("name", "days", "trusted", "said"),
    [
        ("127.0.0.1", 30, True, ""),
        ("127.0.0.1", 30, False, "authority is unknown here: network.ca_file names"),
        ("127.0.0.1", 0.5, True, "its certificate has expired"),
        ("other.example", 30, True, "another host's"),
    ],
)
async def test_a_certificate_that_fails_says_why(authority, name, days, trusted, said):
    context = authority.server(name, days=days)
    async with Safe(context) as server:
        url = f"https://127.0.0.1:{server.port}"
        problem = await network_of(ca_file=authority.file if trusted else None).reach(url)
        assert said in problem if said else problem == ""
        if said:
            with pytest.raises(SourceError, match=said):
                await got(network_of(ca_file=authority.file if trusted else None), url)


async def test_other_failures_of_a_connection_have_their_words():
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
    assert await network_of().reach(f"http://127.0.0.1:{port}") == "connection refused"
    assert await network_of().reach("https://no-such-name.invalid") == "its name is not found"
    async with Proxy({}) as proxy:
        assert await network_of(proxy).reach("https://papers.example") == "the proxy refuses: HTTP 502"
    gone = network_of(proxy)
    assert await gone.reach("https://papers.example") == "the proxy can't be reached: connection refused"
    assert why(httpx.ConnectTimeout("")) == "timed out"
    assert why(ssl.SSLError("odd")) == "no safe connection comes about (TLS)"
    assert why(ExceptionGroup("all failed", [OSError(101, "Network is unreachable")])) == "network is unreachable"
    assert why(httpx.RemoteProtocolError("Server disconnected")) == "the connection broke"
    assert why(ValueError("hunter2")) == "ValueError"


async def test_names_that_are_none_are_not_found():
    with pytest.raises(socket.gaierror):
        await network_of().numbers(type("Odd", (), {"host": "a" * 300 + ".example", "port": 80}))


@pytest.mark.parametrize(
    "url", ["socks5://h:1080", "proxy.example:3128", "http://", "http://h:99999", "http://h/path", "http://h?x"]
)
def test_what_is_no_proxy_is_refused_without_being_shown(url):
    with pytest.raises(ValidationError) as caught:
        NetworkOptions(proxy=SecretStr(url))
    assert "must be the address of an HTTP proxy" in str(caught.value)
    assert "99999" not in str(caught.value)


def test_a_file_without_certificates_is_named(tmp_path):
    empty = tmp_path / "none.pem"
    with pytest.raises(ConfigError, match=f"'network.ca_file': cannot read {empty}: No such file"):
        network_of(ca_file=empty)
    empty.write_text("nothing")
    with pytest.raises(ConfigError, match=f"'network.ca_file': cannot read {empty}: it holds no certificates in PEM"):
        network_of(ca_file=empty)
