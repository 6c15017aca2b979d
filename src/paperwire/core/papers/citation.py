"""Papers as reference managers read them, in BibTeX and RIS, and references to journals as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paperwire.core.papers.identity import is_arxiv, page_url
from paperwire.core.papers.names import family_name, folded
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean, safe_url
from paperwire.core.text.display import shown_line

_LIMIT = 2000
_AUTHORS = 200
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts an escaped brace too: only a word keeps the balance
    "}": r"\textbraceright{}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "$": r"\$",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def bibtex(papers: Iterable[Paper]) -> str:
    """One `@misc` entry a paper (`@article` with a journal), UTF-8, each with a key of its own."""
    taken: set[str] = set()
    entries: list[str] = []
    for paper in papers:
        key = _key(paper)
        for letter in ["", *"abcdefghijklmnopqrstuvwxyz"]:
            if key + letter not in taken:
                key += letter
                break
        else:
            key = f"{key}-{len(taken)}"
        taken.add(key)
        fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(paper) if value)
        entries.append(f"@{'article' if paper.journal_ref else 'misc'}{{{key},\n{fields}}}\n")
    return "\n".join(entries)


def ris(papers: Iterable[Paper]) -> str:
    """One record a paper, in RIS with CRLF lines: `TY  - JOUR` with a journal, else `UNPB`."""
    records: list[str] = []
    for paper in papers:
        lines = [("TY", "JOUR" if paper.journal_ref else "UNPB"), ("TI", _title(paper))]
        lines += [("AU", _turned(name)) for name in paper.authors[:_AUTHORS]]
        lines += [
            ("PY", _year(paper)),
            ("AB", shown_line(paper.abstract, 8000)),
            ("JO", shown_line(paper.journal_ref, _LIMIT)),
            ("DP", shown_line(paper.feed, _LIMIT)),
            ("DO", clean(paper.doi, _LIMIT)),
            ("UR", safe_url(page_url(paper))),
            ("ID", clean(paper.id, _LIMIT)),
        ]
        lines += [("KW", clean(name, 80)) for name in paper.categories]
        records.append("".join(f"{tag}  - {value}\r\n" for tag, value in lines if value) + "ER  - \r\n")
    return "\r\n".join(records)


def journal_reference(journal: str, volume: str, issue: str, pages: str, year: str) -> str:
    """`Annals of Maps 6 (5), 525-535 (2026)`, as much of it as there is; empty without a journal."""
    if not journal:
        return ""
    place = " ".join(filter(None, [journal, volume, f"({issue})" if issue else ""]))
    return (f"{place}, {pages}" if pages else place) + (f" ({year})" if year else "")


def _fields(paper: Paper) -> list[tuple[str, str]]:
    arxiv = is_arxiv(paper.id)
    return [
        ("title", f"{{{_tex(_title(paper))}}}"),
        ("author", " and ".join(_tex(_turned(name)) for name in paper.authors[:_AUTHORS])),
        ("year", _year(paper)),
        ("journal", _tex(shown_line(paper.journal_ref, _LIMIT))),
        ("howpublished", "" if paper.journal_ref or arxiv else _tex(shown_line(paper.feed, _LIMIT))),
        ("eprint", paper.id if arxiv else ""),
        ("archiveprefix", "arXiv" if arxiv else ""),
        ("primaryclass", _tex(clean(paper.primary_category, 80)) if arxiv else ""),
        ("doi", _tex(clean(paper.doi, _LIMIT))),
        ("url", safe_url(page_url(paper))),
    ]


def _title(paper: Paper) -> str:
    return shown_line(paper.title, _LIMIT)


def _turned(name: str) -> str:
    """`Given Family` as `Family, Given`; a name of one word stays."""
    name = clean(name, 200)
    given, space, last = name.rpartition(" ")
    family = family_name(name)
    if not space or not family:
        return name
    if last == family:
        return f"{family}, {given}"
    before, _, suffix = name.rpartition(family)
    return f"{family}, {suffix.strip(' ,')}, {before.strip()}" if before.strip() else name


def _year(paper: Paper) -> str:
    day = paper.published or paper.announced
    return f"{day.year:04}" if day else ""


def _key(paper: Paper) -> str:
    family = folded(family_name(clean(paper.authors[0], 200))) if paper.authors else ""
    word = next((word for word in folded(_title(paper)[:200]).split() if len(word) > 3), "paper")
    return re.sub(r"[^a-z0-9]", "", f"{family}{_year(paper)}{word}", flags=re.ASCII) or "paper"


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)
