"""What an operator asks for: a first settings file, a check, how things fare, the outbox, and a person's data."""

from __future__ import annotations

from dataclasses import asdict
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
from paperwire.ports.requests import Actor
from paperwire.texts import ENGLISH

if TYPE_CHECKING:
    from paperwire.config import Settings
    from paperwire.core.subscriptions.subscription import Person
    from paperwire.store.unit import Unit


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
