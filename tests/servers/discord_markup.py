"""What Discord's clients make of a text: the rules of their parser, each tried at every position, in their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random


class Mark(NamedTuple):
    """A stretch of markup: its kind and what stands in it."""

    kind: str
    text: str


_S = r"[\s\S]"
_LINE_RULES = (
    ("quote", re.compile(rf" *>>> ?({_S}*)| *> ([^\n]*)")),
    ("subtext", re.compile(r"-# +([^\n]+)")),
    ("heading", re.compile(r" *#{1,3} +([^\n]+)")),
    ("list", re.compile(r" *(?:[*+-]|\d+\.) +([^\n]+)")),
)
_LABEL = r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]"
_INLINE_RULES = (
    ("block", re.compile(rf"```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n]{_S}*?)\n*```", re.IGNORECASE)),
    ("escape", re.compile(r"\\([^0-9A-Za-z\s])")),
    ("autolink", re.compile(r"<([^: >]+:/[^ >]+)>")),
    ("url", re.compile(r"((?:https?|steam|discord)://[^\s<]+[^<.,:;\"')\]\s])", re.IGNORECASE)),
    ("mail", re.compile(r"<([^@\s>]+@[^\s>]+\.[^\s>]+|\+\d[^>]*)>")),
    ("link", re.compile(rf"{_LABEL}\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"]({_S}*?)['\"])?\s*\)")),
    ("strong", re.compile(rf"\*\*((?:\\{_S}|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(rf"__((?:\\{_S}|[^\\])+?)__(?!_)")),
    ("emphasis", re.compile(rf"_((?:__|\\{_S}|[^\\_])+?)_\b")),
    ("emphasis", re.compile(rf"\*(?=\S)((?:\*\*|\\{_S}|\s+(?:\\{_S}|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)")),
    ("emphasis", re.compile(r"\*(?=\S)((?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?!\*)")),  # older clients
    ("strike", re.compile(rf"~~({_S}+?)~~(?!_)")),
    ("spoiler", re.compile(rf"\|\|({_S}+?)\|\|")),
    ("code", re.compile(rf"(`+)({_S}*?[^`])\1(?!`)")),
    ("mention", re.compile(r"(<(?:@[!&]?|#)\d+>|@everyone|@here)")),
    ("command", re.compile(r"</([^:>\n]+:\d+)>")),
    ("emoji", re.compile(r"<a?:(\w+):\d+>|:([\w+~-]+):")),
    ("time", re.compile(r"<t:(-?\d+)(?::[tTdDfFR])?>")),
    ("guide", re.compile(r"<id:(\w+)>")),
)
_NESTED = {"strong", "emphasis", "underline", "strike", "spoiler", "quote", "heading", "subtext", "list"}


def read(text: str, *, title: bool = False) -> tuple[str, list[Mark]]:
    """What a reader sees of `text`, and the markup in it; embeds' titles know no lines and no links."""
    seen: list[str] = []
    marks: list[Mark] = []
    at = 0
    while at < len(text):
        kind, found = _rule(text, at, title=title)
        if found is None:
            seen.append(text[at])
            at += 1
            continue
        inner = next((group for group in reversed(found.groups()) if group is not None), "")
        if kind == "link":
            inner = found[1]
        if kind == "escape":
            seen.append(inner)
        elif kind in _NESTED or kind == "link":
            shown, inside = read(inner, title=True)
            seen.append(shown)
            marks += [Mark(kind, found[2] if kind == "link" else shown), *inside]
        else:
            seen.append(inner)
            marks.append(Mark(kind, inner))
        at = found.end()
    return "".join(seen), marks


def _rule(text: str, at: int, *, title: bool) -> tuple[str, re.Match[str] | None]:
    if not title and (at == 0 or text[at - 1] == "\n"):
        for kind, rule in _LINE_RULES:
            if found := rule.match(text, at):
                return kind, found
    if text[at] == "_" and at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        return "", None  # within a word it is a letter
    if text[at].isalnum() and at and text[at - 1].isalnum():
        return "", None
    for kind, rule in _INLINE_RULES:
        if not (title and kind in {"url", "autolink", "link"}) and (found := rule.match(text, at)):
            return kind, found
    return "", None


PIECES = (
    "@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "<:x:123>", "<a:x:123>", ":smile:", ":+1:", "<t:1:R>",
    "<t:1>", "</feed:1>", "<id:browse>", "[arxiv.org](https://evil.example)", "[x](<https://evil.example>)", "[", "](",
    ")", "https://evil.example/x?y=1", "http://127.0.0.1:8000/f/x", "<https://evil.example>", "steam://run/1", "://",
    "discord.gg/abc", "<a@b.co>", "<+12125550123>", "mailto:a@b.co", "**b**", "*i*", "__u__", "_i_", "~~s~~", "||s||",
    "`c`", "``c``", "```\nblock```", "`", "``", "```", "*", "**", "***", "_", "__", "~~", "||", "|", "\\", "\\*",
    "# h", "## h", "-# small", "- item", "* item", "+ item", "1. item", "12) item", "> q", ">>> q", "#1", "-", "–",
    "a < b > c", "P(A|B)", "x_1", "f(x)=y", "C++", "C#", "O(n)", "a:b", "e.g.", "::", ":", "^", "&lt;", "&", '"', "'",
    "$x^2$", "\\alpha_{ij}", "ti:lora", "cat:cs.CL", "¯\\_(ツ)_/¯", "\u202e", "\u200b", "\ufeff", "\0", "\x1b",
    "\u2060", "\n", "\r\n", "\u2028", "\ud800", "e" + "\u0301" * 50, "𝔸𝕀", "👩‍👩‍👧", "🇩🇪", "مرحبا", "深度学习",
    "\U000e0041", "ß",
)  # fmt: skip


def hostile(chance: random.Random, pieces: int) -> str:
    """A text of up to so many pieces that somebody might try to break out with."""
    glue = ("", "", " ", " ", "(", ",", "-", "_", "/", ".", ":", "\n")
    return "".join(chance.choice(PIECES) + chance.choice(glue) for _ in range(chance.randint(1, pieces)))
