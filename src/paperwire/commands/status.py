"""Whether papers come in and go out: sources, what is held, the outbox and the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands.desk import say, utc
from paperwire.core.calendar import outlook
from paperwire.core.clean import clean
from paperwire.core.health import ChannelHealth, Health, SourceHealth
from paperwire.core.message import Span
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import BACKFILL
from paperwire.wording import calendar as calendar_words
from paperwire.wording import commands as words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.commands.desk import Desk
    from paperwire.ports import Reply, Request
    from paperwire.store.sources import SourceState

_ARXIV = "arxiv"
_LONGEST_ERROR = 200


async def health(desk: Desk) -> Health:
    """How the service fares: what `/status`, the page and the shell show; reads only."""
    async with desk.store.read() as unit:
        states = await unit.sources.all()
        held = await unit.papers.held()
        owed = (await unit.outbox.counts()).owed
        subscriptions = await unit.subscriptions.count()
    held_since = await Hold(desk.store).since()
    channels = sorted(desk.channels.items())
    names = sorted({*desk.sources, *(state.source for state in states)})
    return Health(
        papers=held.papers,
        first_day=held.first,
        last_day=held.last,
        subscriptions=subscriptions,
        owed=owed,
        sources=tuple(_source(name, [state for state in states if state.source == name]) for name in names),
        channels=tuple(ChannelHealth(kind=kind, state=channel.state()) for kind, channel in channels),
        troubles=tuple(trouble for _, trouble in sorted(desk.troubles.items())),
        held_since=held_since,
        started_at=desk.started_at,
    )


def _source(name: str, parts: Sequence[SourceState]) -> SourceHealth:
    """One source over all its parts: the latest success, the next try of what fails, and the first failure's reason."""
    failing = [part for part in parts if part.failures]
    going_on = [part for part in parts if part.part != BACKFILL]  # which is read once
    error = clean(failing[0].error, _LONGEST_ERROR) if failing else ""
    return SourceHealth(
        name=name,
        ok_at=max((part.ok_at for part in parts if part.ok_at), default=None),
        next_at=min((part.next_at for part in failing or going_on if part.next_at), default=None),
        error=words.some_parts(error, len(failing), len(parts)) if failing else "",
        first_done=bool(parts) and all(part.first_done for part in parts),
    )


async def answer_status(desk: Desk, request: Request) -> Reply:
    """`/status`."""
    del request
    now = await health(desk)
    lines = [_fares(source) for source in now.sources] or [words.NO_SOURCE_YET]
    if any(source.name == _ARXIV for source in now.sources):
        next_batch = outlook(desk.now())
        lines.append(
            calendar_words.outlook(tonight=next_batch.tonight, holiday=next_batch.holiday, next_at=next_batch.next)
        )
    lines.append(words.held(now.papers, now.first_day, now.last_day))
    lines.append(words.outbox(now.owed))
    if now.held_since is not None:
        lines.append(words.held_back(utc(now.held_since)))
    lines += [words.channel(channel.kind, channel.state) for channel in now.channels]
    lines += [words.stage_fails(one.name, utc(one.since), utc(one.next_at)) for one in now.troubles]
    return say((Span(words.STATUS, "bold"),), *lines)


def _fares(source: SourceHealth) -> str:
    ok = utc(source.ok_at) if source.ok_at else ""
    next_at = utc(source.next_at) if source.next_at else ""
    if source.error:
        return words.source_fails(source.name, source.error, ok, next_at)
    return words.source_fares(source.name, ok, next_at)
