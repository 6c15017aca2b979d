"""Lists as one parameter of a statement: its text stays the same however many numbers or deliveries they name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression, Text, bindparam, column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def among(of: SQLColumnExpression[int], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the numbers in the parameter `name`, which `number_list` makes."""
    return _Among(of, bindparam(name, type_=Text))


def number_list(numbers: Iterable[int]) -> str:
    """Whole numbers as the parameter of `among`."""
    return json.dumps(list(numbers), separators=(",", ":"))


def keys(name: str) -> TableValuedAlias:
    """A table of the deliveries in the parameter `name`: place, paper, code of the occasion."""
    return _Keys(bindparam(name, type_=Text)).rows()


def times(name: str) -> TableValuedAlias:
    """A table of places in the parameter `name`, each with an instant in microseconds or None: place, at."""
    return _Times(bindparam(name, type_=Text)).rows()


def messages(name: str) -> TableValuedAlias:
    """A table of places in the parameter `name`, each with a message's id on its platform: place, message."""
    return _Messages(bindparam(name, type_=Text)).rows()


def names(name: str) -> TableValuedAlias:
    """A table of papers in the parameter `name`, each with one of its names: paper, alias."""
    return _Names(bindparam(name, type_=Text)).rows()


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
    """The rows of one parameter, JSON on both databases."""

    inherit_cache = True
    columns_of: tuple[tuple[str, type[TypeEngine[Any]]], ...]

    def rows(self) -> TableValuedAlias:
        return self.table_valued(*(column(name, kind) for name, kind in self.columns_of))


class _Keys(_Rows):
    inherit_cache = True
    columns_of = (("place", BigInteger), ("paper", BigInteger), ("occasion", BigInteger))


class _Times(_Rows):
    inherit_cache = True
    columns_of = (("place", BigInteger), ("at", BigInteger))


class _Names(_Rows):
    inherit_cache = True
    columns_of = (("paper", BigInteger), ("alias", Text))


class _Messages(_Rows):
    inherit_cache = True
    columns_of = (("place", BigInteger), ("message", Text))


@compiles(_Rows, "sqlite")
def _on_sqlite(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    rows = compiler.process(element.clauses, **options)
    parts = (f"json_extract(value, '$[{at}]') AS {name}" for at, (name, _) in enumerate(element.columns_of))
    return f"(SELECT {', '.join(parts)} FROM json_each({rows}))"  # noqa: S608 -- names and parameters of our own


@compiles(_Rows, "postgresql")
def _on_postgresql(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    rows = compiler.process(element.clauses, **options)
    parts = (
        f"CAST(item ->> {at} AS {compiler.dialect.type_compiler_instance.process(kind())}) AS {name}"
        for at, (name, kind) in enumerate(element.columns_of)
    )
    return f"(SELECT {', '.join(parts)} FROM json_array_elements(CAST({rows} AS JSON)) AS item)"  # noqa: S608 -- the same
