"""Twelve days of cs.CV as arXiv announced them, replayed to a running service with three Telegram chats."""

import gzip
import json
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from aiohttp import web
from lxml import etree
from product import Product, papers_of

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.errors import QueryError
from servers.loopback import PATIENCE, Loopback
from servers.telegram import TelegramServer

pytestmark = [pytest.mark.shared, pytest.mark.slow]

CHATS = (101, 102, 103)
# What the feeds show is news whether the product's clock runs ahead of their days or is behind.
STARTS = {"sqlite": "2026-04-17T12:00:00Z", "postgresql": "2026-05-04T12:00:00Z"}
KILL_ON = 5
_TYPE = "{http://arxiv.org/schemas/atom}announce_type"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


class Recorded(Loopback):
    """An arXiv that shows one recorded feed until it is given the next."""

    body = b""

    def routes(self):
        return [("/rss/{classes}", self._feed), ("/oai", self._oai)]

    async def _feed(self, _request):
        return web.Response(body=self.body, content_type="application/rss+xml")

    async def _oai(self, _request):
        empty = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch"/></OAI-PMH>'
        return web.Response(body=empty, content_type="text/xml")


def read(body):
    """(announce type, paper) of each item, read without any of the product's parsers."""
    for item in etree.fromstring(body).iter("item"):
        text = item.findtext("description")
        yield (
            item.findtext(_TYPE),
            Paper(
                id=item.findtext("link").rsplit("/", 1)[1],
                title=item.findtext("title"),
                abstract=text.partition("Abstract: ")[2],
                authors=tuple((item.findtext(_CREATOR) or "").split(", ")),
                categories=tuple(found.text for found in item.findall("category")),
            ),
        )


def real_queries(shared_data, papers):
    """Ten of the real queries that fit some, but not very many, of these papers."""
    docs = [Doc.of(paper) for paper in papers]
    chosen = []
    for line in (shared_data / "queries" / "queries.jsonl").read_text().splitlines():
        try:
            query = parse(json.loads(line)["query"])
        except QueryError:
            continue
        if 10 <= sum(map(query.matches, docs)) <= 40 and not query.upvotes:
            chosen.append(query)
        if len(chosen) == 10:
            return chosen
    raise AssertionError("the recorded queries do not fit the recorded feeds")


async def test_each_paper_reaches_each_chat_once_through_a_kill(shared_data, tmp_path, database):
    folder = shared_data / "arxiv_rss" / "serializer_generated"
    days = [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("rss_cs.CV_*_true_types.xml.gz"))]
    assert len(days) == 12
    seen, news = {paper.id for _, paper in read(days[0])}, []
    for day in days[1:]:
        fresh = [paper for kind, paper in read(day) if kind in {"new", "cross"} and paper.id not in seen]
        news.append(fresh)
        seen |= {paper.id for _, paper in read(day)}
    queries = real_queries(shared_data, [paper for day in news for paper in day])
    wishes = {chat: queries[place::3] for place, chat in enumerate(CHATS)}

    def expected(chat, papers):
        return {paper.id for paper in papers for doc in [Doc.of(paper)] if any(q.matches(doc) for q in wishes[chat])}

    start = STARTS[database.partition("+")[0]]
    async with TelegramServer() as telegram, Recorded() as arxiv:
        arxiv.body = days[0]
        async with Product(
            tmp_path,
            database,
            now=start,
            channels__telegram__token=telegram.token,
            channels__telegram__api_url=telegram.url,
            sources__arxiv__enabled="true",
            sources__arxiv__categories='["cs.CV"]',
            sources__arxiv__every="0.5",
            sources__arxiv__min_interval="0.05",
            sources__arxiv__rss_url=f"{arxiv.url}/rss",
            sources__arxiv__oai_url=f"{arxiv.url}/oai",
            sources__arxiv__api_url=f"{arxiv.url}/api/query",
        ) as product:
            await product.ready()
            for chat, wanted in wishes.items():
                telegram.person(chat)
                for query in wanted:
                    await telegram.ask(chat, f"/subscribe {query.text}")
            links = {
                chat: [part for part in (await telegram.ask(chat, "/feed")).text.split() if ".atom" in part]
                for chat in CHATS
            }
            answered = {chat: len(telegram.messages(chat)) for chat in CHATS}

            def delivered(chat):
                return [found for message in telegram.messages(chat)[answered[chat] :] for found in papers_of(message)]

            announced, kills = [], 0
            for number, day in enumerate(days[1:]):
                announced += news[number]
                owed = {chat: expected(chat, announced) for chat in CHATS}
                before = {chat: len(delivered(chat)) for chat in CHATS}
                arxiv.body = day
                if number == KILL_ON:
                    await telegram.until(
                        lambda before=before: any(len(delivered(chat)) > before[chat] for chat in CHATS)
                    )
                    await product.kill()
                    kills += 1
                    await product.start()

                async def is_complete(owed=owed):
                    return all(set(delivered(chat)) >= owed[chat] for chat in CHATS)

                await product.until(is_complete, 5 * PATIENCE)

            for chat in CHATS:
                counts = Counter(delivered(chat))
                assert set(counts) == expected(chat, announced)
                repeated = [
                    message
                    for message in telegram.messages(chat)[answered[chat] :]
                    if any(counts[found] > 1 for found in papers_of(message))
                ]
                assert len(repeated) <= 2 * kills
                assert max(counts.values()) <= 1 + kills
                feed = etree.fromstring((await product.get(links[chat][0])).content)
                entries = {found.text.rsplit("/", 1)[1] for found in feed.iterfind("{*}entry/{*}id")}
                first = expected(chat, [paper for _, paper in read(days[0])])
                fortnight = datetime.fromisoformat(start).date() - timedelta(days=14)
                held = first if date(2026, 4, 17) >= fortnight else set()
                assert set(counts) | held <= entries <= set(counts) | first
            assert not telegram.violations
