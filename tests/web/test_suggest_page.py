"""Queries from examples on a page."""

import asyncio
from datetime import timedelta

import pytest
from test_mail_pages import client_of
from test_pages import page

from chats import chat_of
from crowd import wait_for_nothing
from paperwire.errors import CommandError
from paperwire.web.pages import suggest as pages
from web_scene import DAY, a_paper


@pytest.fixture
async def asked(deps, store, clock):
    async def lookup(_ids):
        raise AssertionError("a page asks no source")

    context = chat_of(
        store=store,
        secret_key=b"k" * 32,
        public_url=deps.context.public_url,
        followed=(),
        channels={},
        lookup=lookup,
        lookup_many=lookup,
        now=clock,
    )
    async with client_of(deps, context) as client:
        yield client


async def test_it_asks_for_papers(asked, site_data):
    seen = await page(asked, "/suggest")
    assert "Name up to 20 papers" in seen.words


async def test_queries_are_offered_with_links_to_search(asked, site_data):
    words = ("atlas", "beacon", "cinder", "dynamo")
    await site_data.papers(*(a_paper(n, title=f"Wombat optics {word}", abstract="") for n, word in enumerate(words, 1)))
    await site_data.papers(
        *(a_paper(n, title=f"Platypus {n}", announced=DAY - timedelta(days=n)) for n in range(10, 29))
    )
    seen = await page(asked, f"/suggest?papers={'%20'.join(a_paper(n).id for n in (1, 2, 3, 4))}")
    assert "Finds 4 of 4 papers" in seen.words
    assert "Search by meaning" in seen.words


async def test_what_names_no_stored_paper_is_refused(asked, site_data):
    seen = await page(asked, "/suggest?papers=wombats", status=400)
    assert "No papers are mentioned here" in seen.words
    seen = await page(asked, "/suggest?papers=2601.09999", status=400)
    assert "None of these papers is stored" in seen.words


async def test_who_would_wait_too_long_for_others_is_refused_with_a_time(asked, monkeypatch):
    began, done = asyncio.Event(), asyncio.Event()

    async def suggest(*_given, **_options):
        began.set()
        await done.wait()
        raise CommandError("No paper is mentioned here.")

    monkeypatch.setattr(pages, "suggest", suggest)
    first = asyncio.create_task(asked.get("/suggest?papers=2601.00001"))
    await began.wait()
    wait_for_nothing(monkeypatch)
    refused = await asked.get("/suggest?papers=2601.00002")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    done.set()
    assert (await first).status_code == 400
    assert (await asked.get("/suggest?papers=2601.00003")).status_code == 400
