"""Sentences in Chinese, Japanese and Korean without spaces between words: `关于图神经网络的最新论文`.

Terms of the field are looked for in `locale/LANGUAGE/terms.tsv`, longest ones first, and stand as one character each
(`_FIRST` and on) while what is said of them is read; so do words in Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from paperwire.core.query.origins import ORGANISATIONS
from paperwire.core.query.terms.category import category_named
from paperwire.core.query.terms.venue import names_conference
from paperwire.phrases import terms_of

_LONGEST = 500
_FIRST = 0xE000
_ITEM = "[\ue000-\uf8ff]"
_WRITTEN = re.compile("(?P<ko>[\uac00-\ud7a3])|(?P<ja>[\u3040-\u30fa\u30fc-\u30ff])|(?P<zh_Hans>[\u4e00-\u9fff])")
_LATIN = re.compile(r"[A-Za-z][\w.+'-]*(?:\s+[A-Za-z][\w.+'-]*)*(?:\s+(?:19|20)\d\d(?!\s*[年년\d]))?", re.ASCII)
_NAME = re.compile(r"[A-Z][a-z]+(?: [A-Z]\.?)?(?: [A-Z][A-Za-z'-]*[a-z])+")


BRACKETS = re.compile("[()（）「」『』]")
"""Matches brackets that a sentence may have: `「拡散モデル」に関する論文`."""
_ABBREVIATED = re.compile(rf"({_ITEM})\s*\({_ITEM}\)")
_OF = re.compile("的|の|의|에서|发布|发表")
"""Matches what makes the name before it that of an owner."""


class _Speech(NamedTuple):
    """How a language asks for papers, excludes items (a group) and says that papers are someone's (after an item)."""

    asks: re.Pattern[str]
    excludes: re.Pattern[str]
    is_by: re.Pattern[str]


def _speech(asks: str, excludes: str, is_by: str) -> _Speech:
    items = rf"({_ITEM}(?:(?:\s*(?:和|与|或|及|や|と|、|,|및|과|와|또는)\s*)?{_ITEM})*)"
    return _Speech(re.compile(asks), re.compile(excludes.replace("ITEMS", items)), re.compile(is_by))


_SPEECH = {
    "zh_Hans": _speech(
        "论文|文章|文献|研究|成果|预印本|关于|有关|感兴趣|我想|我要|帮我|给我|查找|推荐|订阅|有没有|有什么|有哪些|寻找|搜索",
        "(?:不要|不想要|不想看|不看|不包括|不包含|不含|排除|除了|除去|除|去掉|去除|而非)(?:关于|任何)?的?ITEMS",
        "(?:最新|最近|新)?(?:的)?(?:最新|最近|新)?(?:论文|文章|研究|工作)",
    ),
    "ja": _speech(
        "論文|研究|文献|記事|プレプリント|に関する|に関して|について|に興味|探して|教えて|見せて|知りたい|読みたい|購読",
        "ITEMS(?:論文|系)?(?:は|を|も|が|の|では)?"
        "(?:除く|除い|除外|以外|抜き|な[しい]|要らない|いらない|要りません|いりません|不要|含まない|使わない|用いない)",
        "(?:による|の)(?:最新|新しい|最近)?の?(?:論文|研究)",
    ),
    "ko": _speech(
        "논문|연구|문헌|프리프린트|에 ?관한|에 ?관하여|에 ?대한|에 ?대해|관심|찾아|찾고|알려|보여|구독|읽고 싶",
        r"ITEMS\s*(?:논문|연구)?(?:은|는|을|를|이|가)?\s*(?:제외|빼고|빼 ?주|말고|없이|아닌)",
        r"(?:의|이 쓴|가 쓴)\s*(?:최신|최근|새로운)?\s*(?:논문|연구)",
    ),
}  # fmt: skip
"""By the folder of a language's terms."""


class Unspaced(NamedTuple):
    """What a sentence asks for: terms in English and words in Latin letters, fields, and what is excluded."""

    topics: tuple[str, ...]
    fields: tuple[str, ...]
    excluded: tuple[str, ...]


