"""The web application over a real store, asked as a client asks it."""

from datetime import date

import httpx
import pytest

from chats import chat_of
from paperwire.web.app import create_app
from paperwire.web.site import WebDeps
from web_scene import SITE, Scene


@pytest.fixture
def site_data(store, clock):
    return Scene(store, clock)


@pytest.fixture
def deps(store, clock, site_data):
    return WebDeps(
        context=chat_of(store=store, now=clock, public_url=SITE),
        authority="papers.example.org",
        minted=date(2026, 1, 1),
        health=site_data.told_health,
        unready=site_data.unready,
    )


@pytest.fixture
async def web(deps):
    transport = httpx.ASGITransport(create_app(deps))
    async with httpx.AsyncClient(transport=transport, base_url=SITE, headers={"accept-encoding": "identity"}) as client:
        yield client
