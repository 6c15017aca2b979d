"""The alembic tree: the first schema and what changed since, run by the program itself.

A revision that is on the main branch never changes again: databases that have it would not get the change. What the
schema needs next is a new revision.

`upgrade` of a revision is part of one transaction with those of all others, so it may change the schema and few rows.
What a revision changes in all rows of a large table is its `rewrite(connection, after)`: it rewrites the next thousand
rows or so whose number is greater than `after` and returns the last number, or None if there were none. Each call is a
transaction of its own (`store/upgrading.py`); until the last one the program reads and writes nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

if TYPE_CHECKING:  # alembic is slow to import
    from alembic.config import Config

PENDING = "rewrite "
"""How the setting of a rewrite that is not finished begins; the revision follows, and its value is the last number."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema of this connection's database to `revision`, inside its transaction.

    What is to be rewritten then, in a database that had tables before, is noted there.
    """
    from alembic import command  # noqa: PLC0415 -- see above
    from alembic.migration import MigrationContext  # noqa: PLC0415 -- see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- see above

    before = MigrationContext.configure(connection).get_current_revision()
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if before is None:
        return
    for script in ScriptDirectory.from_config(config).iterate_revisions(revision, before):
        if hasattr(script.module, "rewrite"):
            note = text("INSERT INTO setting (key, value) VALUES (:key, '0')")
            connection.execute(note, {"key": f"{PENDING}{script.revision}"})


def rewrite_some(connection: Connection) -> tuple[str, int]:
    """Rewrite the next rows of the earliest revision that has any left; what it was of, and the last number."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- see above

    pending = text("SELECT key, value FROM setting WHERE key LIKE :pending ORDER BY key LIMIT 1")
    key, after = connection.execute(pending, {"pending": f"{PENDING}%"}).one()
    revision: Any = ScriptDirectory.from_config(_config()).get_revision(key.removeprefix(PENDING))
    last: int | None = revision.module.rewrite(connection, int(after))
    if last is None:
        connection.execute(text("DELETE FROM setting WHERE key = :key"), {"key": key})
    else:
        connection.execute(text("UPDATE setting SET value = :last WHERE key = :key"), {"last": str(last), "key": key})
    return f"tables of schema {revision.revision}", int(after) if last is None else last


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 -- see above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
