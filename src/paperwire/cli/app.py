"""The application that the commands hang on, the settings they share, and how they speak."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import structlog
import typer
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from paperwire import __version__, observe
from paperwire.texts import ENGLISH

if TYPE_CHECKING:  # nothing here needs the library at run time
    from paperwire.config import Settings
    from paperwire.pipeline.ingest import Collected

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")
_log = structlog.get_logger(__name__)

_SHARED = {"--config": 2, "--log-level": 2, "--log-json": 1}
"""The options of the program itself, and how many words each takes when its value is a word of its own."""


COMMANDS = {
    "run": ("run", "Run the service: collect, match, deliver, answer people, serve pages and feeds."),
    "demo": ("run", "See it work with made-up papers: no network, no tokens, nothing kept."),
    "init": ("operate", "Write a settings file to start from."),
    "check": ("check", "Check settings, database, folders and channels, and report problems."),
    "collect": ("data", "Read the sources now."),
    "import": ("data", "Read papers from JSON Lines files or the public arXiv metadata snapshot, gz or plain."),
    "search": ("papers", "Find stored papers."),
    "preview": ("papers", "How many papers of the last 30 days a query matches, and its rate."),
    "why": ("papers", "Explain why a query matches a paper or doesn't."),
    "trending": ("papers", "The papers with the most upvotes."),
    "subscribe": ("subscribe", "Subscribe a chat or an address to a query, without asking it in a chat."),
    "unsubscribe": ("subscribe", "End such a subscription."),
    "status": ("operate", "Show the status of sources, channels, database and outbox."),
    "health": ("health", "Ask the running process whether it is alive, or with --ready, whether it can do its work."),
    "pages": ("pages", "Write the public pages and feeds into a folder, for a host of static pages."),
    "outbox": ("outbox", "Show what waits to be sent and what was given up and why; retry or drop it."),
    "places": ("places", "List chats and addresses, closed ones too; open again what was closed wrongly."),
    "bounce": (
        "bounce",
        "Read what a mail server sent back, from standard input or a maildir, and pause the address it is about.",
    ),
    "meaning": ("meaning", "Train a word table for search by meaning, from the stored papers."),
    "lists": ("operate", "List what people submitted, or take a paper off a list."),
    "migrate": ("operate", "Bring the database's schema up to date."),
    "backup": ("backup", "Write a copy of the database and its secret key to one file while the service runs."),
    "restore": ("backup", "Put a copy back; the service starts with deliveries on hold."),
    "move": ("backup", "Copy everything from SQLite to an empty PostgreSQL database."),
    "export": ("operate", "Print everything stored about a person, as JSON."),
    "forget": ("operate", "Delete everything stored about a person."),
}
"""Each command's module in this folder and its help; the module is imported when the command is called."""


class _LazyCommands(TyperGroup):
    """Loads a command when it is called, and takes the program's own options after it as well.

    `paperwire --help` shows the names and help of all commands without importing any; most need a database and the
    web, which take a second of CPU time to import.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, (_, text) in COMMANDS.items():
            self.commands.setdefault(name, TyperCommand(name, help=text, short_help=text))  # else it is cut

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in COMMANDS:
            import_module(f"paperwire.cli.{COMMANDS[args[0]][0]}")
            self.commands.update(get_group(app).commands)
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put these options in front, where the library looks for them; `--` ends all options."""
        end = args.index("--") if "--" in args else len(args)
        first, others, place = list[str](), list[str](), 0
        while place < end:
            name, given, _ = args[place].partition("=")
            taken = (1 if given else _SHARED[name]) if name in _SHARED else 0
            first += args[place : place + taken]
            others += args[place : place + 1] if not taken else []
            place += taken or 1
        return super().parse_args(ctx, first + others + args[max(end, place) :])


app = typer.Typer(
    cls=_LazyCommands,
    help="Say once what you care about; hear of each new paper once, where and when you want it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def command(name: str, **settings: Any) -> Callable[[F], F]:
    """Make a function the command `name`, with the help that `COMMANDS` has of it."""
    return app.command(name, help=COMMANDS[name][1], short_help=COMMANDS[name][1], **settings)


out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"paperwire {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help=("The settings file; else PAPERWIRE_CONFIG, else config.toml in this folder if there is one."),
        ),
    ] = None,
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        typer.Option("--log-level", case_sensitive=False, help="How much to log."),
    ] = "INFO",
    log_json: Annotated[bool, typer.Option("--log-json", help="Log lines as JSON.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = {"config": config_file, "level": log_level, "json": log_json}


def settings_of(context: typer.Context) -> Settings:
    """The settings of this call, with logs set up so that none of their secrets shows; raises ConfigError."""
    from paperwire import config  # noqa: PLC0415 -- `--version` and `--help` need no settings, which load slowly

    values = context.obj
    settings = config.load(values["config"])
    observe.set_up(settings.secrets(), level=values["level"], as_json=values["json"])
    return settings


def go(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end; Ctrl-C ends it quietly."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def progress(*columns: ProgressColumn, transient: bool = False) -> Progress:
    """Bars on standard error for long work; nothing at all where that is no terminal."""
    return Progress(*columns, console=err, transient=transient, disable=not err.is_terminal)


def show_json(value: object) -> None:
    """Print `value` for a machine; times and days as RFC 3339."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def tell(text: str) -> None:
    """Say what the service does: on standard output, or in the log where that is for a machine."""
    if observe.is_for_machines():
        _log.info(text)
    else:
        out.print(text)


def tell_collected(collected: Collected) -> None:
    text = ENGLISH.ngettext("%(num)s new paper", "%(num)s new papers", collected.papers)
    text += ENGLISH.ngettext(", %(num)s event", ", %(num)s events", collected.events)
    if collected.failed:
        text += ENGLISH.ngettext(
            "; %(num)s part could not be read, see the log",
            "; %(num)s parts could not be read, see the log",
            collected.failed,
        )
    tell(text)


def fail(text: str) -> None:
    """Say on standard error what went wrong."""
    if observe.is_for_machines():
        _log.error(text)
    else:
        err.print(f"paperwire: {text}")
