"""The outermost layer where no page can be asked for it."""

from datetime import UTC, datetime

import pytest

from paperwire.errors import StoreError
from paperwire.web.edge import Edge, Rates
from paperwire.web.html import Html, Statics
from paperwire.web.problems import Problems
from paperwire.web.site import Proxies, Site


class Feeds:
    """A feed server that answers nothing: these requests are not for it."""

    async def serve(self, scope, send):
        raise AssertionError(scope["path"])


def scope(kind="http", **changes):
    return {"type": kind, "method": "GET", "path": "/", "query_string": b"", "headers": [], **changes}


def edge(app):
    site = Site.of("https://papers.example.org")
    rates = Rates(lambda: datetime(2026, 1, 5, tzinfo=UTC))
    problems = Problems(Html(site, Statics()))
    return Edge(app, feeds=Feeds(), site=site, problems=problems, proxies=Proxies(), rates=rates)


async def test_what_is_not_http_goes_through_untouched():
    seen = []

    async def app(*given):
        seen.append(given)

    given = (scope("lifespan"), object(), object())
    await edge(app)(*given)
    assert seen == [given]


async def test_a_failure_after_the_answer_began_is_not_papered_over():
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise StoreError("gone")

    async def send(message):
        sent.append(message)

    with pytest.raises(StoreError):
        await edge(app)(scope(), None, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


@pytest.mark.parametrize(
    ("told", "said"),
    [(b"GET", b"GET, HEAD"), (b"HEAD, GET", b"GET, HEAD"), (b"POST,GET", b"GET, HEAD, POST"), (b"PUT", b"PUT")],
)
async def test_allowed_methods_are_told_in_order_with_the_head_we_add(told, said):
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 405, "headers": [(b"allow", told)]})

    async def send(message):
        sent.append(message)

    await edge(app)(scope(method="POST"), None, send)
    assert dict(sent[0]["headers"])[b"allow"] == said


async def test_headers_of_the_application_stay_before_ours():
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 405, "headers": [(b"allow", b"GET"), (b"x-a", b"GET")]})
        await send({"type": "http.response.body", "body": b"no", "more_body": False})

    async def send(message):
        sent.append(message)

    await edge(app)(scope(method="BREW"), None, send)
    assert sent[0]["headers"][:2] == [(b"allow", b"GET, HEAD"), (b"x-a", b"GET")]
    assert sent[1]["body"] == b"no"
