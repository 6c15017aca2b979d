"""What an operator asks for: a first settings file, the schema, how things fare, a person's data, and lists."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, command, go, out, settings_of, show_json
from paperwire.cli.papers import show
from paperwire.commands import health
from paperwire.commands.forget import belonging_lines, belongings
from paperwire.errors import CommandError
from paperwire.ports.requests import Actor, Community, Place
from paperwire.store.tables.lists import PUBLIC
from paperwire.texts import ENGLISH

if TYPE_CHECKING:
    from paperwire.config import Settings
    from paperwire.core.subscriptions.subscription import Person
    from paperwire.store.unit import Unit

_RECENT = timedelta(days=30)
_SHOWN = 100
_PUBLIC = "public"


@command("init")
def init(path: Annotated[Path, typer.Argument()] = Path("config.toml")) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(files("paperwire").joinpath("config.example.toml").read_text(encoding="utf-8"))
    except FileExistsError:
        raise CommandError(f"{path} is there already; nothing was written") from None
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or str(error)}") from None
    path.chmod(0o600)
    out.print(f"wrote {path}")


@command("migrate")
def migrate(context: typer.Context) -> None:
    async def work(settings: Settings) -> str:
        async with opening.opened(settings, opening.clock(), write=True, service=True) as store:
            await store.compare_schema()
            return store.where

    out.print(f"the database {go(work(settings_of(context)))} is up to date")


@command("status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    async def work(settings: Settings) -> None:
        async with opening.reading(settings, now=opening.clock()) as reading:
            if as_json:
                show_json(asdict(await health.health(reading)))
            else:
                await show(await health.overview(reading, ENGLISH))

    go(work(settings_of(context)))


@command("export")
def export(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="A person: their number, or channel:user, as in telegram:12345.")],
) -> None:
    async def work(settings: Settings) -> dict[str, Any]:
        async with opening.reading(settings, now=opening.clock()) as reading, reading.store.read() as unit:
            return await unit.people.export((await _person(unit, person)).number)

    show_json(go(work(settings_of(context))))


@command("forget")
def forget(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="A person: their number, or channel:user, as in telegram:12345.")],
    yes: Annotated[bool, typer.Option("--yes")] = False,
) -> None:
    settings = settings_of(context)

    async def look() -> list[str]:
        async with opening.reading(settings, now=opening.clock()) as reading, reading.store.read() as unit:
            return belonging_lines(await belongings(unit, (await _person(unit, person)).number), ENGLISH)

    if not yes:
        for line in go(look()):
            out.print(line, markup=False, highlight=False)
        if not typer.confirm("Delete this person? This can't be undone."):
            out.print("nothing was deleted")
            raise typer.Exit(1)

    async def work() -> None:
        async with opening.opened(settings, opening.clock(), write=True) as store, store.write() as unit:
            await unit.people.forget((await _person(unit, person)).number)

    go(work())
    out.print("forgotten")


async def _person(unit: Unit, text: str) -> Person:
    channel, colon, user = text.partition(":")
    found = None
    if colon:
        found = await unit.people.person_of(Actor(channel=channel, user_id=user))
    elif text.isascii() and text.isdigit():
        found = await unit.people.get(int(text))
    if found is None:
        raise CommandError(f"there is no person {text!r}; give a number, or channel:user as in telegram:12345")
    return found


# --- lists -----------------------------------------------------------------------------------------------------------


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
