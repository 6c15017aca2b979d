"""Delivering: how fast messages go out over both platforms, and what one costs, against the plainest loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from benchmarks.digests import loop_over_places
from benchmarks.frame import BenchmarkError, Context, Row
from benchmarks.platforms import TOKEN, figures, running
from benchmarks.rounds import Round, played

LATENCY = 0.15
"""Seconds that a platform takes to answer."""
_GOALS = {"telegram": 25, "discord": 40}  # messages a second
_ONE_BY_ONE = 40  # messages that the plainest loop sends


@dataclass(frozen=True)
class Sizes:
    """How many subscriptions a day is for, and how many places get one message."""

    subscriptions: int
    places: int

    @classmethod
    def of(cls, *, quick: bool, places: int = 0) -> Sizes:
        """Those of a quick or a full run; `places` overrides the number that the platforms are measured on."""
        return cls(200, places or 150) if quick else cls(1_000, places or 2_000)


def run(ctx: Context, places: int = 0) -> list[Row]:
    """Both databases, both platforms and a channel that drops everything."""
    sizes = Sizes.of(quick=ctx.quick, places=places)
    rows: list[Row] = []
    for kind, values in ctx.databases():
        section = f"Delivering, {kind}"
        rows.append(_day(section, values, sizes.subscriptions))
        rows += _one_each(ctx, section, values, min(sizes.places, 2_000))
        for platform in _GOALS:
            rows += over(platform, section, values, sizes.places)
    return rows


def _day(section: str, values: dict[str, Any], subscriptions: int) -> Row:
    took = played(Round(**values, subscriptions=subscriptions))
    return Row(
        section=section,
        what="Paperwire, a day end to end",
        size=f"{subscriptions:,} subscriptions, {took.messages:,} messages",
        cpu=took.cpu,
        figure=f"{took.cpu / took.messages * 1e3:.2f} ms a message",
        note=f"collect {took.collect:.2f}, match and fan out {took.match:.2f}, deliver {took.deliver:.2f}",
    )


def _one_each(ctx: Context, section: str, values: dict[str, Any], places: int) -> list[Row]:
    """The cheaper of two rounds, as neighbours' work comes and goes, and a loop in plain SQL on the same database."""
    took = min((played(Round(**values, places=places)) for _ in range(2)), key=lambda took: took.deliver)
    loop = loop_over_places(ctx, values["postgres"], places, papers=1)
    size = f"{places:,} private places, one message each"
    return [
        Row(
            section=section,
            what="Paperwire, one message a place",
            size=size,
            cpu=took.deliver,
            figure=f"{took.deliver / took.messages * 1e3:.2f} ms a message",
        ),
        Row(
            section=section,
            what="a loop over places: its rows read, a text made, its rows marked",
            size=size,
            cpu=loop,
            figure=f"{loop / places * 1e3:.2f} ms a message",
            ratio=loop / took.deliver,
            key=f"{section}: a loop over places",
            note="plain SQL, a transaction each, no leases, no retries",
        ),
    ]


def over(platform: str, section: str, values: dict[str, Any], places: int) -> list[Row]:
    """Messages a second over a platform's loopback double; and of a loop that waits for each answer."""
    with running(platform, LATENCY) as url:
        took = played(Round(**values, channel=platform, url=url, places=places))
        came = figures(url)
    if came["messages"] != places or came["refused"]:
        raise BenchmarkError(f"{platform}: {came}, where {places} messages were owed")
    ours = (places - 1) / came["seconds"]
    loop = _one_by_one(platform)
    return [
        Row(
            section=section,
            what=f"Paperwire, over {platform.title()} with {LATENCY * 1e3:.0f} ms a request",
            size=f"{places:,} private places, one message each",
            cpu=took.cpu,
            figure=f"{ours:.1f} messages/s",
            goal=f"{_GOALS[platform]} messages/s",
            note="no message refused by its limits",
        ),
        Row(
            section=section,
            what=f"one request after the other over {platform.title()}, time by the clock",
            size=f"{_ONE_BY_ONE} messages",
            cpu=0.0,
            figure=f"{loop:.1f} messages/s",
            ratio=ours / loop,
            key=f"{section}: one request after the other over {platform.title()}",
        ),
    ]


def _one_by_one(platform: str) -> float:
    """Messages a second of a loop that waits for each answer, as most bots do."""
    send: dict[str, Callable[[httpx.Client, str], httpx.Response]] = {
        "telegram": lambda client, chat: client.post(f"/bot{TOKEN}/sendMessage", data={"chat_id": chat, "text": "."}),
        "discord": lambda client, chat: client.post(f"/api/v10/channels/{chat}/messages", json={"content": "."}),
    }
    with running(platform, LATENCY) as url, httpx.Client(base_url=url) as client:
        began = time.perf_counter()
        for chat in range(1, _ONE_BY_ONE + 1):
            send[platform](client, str(chat)).raise_for_status()
        return _ONE_BY_ONE / (time.perf_counter() - began)
