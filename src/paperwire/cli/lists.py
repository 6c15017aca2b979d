"""`lists`: what was submitted where of late, and its removal by the operator."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, command, go, out, settings_of, show_json
from paperwire.errors import CommandError
from paperwire.ports.requests import Community, Place
from paperwire.store.tables.lists import PUBLIC

if TYPE_CHECKING:
    from paperwire.config import Settings
    from paperwire.store.unit import Unit

_RECENT = timedelta(days=30)
_SHOWN = 100
_PUBLIC = "public"


@command("lists")
def lists(
    context: typer.Context,
    of_list: Annotated[
        str, typer.Option("--list", help="Of a group, server or channel: number or channel:address.")
    ] = _PUBLIC,
    remove: Annotated[
        str, typer.Option(help="Take this paper off the list, so that it can't be submitted again.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    settings = settings_of(context)
    if remove:
        go(_remove(settings, of_list, remove))
        out.print(f"{remove} is off the list")
        return
    rows = go(_read(settings, of_list))
    if as_json:
        show_json(rows)
        return
    for row in rows:
        out.print(f"{row['day']}  {row['votes']:>4}  {row['paper']}  {row['title']}  {row['name']}".rstrip())
    if not rows:
        out.print("nothing was submitted")


async def _remove(settings: Settings, of_list: str, paper: str) -> None:
    async with opening.opened(settings, opening.clock(), write=True) as store, store.write() as unit:
        found = await unit.papers.get(paper)
        number = await _number(unit, of_list)
        if found is None or not await unit.lists.remove(number, found.number, for_good=True):
            raise CommandError(f"the paper {paper!r} isn't on the list {of_list}")


async def _read(settings: Settings, of_list: str) -> list[dict[str, Any]]:
    async with opening.opened(settings, opening.clock(), write=False) as store, store.read() as unit:
        number = await _number(unit, of_list)
        found = await unit.lists.submissions(number, unit.now - _RECENT, unit.now, _SHOWN)
    return [
        {"day": one.day, "votes": one.votes, "paper": one.paper.id, "title": one.paper.title, "name": one.name}
        for one in found
    ]


async def _number(unit: Unit, of_list: str) -> int:
    """The number of a list; raises CommandError unless it is `public` or a shared place's or community's."""
    if of_list == _PUBLIC:
        return PUBLIC
    channel, colon, address = of_list.partition(":")
    number = None
    if colon:
        its = Community(kind="group", address=address)
        number = await unit.people.list_of(Place(channel=channel, address=address, kind="group", community=its))
    elif of_list.isascii() and of_list.isdigit():
        place = await unit.people.destination(int(of_list))
        number = place.list if place and place.is_shared else None
    if number is None:
        raise CommandError(f"there is no list {of_list!r}; give public, the number of a group, or CHANNEL:ADDRESS")
    return number
