"""Lists as one parameter of a statement: its text stays the same however many numbers or deliveries they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression, Text, bindparam, column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.selectable import TableValuedAlias
    from sqlalchemy.types import TypeEngine


def among(of: SQLColumnExpression[int], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the numbers in the parameter `name`, which `number_list` makes."""
    return of.in_(select(_Numbers(bindparam(name, type_=Text)).rows().c["value"]))


def number_list(numbers: Iterable[int]) -> str:
    """Whole numbers as the parameter of `among`."""
    return row_list((number,) for number in numbers)


def keys(name: str) -> TableValuedAlias:
    """A table of the deliveries in the parameter `name`: place, paper, code of the occasion."""
    return _Keys(bindparam(name, type_=Text)).rows()


def times(name: str) -> TableValuedAlias:
    """A table of places in the parameter `name`, each with an instant in microseconds or None: place, at."""
    return _Times(bindparam(name, type_=Text)).rows()


def messages(name: str) -> TableValuedAlias:
    """A table of places in the parameter `name`, each with a message's id on its platform: place, message."""
    return _Messages(bindparam(name, type_=Text)).rows()


def row_list(rows: Iterable[Sequence[int | str | None]]) -> str:
    """Rows as the parameter of such a table."""
    return json.dumps(list(rows), separators=(",", ":"))


class _Rows(FunctionElement[Any]):
    """The rows of one parameter, JSON on both databases."""

    inherit_cache = True
    columns_of: tuple[tuple[str, type[TypeEngine[Any]]], ...]

    def rows(self) -> TableValuedAlias:
        return self.table_valued(*(column(name, kind) for name, kind in self.columns_of))


class _Numbers(_Rows):
    inherit_cache = True
    columns_of = (("value", BigInteger),)


class _Keys(_Rows):
    inherit_cache = True
    columns_of = (("place", BigInteger), ("paper", BigInteger), ("occasion", BigInteger))


class _Times(_Rows):
    inherit_cache = True
    columns_of = (("place", BigInteger), ("at", BigInteger))


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
