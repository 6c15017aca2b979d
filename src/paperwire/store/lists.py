"""Lists as one parameter of a statement: its text stays the same however many numbers or deliveries they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, bindparam, column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.selectable import TableValuedAlias


class _Numbers(FunctionElement[Any]):
    inherit_cache = True


def among(of: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the numbers in the parameter `name`, which `number_list` makes."""
    numbers = _Numbers(bindparam(name, type_=Text)).table_valued(column("value", BigInteger))
    return of.in_(select(numbers.c["value"]))


def number_list(numbers: Iterable[int]) -> str:
    """Whole numbers as the parameter of `among`."""
    return json.dumps(list(numbers), separators=(",", ":"))


@compiles(_Numbers, "sqlite")
def _numbers_on_sqlite(element: _Numbers, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Numbers, "postgresql")
def _numbers_on_postgresql(element: _Numbers, compiler: SQLCompiler, **options: Any) -> str:
    rows = compiler.process(element.clauses, **options)
    return f"(SELECT CAST(item AS BIGINT) AS value FROM json_array_elements_text(CAST({rows} AS JSON)) AS item)"  # noqa: S608 -- names and parameters of our own


class _Keys(FunctionElement[Any]):
    inherit_cache = True


def keys(name: str) -> TableValuedAlias:
    """A table of the deliveries in the parameter `name`, which `key_list` makes: place, paper, occasion."""
    columns = (column(each, BigInteger) for each in ("place", "paper", "occasion"))
    return _Keys(bindparam(name, type_=Text)).table_valued(*columns)


def key_list(of: Iterable[tuple[int, int, int]]) -> str:
    """Deliveries (place, paper, code of the occasion) as the parameter of `keys`."""
    return json.dumps(list(of), separators=(",", ":"))


@compiles(_Keys, "sqlite")
def _keys_on_sqlite(element: _Keys, compiler: SQLCompiler, **options: Any) -> str:
    rows = compiler.process(element.clauses, **options)
    parts = (f"json_extract(value, '$[{at}]') AS {name}" for at, name in enumerate(("place", "paper", "occasion")))
    return f"(SELECT {', '.join(parts)} FROM json_each({rows}))"  # noqa: S608 -- the same


@compiles(_Keys, "postgresql")
def _keys_on_postgresql(element: _Keys, compiler: SQLCompiler, **options: Any) -> str:
    rows = compiler.process(element.clauses, **options)
    parts = (f"CAST(item ->> {at} AS BIGINT) AS {name}" for at, name in enumerate(("place", "paper", "occasion")))
    return f"(SELECT {', '.join(parts)} FROM json_array_elements(CAST({rows} AS JSON)) AS item)"  # noqa: S608 -- the same
