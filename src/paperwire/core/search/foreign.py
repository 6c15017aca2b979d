"""Queries as other services write them, translated: PubMed, regular expressions, running text."""

from __future__ import annotations

import re
from collections.abc import Callable

from paperwire.core.papers.categories import ARCHIVES
from paperwire.core.papers.identity import canonical_id
from paperwire.core.query import conditions
from paperwire.core.query.elsewhere import ADDRESS, DATED_FIELDS, MARKS, from_inspire
from paperwire.core.query.scanner import JOINING
from paperwire.core.query.terms import kinds
from paperwire.core.query.terms.venue import accepted_at
from paperwire.core.query.typed_ids import NEAR
from paperwire.core.search.addresses import from_address, named_on, searched
from paperwire.core.search.catalogues import author_term, from_author, from_catalogue, from_citation
from paperwire.core.search.pasted import PASTED, from_alert, from_command, from_listing, from_ovid, from_sql
from paperwire.core.search.references import from_record
from paperwire.core.search.summaries import from_summary
from paperwire.core.text.tex import GREEK, LETTERS, reduce_tex

WITHOUT_MEANING = (
    *DATED_FIELDS, "filetype", "site", "journal", "jr", "rn", "lang", "language", "sort", "sortby", "order", "cites",
    "cited", "orcid", "cite", "citedby", "refersto", "bibstem", "bibcode", "inurl", "allinurl",
    "property", "collection", "database", "aff", "affil", "affiliation", "inst", "src", "license",
    "doctype", "in", "pages", "citations", "venueid", "pmid", "pmcid", "issn", "volume", "issue", "stars", "forks",
)  # fmt: skip
"""Fields of other services that nothing here compares with: they are left out with their value."""

