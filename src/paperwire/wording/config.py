"""What is said about settings that are wrong."""

from __future__ import annotations


def unknown_key(key: str, nearest: str) -> str:
    """An unknown key, with the nearest one that exists, if any."""
    return f"unknown setting {key!r}" + (f"; did you mean {nearest!r}?" if nearest else "; see config.example.toml")


def wrong_value(key: str, problem: str) -> str:
    """A value that does not fit; `problem` says what it should be."""
    return f"setting {key!r}: {problem}"


def both(key: str) -> str:
    """A secret given twice."""
    return f"setting {key!r} is given both as a value and as {key + '_file'!r}; keep one of them"


def unreadable_secret(key: str, path: str, problem: str) -> str:
    """A secret's file that cannot be read."""
    return f"setting {key!r}: cannot read {path}: {problem}"


def no_file(path: str) -> str:
    """A settings file that was named and is not there."""
    return f"no settings file at {path}; `paperwire init` writes one"


def unreadable(path: str, problem: str) -> str:
    """A settings file that cannot be read."""
    return f"cannot read the settings in {path}: {problem}"


def not_toml(path: str, problem: str) -> str:
    """A settings file that is not TOML."""
    return f"{path} is not valid TOML: {problem}"


def bad_variable(problem: str) -> str:
    """An environment variable whose value cannot be read (a list that is not JSON, for one)."""
    return problem + """; lists are written as JSON, for example '["cs.CL", "cs.CV"]'"""
