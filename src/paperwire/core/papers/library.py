"""Libraries of references: BibTeX, RIS and CSL-JSON read, pasted lists, and which papers they mean."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from paperwire.core.papers.identity import aliases, is_arxiv, same_work, title_alias
from paperwire.core.papers.mentions import mentioned, unread
from paperwire.core.papers.names import family_name, folded, names_of
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean, single_line

MOST_ENTRIES = 10_000
"""Entries of one library that are read."""
_MOST_AUTHORS = 20
_LONGEST_FIELD = 2_000
_LONGEST_KEY = 100
_LONGEST_LABEL = 120
_YEARS_APART = 1

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_BIBTEX = re.compile(r"@[A-Za-z]+\s*[{(]")
_RIS = re.compile(r"^TY  - ", re.MULTILINE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
# Where an entry names its own paper, the most reliable first; notes and abstracts name others too.
_ID_FIELDS = ("eprint", "arxivid", "doi", "number", "url", "journal", "howpublished", "note", "extra")
_OLD_EPRINT = re.compile(r"\d{7}(v\d+)?")

# Its warnings quote what it was given.
logging.getLogger("bibtexparser").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What an entry says of its paper: the canonical `ids` it names, arXiv's first, `title`, `authors` and `year`.

    Authors are "Given Family" in order; `year` is 0 where none is named. `key` is what the file calls the entry.
    """

    ids: tuple[str, ...] = ()
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int = 0
    key: str = ""

    @property
    def label(self) -> str:
        """One line by which its owner knows it again."""
        return clean(self.title or self.key or " ".join(self.ids), _LONGEST_LABEL)

    @property
    def names(self) -> tuple[str, ...]:
        """The aliases under which its paper may be stored: those of its ids, and last that of its title."""
        by_id = [aliases(Paper(id=paper_id, title=""))[0] for paper_id in self.ids]
        title = title_alias(self.title)
        return (*by_id, title) if title else tuple(by_id)

    def is_of(self, paper: Paper) -> bool:
        """Whether a paper that shares no id with it is its paper: by title, first author and year.

        Stricter than `same_work`, whose rules hold too: the first authors' family names are equal, and the years differ
        by one at most. Without author or year nothing is.
        """
        when = paper.published or paper.announced
        if not (self.year and self.authors and paper.authors and when):
            return False
        if abs(when.year - self.year) > _YEARS_APART or _family(self.authors[0]) != _family(paper.authors[0]):
            return False
        as_paper = Paper(id=next(iter(self.ids), ""), title=self.title, authors=self.authors[:1])
        return same_work(replace(as_paper, published=paper.published, announced=paper.announced), paper)

    def found_among(self, papers: Mapping[str, Sequence[Paper]]) -> Paper | None:
        """Its paper among stored ones by their aliases: the one that bears its first id, else the one that it `is_of`.

        None if there is none, or if more than one has its title.
        """
        for name in self.names:
            bearers = papers.get(name, ())
            if not name.startswith("title:"):
                if bearers:
                    return bearers[0]
                continue
            of_it = [paper for paper in bearers if self.is_of(paper)]
            return of_it[0] if len(of_it) == 1 else None
        return None


def arxiv_first(ids: Iterable[str]) -> tuple[str, ...]:
    """At most one id of arXiv's and one other of those that an entry names, in this order."""
    named = list(dict.fromkeys(ids))
    arxiv = [name for name in named if is_arxiv(name)]
    others = [name for name in named if not is_arxiv(name)]
    return (*arxiv[:1], *others[:1])


def _family(name: str) -> str:
    return folded(family_name(name))


@dataclass(frozen=True, slots=True)
class Library:
    """The references of a library, the labels of entries that name no paper, and how many entries were left out."""

    references: tuple[Reference, ...] = ()
    unread: tuple[str, ...] = ()
    left_out: int = 0


def read_library(text: str) -> Library:
    """The references in a BibTeX, RIS or CSL-JSON file, or in any other text that names papers.

    The content tells which it is. At most 10,000 entries are read; never fails.
    """
    text = text.lstrip("\ufeff \t\r\n")
    entries = _entries(text)
    if entries is None:
        ids = mentioned(text, MOST_ENTRIES + 1)
        references = [Reference(ids=(paper_id,)) for paper_id in ids[:MOST_ENTRIES]]
        return Library(
            tuple(references), tuple(line[:_LONGEST_KEY] for line in unread(text)), len(ids) - len(references)
        )
    read, left_out = entries[:MOST_ENTRIES], len(entries[MOST_ENTRIES:])
    distinct: dict[Reference, None] = {}
    unnamed: list[str] = []
    for entry in read:
        if isinstance(entry, Reference) and (entry.ids or entry.title):
            distinct.setdefault(entry)
        else:
            unnamed.append(entry if isinstance(entry, str) else entry.label)
    return Library(tuple(distinct), tuple(filter(None, unnamed)), left_out)


def _entries(text: str) -> list[Reference | str] | None:
    """The entries of a library, those that can't be read as what they are called; None if the text is none."""
    if text[:1] in {"{", "["} and (items := _json_items(text)) is not None:
        return [reference_of_csl(item) for item in items]
    if _RIS.search(text):
        import rispy  # noqa: PLC0415 -- loads slowly, and few people bring a file

        return [_of_ris(record) for record in rispy.loads(f"{text}\nER  - \n")]
    return list(_of_bibtex(text)) if _BIBTEX.search(text) else None


# --- BibTeX --------------------------------------------------------------------------------------------------------


