"""What machines ask of any process, on a port of its own."""

import httpx
import pytest
from prometheus_client import CollectorRegistry, Gauge

from paperwire.web.ops import create_ops_app


class Process:
    def __init__(self):
        self.registry = CollectorRegistry()
        self.gauge = Gauge("made_up", "Made up", registry=self.registry)
        self.reasons = ()

    async def unready(self):
        return self.reasons

    async def measure(self):
        self.gauge.inc()


@pytest.fixture
def process():
    return Process()


@pytest.fixture
async def ops(process):
    app = create_ops_app(process.unready, process.measure, process.registry)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ops") as client:
        yield client


async def test_a_process_that_answers_lives(ops):
    answer = await ops.get("/healthz")
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "alive\n", "no-store")


async def test_each_reason_against_it_is_a_line(ops, process):
    assert (await ops.get("/readyz")).text == "ready\n"
    process.reasons = ("arxiv: overdue", "the disk is full")
    answer = await ops.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "arxiv: overdue\nthe disk is full\n")
    assert answer.headers["cache-control"] == "no-store"


async def test_metrics_are_measured_when_they_are_scraped(ops):
    assert "made_up 1.0" in (await ops.get("/metrics")).text
    answer = await ops.get("/metrics")
    assert "made_up 2.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")


async def test_there_is_nothing_else(ops):
    assert (await ops.get("/")).status_code == 404
    assert (await ops.head("/healthz")).status_code == 200
    assert (await ops.post("/metrics")).status_code == 405
