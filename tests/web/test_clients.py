"""Which client asks: sign-ups counted over the wire, alone and through the documented web servers."""

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network

import httpx
import pytest
from pydantic import SecretStr

from chats import chat_of
from paperwire.channels.email import Options, build
from paperwire.web.app import create_app
from paperwire.web.site import Proxies, client_name
from servers.direct import DIRECT
from servers.proxies import HOST, PROXIES, SITE, documented, proxy
from servers.smtp import MailServer
from web_scene import serving

HERE = Proxies([ip_network("127.0.0.1")])
SECRET = b"k" * 32


def asked(peer, *forwarded):
    lines = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    return {"client": (peer, 1) if peer else None, "headers": [(b"host", b"x"), *lines]}


CDN = Proxies([ip_network(one) for one in ("127.0.0.1", "::1", "10.0.0.0/8", "2001:db8:ffff::/48")])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("127.0.0.2", ["198.51.100.1"], "127.0.0.2"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["192.0.2.1, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["192.0.2.1", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1", "10.0.0.3"], "198.51.100.1"),
        ("127.0.0.1", ["192.0.2.9,198.51.100.1 , 10.0.0.3,10.1.2.3"], "198.51.100.1"),
        ("127.0.0.1", ["10.0.0.3, 10.0.0.4"], "10.0.0.3"),
        ("::1", ["2001:db8::1, 2001:db8:ffff::9"], "2001:db8::1"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.2.3.4", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("127.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("127.0.0.1", ["fe80::1%eth0"], "fe80::1"),
        ("127.0.0.1", ["198.51.100.1, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1, \xff, 10.0.0.3"], "10.0.0.3"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1,"], "127.0.0.1"),
        ("127.0.0.1", ["," * 10_000], "127.0.0.1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxy(peer, forwarded, client):
    assert CDN.client_of(asked(peer, *forwarded)) == client


def test_nobody_is_trusted_unless_named():
    assert Proxies().client_of(asked("127.0.0.1", "198.51.100.1")) == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix", "unix"),
        ("", ""),
    ],
)
def test_a_customer_of_ipv6_is_one_client(host, name):
    assert client_name(host) == name


# --- over the wire -----------------------------------------------------------------------------------------------


@pytest.fixture
async def mail():
    async with MailServer() as server:
        yield server


@pytest.fixture
def subscribing(deps, clock, mail):
    """The application with mail, and the proxies that it trusts."""
    options = Options(smtp_url=SecretStr(mail.url), from_address="news@example.org")

    async def lookup(_):
        return None

    def make(proxies=None):
        context = chat_of(
            store=deps.context.store,
            secret_key=SECRET,
            public_url=SITE,
            followed=("cs.CL",),
            channels={"email": build(options, network=DIRECT, now=clock, public_url=SITE)},
            lookup=lookup,
            lookup_many=lookup,
            now=clock,
        )
        return create_app(replace(deps, context=context, proxies=proxies or Proxies()))

    return make


@asynccontextmanager
async def visitor(port, address="127.0.0.1"):
    """A client at an address of this machine, which asks the server at `port`."""
    transport = httpx.AsyncHTTPTransport(local_address=address)
    headers = {"host": f"{HOST}:{port}"}
    async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        yield client


async def sign_up(client, number, **headers):
    page = await client.get("/paperwire/subscribe")
    form = re.search(r'name="form" value="([^"]+)"', page.text)[1]
    fields = {"address": f"reader{number}@example.org", "what": "trending", "every": "day", "hour": "8", "form": form}
    return (await client.post("/paperwire/subscribe", data=fields, headers=headers)).status_code


async def test_a_header_of_the_client_gives_it_no_further_mails(subscribing, mail):
    async with serving(subscribing()) as port, visitor(port) as client:
        for number in range(12):
            forged = {"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=198.51.100.{number}"}
            await sign_up(client, number, **forged, **{"x-real-ip": f"198.51.100.{number}"})
    assert len(mail.mails) == 10


@pytest.mark.whole
@pytest.mark.parametrize("kind", PROXIES)
async def test_the_documented_web_server_says_who_asks(subscribing, mail, tmp_path, kind):
    async with serving(subscribing(HERE)) as upstream, proxy(kind, tmp_path, upstream) as port:
        for address in ("127.0.0.2", "127.0.0.3"):
            async with visitor(port, address) as client:
                for number in range(11):
                    forged = {"x-forwarded-for": f"198.51.100.{number}"}
                    await sign_up(client, f"{number}{address[-1]}", **forged)
    assert len(mail.mails) == 20


@pytest.mark.parametrize("kind", PROXIES)
async def test_the_documented_web_server_leads_to_the_pages(subscribing, tmp_path, kind):
    async with serving(subscribing(HERE)) as upstream, proxy(kind, tmp_path, upstream) as port, visitor(port) as client:
        bare = await client.get("/paperwire")
        page = await client.get("/paperwire/search")
    assert (bare.status_code, bare.headers["location"].removeprefix(f"http://{HOST}:{port}")) == (308, "/paperwire/")
    assert (page.status_code, "/paperwire/static/style.css" in page.text) == (200, True)


async def test_nginx_that_adds_to_the_header_is_no_weaker(subscribing, mail, tmp_path):
    adding = documented("nginx").replace("$remote_addr", "$proxy_add_x_forwarded_for")
    assert adding != documented("nginx")
    async with (
        serving(subscribing(HERE)) as upstream,
        proxy("nginx", tmp_path, upstream, adding) as port,
        visitor(port, "127.0.0.2") as client,
    ):
        for number in range(11):
            await sign_up(client, number, **{"x-forwarded-for": f"198.51.100.{number}"})
    assert len(mail.mails) == 10
