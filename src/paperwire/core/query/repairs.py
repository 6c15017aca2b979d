"""Repairs of a query that several mistakes share: each returns a better text, or the same text if it has none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from paperwire.errors import QueryError

_EVERYTHING = "cat:cs"  # stands before a query that only excludes, or only counts upvotes
_ALTERNATIVE = re.compile(r"\s(?:OR|or|oder)\s")

Repair: TypeAlias = "Callable[[str, QueryError], str]"


def cut(text: str, begin: int, end: int, instead: str = " ") -> str:
    """The text with `instead` in place of what stands between two places."""
    return text[:begin] + instead + text[end:]


def in_brackets(text: str) -> str:
    """The text before what is to be excluded; in brackets if that would otherwise bind to its last alternative."""
    outside = re.sub(r'"[^"]*"|\([^()]*\)', "", text)
    return f"({text.rstrip(' ,;')})" if _ALTERNATIVE.search(outside) and "(" not in outside else text


def replaced(pattern: str | re.Pattern[str], by: str | Callable[[re.Match[str]], str]) -> Repair:
    """The repair that puts `by` in place of what `pattern` first matches from the mistake on."""

    def repair(text: str, error: QueryError) -> str:
        at = error.column - 1
        return text[:at] + re.sub(pattern, by, text[at:], count=1)

    return repair


def moved_to_end(term: re.Pattern[str]) -> Repair:
    """The repair that takes what `term` first matches from the mistake on out of the query and types it at its end."""
    drop = replaced(term, " ")

    def repair(text: str, error: QueryError) -> str:
        typed = next(term.finditer(text, error.column - 1))
        return f"({drop(text, error)}) {typed[0]}"

    return repair


def renamed(better: Callable[[str], str]) -> Repair:
    """The repair that puts what `better` makes of it in place of the value at the mistake, or of the field's there."""

    def repair(text: str, error: QueryError) -> str:
        at = error.column - 1
        begin = at - (text[at - 1 : at] == '"')
        value = next(_VALUE.finditer(text, begin))  # at `begin`, as it may be empty
        return cut(text, *value.span("value"), better(value["value"].strip('"')))

    return repair


_VALUE = re.compile(r"""(?:(?<!:)[A-Za-z]+:\s*)?(?P<value>"[^"]*"?|[^\s()"]*)""")


def named(field: str) -> re.Pattern[str]:
    """Matches a field and its value, well-formed or not, with signs before it."""
    return re.compile(rf'[-=]*{field}:\s*(?:"[^"]*"?|[^\s()"]*)', re.IGNORECASE)


def begin_with_everything(text: str, _error: QueryError) -> str:
    """The query, with papers for it to choose from."""
    return f"{_EVERYTHING} ({text.strip()})" if " OR " in text else f"{_EVERYTHING} {text.strip()}"