def unspaced(text: str) -> Unspaced | None:
    """What a sentence in such a script asks for; None for keywords, and where it names nothing known."""
    if len(text) > _LONGEST or re.search(_ITEM, text):
        return None
    written = {match.lastgroup for match in _WRITTEN.finditer(text)}
    language = next((name for name in ("ko", "ja", "zh_Hans") if name in written), None)
    if language is None:
        return None
    items: list[str] = []

    def as_item(english: str) -> str:
        items.append(english)
        return chr(_FIRST + len(items) - 1)

    terms = _terms(language)
    plain = unicodedata.normalize("NFKC", text)
    translated = terms.pattern.sub(lambda match: as_item(terms.english[_unspaced(match[0])]), plain)
    marked = _LATIN.sub(lambda match: "".join(map(as_item, _latin_items(match[0]))), translated)
    marked = BRACKETS.sub(" ", _ABBREVIATED.sub(r"\1", marked))
    speech = _SPEECH[language]
    excluded = [item for match in speech.excludes.finditer(marked) for item in match[1] if ord(item) >= _FIRST]
    if not (excluded or speech.asks.search(marked)):
        return None
    places = [place for place, char in enumerate(marked) if re.match(_ITEM, char) and char not in excluded]
    named = {at: _in_field(items[ord(marked[at]) - _FIRST], marked[at + 1 :], speech) for at in places}
    fields = tuple(query for query in named.values() if _FIELD.match(query))
    alternatives: list[list[str]] = []
    for at, query in named.items():
        if _FIELD.match(query) or any(query in group for group in alternatives):
            continue
        if alternatives and _EITHER.search(marked[:at]):
            alternatives[-1].append(query)
        else:
            alternatives.append([query])
    if not (alternatives or fields or excluded):
        return None
    is_whole = len(alternatives) + len(fields) + len(excluded) == 1
    topics = tuple(any_of(group, is_whole=is_whole) for group in alternatives)
    return Unspaced(topics, fields, tuple(_as_one(items[ord(item) - _FIRST]) for item in excluded))


def any_of(queries: Sequence[str], *, is_whole: bool) -> str:
    """The query for any of these, in brackets unless it is the whole query."""
    either = " OR ".join(queries)
    return either if is_whole or len(queries) == 1 else f"({either})"


_EITHER = re.compile(rf"{_ITEM}\s*(?:または|もしくは|あるいは|或者?|还是|또는|혹은)\s*\Z")
_FIELD = re.compile(r"(?:cat|venue|au|org):")


def _latin_items(run: str) -> Iterator[str]:
    """A venue, a name or a category as one item; other words as one each."""
    if names_conference(run) or _NAME.fullmatch(run):
        yield run
    else:
        yield from (word.strip(".,'") for word in run.split())


def _as_one(query: str) -> str:
    return f'"{query}"' if " " in query and query[0] not in '"(' else query


def _in_field(item: str, after: str, speech: _Speech) -> str:
    """The query for an item before some text: its category, its venue, the author or organisation of papers."""
    if names_conference(item):
        return f'venue:"{item}"' if " " in item else f"venue:{item}"
    if re.search(r"[.-]", item) and (category := category_named(item)):
        return f"cat:{category}"
    if _OF.match(after) and item.casefold() in ORGANISATIONS:
        return f'org:"{item}"'
    if speech.is_by.match(after) and _NAME.fullmatch(item):
        return f'au:"{item}"'
    return item


class _Terms(NamedTuple):
    """What matches any term of a language, and the English of each without its spaces."""

    pattern: re.Pattern[str]
    english: dict[str, str]


@cache
def _terms(language: str) -> _Terms:
    """The terms of a language, read when first asked for."""
    english = {_unspaced(phrase): query for phrase, query in terms_of(language)}
    longest_first: Sequence[str] = sorted(english, key=len, reverse=True)
    return _Terms(re.compile("|".join(map(_pattern, longest_first)) or "(?!)", re.IGNORECASE), english)


def _unspaced(phrase: str) -> str:
    return re.sub(r"\s+", "", phrase).upper()


def _pattern(term: str) -> str:
    """A term with or without spaces; one in Korean of two letters begins a word."""
    inner = r"\s*".join(map(re.escape, term))
    return rf"(?<![\uac00-\ud7a3]){inner}" if len(term) < _SHORT and re.match("[\uac00-\ud7a3]", term) else inner


_SHORT = 3