_DATED = re.compile(
    rf"\b(?:(?:{'|'.join(WITHOUT_MEANING)}):(?:\[[^\]]*\]|\S*)|(?:code|is|with|accepted|published):(?:yes|true|code|accepted)|related:(?!\d{{4}}\.\d)\S*)",
    re.IGNORECASE,
)
_ACCENT = re.compile(r"\\(?:[\"'`^~=.]\{?(?:\\(?=[ij]\b))?(\w)\}?|[Hcdkruv]\{(\w)\})")
_FIELD = re.compile(r"(?<![^\W_])[A-Za-z]+:(?=\S)")
_ADDRESS = re.compile(rf"{ADDRESS}\S*|https?://\S+")
_TAG_NAMES = (
    "ti|title|tiab|title/abstract|ab|abstract|tw|text words?|all|all fields|mh|mesh|mesh terms|majr|mesh major topic|"
    "au|author|1au|lastau|author - (?:first|last)|dp|pdat|edat|crdt|date(?: - [a-z]+)?|la|language|ta|jour|journal|pt|"
    "publication type|ad|affiliation|sb|filter|pmid|uid|si|gene|gene name|orgn|organism"
)
_TAGS = rf"(?:{_TAG_NAMES})(?::~\d+|:noexp)?"
_TAG = re.compile(rf"(?<!\s)\s*\[(?:{_TAGS})\]", re.IGNORECASE)
_ET_AL = re.compile(rf"\bet\s+al\b|\b{NEAR}(?=\d{{4}}\.\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def typed_words(text: str, *, values: bool = False) -> list[str]:
    """The words of a query in small letters: no operators, fields, PubMed's tags or a regular expression's signs.

    Categories, sources and `has:code` are no words either, unless their `values` are asked for.

    A web address counts as what it stands for; comparisons and fields without meaning here are no words.
    """
    text = from_summary(text) or text
    text = from_command(text) or from_alert(text) or text
    text = (
        from_inspire(text)
        or from_record(text)
        or from_listing(text)
        or from_ovid(text)
        or from_sql(text)
        or without_tex(without_accents(from_address(text) or text))
    )
    text = conditions.in_fields(_ADDRESS.sub(_named, _TAGGED.sub(_tagged_words, text)))
    text = kinds.KINDS.comparison.sub(" ", _DATED.sub(" ", MARKS.sub(" ", text)))
    if not values:
        text = kinds.KINDS.value_of_list.sub(" ", text)
    text = _FIELD.sub(" ", _TAG.sub(" ", _ET_AL.sub(" ", text)))
    if is_regex(text):
        text = _without_signs(text)
    return [word for word in _WORD.findall(text.casefold()) if word not in JOINING]


def _named(address: re.Match[str]) -> str:
    return canonical_id(address[0]) or searched(address[0]) or named_on(address[0])


def _tagged_words(tagged: re.Match[str]) -> str:
    return " " if _is_left_out(tagged) else tagged[0]


def without_accents(text: str) -> str:
    r"""`schr\"odinger` as `schrodinger`, which is found as `schrödinger`."""
    return _ACCENT.sub(lambda accent: accent[1] or accent[2], text)


_STYLES = "texttt textbf textit textrm textsc emph text mathcal mathrm mathbb mathbf mathsf bar hat tilde vec dot sqrt"
_COMMAND_NAMES = frozenset([*GREEK.values(), *(name.lower() for name in GREEK.values()), *LETTERS, *_STYLES.split()])
_COMMAND = re.compile(r"\\([A-Za-z]{2,})")
_RAISED = re.compile(r"[\^_]\{([^{}\s\"]+)\}(?=[\w\s]|$)")
_FORMULA = re.compile(r"\\[(\[]([^\\\s]*)\\[)\]]")
_RUN = re.compile(r"[^\s\"()]+")


def without_tex(text: str) -> str:
    r"""`\sigma_8 tension` as `sigma_8 tension`; the same text if no command in it is one of TeX."""
    text = _RAISED.sub(r"\1", _FORMULA.sub(r"\1", text))
    return _RUN.sub(_reduced, text) if "\\" in text else text


def _reduced(run: re.Match[str]) -> str:
    if not _COMMAND_NAMES.intersection(_COMMAND.findall(run[0])):
        return run[0]
    shown = reduce_tex(without_accents(run[0]))
    return "".join(GREEK.get(char, char) for char in shown).strip()


# --- PubMed --------------------------------------------------------------------------------------------------------

# Words are tried at their beginnings alone: at each letter a long one would be read to its end again.
_VALUE_OF_TAG = (
    r'"[^"]*"|(?<!\S)(?:free )?full text(?=\s*\[(?:sb|filter))|'
    r'(?<![^\s()"\[\]])[^\s()"\[\]]+(?: [A-Za-z]{1,3}(?=\s*\[(?:1|last)?au))?'
)
_TAGGED = re.compile(rf"({_VALUE_OF_TAG})\s*\[({_TAGS})\]", re.IGNORECASE)
_RANGE = re.compile(rf"({_VALUE_OF_TAG})\s*\[(date(?: - [a-z]+)?|dp|pdat|edat)\]\s*:", re.IGNORECASE)
_TITLE, _AUTHORS = {"ti", "title"}, {"au", "author", "1au", "lastau", "author - first", "author - last"}
_ELSEWHERE = frozenset(
    "dp pdat edat crdt date la language ta jour journal pt ad affiliation sb filter pmid uid si".split()  # noqa: SIM905 -- words
) | {"publication type"}
"""Tags whose value nothing here is compared with."""
_JOURNALS = {"ta", "jour", "journal"}
_KINDS = {"pt", "publication type"}  # only where one is excluded it says what is wanted: no title with that word
_EXCLUDED = re.compile(r"(?:\bNOT\s*|(?<!\S)-)\(?$")
_EVERY_STUDY = {"humans", "animals", "male", "female", "adult"}  # headings that say nothing of a topic


def from_pubmed(text: str) -> str | None:
    """`"lung cancer"[ti] AND Lee K[au]` as `ti:"lung cancer" AND au:"K Lee"`; None if `text` has no such tags."""
    translated = _TAGGED.sub(_without_tag, _RANGE.sub(" ", text))
    return None if translated == text else translated


def _from_summary(text: str) -> str | None:
    """The query that a service shows so, its tags translated."""
    query = from_summary(text)
    return query and (from_pubmed(query) or query)


def _without_tag(tagged: re.Match[str]) -> str:
    value, tag = tagged[1], _tag_name(tagged)
    if tag in _JOURNALS and accepted_at(value):
        return f"venue:{value}"
    if _is_left_out(tagged):
        return " "
    if tag in _AUTHORS:
        family, _, given = value.strip('"').partition(" ")
        return author_term(family, given) if given else f"au:{value}"
    return f"ti:{value}" if tag in _TITLE | _KINDS else value


def _tag_name(tagged: re.Match[str]) -> str:
    return tagged[2].casefold().partition(":")[0]


def _is_left_out(tagged: re.Match[str]) -> bool:
    tag = _tag_name(tagged)
    if tag in _KINDS and _EXCLUDED.search(tagged.string[: tagged.start()]):
        return False
    is_every = tag.startswith(("mh", "mesh")) and tagged[1].strip('"').casefold() in _EVERY_STUDY
    return is_every or tag in _ELSEWHERE or tag.startswith("date")


# --- regular expressions -------------------------------------------------------------------------------------------

_REGEX = re.compile(r"\\[bBsSdDwW](?![a-z]*\$)|(?<=[a-z])\[[a-z]{2,5}\](?=[a-z])|\(\?[:!=]|\[[^\]]*\][?*+]|\.[*+]")
_ALTERNATIVES = re.compile(r"[\w)]\|(?![A-Za-z]+:)[\w(\\]")
_OF_QUERY = re.compile(r"(?<!\w)(?:[A-Za-z]+:|[!-])\(")
"""Matches a group in a field, or one that is excluded."""
_JOINT = re.compile(r"\[(?:[-_ ]|\\s)+\][?*+]?|\\s[?*]|[-_ ]\?")
_ANYTHING = re.compile(r"\.[*+?]+|\\s\+?|\\[dDwWS][*+?]?")
_SIGNS = re.compile(r"\(\?[:!=]|[?*+^$/]|\{[\d,]*\}")
_BOUNDARY = "\x00"
_STEM = 5
_FLAGS = re.compile(r"\(\?[aimsux]+\)|^\s*(?:regexp?:\s*/?|/)|(?<=\S)/[a-z]*\s*$")
_STARRED_CATEGORY = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(ARCHIVES, reverse=True))})\.\*", re.IGNORECASE)


