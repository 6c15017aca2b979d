"""`outbox`: what is owed and to whom, what was given up and why, both tried again or dropped, and the hold on all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import typer

from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, command, err, go, out, settings_of, show_json
from paperwire.config import Settings
from paperwire.core.deliveries.ledger import GivenUpDelivery, GivenUpFilter, OwedPlace
from paperwire.errors import CommandError
from paperwire.pipeline.hold import Hold
from paperwire.ports.callers import Place
from paperwire.store.unit import Unit

Action: TypeAlias = Literal["retry", "drop"]
_SHOWN = 50
_LISTS = (
    ("owed_places", "owed", ""),
    ("given_up_deliveries", "given up", "given_up"),
    ("unknown_deliveries", "may have arrived", "unknown"),
)
"""The lists in the answer, their titles, and the number that counts what is in them, if there is one."""


@command("outbox")
def outbox(  # noqa: PLR0913, PLR0917 -- one parameter an option, which Typer names
    context: typer.Context,
    action: Annotated[
        Action | None,
        typer.Argument(help="retry: send what was given up or may have arrived again; drop: never send it."),
    ] = None,
    place: Annotated[str, typer.Option(help="Only this place: its number, or channel:address.")] = "",
    paper: Annotated[str, typer.Option(help="Only this paper.")] = "",
    owed: Annotated[bool, typer.Option("--owed", help="Drop what is not sent yet instead.")] = False,
    as_json: AsJson = False,
    hold: Annotated[bool, typer.Option("--hold", help="Put deliveries on hold; everything else goes on.")] = False,
    release: Annotated[bool, typer.Option("--release", help="End the hold and send what waits.")] = False,
) -> None:
    """List the outbox, act on deliveries in it, put them on hold, or end the hold."""
    if (hold, release, action is not None).count(True) > 1:
        raise typer.BadParameter("use one of --hold, --release, retry and drop")
    if (place or paper) and action is None:
        raise typer.BadParameter("--place and --paper go with retry or drop")
    if owed and action != "drop":
        raise typer.BadParameter("--owed goes with drop")
    settings = settings_of(context)
    if hold or release:
        out.print(go(_set_hold(settings, on=hold)))
    elif action is None:
        _show(go(_read(settings)), as_json=as_json)
    else:
        _say_done(action, go(_act(settings, action, place, paper, owed=owed)), as_json=as_json)


async def _set_hold(settings: Settings, *, on: bool) -> str:
    async with opening.opened(settings, opening.clock(), write=True) as store:
        hold = Hold(store)
        if on:
            await hold.begin()
            return "deliveries are on hold from now on"
        if not await hold.is_on():
            return "deliveries are not on hold"
        await hold.end()
        return "deliveries go out again"


# --- retry and drop ----------------------------------------------------------------------------------------------


async def _act(settings: Settings, action: Action, place: str, paper: str, *, owed: bool) -> int:
    async with opening.opened(settings, opening.clock(), write=True) as store, store.write() as unit:
        which = GivenUpFilter(
            place=await _place(unit, place) if place else None, paper=await _paper(unit, paper) if paper else None
        )
        if action == "retry":
            return await unit.given_up.retry(which)
        return await unit.given_up.drop(which, owed=owed)


async def _place(unit: Unit, text: str) -> int:
    channel, colon, address = text.partition(":")
    stored = None
    if colon:
        stored = await unit.places.at(Place(channel=channel, address=address, kind="private"))
    elif text.isascii() and text.isdigit():
        stored = await unit.places.get(int(text))
    if stored is None:
        raise CommandError(f"there is no place {text!r}; give its number, or channel:address as in telegram:12345")
    return stored.number


async def _paper(unit: Unit, text: str) -> int:
    stored = await unit.papers.get(text)
    if stored is None:
        raise CommandError(f"the paper {text!r} isn't stored")
    return stored.number


def _say_done(action: Action, count: int, *, as_json: bool) -> None:
    done = {"retry": "retried", "drop": "dropped"}[action]
    if as_json:
        show_json({done: count})
        return
    deliveries = "1 delivery" if count == 1 else f"{count:,} deliveries"
    out.print(f"{deliveries} will be sent again" if action == "retry" else f"{deliveries} dropped")


# --- the list ----------------------------------------------------------------------------------------------------


async def _read(settings: Settings) -> dict[str, Any]:
    async with opening.opened(settings, opening.clock(), write=False) as store:
        held_since = await Hold(store).since()
        async with store.read() as unit:
            counts = asdict(await unit.ledger.counts())
            places = await unit.ledger.owed_places(_SHOWN)
            given_up = await unit.given_up.listed(_SHOWN)
            unknown = await unit.given_up.listed(_SHOWN, unknown=True)
    return {
        "held_since": held_since,
        **counts,
        "owed_places": [_owed_place(place) for place in places],
        "given_up_deliveries": [_delivery(delivery, "given_up_at") for delivery in given_up],
        "unknown_deliveries": [_delivery(delivery, "last_sent_at") for delivery in unknown],
    }


def _owed_place(place: OwedPlace) -> dict[str, Any]:
    return {
        "channel": place.channel,
        "place": place.title or str(place.destination),
        "number": place.destination,
        "papers": place.count,
        "first_due": place.first_due,
        "paused": place.paused,
    }


def _delivery(delivery: GivenUpDelivery, settled: str) -> dict[str, Any]:
    return {
        "channel": delivery.channel,
        "place": delivery.title or str(delivery.destination),
        "number": delivery.destination,
        "paper": delivery.paper.id,
        "occasion": str(delivery.occasion),
        "attempts": delivery.attempts,
        "unanswered": delivery.unknowns,
        settled: delivery.settled_at,
        "reason": delivery.reason,
    }


def _show(outbox: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(outbox)
        return
    if outbox["held_since"] is not None:
        err.print(
            f"Deliveries have been on hold since {outbox['held_since']}: `paperwire outbox --release` sends them."
        )
    for name, number in outbox.items():
        if name != "held_since" and not isinstance(number, list):
            out.print(f"{name.replace('_', ' '):>8}  {'-' if number is None else number}")
    for name, title, count in _LISTS:
        if rows := outbox[name]:
            out.print(f"\n{title}")
            head = [key.replace("_", " ") for key in rows[0]]
            for line in _aligned([head, *([_cell(value) for value in row.values()] for row in rows)]):
                out.print(line)
            if count and (more := outbox[count] - len(rows)) > 0:
                out.print(f"and {more:,} more")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return str(value) or "-"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows as lines, however wide: a list that is cut or folded cannot be searched."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