def _of_bibtex(text: str) -> Iterator[Reference | str]:
    """Also entries whose fields are ambiguous, if they name a paper."""
    from bibtexparser.entrypoint import parse_string  # noqa: PLC0415 -- loads slowly, and few people bring a file
    from bibtexparser.model import Entry, ParsingFailedBlock  # noqa: PLC0415 -- the same

    library = parse_string(text, parse_stack=[])
    strings = {name.casefold(): _unwrapped(string.value, {}) for name, string in library.strings_dict.items()}
    for block in library.blocks:
        whole = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if isinstance(whole, Entry):
            fields = {field.key.casefold(): _unwrapped(field.value, strings) for field in reversed(whole.fields)}
            yield _reference(fields, _AND.split(fields.get("author", "")[:_LONGEST_FIELD]), whole.key)
        elif isinstance(block, ParsingFailedBlock):
            raw = block.raw or ""
            for start in _BIBTEX.split(raw)[1:]:
                key = start.partition(",")[0].strip()[:_LONGEST_KEY]
                ids = mentioned(start, 1)
                yield Reference(ids=ids, key=key) if ids else key


def _unwrapped(value: object, strings: Mapping[str, str]) -> str:
    """A field's text: pieces joined by `#`, each in braces or quotes, a number, or the name of a string."""
    text = str(value).strip()
    pieces = [text] if text[:1] == "{" else [piece.strip() for piece in text.split(" # ")]
    return "".join(
        piece[1:-1] if (piece[:1], piece[-1:]) in _WRAPPED else strings.get(piece.casefold(), piece) for piece in pieces
    )


_WRAPPED = {("{", "}"), ('"', '"')}


# --- RIS -----------------------------------------------------------------------------------------------------------


def _of_ris(record: Mapping[str, Any]) -> Reference:
    title = record.get("title") or record.get("primary_title") or ""
    urls = record.get("urls") or []
    fields = {
        "title": str(title),
        "doi": str(record.get("doi", "")),
        "year": str(record.get("year") or record.get("publication_year") or record.get("date") or ""),
        "number": str(record.get("number", "")),
        "url": " ".join(map(str, urls if isinstance(urls, list) else [urls])),
        "journal": str(
            record.get("journal_name") or record.get("alternate_title3") or record.get("secondary_title", "")
        ),
        "note": " ".join(map(str, record.get("notes", []))),
    }
    authors = record.get("authors") or record.get("first_authors") or []
    return _reference(fields, [str(author) for author in authors], str(record.get("id", "")))


# --- CSL-JSON ------------------------------------------------------------------------------------------------------


def _json_items(text: str) -> list[Any] | None:
    """The items of a CSL-JSON text, also of Zotero's `{"items": [...]}`; None if it is no such text."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = content.get("items", [content]) if isinstance(content, dict) else content
    return items if isinstance(items, list) else None


def reference_of_csl(item: object) -> Reference | str:
    """The reference in one item of CSL-JSON; an empty string if it is no object."""
    if not isinstance(item, dict):
        return ""
    fields = {key: _text(item.get(name)) for key, name in _CSL.items()}
    fields["year"] = _csl_year(item.get("issued"))
    people = item.get("author")
    authors = [_csl_name(person) for person in people[:_MOST_AUTHORS]] if isinstance(people, list) else []
    return _reference(fields, authors, _text(item.get("citation-key") or item.get("id")))


_CSL = {
    "title": "title",
    "doi": "DOI",
    "number": "number",
    "eprint": "archive_location",
    "url": "URL",
    "journal": "container-title",
    "note": "note",
}


def _csl_name(person: object) -> str:
    if not isinstance(person, dict):
        return _text(person)
    family, given = _text(person.get("family")), _text(person.get("given"))
    return _text(person.get("literal")) or (f"{family}, {given}" if given else family)


def _csl_year(issued: object) -> str:
    """The year of a CSL date: `date-parts` of numbers or texts, or a text as it was typed."""
    if not isinstance(issued, dict):
        return _text(issued)
    parts = issued.get("date-parts")
    while isinstance(parts, list):
        parts = next(iter(parts), "")
    return _text(parts) or _text(issued.get("raw") or issued.get("literal"))


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


# --- all of them ---------------------------------------------------------------------------------------------------


def _reference(fields: Mapping[str, str], authors: Iterable[str], key: str) -> Reference:
    names = chain.from_iterable(names_of(_plain(name)[:200]) for name in list(authors)[:_MOST_AUTHORS])
    year = _YEAR.search(fields.get("year") or fields.get("date") or "")
    return Reference(
        ids=arxiv_first(_ids(fields)),
        title=_plain(fields.get("title", "")),
        authors=tuple(names)[:_MOST_AUTHORS],
        year=int(year[1]) if year else 0,
        key=single_line(key[:_LONGEST_KEY]),
    )


def _ids(fields: Mapping[str, str]) -> Iterator[str]:
    """The ids in the fields that name an entry's own paper, at most one of each."""
    eprint, archive = fields.get("eprint", ""), fields.get("archiveprefix") or fields.get("eprinttype") or ""
    if _OLD_EPRINT.fullmatch(eprint):
        yield from mentioned(f"{archive}/{eprint}", 1)
    for name in _ID_FIELDS:
        yield from mentioned(fields.get(name, "")[:_LONGEST_FIELD], 1)


def _plain(text: str) -> str:
    """A field of sane length on one line, without HTML tags and entities."""
    return single_line(html.unescape(_TAG.sub("", text[:_LONGEST_FIELD])))
