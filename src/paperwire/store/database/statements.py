"""Statements and conditions that mean the same on both databases.

A list is one parameter: the text of a statement stays the same however many numbers or deliveries it names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Connection,
    SQLColumnExpression,
    Text,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlmodel import SQLModel


def is_sqlite(where: AsyncConnection | Connection | AsyncEngine) -> bool:
    """Whether this connection or engine speaks to SQLite (otherwise to PostgreSQL)."""
    return where.dialect.name == "sqlite"


def insert_new(connection: AsyncConnection, table: type[SQLModel]) -> postgresql.Insert:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` on either database."""
    if is_sqlite(connection):
        return cast("postgresql.Insert", sqlite.insert(table))  # the two have these methods alike
    return postgresql.insert(table)


def listed(connection: AsyncConnection, numbers: list[int]) -> ColumnElement[int]:
    """A column of a table with these numbers, which go to the database as one parameter however many they are."""
    if is_sqlite(connection):
        values: ColumnElement[int] = (
            func.json_each(json.dumps(numbers)).table_valued(column("value", BigInteger)).c["value"]
        )
        return values
    written = literal(f"{{{','.join(map(str, numbers))}}}", Text)  # a list would be written number by number
    return func.unnest(sql_cast(written, postgresql.ARRAY(BigInteger))).column_valued("value")


async def keep_plans(connection: AsyncConnection) -> None:
    """Until commit, PostgreSQL makes the plan of a statement once, also of those that foreign keys ask for each row.

    For statements that name rows by their keys: planning with the parameters would give the same plan.
    """
    if not is_sqlite(connection):
        await connection.execute(text("SET LOCAL plan_cache_mode = auto"))


async def look_up_row_by_row(connection: AsyncConnection) -> None:
    """Until commit, joins go from row to row by index, as on SQLite.

    PostgreSQL might read a whole table instead, or keep what each row led to, although hardly any is asked for again.
    """
    if not is_sqlite(connection):
        off = [f"enable_{way} = off" for way in ("hashjoin", "mergejoin", "material", "memoize")]
        # There is but one plan for such joins: to make it again each time is a quarter of the server's work.
        settings = [*off, "plan_cache_mode = auto"]
        await connection.execute(text("; ".join(f"SET LOCAL {setting}" for setting in settings)))


async def move_rows(  # noqa: PLR0913 -- a table, its columns, and from where to where
    db: AsyncConnection, table: type[SQLModel], column: str, key: tuple[str, ...], *, gone: int, kept: int
) -> None:
    """Let `column` of a table say `kept` instead of `gone`, but drop rows whose `key` is there already."""
    row: Any = table
    other: Any = aliased(table)
    key_column = getattr(row, column)
    same = and_(getattr(other, column) == kept, *(getattr(other, name) == getattr(row, name) for name in key))
    await db.execute(update(table).where(key_column == gone, ~exists().where(same)).values({column: kept}))
    await db.execute(delete(table).where(key_column == gone))


async def point_to(db: AsyncConnection, columns: Iterable[tuple[type[SQLModel], str]], *, gone: int, kept: int) -> None:
    """Let columns of tables say `kept` wherever they say `gone`."""
    for table, name in columns:
        await db.execute(update(table).where(getattr(table, name) == gone).values({name: kept}))


async def fold_rows(  # noqa: PLR0913, PLR0917 -- a table, its key, which rows go where, and how two become one
    db: AsyncConnection,
    table: type[SQLModel],
    key: Sequence[str],
    condition: ColumnElement[bool],
    kept: Mapping[str, int],
    joined: Callable[[Any], dict[str, Any]],
    better: Callable[[Any], ColumnElement[bool]] | None = None,
) -> None:
    """Let a column of some rows say what `kept` has for it; where there is such a row already, the two become one.

    `joined` is given the row that comes, and says what the one that is there says then; with `better` it stays as it is
    unless that holds of the row that comes.
    """
    names = list(table.model_fields)
    columns = (literal(kept[name]) if name in kept else getattr(table, name) for name in names)
    new = insert_new(db, table).from_select(names, select(*columns).where(condition))
    where = None if better is None else better(new.excluded)
    await db.execute(new.on_conflict_do_update(index_elements=key, set_=joined(new.excluded), where=where))
    await db.execute(delete(table).where(condition))


def among(of: SQLColumnExpression[int], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the numbers in the parameter `name`, which `number_list` makes."""
    return _Among(of, bindparam(name, type_=Text))


def number_list(numbers: Iterable[int]) -> str:
    """Whole numbers as the parameter of `among`."""
    return json.dumps(list(numbers), separators=(",", ":"))


def keys(name: str) -> TableValuedAlias:
    """A table of the deliveries in the parameter `name`: place, paper, code of the occasion."""
    return _rows(name, column("place", BigInteger), column("paper", BigInteger), column("occasion", BigInteger))


def times(name: str) -> TableValuedAlias:
    """A table of places in the parameter `name`, each with an instant in microseconds or None: place, at."""
    return _rows(name, column("place", BigInteger), column("at", BigInteger))


def messages(name: str) -> TableValuedAlias:
    """A table of places in the parameter `name`, each with a message's id on its platform: place, message."""
    return _rows(name, column("place", BigInteger), column("message", Text))


def names(name: str) -> TableValuedAlias:
    """A table of papers in the parameter `name`, each with one of its names: paper, alias."""
    return _rows(name, column("paper", BigInteger), column("alias", Text))


def _rows(name: str, *columns: ColumnClause[Any]) -> TableValuedAlias:
    return _Rows(bindparam(name, type_=Text)).table_valued(*columns)


def row_list(rows: Iterable[Sequence[int | str | None]]) -> str:
    """Rows as the parameter of such a table; text in them is `storable`."""
    return json.dumps(list(rows), separators=(",", ":"))


class _Among(FunctionElement[bool]):
    """A column and the JSON list that it is looked for in.

    It has no type: as a Boolean it would be written `... = 1` on SQLite, for which that knows no index.
    """

    inherit_cache = True


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    of, numbers = (compiler.process(part, **options) for part in element.clauses)
    return f"{of} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608 -- a column and a parameter of our own


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    """An array, which PostgreSQL looks up in an index number by number; rows of JSON it would join, row by row."""
    of, numbers = (compiler.process(part, **options) for part in element.clauses)
    return f"{of} = ANY (CAST(translate({numbers}, '[]', '{{}}') AS BIGINT[]))"


class _Rows(FunctionElement[Any]):
    """The rows of one parameter, JSON on both databases; its columns are those of the table that it is made into."""

    inherit_cache = True


@compiles(_Rows, "sqlite")
def _on_sqlite(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    rows = compiler.process(element.clauses, **options)
    parts = (f"json_extract(value, '$[{at}]') AS {column.key}" for at, column in enumerate(element.columns))
    return f"(SELECT {', '.join(parts)} FROM json_each({rows}))"  # noqa: S608 -- names and parameters of our own


@compiles(_Rows, "postgresql")
def _on_postgresql(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    rows = compiler.process(element.clauses, **options)
    parts = (
        f"CAST(item ->> {at} AS {compiler.dialect.type_compiler_instance.process(column.type)}) AS {column.key}"
        for at, column in enumerate(element.columns)
    )
    return f"(SELECT {', '.join(parts)} FROM json_array_elements(CAST({rows} AS JSON)) AS item)"  # noqa: S608 -- the same
