"""What is pasted where a query is read and stands for one paper: references, links, records of reference managers."""

from __future__ import annotations

import re
from collections.abc import Callable

from paperwire.core.papers.identity import canonical_id
from paperwire.core.query.origins import PARTICLES
from paperwire.core.query.typed_ids import ids_alone, ids_cited

_LINK = re.compile(r"(?:[-*>] )?!?\[[^\[\]]*\]\((?P<address>[^\s()]+)\)[.,;]?")
_BIBTEX = re.compile(r"\s*(?:@[a-z]+\s*\{.*|title\s*=.*)", re.IGNORECASE | re.DOTALL)
_BIBTEX_TITLE = re.compile(r"(?<!book)title\s*=\s*[{\"]+(?P<title>[^\"]+?)[}\"]+\s*(?:,|\}|\Z)", re.IGNORECASE)
_BIBTEX_AUTHOR = re.compile(r"author\s*=\s*[{\"]+(?P<name>[^\"]+?)(?:\s+and\s|[}\"]+\s*(?:,|\}|\Z))", re.IGNORECASE)
_CITED = re.compile(r"~?\\[A-Za-z]*cite[a-z]*\*?(?:\[[^\]]*\])*\{(?P<keys>[^{}]+)\}")
_KEY = re.compile(r"(?P<family>[^\W\d_]{2,})[-_:]?(?:19|20)\d\d[-_:]?(?P<word>[^\W\d_]{3,})")
_EPRINT = re.compile(r"eprint\s*=\s*[{\"](?P<id>[^}\"]+)", re.IGNORECASE)
_LINES = re.compile(r"(?:TY|PMID ?) ?- |%0 ")
_LINE = re.compile(r"(?:^|\s)(?:(?P<tag>[A-Z][A-Z0-9]{1,3}) ?-(?= |$)|%(?P<letter>[A-Z0-9])(?= ))")
_TITLES = {"TI", "T1", "T"}
_NUMBER = re.compile(r"\A(?:\[\d{1,4}\]|\(\d{1,4}\)|\d{1,3}\.|[-*>•])\s+")
_YEAR = re.compile(r"(?<![\d.])(?:19|20)\d\d[a-z]?(?![\d.]\d)")
_QUOTED = re.compile(r"[\"“«](?P<title>[^\"“”«»]{10,300})[\"”»]")
_PIECE = re.compile(r"[.?!]\s+|[.?!]$|\s//\s|\((?:19|20)\d\d[a-z]?\)[.,:]?")
_FAMILY = re.compile(rf"(?:(?:{'|'.join(sorted(PARTICLES))}) )*[^\W\d_][\w'’-]+", re.IGNORECASE)
_QUERY = re.compile(r"\b(?:AND|OR|NOT|ANDNOT)\b|(?<![^\s(])-?(?:au|ti|abs|cat|venue|like|author|title):")
_BETWEEN_NAMES = {*PARTICLES, "et", "and", "und", "&", ""}
_SHORTEST_TITLE = 3  # words
_LONGEST_TITLE = 300  # characters
_SHORTEST_REFERENCE = 8  # words


def from_link(text: str) -> str | None:
    """`[Attention is all you need](https://arxiv.org/abs/1706.03762)` as its id; None without a paper's address."""
    link = _LINK.fullmatch(text.strip())
    paper = canonical_id(link["address"]) if link else None
    return f"id:{paper}" if paper else None


def from_ids(text: str) -> str | None:
    """`see arxiv.org/abs/2401.04088 and 2310.06825` as both papers; None where more is said of them."""
    return " OR ".join(f"id:{paper}" for paper in ids_alone(text)) or None


def from_bibtex(text: str) -> str | None:
    """An entry of BibTeX as its arXiv id, or title and first author, `ti:"..." au:"..."`; None without either."""
    title = _BIBTEX_TITLE.search(text) if _BIBTEX.fullmatch(text) else None
    if title is None:
        return None
    eprint = _EPRINT.search(text)
    if eprint and (paper := canonical_id(eprint["id"])):
        return f"id:{paper}"
    author = _BIBTEX_AUTHOR.search(text)
    terms = [f'ti:"{title["title"]}"'] + ([f'au:"{author["name"].strip()}"'] if author else [])
    return re.sub(r"[{}\\]", "", " ".join(terms))


def from_key(text: str) -> str | None:
    """Keys of BibTeX, cited or alone, as author and first word: `vaswani2017attention` is `au:vaswani ti:attention`."""
    cited = _CITED.fullmatch(text.strip())
    keys = [_KEY.fullmatch(key.strip()) for key in (cited["keys"] if cited else text).split(",")]
    terms = [f"au:{key['family']} ti:{key['word']}" for key in keys if key]
    return " OR ".join(terms) if len(terms) == len(keys) else None


def from_lines(text: str) -> str | None:
    """The title in the lines of a reference manager (`TI  - ...`, `%T ...`); None for other texts."""
    text = " ".join(text.split())
    if not _LINES.match(text):
        return None
    lines = list(_LINE.finditer(text))
    ends = [*(line.start() for line in lines[1:]), len(text)]
    titles = [
        text[line.end() : end].strip()
        for line, end in zip(lines, ends, strict=True)
        if (line["tag"] or line["letter"]) in _TITLES
    ]
    return f'ti:"{titles[0]}"' if titles and titles[0] else None


def from_reference(text: str) -> str | None:
    """A reference in any style as the arXiv id in it, or as author and title; None for other texts.

    `Vaswani, A. et al. Attention is all you need. NeurIPS 2017` is `au:Vaswani ti:"Attention is all you need"`.
    """
    text = _NUMBER.sub("", " ".join(text.split()))
    is_long = len(text.split()) >= _SHORTEST_REFERENCE and not _QUERY.search(text)
    if is_long and len(papers := ids_cited(text)) == 1:
        return f"id:{papers[0]}"
    title, family = title_in(text), _FAMILY.search(text)
    if not (is_long and title and family):
        return None
    author = f'au:"{family[0]}"' if " " in family[0] else f"au:{family[0]}"
    return f'{author} ti:"{title}"'


def title_in(text: str) -> str:
    """The title in a reference, in quotes after names or the first piece that isn't names; empty in other texts."""
    if not _YEAR.search(text):
        return ""
    quoted = _QUOTED.search(text)
    pieces = [piece.strip(" .,:;") for piece in _PIECE.split(text[: quoted.start()] if quoted else text)]
    if not _are_names(pieces[0]):
        return ""
    title = quoted["title"] if quoted else next((piece for piece in pieces if not _are_names(piece)), "")
    title = title.strip(" .,:;").replace('"', "")
    is_title = len(title.split()) >= _SHORTEST_TITLE and title[0].isalpha() and len(title) <= _LONGEST_TITLE
    return title if is_title else ""


def _are_names(piece: str) -> bool:
    """Whether a piece of a reference is authors, an initial of one, or the year after them."""
    words = [word.strip(".,;:()") for word in piece.split()]
    are_capital = all(word[:1].isupper() or word.casefold() in _BETWEEN_NAMES for word in words)
    is_list = "," in piece or len(words) < _SHORTEST_TITLE or len(words[-1]) == 1
    return bool(_YEAR.fullmatch(piece)) or (are_capital and is_list)


RECORDS: tuple[Callable[[str], str | None], ...] = (
    from_link,
    from_ids,
    from_bibtex,
    from_key,
    from_lines,
    from_reference,
)


def from_record(text: str) -> str | None:
    """The paper that a pasted text stands for, as a query; None for other texts."""
    return next(filter(None, (translate(text) for translate in RECORDS)), None)
