"""Words and signs by which people join or exclude, and which a query would look for: `🚫`, `rather than`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class _Connective(NamedTuple):
    """What is looked for outside quotes, and what a query has for it."""

    pattern: re.Pattern[str]
    meant: Callable[[re.Match[str]], str]


_TERM = r"(?:\"[^\"]*\"|[^\W_](?:[\w+#'’-]*\w)?)"
_TERMS = rf"{_TERM}(?:\s{_TERM}){{0,2}}"
_SIGNS = r"[🚫❌⛔🛑❎✖✗✘🙅👎][\ufe0f🏻-🏿♀♂]*"
_UNEQUAL = r"(?:!=+|=/=|<>|¬)"
"""Matches signs that mean not before a word of three letters: `P != NP` is a topic, and `≠` stands in titles."""
_FIELDS = {
    "title": "ti:",
    "titles": "ti:",
    "ti": "ti:",
    "abstract": "abs:",
    "abs": "abs:",
    "author": "au:",
    "au": "au:",
}
_FIELD = rf"(?P<field>{'|'.join(_FIELDS)})"
_KINDS_OF_PAPERS = (
    r"(?P<term>surveys?|reviews?|overviews?|tutorials?|editorials?|preprints?|reprints?|theses|meta-analys[ei]s)"
)
_NO_TERM = r"(?!(?:strand|end|sign|infinity|one|two|the|a|an)s?(?!\w))"
"""Keeps `minus strand` from being terms."""
_NO_GATE = (
    r"(?!(?:gate|game|problem|puf|sat|function|operation|lemma|cipher|encryption|constraint|memor|flash|logic|circuit)"
    r"\w*)"
)
"""Keeps `xor gate` and `NOR flash` from being terms."""
_BEGIN, _END = r"\A\s*", r"(?=\s*\Z)"


def _of(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _several(words: str) -> str:
    """The words as one term."""
    return f'"{words}"' if " " in words and '"' not in words else words


def _excluded(match: re.Match[str]) -> str:
    groups = match.groupdict()
    field = _FIELDS.get((groups.get("field") or "").casefold(), "")
    return f"-{field}{_several(groups['term'] or groups['other'])}"


def _topic_without(match: re.Match[str]) -> str:
    return f"{match['topic']} -{_several(match['term'])}"


def _neither(match: re.Match[str]) -> str:
    return f"-{_several(match['term'])} -{_several(match['other'])}"


def _either(match: re.Match[str]) -> str:
    return f"{match['term']} OR {match['other']}"


def _bracketed(match: re.Match[str]) -> str:
    items = (item.strip() for item in _BETWEEN_ITEMS.split(match["items"]))
    return " ".join(f"-{_several(item)}" for item in items if item)


def _one_of_two(match: re.Match[str]) -> str:
    return f"({_either(match)}) -({_both(match)})"


def _both(match: re.Match[str]) -> str:
    return f"{match['term']} {match['other']}"


def any_of_pattern(match: re.Match[str]) -> str:
    """Each of the words between the `|` of a regular expression, any of which will do, in the field if there is one."""
    field = _FIELDS.get((match.groupdict().get("field") or "").casefold(), "")
    values = re.sub(r"\(\?[a-z]+\)|\.\*|[\"'^$\\]|\A/|/\w*\Z", " ", match["value"]).split("|")
    terms = [_several(words) for words in (" ".join(value.split()) for value in values) if words]
    return f"{field}({' OR '.join(terms)})" if len(terms) > 1 else field + "".join(terms)


_BETWEEN_ITEMS = re.compile(r"\s*[,;]\s*(?:and\s|or\s)?|\s+(?:and|or)\s+")
_CONNECTIVES = (
    _Connective(
        _of(
            rf"(?<![\w:-]){_FIELD}\s*(?:=~\*?|~=|\s~)\s*"
            r"(?P<value>/[^/]+/\w*|\"[^\"]+\"|'[^']+'|[^\s\"'()/]+)"
        ),
        any_of_pattern,
    ),
    _Connective(
        _of(
            rf"(?<![\w:-]){_FIELD}\s*(?:{_SIGNS}|{_UNEQUAL}|≠|!~|\b(?:doesn't|does\s+not|not)\s+contain(?:s|ing)?\s|"
            rf"\b(?-i:not)\s+(?:like\s+)?)\s*(?P<term>{_TERM})"
        ),
        _excluded,
    ),
    _Connective(
        _of(rf"(?<!\S)(?:{_SIGNS}\s?(?P<term>{_TERM}|\()|{_UNEQUAL}\s?(?P<other>\"[^\"]*\"|[^\W\d_][\w-]{{2,}}|\())"),
        _excluded,
    ),
    _Connective(_of(rf"(?<=\s)(?P<term>{_TERM})\s?{_SIGNS}{_END}"), _excluded),
    _Connective(
        _of(rf"(?<=\S)\s+(?:but\s+)?(?:minus|non?|excl(?:ude|\.)?|omit|skip|hide)\s{_KINDS_OF_PAPERS}{_END}"), _excluded
    ),
    _Connective(
        re.compile(
            r"\((?:but\s+not?|excluding|except(?:\s+for)?|without|no)\s+(?P<items>\"[^\"]+\"|[^()\":]+)\)(?=\s*\Z)"
        ),
        _bracketed,
    ),
    _Connective(re.compile(r"(?<!\S)(?:NOT\s+|-)\((?P<items>[^()\":]*\w,[^()\":]*)\)"), _bracketed),
    _Connective(_of(rf"(?<!\S)--?(?:exclude|without|not|no)[=\s](?P<term>{_TERM})"), _excluded),
    _Connective(re.compile(r"(?<=[\w\"\s])[;,]-(?P<term>[^\W\d_][\w-]*)"), _excluded),
    _Connective(re.compile(rf"(?<=\w)[,;]\s+(?:but\s+)?no\s(?P<term>{_TERM}(?:\s{_TERM})?){_END}"), _excluded),
    _Connective(
        re.compile(rf"(?<=\w\w\w)(?<!plus)\s+minus\s+{_NO_TERM}(?P<term>\"[^\"]+\"|[^\W\d_]{{3,}}){_END}"), _excluded
    ),
    _Connective(
        _of(rf"{_BEGIN}(?:without|excluding)\s(?P<term>{_TERMS})\sabout\s(?P<topic>[^\":()]+)"), _topic_without
    ),
    _Connective(_of(rf"{_BEGIN}neither\s(?P<term>{_TERMS})\snor\s(?P<other>{_TERMS}){_END}"), _neither),
    _Connective(re.compile(rf"(?<=\w)\s+(?:nor|NOR)\s+{_NO_GATE}(?P<term>{_TERM}){_END}"), _excluded),
    _Connective(_of(rf"{_BEGIN}(?P<term>{_TERM})\sxor\s{_NO_GATE}(?P<other>{_TERM}){_END}"), _one_of_two),
    _Connective(_of(rf"{_BEGIN}both\s(?P<term>{_TERMS})\sand\s(?P<other>{_TERMS}){_END}"), _both),
    _Connective(_of(rf"{_BEGIN}either\s(?P<term>{_TERMS})(?:,|,?\sor)\s(?P<other>{_TERMS}){_END}"), _either),
    _Connective(
        re.compile(
            rf"(?<=\w)(?<!nothing)(?<!none)\s+(?:rather\sthan|instead\sof|as\sopposed\sto|other\sthan|apart\sfrom|aside\sfrom|but\snever)\s"
            rf"(?P<term>{_TERM}(?:\s{_TERM})?){_END}"
        ),
        _excluded,
    ),
)


def connectives(text: str, bare: str) -> Iterator[tuple[int, int, str]]:
    """Where each connective with its terms begins and ends, and what a query has for it.

    `bare` is the text without what stands in quotes and TeX.
    """
    for pattern, meant in _CONNECTIVES:
        outside = pattern.search(bare)
        if outside is not None and (match := pattern.match(text, outside.start())):
            yield match.end() - len(match[0].lstrip()), match.end(), meant(match)


def in_signs(text: str) -> str:
    """The text with the signs of queries for the first of its connectives."""
    begin, end, better = next(connectives(text, text), (0, 0, ""))
    return f"{text[:begin]} {better} {text[end:]}" if better else text
