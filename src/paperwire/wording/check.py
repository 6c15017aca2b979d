"""What `paperwire check` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = {"ok": "ok", "warning": "warning", "broken": "BROKEN"}

LOOPBACK = "links work only on this machine: public_url is a loopback address"
NO_CONTACT = "contact is not set: arXiv cannot write to you before it blocks you"
NO_KEY_YET = "will be made at the first run"
KEY_APART = "set secret_key (or secret_key_file): with PostgreSQL every process must have the same"
SHORT_KEY = "is shorter than 32 characters: whoever has one feed's link might guess it"
KEY_OK = "set"
MADE_UP_TIME = "PAPERWIRE_NOW is set: the time is made up"
CLOCK_BACK = "the clock is behind times that are stored: it was set back, and what is due waits until then"
CLOCK_OK = "not behind the times that are stored"
NO_SOURCE = "no source is on"
NO_CHANNEL = "no channel is on: people can follow feeds and pages only"
NEVER_READ = "never read yet"
NO_ANSWER = "no answer in time"
ANSWERS = "answers and lets us in"
NOTHING_TO_ASK = "on; addresses are tried when something is sent"
SCHEMA_OK = "schema up to date"
NO_DATABASE_YET = "none yet; `paperwire run` makes it"


def readable_by_others(path: str, mode: int) -> str:
    """A file that more people can read than should."""
    return f"{path} can be read by others (mode {mode:o}): chmod 600"


def others_are_refused(host: str) -> str:
    """The web server listens for other machines, whose requests are refused as `public_url` is not their address."""
    return (
        f"requests from other machines are refused (421): web.host is {host}, but public_url is a loopback address;"
        " set public_url to the address that people use"
    )


def settings_at(path: str, variables: Sequence[str]) -> str:
    """Where settings come from: a file, if there is one, and environment variables."""
    count = "1 variable" if len(variables) == 1 else f"{len(variables)} variables"
    named = [path] if path else []
    named += [f"{count}: {', '.join(variables)}"] if variables else []
    return " and ".join(named) or "no file and no variables: everything is at its default"


def port_free(where: str) -> str:
    """A port that nothing listens on."""
    return f"{where} is free"


def service_answers(where: str) -> str:
    """Something listens that answers as Paperwire does."""
    return f"a Paperwire service answers on {where}"


def other_service(where: str) -> str:
    """The same, while no service writes to this database."""
    return f"another Paperwire service answers on {where}: none writes to this database"


def database(where: str, version: str, about: str) -> str:
    """A database that can be used."""
    return f"{where}: {version}, {about}"


def not_writable(folder: str) -> str:
    """A folder in which nothing can be written."""
    return f"{folder} is not writable"


def disk(folder: str, free: float) -> str:
    """How much room is left, in bytes."""
    return f"{free / 1e9:,.1f} GB free in {folder}"


def wal(version: str) -> str:
    """SQLite versions with the fault of WAL files."""
    return (
        f"{version}: before 3.51.3 two connections that write and checkpoint at once can damage a file; here all wait "
        "for one lock, so write to it with Paperwire alone"
    )


def source_fails(error: str, next_at: str) -> str:
    """A source that was not read at the last try."""
    return f"{error}; next try {next_at}"


def source_read(at: str) -> str:
    """When a source was last read well."""
    return f"last read {at}"


def overdue(tried: str) -> str:
    """A source without an attempt for three of its intervals."""
    return f"overdue: not tried since {tried}; is a service running that collects?"


def held(since: str) -> str:
    """The hold."""
    return f"deliveries are held since {since}: `paperwire outbox --release` sends what is owed"


def is_off(key: str) -> str:
    """Something that is switched on but lacks a setting."""
    return f"off: {key} is not set"
