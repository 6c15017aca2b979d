"""What `backup`, `restore`, `move` and `outbox` say."""

from __future__ import annotations

ONLY_SQLITE = "this works with SQLite only; use pg_dump and pg_restore with PostgreSQL"
WITH_KEY = "with the secret key"
KEY_IN_SETTINGS = "the secret key is in your settings: keep those too"
NO_KEY = "there is no secret key in it: links that people have will not be told again"
RESTORED = (
    "restored; deliveries are held: `paperwire outbox` shows what is owed, `paperwire outbox --release` sends it, "
    "`paperwire outbox drop --owed` drops it"
)
HELD_NOW = "deliveries are held from now on"
RELEASED = "deliveries go out again"
NOT_HELD = "deliveries are not held"


def written(path: str, size: int, about: str) -> str:
    """A copy was written; `about` says whether the key is in it."""
    return f"wrote {path} ({size / 1e6:,.1f} MB, {about})"


def not_written(path: str, problem: str) -> str:
    """A copy that could not be written."""
    return f"cannot write {path}: {problem}"


def not_a_backup(path: str, problem: str) -> str:
    """The file is none of ours."""
    return f"{path} is not a backup that `paperwire backup` wrote: {problem}"


NO_DATABASE = "there is no database in it"


def in_the_way(path: str) -> str:
    """Nothing is overwritten."""
    return f"{path} is there already; move it away first, so that nothing is lost"


def held_since(when: str) -> str:
    """The hold, where the outbox is shown."""
    return f"Deliveries are held since {when}: `paperwire outbox --release` sends what is owed."


def moved(tables: int, rows: int, where: str) -> str:
    """Everything is in the other database."""
    return f"{rows:,} rows of {tables} tables are in {where} now"


def now_set(key_file: str) -> str:
    """What is left to do after a move; `key_file` is empty if the key is in the settings."""
    key = f", and secret_key_file to {key_file}" if key_file else ""
    return f"set database.url to it{key}; the old file stays as it is"


NOT_FROM_THERE = "the database in your settings is PostgreSQL already"
NOT_TO_THERE = "the target must be a postgresql+psycopg:// address"
