"""Sentences that people type where a query is read: "please send me everything on LLM agents"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from paperwire.core.query import conditions
from paperwire.core.query.origins import Spoken, origins
from paperwire.core.query.terms.category import category_named


class _Language(NamedTuple):
    """Words that say nothing of a paper's topic.

    `requests` ask for papers, `questions` are in no list of keywords either, and `orders` say what to do where a
    sentence begins with them. `excluding` stands before what papers are not to have, `by` before an author.
    """

    requests: frozenset[str]
    questions: frozenset[str]
    fillers: frozenset[str]
    orders: frozenset[str]
    excluding: frozenset[str]
    by: frozenset[str]

    @property
    def asking(self) -> frozenset[str]:
        return self.requests | self.questions

    @property
    def plain(self) -> frozenset[str]:
        return self.asking | self.fillers


def _words(typed: str) -> frozenset[str]:
    return frozenset(typed.split())


def _language(*words: str) -> _Language:
    return _Language(*map(_words, words))


_ENGLISH = _language(
    "i i'm im i'd i've me please interested",
    "my we you want looking everything anything stuff papers articles about what what's whats how why which can could"
    " would",
    "a all also am an and any are arxiv as at be been by do does for from get has have if in into is it its kind lately"
    " latest like more need new of on or other out related so some that the their them then there these they this those"
    " to topic topics up us was were when where will with your something appears appear appearing comes published"
    " released recent newest interesting publications preprints submissions by",
    "add alert recommend find follow get give keep notify preview search send show subscribe tell",
    "except excluding without",
    "by from",
)
_GERMAN = _language(
    "ich mir mich bitte suche interessiere möchte",
    "alles arbeiten artikel paper papers beiträge über neue neues neuen neueste gibt etwas welche wie was mein meine",
    "der die das den dem des ein eine einen einem einer zu zum zur von vom für mit in im an am auf aus bei und oder es"
    " veröffentlichungen studien publikationen thema sind ist gern gerne haben finden interessante aktuelle",
    "zeige zeig schicke schick finde suche abonniere abonnieren gib melde folge folgen verfolge",
    "ohne außer ausser",
    "von",
)
_FRENCH = _language(
    "je j'aimerais moi m'intéresse intéresse cherche voudrais veux",
    "tout articles papiers travaux nouveaux récents récentes derniers dernières quoi quels quelles comment mes",
    "le la les l' un une des du de d' au aux en dans sur pour avec par et ou à il y que qui est sont nouveau neuf"
    " publications concernant suis trouver intéressants montre-moi envoie-moi donne-moi",
    "montre montre-moi envoie envoie-moi trouve cherche donne donne-moi suivre suis abonne",
    "sans sauf excepté",
    "de par",
)
_SPANISH = _language(
    "busco quiero quisiera interesa interesan",
    "todo artículos articulos trabajos nuevos nuevas recientes últimos últimas qué cuáles cómo novedades mis",
    "el la los las un una lo me de del al en sobre para con por y o que es son hay nuevo papers publicaciones acerca"
    " relacionados",
    "muestra muéstrame envía envíame busca encuentra dame",
    "sin excepto salvo",
    "de por",
)
_LANGUAGES = (_ENGLISH, _GERMAN, _FRENCH, _SPANISH)
_EXCLUDED_FILLERS = _words("but no not any and aber keine keinen kein nicht und mais pas et")
_COMMAS = (",", ";", "，", "；", "、")
_MANY = 3  # plain words that make a sentence
_BUT_NO = {"but no", "but not", "aber keine", "aber nicht", "aber kein", "mais pas", "nicht über"}
_OF_SOMEONE = re.compile(r"(?:(?<=articles )|(?<=travaux ))d['’](?=[A-Z])")
_ALL_BUT = re.compile(
    r"\A(?:anything|everything|papers?)\s(?:but|except)\s(\w+(?:\s(?:and|or)\s\w+)?)\s(?:on|about)\s(.+)", re.IGNORECASE
)
_CATEGORY = re.compile(r"[a-z-]+[.-][a-z-]+", re.IGNORECASE)
"""Matches names of categories that are no words: `math` is one."""
_MARKED = re.compile(r"[\"“”„《「『:()*=|\\\[\]{}]|(?:^|\s)-\w|\b(?:OR|AND|NOT|ANDNOT)\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words` are a query of those that say what papers are about, `topic` the piece from the first to the last.

    In the query, `au:` marks the name of an author, `org:` of an organisation, `venue:` where papers were accepted or
    published, and `-` words that papers must not have.

    `is_request` says that someone asks for papers, so that it can be no list of keywords.
    """

    words: str
    topic: str
    is_request: bool


