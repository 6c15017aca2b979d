"""The operator's commands: a first settings file, the schema, the service's health, a person's data, and lists."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, command, go, out, settings_of, show_json
from paperwire.cli.disk import disk_problem
from paperwire.cli.papers import show
from paperwire.config import Settings
from paperwire.core.messages.message import Span, message_of
from paperwire.core.papers.lists import PUBLIC
from paperwire.core.subscriptions.subscription import Person
from paperwire.errors import CommandError, ConfigError
from paperwire.ports.callers import Actor, Community, Place
from paperwire.services.access import ban_key, name_of
from paperwire.services.accounts.belongings import belongings
from paperwire.services.running.health import health
from paperwire.store.unit import Unit
from paperwire.texts import ENGLISH
from paperwire.wording.belongings import belonging_lines
from paperwire.wording.health import status_lines

_RECENT = timedelta(days=30)
_SHOWN = 100
_PUBLIC = "public"


@command("init")
def init(path: Annotated[Path, typer.Argument()] = Path("config.toml")) -> None:
    try:
        path.touch(0o600, exist_ok=False)
        with path.open("w", encoding="utf-8") as file:
            file.write(files("paperwire").joinpath("config.example.toml").read_text(encoding="utf-8"))
    except FileExistsError:
        raise CommandError(f"{path} is there already; nothing was written") from None
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or str(error)}") from None
    out.print(f"wrote {path}")


@command("migrate")
def migrate(
    context: typer.Context,
    while_running: Annotated[
        bool, typer.Option("--while-running", help="Don't wait for other processes of a PostgreSQL database to end.")
    ] = False,
) -> None:
    async def work(settings: Settings) -> str:
        now = opening.clock()
        async with opening.opened(settings, now, write=True, service=True, while_running=while_running) as store:
            await store.compare_schema()
            return store.where

    out.print(f"the database {go(work(settings_of(context)))} is up to date")


@command("status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    async def work(settings: Settings) -> None:
        async with opening.reading(settings, now=opening.clock()) as reading:
            health_now = await health(reading, opening.watching(settings))
            health_now = replace(health_now, database_problem=await disk_problem(reading.store, health_now))
            if as_json:
                show_json(asdict(health_now))
            else:
                title = (Span(ENGLISH.gettext("Status"), "bold"),)
                await show(message_of(title, *status_lines(health_now, ENGLISH)))

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
    ban: Annotated[bool, typer.Option("--ban", help="Also refuse their accounts from now on.")] = False,
    unban: Annotated[bool, typer.Option("--unban", help="Delete nothing, and let the account in again.")] = False,
) -> None:
    settings = settings_of(context)
    if ban and unban:
        raise ConfigError("--ban and --unban exclude each other")
    if unban:
        go(_unban(settings, person))
        out.print(f"{person} is not banned any more", markup=False, highlight=False)
        return
    if not yes:
        for line in go(_look(settings, person, ban=ban)):
            out.print(line, markup=False, highlight=False)
        if not typer.confirm("Delete this person? This can't be undone."):
            out.print("nothing was deleted")
            raise typer.Exit(1)
    banned = go(_forget(settings, person, ban=ban))
    out.print("forgotten")
    for account in banned:
        out.print(f"banned: {account}", markup=False, highlight=False)


async def _look(settings: Settings, person: str, *, ban: bool) -> list[str]:
    async with opening.reading(settings, now=opening.clock()) as reading, reading.store.read() as unit:
        stored = await _found(unit, person)
        if stored is None and ban and _account(person) is not None:
            return [f"Nothing is stored about {person}."]
        return belonging_lines(await belongings(unit, (await _person(unit, person)).number), ENGLISH)


async def _forget(settings: Settings, person: str, *, ban: bool) -> list[str]:
    """Delete a person, and with `ban` refuse their accounts, which are returned."""
    async with opening.opened(settings, opening.clock(), write=True) as store, store.write() as unit:
        stored, named = await _found(unit, person), _account(person)
        if stored is None and (named is None or not ban):
            raise _no_person(person)
        accounts = await unit.people.accounts(stored.number) if stored else []
        banned = sorted({*accounts, *([named] if named else [])}, key=name_of) if ban else []
        for account in banned:
            await unit.settings.put(ban_key(opening.secret_key(settings, store), account), unit.now.isoformat())
        if stored is not None:
            await unit.people.forget(stored.number)
    return [name_of(account) for account in banned]


async def _unban(settings: Settings, person: str) -> None:
    account = _account(person)
    if account is None:
        raise CommandError(f"{person!r} is no account; give channel:user, as in telegram:12345")
    async with opening.opened(settings, opening.clock(), write=True) as store, store.write() as unit:
        if not await unit.settings.remove(ban_key(opening.secret_key(settings, store), account)):
            raise CommandError(f"{person} is not banned")


def _account(text: str) -> Actor | None:
    channel, colon, user = text.partition(":")
    return Actor(channel=channel, user_id=user) if colon and channel and user else None


async def _found(unit: Unit, text: str) -> Person | None:
    account = _account(text)
    if account is not None:
        return await unit.people.person_of(account)
    return await unit.people.get(int(text)) if text.isascii() and text.isdigit() else None


async def _person(unit: Unit, text: str) -> Person:
    stored = await _found(unit, text)
    if stored is None:
        raise _no_person(text)
    return stored


def _no_person(text: str) -> CommandError:
    return CommandError(f"there is no person {text!r}; give a number, or channel:user as in telegram:12345")


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
        stored = await unit.papers.get(paper)
        number = await _number(unit, of_list)
        if stored is None or not await unit.lists.remove(number, stored.number, barred=True):
            raise CommandError(f"the paper {paper!r} isn't on the list {of_list}")


async def _read(settings: Settings, of_list: str) -> list[dict[str, Any]]:
    async with opening.opened(settings, opening.clock(), write=False) as store, store.read() as unit:
        number = await _number(unit, of_list)
        submissions = await unit.lists.submissions(number, unit.now - _RECENT, unit.now, _SHOWN)
    return [
        {
            "day": row.day,
            "votes": row.votes,
            "paper": row.paper.id,
            "title": row.paper.title,
            "name": row.name,
        }
        for row in submissions
    ]


async def _number(unit: Unit, of_list: str) -> int:
    """The number of a list; raises CommandError unless it is `public` or a shared place's or community's."""
    if of_list == _PUBLIC:
        return PUBLIC
    channel, colon, address = of_list.partition(":")
    number = None
    if colon:
        its = Community(kind="group", address=address)
        number = await unit.places.list_of(Place(channel=channel, address=address, kind="group", community=its))
    elif of_list.isascii() and of_list.isdigit():
        place = await unit.places.get(int(of_list))
        number = place.list if place and place.has_list else None
    if number is None:
        raise CommandError(f"there is no list {of_list!r}; give public, the number of a group, or CHANNEL:ADDRESS")
    return number
