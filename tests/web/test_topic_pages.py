"""The page that the link of a topic opens: nothing on it is a stranger's text."""

from dataclasses import replace

import httpx
import pytest

from chats import chat_of
from paperwire.channels.ntfy import Options, build
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.services.subscriptions.leave import leave_button
from paperwire.web.app import create_app
from servers.direct import DIRECT
from web_scene import SITE

SECRET = b"k" * 32
TOPIC = Place(channel="ntfy", address="lab", kind="address", title="lab")
LURE = "Your account is locked, verify at https://evil.example"


@pytest.fixture
async def link(deps, store, clock):
    """A client, and the path of the link to leave a topic that a stranger subscribed under a name of their own."""

    async def lookup(_):
        return None

    context = chat_of(
        store=store,
        secret_key=SECRET,
        public_url=SITE,
        followed=("cs.CL",),
        channels={"ntfy": build(Options(enabled=True), network=DIRECT, now=clock, public_url=SITE)},
        lookup=lookup,
        lookup_many=lookup,
        now=clock,
    )
    async with store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id="666"), "en")
        place = await unit.places.ensure(TOPIC, person.number)
        await unit.subscriptions.subscribe(
            person.number,
            parse("diffusion").of(person.number),
            name=LURE,
            occasions=frozenset({"arrival"}),
            cadence="",
            destinations=[place.number],
        )
    app = create_app(replace(deps, context=context))
    path = leave_button(SECRET, SITE, place).url.removeprefix(SITE)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        yield client, path


async def test_a_topic_shows_no_name_that_a_stranger_gave(link):
    client, path = link
    answer = await client.get(path)
    assert answer.status_code == 200, path
    page = answer.text
    assert "diffusion" in page
    assert "evil" not in page
    after = (await client.post(path, data={"List-Unsubscribe": "One-Click"})).text  # and so does what it offers to undo
    assert "Ended" in after
    assert "evil.example" not in after