def is_regex(text: str) -> bool:
    """Whether `text` has signs that only a regular expression has."""
    if _COMMAND_NAMES.intersection(_COMMAND.findall(text)):
        return False
    if _REGEX.search(_STARRED_CATEGORY.sub(" ", text)):
        return True
    return bool(_ALTERNATIVES.search(text)) and not _OF_QUERY.search(text)


def from_regex(text: str) -> str | None:
    r"""`\bsodium[- ]ion\b|electrocatal` as `sodium-ion OR electrocatal*`; None if `text` is no regular expression."""
    if not (is_regex(text) and is_regex(conditions.in_fields(text))):
        return None
    return " OR ".join(filter(None, map(_alternative, _split(_without_signs(text)))))


def _without_signs(text: str) -> str:
    """The words of a regular expression with `|`, brackets, and AND for whatever may stand between."""
    text = _JOINT.sub("-", _FLAGS.sub("", text).replace("\\b", _BOUNDARY).replace("(?:", "("))
    text = re.sub(r"\[(\\?.)[^\]]*\]", r"\1", _ANYTHING.sub(" AND ", text).replace("[sz]", "z"))
    return _SIGNS.sub("", re.sub(r"\\(.)", r"\1", text))


def _split(text: str) -> list[str]:
    """The alternatives outside brackets."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _alternative(text: str) -> str:
    """A stem, a phrase, or words around a group of choices."""
    words = text.replace(_BOUNDARY, " ").split()
    if "(" in text:
        return _CHOICES.sub(_any_choice, " ".join(words)).replace("|", " OR ").replace("(", " (").strip()
    if "AND" in words:
        return " ".join(word for word in words if word != "AND")
    if len(words) > 1:
        return f'"{" ".join(words)}"'
    is_stem = words and len(words[0]) >= _STEM and words[0].isalpha() and not text.endswith(_BOUNDARY)
    return f"{words[0]}*" if is_stem else " ".join(words)


_CHOICES = re.compile(r"\(([^()\"]*\|[^()\"]*)\)")


def _any_choice(group: re.Match[str]) -> str:
    choices = (f'"{words}"' if " " in words else words for words in group[1].split("|"))
    return f"({'|'.join(choices)})"


# --- running text ---------------------------------------------------------------------------------------------------

_LONG_QUERY = 12
_WRITTEN = re.compile(r'"|\b(?:AND|OR|NOT|ANDNOT)\b|(?<!\w)-\w')
_PAUSE = re.compile(r"[.,;:!?()\[\]{}\"|/\\<>=*&+~^$%#@…–—]+|\b\d+\b")
_LONGEST_PHRASE = 3
FILLERS = frozenset(
    _WORD.findall(
        "a about above after again all also although am among an and any are as at be because been before being below "
        "between both but by can cannot could did do does doing down during e each eg either etc every few for from "
        "further g had has have having he her here hers him his how i if in into is it its just like may me more most "
        "much must my no nor not of off on once only or other our out over own papers per same she should since so "
        "some still such than that the their them then there therefore these they this those through thus to too "
        "toward towards under until up upon us use used using very via was we were what when where whether which while "
        "who whom whose why will with within without would yet you your show propose present paper"
    )
)
"""Words of which every text has some, whatever it is about."""


def from_paragraph(text: str) -> str | None:
    """A text of a dozen words or more without operators and quotes as its phrases; None if it is shorter or a query."""
    is_text = (
        from_record(text) is None
        and len(typed_words(text)) >= _LONG_QUERY
        and not _WRITTEN.search(text)
        and not _FIELD.search(text)
    )
    return from_prose(text) if is_text else None


def from_prose(text: str) -> str:
    """The phrases between the pauses and common words of a text, any of which suffices; if they are few, words too."""
    chunks = list(dict.fromkeys(chunk for part in _PAUSE.split(text) for chunk in _chunks(part)))
    phrases = [chunk for chunk in chunks if len(chunk) > 1]
    if 2 * sum(map(len, phrases)) < len(typed_words(text)):
        phrases = chunks
    return " OR ".join(_phrase(chunk) for chunk in phrases)


def _chunks(part: str) -> list[tuple[str, ...]]:
    chunks: list[tuple[str, ...]] = [()]
    for word in re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", part):
        if word.casefold() in FILLERS:
            chunks.append(())
        else:
            chunks[-1] += (word,)
    return [chunk for chunk in chunks if chunk]


def _phrase(chunk: tuple[str, ...]) -> str:
    text = " ".join(chunk)
    if len(chunk) == 1:
        return f'"{text}"' if text.casefold() in JOINING or "." in text else text
    return f'"{text}"' if len(chunk) <= _LONGEST_PHRASE else f"({text})"


def as_phrase(text: str) -> str:
    """All words of a text in sequence."""
    return f'"{" ".join(typed_words(text))}"'


FOREIGN: tuple[Callable[[str], str | None], ...] = (
    _from_summary,
    *PASTED,
    from_author,
    from_citation,
    from_catalogue,
    from_address,
    from_pubmed,
    from_regex,
    from_paragraph,
)
"""All translations, each None for a text of another kind."""
