"""JSON from outside, which never becomes much larger than its text, and that of our own cursors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

from paperwire.core.text.clean import one_line
from paperwire.errors import SourceGarbled

T = TypeVar("T")

_MAX_VALUES = 250_000
"""A small value takes about a hundred bytes in memory; a full page of Hugging Face has 20,000."""
_MAX_ASCII, _MAX_WIDE = 9_000_000, 6_000_000
"""Bytes; one letter beyond ASCII makes a text four times as large in memory, twice."""
MAX_LINE, MAX_TITLE, MAX_ABSTRACT = 300, 2000, 50_000
"""Characters that are read of a name or a number, of a title, and of an abstract."""


def parse_json(body: bytes) -> Any:
    """What `body` says; raises SourceGarbled for no JSON and for what is too deep, too long or of too many values."""
    if len(body) > (_MAX_ASCII if body.isascii() else _MAX_WIDE) or body.count(b",") > _MAX_VALUES:
        raise SourceGarbled("the JSON is longer or has more values than any honest answer")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise SourceGarbled("the answer is not valid JSON") from None


def text_in(row: Mapping[str, Any], field: str, limit: int = MAX_LINE) -> str:
    """A text as one line, empty for anything else."""
    value = row.get(field)
    return one_line(value[:limit]) if isinstance(value, str) else ""


def object_in(row: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """An object, empty for anything else."""
    value = row.get(field)
    return value if isinstance(value, dict) else {}


def list_in(row: Mapping[str, Any], field: str) -> list[Any]:
    """A list, empty for anything else."""
    value = row.get(field)
    return value if isinstance(value, list) else []


def objects_in(row: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [item for item in list_in(row, field) if isinstance(item, dict)]


def dump_cursor(cursor: object) -> str:
    """A cursor that is a dataclass, as `load_cursor` reads it."""
    return TypeAdapter(type(cursor)).dump_json(cursor).decode()


def load_cursor(kind: type[T], text: str) -> T:
    """The cursor that `dump_cursor` wrote; what an older one lacks has its default."""
    return TypeAdapter(kind).validate_json(text)