def sentence_in(text: str) -> Sentence | None:
    """The sentence that a query is; None for keywords, and for anything with the marks of a query."""
    if _MARKED.search(text):
        return None
    topical, fields = conditions.separated(_OF_SOMEONE.sub("de ", _ALL_BUT.sub(r"everything on \2 except \1", text)))
    typed = [word.strip(".,;!?¡¿…-–—") for word in topical.replace("’", "'").split()]
    folded = [word.casefold() for word in typed]
    folded = [_ELIDED.sub("", word) for word in folded]
    typed = [_ELIDED.sub("", word) for word in typed]
    language = max(_LANGUAGES, key=lambda each: _likeness(folded, each))
    plain = language.plain
    begins = bool(folded) and folded[0] in language.orders and any(_follows_order(word, plain) for word in folded[1:2])
    if not (begins or language.asking.intersection(folded) or sum(word in plain for word in folded) >= _MANY):
        return None
    end = next((at for at in range(len(folded)) if _excludes(folded, at, language)), len(folded))
    commas = frozenset(at for at, word in enumerate(topical.split()) if word[-1] in _COMMAS)
    spoken = Spoken(typed[:end], folded[:end], commas, plain, language.by)
    about = _about(spoken, language.orders)
    named = list(origins(spoken, about))
    topics = [at for at in about if all(at not in origin.places for origin in named)]
    nothing = plain | language.excluding | _EXCLUDED_FILLERS
    excluded = [typed[at] for at in range(end, len(folded)) if folded[at] and folded[at] not in nothing]
    if not (about or fields) or len(about) == len(folded):
        return None
    return Sentence(
        words=" ".join(
            [
                *(_named(typed[at]) for at in topics),
                *(origin.query for origin in named),
                *(f"-{word}" for word in excluded),
                *fields,
            ]
        ),
        topic=" ".join(typed[min(topics or about) : max(topics or about) + 1]) if about else "",
        is_request=bool(language.requests.intersection(folded)),
    )


def _likeness(folded: list[str], language: _Language) -> int:
    """How many words a language would have as no topic; an order counts where it begins the sentence."""
    begins = folded[:1] != [] and folded[0] in language.orders
    return begins + sum(word in language.plain | language.excluding for word in folded)


_ELIDED = re.compile(r"^(?:l|d|qu)'(?=\w)", re.IGNORECASE)


def _follows_order(word: str, plain: frozenset[str]) -> bool:
    return word in plain or _named(word).startswith("cat:")


def _named(word: str) -> str:
    """The word, or the category that it names, as a query has it."""
    category = category_named(word) if _CATEGORY.fullmatch(word) else ""
    return f"cat:{category}" if category else word


def _about(spoken: Spoken, orders: frozenset[str]) -> list[int]:
    """The places of the words that say what papers are about, or whom they are from."""
    nothing = spoken.plain | orders
    places = range(len(spoken.folded))
    first = next((at for at in places if spoken.folded[at] and spoken.folded[at] not in nothing), len(places))
    return [at for at in places[first:] if spoken.folded[at] and spoken.folded[at] not in spoken.plain]


def _excludes(folded: list[str], at: int, language: _Language) -> bool:
    """Whether what follows is to be excluded: `except surveys`, `but no surveys`."""
    return folded[at] in language.excluding or " ".join(folded[at : at + 2]) in _BUT_NO
