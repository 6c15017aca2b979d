"""`outbox`: what is owed and to whom, what was given up, and the hold on all of it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, app, err, go, out, settings_of, show_json
from paperwire.errors import StoreLocked
from paperwire.pipeline.hold import Hold
from paperwire.wording import backup as wording
from paperwire.wording import cli as cli_words

if TYPE_CHECKING:
    from paperwire.config import Settings

_SHOWN = 50
_PATIENCE = 15.0
"""Seconds in which a running service should have ended the hold."""


@app.command(help=cli_words.OUTBOX)
def outbox(
    context: typer.Context,
    as_json: AsJson = False,
    hold: Annotated[bool, typer.Option("--hold", help=cli_words.HOLD)] = False,
    release: Annotated[bool, typer.Option("--release", help=cli_words.RELEASE)] = False,
) -> None:
    """List what is owed and what was given up, or hold it, or let it go."""
    settings = settings_of(context)
    if hold:
        go(_hold(settings))
        out.print(wording.HELD_NOW)
    elif release:
        said, done = go(_release(settings))
        out.print(said)
        if not done:
            raise typer.Exit(1)
    else:
        _show(go(_read(settings)), as_json=as_json)


async def _hold(settings: Settings) -> None:
    async with opening.opened(settings, opening.clock(), write=True) as store:
        await Hold(store).begin()
        if store.file is not None:  # an old wish to end one is not meant for this one
            opening.release_note(store.file).unlink(missing_ok=True)


async def _release(settings: Settings) -> tuple[str, bool]:
    """End the hold, or have the service that is running end it; what came of it, and whether it is over."""
    now = opening.clock()
    async with opening.opened(settings, now, write=False) as store:
        if await Hold(store).since() is None:
            return wording.NOT_HELD, True
    try:
        async with opening.opened(settings, now, write=True) as store:
            await Hold(store).end()
            return wording.RELEASED, True
    except StoreLocked:
        return await _ask_to_release(settings)


async def _ask_to_release(settings: Settings) -> tuple[str, bool]:
    async with opening.opened(settings, opening.clock(), write=False) as store:
        file = store.file
        if file is not None:
            opening.release_note(file).touch(0o600)
        for _ in range(int(_PATIENCE / 0.2)):
            if await Hold(store).since() is None:
                return wording.RELEASED, True
            await asyncio.sleep(0.2)
    return wording.RELEASE_ASKED, False


async def _read(settings: Settings) -> dict[str, Any]:
    async with opening.opened(settings, opening.clock(), write=False) as store:
        held_since = await Hold(store).since()
        async with store.read() as unit:
            counts = asdict(await unit.outbox.counts())
            places = await unit.outbox.owed_places(_SHOWN)
            dead = await unit.outbox.dead_letters(_SHOWN)
    return {
        "held_since": held_since,
        **counts,
        "owed_places": [
            {
                "channel": one.channel,
                "place": one.title or str(one.destination),
                "papers": one.count,
                "first_due": one.first_due,
                "paused": one.paused,
            }
            for one in places
        ],
        "dead_letters": [
            {
                "channel": one.channel,
                "place": one.title or str(one.destination),
                "paper": one.paper.id,
                "occasion": str(one.occasion),
                "attempts": one.attempts,
                "given_up": one.died_at,
            }
            for one in dead
        ],
    }


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    if found["held_since"] is not None:
        err.print(wording.held_since(str(found["held_since"])))
    for name, number in found.items():
        if name != "held_since" and not isinstance(number, list):
            out.print(f"{name:>8}  {'-' if number is None else number}")
    for name in ("owed_places", "dead_letters"):
        if rows := found[name]:
            table = Table(*rows[0], title=cli_words.TITLES[name], title_justify="left")
            for row in rows:
                table.add_row(*("-" if value is None else str(value) for value in row.values()))
            out.print(table)
