"""The page that a shared subscription's link leads to: what it is and would bring, and the form that asks for it."""

import re

import httpx
import pytest
from pydantic import SecretStr

from chats import chat_of
from paperwire.channels import ntfy
from paperwire.channels.email import Options, build
from paperwire.ports.callers import Place
from paperwire.web.app import create_app
from servers.direct import DIRECT
from servers.smtp import MailServer
from web_scene import SITE, a_paper

ANN = "ann@example.org"
LINK = {"q": "lora", "name": "Low rank", "when": "weekly mon 09:30", "occasions": "arrival,versions"}


def client_of(deps, context):
    values = {name: getattr(deps, name) for name in type(deps).__dataclass_fields__}
    app = create_app(type(deps)(**{**values, "context": context}))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=("203.0.113.7", 1)), base_url=SITE)


@pytest.fixture
async def smtp_server():
    async with MailServer() as smtp_server:
        yield smtp_server


@pytest.fixture
async def mailing(deps, store, clock, smtp_server):
    options = Options(smtp_url=SecretStr(smtp_server.url), from_address="news@papers.example.org")
    channels = {"email": build(options, network=DIRECT, now=clock, public_url=SITE)}
    async with client_of(deps, chat_of(store=store, public_url=SITE, channels=channels, now=clock)) as client:
        yield client


def fields_of(page):
    """The hidden fields of its form."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


async def test_the_page_fills_in_what_was_shared_and_subscribes_to_it(mailing, smtp_server, store):
    page = (await mailing.get("/subscribe", params=LINK)).text
    assert 'value="papers" checked' in page
    assert 'value="when" checked> weekly mon 09:30' in page
    assert "No papers are stored yet, so there is no preview." in page
    given = {**fields_of(page), "address": ANN, "what": "papers", "topic": "lora", "every": "when", "zone": "UTC"}
    assert (await mailing.post("/subscribe", data=given)).status_code == 200
    (mail,) = smtp_server.mails
    path = re.search(r"https://papers\.example\.org(/subscribe/\S+)", mail.part("plain"))[1]
    assert "Confirmed" in (await mailing.post(path)).text
    async with store.read() as unit:
        place = await unit.places.at(Place(channel="email", address=ANN, kind="mailbox"))
        (subscription,) = await unit.subscriptions.of_place(place.number)
    assert (subscription.text, subscription.name, subscription.cadence) == ("lora", "Low rank", "weekly mon 09:30")
    assert subscription.occasions == {"arrival", "versions"}


@pytest.mark.parametrize("query", ["lora", "list:public"])
async def test_the_page_shows_a_form_for_whatever_can_be_read(mailing, query):
    assert f'value="{query}"' in (await mailing.get("/subscribe", params={"q": query})).text


async def test_words_of_another_language_are_named_in_english(mailing, site_data):
    await site_data.papers(a_paper(1))
    for path in ("/subscribe", "/search/count"):
        answer = await mailing.get(path, params={"q": "Diffusionsmodelle"}, headers={"accept-language": "de"})
        assert "auf Englisch" in answer.text
        assert "&#34;diffusion model&#34;" in answer.text


async def test_a_query_that_cannot_be_read_is_refused_in_the_form(mailing):
    answer = await mailing.get("/subscribe", params={"q": "(lora"})
    assert answer.status_code == 400
    assert "The closing ) is missing" in answer.text


async def test_occasions_that_a_query_cannot_meet_are_refused(mailing):
    page = (await mailing.get("/subscribe", params={"q": "upvotes>=9", "occasions": "versions"})).text
    given = {
        **fields_of(page),
        "address": ANN,
        "what": "papers",
        "topic": "lora upvotes>=9",
        "every": "now",
        "zone": "UTC",
    }
    assert "occasions: can&#39;t be combined with upvotes" in (await mailing.post("/subscribe", data=given)).text


async def test_where_no_mail_is_sent_the_link_leads_to_the_search_and_its_ways(deps, store, clock):
    channels = {"ntfy": ntfy.build(ntfy.Options(), network=DIRECT, now=clock, public_url=SITE)}
    async with client_of(deps, chat_of(store=store, public_url=SITE, channels=channels, now=clock)) as client:
        answer = await client.get("/subscribe", params=LINK)
        assert (answer.status_code, answer.headers["location"]) == (302, "/search?q=lora")
