"""What is said about lines of a corpus file that cannot be read."""

from __future__ import annotations


def not_json(problem: str) -> str:
    """A line that is no JSON; `problem` is the parser's own word for it."""
    return f"not valid JSON ({problem})"


def no_object() -> str:
    """JSON, but no object."""
    return "not a JSON object"


def too_long(limit: int) -> str:
    """A line over the cap of `limit` bytes."""
    return f"longer than {limit // 1_000_000} MB"


def missing(field: str) -> str:
    """A field without which there is no paper."""
    return f"no {field}"


def wrong_kind(field: str, wanted: str) -> str:
    """A field of another kind than the format says."""
    return f"{field} is not {wanted}"


def cut_off(name: str, line: int, problem: str) -> str:
    """A compressed file that ends too early or is damaged, behind `line`."""
    return f"{name} is damaged or cut off after line {line} ({problem})"


def unreadable(name: str, problem: str) -> str:
    """A file that cannot be opened."""
    return f"cannot read {name}: {problem}"


def broken(name: str, line: int, reason: str) -> str:
    """One broken line of a file, for logs and progress reports."""
    return f"{name}, line {line}: {reason}"
