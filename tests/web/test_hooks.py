"""Where platforms post what people say."""

from dataclasses import replace

import httpx
import pytest

from paperwire.ports.channels import Hook
from paperwire.web.app import create_app
from web_scene import SITE


@pytest.fixture
def taken():
    return []


@pytest.fixture
async def hooked(deps, taken):
    async def take(body, secret):
        taken.append(body)
        return secret == "right"

    app = create_app(replace(deps, hooks=[Hook("/hooks/made-up", "X-Secret", take)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        yield client


async def test_a_post_with_the_secret_is_taken(hooked, taken):
    answer = await hooked.post("/hooks/made-up", content=b"{}", headers={"X-Secret": "right"})
    assert (answer.status_code, taken) == (200, [b"{}"])


async def test_a_post_reaches_a_site_below_a_path(deps, taken):
    async def take(body, secret):
        taken.append(body)
        return True

    app = create_app(replace(deps, public_url=f"{SITE}/read", hooks=[Hook("/hooks/made-up", "X-Secret", take)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        assert (await client.post("/read/hooks/made-up", content=b"{}")).status_code == 200
    assert taken == [b"{}"]


@pytest.mark.parametrize("headers", [{}, {"X-Secret": "wrong"}])
async def test_anybody_else_is_refused(hooked, headers):
    assert (await hooked.post("/hooks/made-up", content=b"{}", headers=headers)).status_code == 403


async def test_too_much_is_refused_unread(hooked, taken):
    answer = await hooked.post("/hooks/made-up", content=b"x" * 1_000_001, headers={"X-Secret": "right"})
    assert (answer.status_code, taken) == (403, [])


async def test_a_look_is_not_a_post(hooked, taken):
    assert (await hooked.get("/hooks/made-up")).status_code == 405
    assert taken == []
