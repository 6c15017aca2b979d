"""Conditions said in words that are fields here: `>50 upvotes`, `has code`, `accepted at ICLR`, `lora in title`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from paperwire.core.papers.identity import canonical_id
from paperwire.core.query import attributions
from paperwire.core.query.connectives import any_of_pattern, connectives, in_signs
from paperwire.core.query.repairs import cut
from paperwire.core.query.terms.venue import accepted_at
from paperwire.core.query.typed import Typed
from paperwire.core.query.typed_categories import with_names
from paperwire.errors import QueryError, Refusal
from paperwire.texts import gettext_noop


def _write_field(text: str, error: QueryError) -> str:
    at = error.column - 1
    return cut(text, at, at + len(str(error.values["typed"])), f" {error.values['better']} ")


IN_WORDS = Refusal(
    "a condition in words",
    gettext_noop('Titles and abstracts would be searched for "%(typed)s"'),
    # Translators: advice after a refused query: %(better)s is what to type instead.
    gettext_noop("Type %(better)s. To search for the words, quote them."),
    _write_field,
    example="lora >50 upvotes",
)


STOPS = Refusal(
    "papers that are to stop",
    # Translators: says what is wrong with "stop sending me papers about lora", typed where a query is read.
    gettext_noop("A query can't stop papers from coming"),
    # Translators: advice after that: how to get no more such papers.
    gettext_noop("Delete the subscription, or exclude words in its query: lora -survey"),
    lambda text, _: text,
    example="stop sending me lora",
)
STOPPING = re.compile(
    r"\A\s*(?:please\s+)?(?:(?:stop|quit|don['’]t|do\s+not)\s+(?:send|show|e?mail|notify|alert)(?:ing)?\s+(?:me|us)(?!\w)|"
    r"unsubscribe\s+(?:me\s+)?from\s|no\s+more\s+(?:papers|alerts)\s+(?:about|on|from|by)\s|"
    r"(?:cancel|delete|stop)\s+(?:my|this)\s+(?:subscription|alert)s?(?!\w))",
    re.IGNORECASE,
)
"""Matches what asks to stop papers, the opposite of what a query would do."""


class _Condition(NamedTuple):
    """What is looked for outside quotes, or at the whole query, and the field that says it; empty if none does."""

    pattern: re.Pattern[str]
    field: Callable[[re.Match[str]], str]


def _phrase(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\s(]){pattern}(?![^\s),;:])", re.IGNORECASE)


def _venue(match: re.Match[str]) -> str:
    """The longest name of a venue at the beginning of what follows, quoted with what stands before it as typed."""
    words = match["venue"].split(" ")
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count]).strip(",.;")
        if any(map(str.isalpha, name)) and accepted_at(name):
            return f'venue:"{name}"' if " " in name else f"venue:{name}"
    return ""


_COUNT = r"(?P<count>\d{1,6})"
_LEAST = (
    r"(?:at\s+least|more\s+than|over|above|min\.?|minimum|>=?|≥|mindestens|mehr\s+als|über|ab|au\s+moins|plus\s+de)\s*"
)
_UPVOTES = _phrase(
    rf"(?:(?:with|having|mit|avec)\s+)?(?:{_LEAST})?{_COUNT}(?:\s*\+)?\s+(?:hf\s+)?(?:upvotes?|up-votes?)"
)
_CODE = _phrase(
    r"(?:(?:(?:that|which|and)\s+)?(?:has|have|having)\s+(?:(?:open|public|released|source)\s+)*code(?:\s+available)?|"
    r"(?:\A\s*papers?\s+)?(?<!ed\s)(?:with|mit|avec(?:\s+du)?)\s+(?:(?:open|public|released|available|source)\s+)*code(?:\s+available)?"
    r"(?=\s*\Z|\s+(?:on|for|about|zu|zum|zur|über|sur|pour)\s)|code\s+(?:available|released))"
)
_VENUE = _phrase(
    r"(?:accepted\s+(?:at|in|to|by|for)|published\s+(?:in|at|by)|presented\s+at|"
    r"angenommen\s+(?:bei|auf)|akzeptiert\s+(?:bei|auf)|accepté[es]*\s+(?:à|par)|publié[es]*\s+(?:dans|à))\s+(?:the\s+)?"
    r"(?P<venue>[^\s()\":=]+(?:\s(?!(?:AND|OR|NOT)\b)[^\s()\":=-][^\s()\":=]*){0,4})"
)
_PLACED = re.compile(
    r"\s*(?P<words>\"[^\"]+\"|[^\":()]+?)\s+(?:in|im)\s+(?:the\s+)?(?P<place>titles?|titel|abstract)\s*"
    r"|\s*(?:papers?\s+)?(?:(?:if|when|where|whose|with)\s+)?(?:(?:the|a)\s+)?(?P<named>title|titel|abstract)s?\s+"
    r"(?:contains?|containing|includes?|enthält|has|having)\s+(?P<any>(?:any|one|either)\s+of:?\s+)?"
    r"(?P<after>\"[^\"]+\"|[^\":()]+?)\s*",
    re.IGNORECASE,
)
_GREP = re.compile(r"(?:[efz]?grep|rg|ack)(?:\s-[\w=-]+)+\s(?P<value>\"[^\"]+\"|'[^']+'|[^\s\"']+)(?:\s[^\s\"']+)*")
"""Matches a search of files for a pattern; what stands after that are the files."""
_NEAR = re.compile(
    r"\s*(?:papers?\s+)?(?:like|similar\s+to|related\s+to)\s+(?P<like>\"[^\"]*\w[^\"]*\")\s*"
    r"|\s*(?:similar|related)\s+to:\s+(?P<title>[^\s\":()]+(?:\s[^\s\":()]+){2,})\s*",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"(?:the\s+)?(?:paper|article|preprint)\s+(?:(?:called|titled|entitled|named)\s+)?(?P<title>\"[^\"]+\")",
    re.IGNORECASE,
)
"""Matches what names one paper."""
_TRUNCATED = re.compile(r"(?<![\w$])(?P<stem>[a-z]{4,})\$(?=[\s)]|\Z)")
"""Matches a beginning of words as Ovid has it."""


WHEN = (
    r"(?<!-)(?i:(?:published\s+)?(?:since|after|before|until|seit|nach|vor|depuis|après|avant)\s+(?:19|20)\d\d|"
    r"aus\s+(?:dem\s+)?(?:Jahre?\s+)?(?:19|20)\d\d|(?:de\s+)?(?:la|l['’])\s*(?:semaine|année|mois)\s+derni[eè]re?|"
    r"(?:(?:aus|in|seit)\s+)?(?:der|dem|den|des)\s+(?:letzten?|vergangenen)\s+(?:\d+\s+)?(?:Tag|Woche|Monat|Jahr)(?:e?[ns]?)|"
    r"(?:(?:from|in|over|since)\s+)?(?:the\s+)?(?:last|past|this)\s+(?:\d+\s+)?(?:day|week|month|year)s?|"
    r"(?:since\s+yesterday|seit\s+gestern|depuis\s+hier)|"
    r"(?:from|between|von|de)\s+(?:19|20)\d\d\s+(?:to|and|until|bis|à)\s+(?:19|20)\d\d|"
    r"(?:(?:published|submitted|released)\s+)?(?:in|during)\s+(?:the\s+year\s+)?20[0-3]\d(?!\s*[-–]\s*\w)|"
    r"(?<!\w)(?:from\s+)?20[0-3]\d\s*(?:onwards?|and\s+later|or\s+later|(?:to|-)\s*(?:present|now|today)))"
    r"(?=\s*(?:\Z|[-):]|[A-Za-z]+:|(?:on|about|by|zu|zum|zur|über|von|sur|par)\s))"
)
"""Matches a time in words at the end of a query, or before a sign or field."""


_UNSAID = re.compile(
    r"(?<!\w)(?:(?<=recent )work(?= on )|(?<=my )(?:thesis|dissertation|research|project|work)"
    r"(?= (?:is )?(?:on|about) )|(?<=i )work(?= on )|(?:co-?)?(?:authored|written)(?= by )|"
    r"(?:most|highly) (?:cited|influential|popular)|open[- ]access|top \d+|"
    r"(?:every|each) (?:day|morning|evening|week|month)|(?<=when )(?:someone|anyone) (?:publishes|posts|writes))(?!\w)",
    re.IGNORECASE,
)
"""Matches what sentences say of papers that no query can."""


def _near(match: re.Match[str]) -> str:
    title = match["like"] or f'"{match["title"]}"'
    return f"like:{title}"


def _placed(match: re.Match[str]) -> str:
    words = match["words"] or match["after"]
    if match["any"]:
        words = re.sub(r",?\s+or\s+|,\s*", " OR ", words)
    field = "abs" if (match["place"] or match["named"]).casefold().startswith("abs") else "ti"
    return f"{field}:({words})" if " " in words and words[0] != '"' else f"{field}:{words}"


_CONDITIONS = (
    _Condition(_UPVOTES, lambda match: f"upvotes>={match['count']}"),
    _Condition(_CODE, lambda _: "has:code"),
    _Condition(_VENUE, _venue),
    _Condition(_TRUNCATED, lambda match: f"{match['stem']}*"),
)
_TENS = r"(?:5|[1-9]\d?[05])"
_MEASURES = (
    r"(?:accurac(?:y|ies)|errors?|hits?|recall|precision|percent(?:ile)?s?|predictions?|"
    r"(?:second|minute|hour|day|week|month|year|decade)s?)(?!\w)"
)
_COUNTED = re.compile(
    r"(?:(?:show|give|get|find|send|me)\s+)*\d{1,3}\s+(?:papers?|articles?)\s+(?:on|about)\s+(?P<about>[^\":()]+)|"
    rf"(?:(?:show|give|get|list|me|the)\s+)*(?:top|first|best|last|latest|newest)\s+{_TENS}\s+(?!(?:\S+\s+)?{_MEASURES})"
    r"(?:(?:papers?|articles?|results?)\s+(?:on|about|for|in)\s+(?P<only>[^\":()]+)|(?P<topic>[^\W\d][^\":()]*\s[^\":()]+))|"
    r"(?P<rest>(?:.*\s)?(?!(?:at|in|of|the|with|within|accuracy|error|recall)\s)\S*\w)[\s,;]+"
    rf"(?:limit\s*[:=]?|max(?:imum)?|top|first)\s*(?<!\w){_TENS}(?:\s+(?:papers?|results?|articles?))?",
    re.IGNORECASE,
)
"""Matches a query that says how many papers to find, which no query does."""
_WHOLE = (
    _Condition(_COUNTED, lambda match: match["about"] or match["only"] or match["topic"] or match["rest"]),
    _Condition(_PLACED, _placed),
    _Condition(_NEAR, _near),
    _Condition(_TITLED, lambda match: match["title"]),
    _Condition(_GREP, any_of_pattern),
)


def check(query: Typed, bare: str) -> None:
    """Refuse conditions in words; `bare` is the text without what stands in quotes and TeX."""
    if whole := _of_whole(query.text):
        raise QueryError(IN_WORDS, query.column(0), typed=query.text, better=whole)
    for begin, end, field in _conditions(bare):
        raise QueryError(IN_WORDS, query.column(begin), typed=query.text[begin:end], better=field)


def check_connectives(query: Typed, bare: str) -> None:
    """Refuse words and signs that join or exclude elsewhere; see `check`."""
    for begin, end, better in connectives(query.text, bare):
        raise QueryError(IN_WORDS, query.column(begin), typed=query.text[begin:end], better=better)


def in_fields(text: str) -> str:
    """The text with fields and signs for what is said in words."""
    text = with_names(in_signs(text))
    if whole := _of_whole(text):
        return whole
    for begin, end, field in sorted(_conditions(text), reverse=True):
        text = cut(text, begin, end, f" {field} ")
    return text


def separated(text: str) -> tuple[str, list[str]]:
    """The text without conditions and times in words, and the fields for these conditions."""
    fields: list[str] = []
    for begin, end, field in sorted(_conditions(text), reverse=True):
        text = cut(text, begin, end)
        fields.insert(0, field)
    return _UNSAID.sub(" ", re.sub(WHEN, " ", text)), fields


def _of_whole(text: str) -> str:
    spaced = " ".join(text.split())  # in a long run of spaces a pattern would begin again at each
    fields = (field(match) for pattern, field in _WHOLE if (match := pattern.fullmatch(spaced)))
    return "" if canonical_id(text) else next(fields, "") or attributions.in_fields(spaced.strip())


def _conditions(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each condition begins and ends, and the field that says it."""
    for pattern, field in _CONDITIONS:
        if (match := pattern.search(text)) and (better := field(match)):
            name = better.partition(":")[2].strip('"')
            end = match.start("venue") + len(name) if "venue" in match.groupdict() else match.end()
            yield match.start(), end, better
