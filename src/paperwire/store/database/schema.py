"""Comparison of the schema that a database has with the tables of this program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Constraint, Index, inspect

from paperwire.store.database.statements import is_sqlite
from paperwire.store.database.tables.base import Row

_WORDS = "paper_words"
_WORDS_INDEX = "ix_paper_words_words"


def differences(connection: Connection) -> list[str]:
    """Say in a few words each what the database lacks or has otherwise; tables and plain indexes of others may be.

    Takes about a tenth of a second.
    """
    options = {"include_name": _is_ours, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    problems: list[str] = []
    for operation in compare_metadata(context, Row.metadata):
        # What changes about one column comes as a list, anything else as a tuple.
        changes = operation if isinstance(operation, list) else [operation]
        problems += [text for change in changes if (text := _described(change))]
    return [*problems, *_other_keys(connection), *_missing_words(connection)]


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "table" or name in Row.metadata.tables


def _described(change: tuple[Any, ...]) -> str:
    """One operation of alembic that would mend the database, as what is wrong with it; empty for what may be."""
    verb, what = change[0], change[-1]
    if verb == "remove_index" and not what.unique:
        return ""
    action, _, kind = verb.partition("_")
    if action == "modify":
        return f"column {change[2]}.{change[3]} differs in {kind}"
    if isinstance(what, Column):
        name = f"column {change[2]}.{what.name}"
    else:
        name = f"{_KINDS.get(kind, 'constraint')} {what.name}"
        if isinstance(what, Index | Constraint) and what.table is not None:
            name += f" on {what.table.name}"
    return f"no {name}" if action == "add" else f"unknown {name}"


_KINDS = {"table": "table", "index": "index", "fk": "foreign key"}


def _other_keys(connection: Connection) -> Iterator[str]:
    """Primary keys that are not ours, which alembic does not compare."""
    for (_, name), key in inspect(connection).get_multi_pk_constraint(filter_names=list(Row.metadata.tables)).items():
        if name is not None and key["constrained_columns"] != list(
            Row.metadata.tables[name].primary_key.columns.keys()
        ):
            yield f"table {name} has another primary key"


def _missing_words(connection: Connection) -> Iterator[str]:
    """The full-text index, which is no table of SQLModel's."""
    inspector = inspect(connection)
    if not inspector.has_table(_WORDS):
        yield f"no table {_WORDS}"
    elif not is_sqlite(connection) and _WORDS_INDEX not in {index["name"] for index in inspector.get_indexes(_WORDS)}:
        yield f"no index {_WORDS_INDEX} on {_WORDS}"
