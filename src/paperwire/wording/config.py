"""What is said about settings that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def named(key: str, variable: str) -> str:
    """A key as it stands in the file, and the variable that gave it, if one did."""
    return f"{key!r} ({variable})" if variable else repr(key)


def unknown_key(key: str, nearest: str, known: Sequence[str]) -> str:
    """An unknown key (`named`), with the nearest right one (`named`), else those that may stand there."""
    hint = f"did you mean {nearest}?" if nearest else f"known here: {', '.join(known)}"
    return f"unknown setting {key}; {hint}"


def wrong_value(key: str, problem: str) -> str:
    """A value that does not fit; `problem` says what it should be."""
    return f"setting {key}: {problem}"


def both(key: str) -> str:
    """A secret given twice."""
    return f"setting {key!r} is given both as a value and as {key + '_file'!r}; keep one of them"


def unreadable_secret(key: str, path: str, problem: str) -> str:
    """A secret's file that cannot be read."""
    return f"setting {key!r}: cannot read {path}: {problem}"


NO_TEXT = "it is no UTF-8 text"
EMPTY = "it is empty"
LIST = 'must be a list, for example ["cs.CL", "cs.CV"]; as JSON in the environment'
PUBLIC_URL = "must be an address such as https://papers.example.org or https://example.org/papers, without ? and #"
EMPTY_KEY = "must not be empty; without it a key is made and kept beside the database"


def section(key: str) -> str:
    """A value where a section belongs."""
    return f"is a section; its keys stand below [{key}]"


def database(problem: str) -> str:
    """A database address that nothing can be made of."""
    return f"setting 'database.url': {problem}"


def no_file(path: str) -> str:
    """A settings file that was named and is not there."""
    return f"no settings file at {path}; `paperwire init` writes one"


def unreadable(path: str, problem: str) -> str:
    """A settings file that cannot be read."""
    return f"cannot read the settings in {path}: {problem}"


def not_toml(path: str, problem: str) -> str:
    """A settings file that is not TOML."""
    return f"{path} is not valid TOML: {problem}"
