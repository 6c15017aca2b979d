"""When two records are one paper: ids read from any writing, aliases, and the record that merging leaves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from typing import TypeVar
from urllib.parse import quote

from paperwire.core.papers.links import archived
from paperwire.core.papers.names import family_name, folded
from paperwire.core.papers.notices import together
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import ELLIPSIS, safe_url

T = TypeVar("T", bound=date)

# New ids: four digits after the point from 0704 to 1412, five since 1501 (info.arxiv.org/help/arxiv_identifier.html).
NEW_ID = r"(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.\d{4}|(?:1[5-9]|[2-8]\d)(?:0[1-9]|1[0-2])\.\d{5}"
# The archives that gave out ids before April 2007; later ones (stat, q-fin, eess, econ) never had old ids.
_ARCHIVES = (
    r"acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga"
    r"|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics"
    r"|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
OLD_ID = rf"(?:{_ARCHIVES})(?:\.[a-z-]{{2,12}})?/(?:9[1-9]|0[0-7])(?:0[1-9]|1[0-2])\d{{3}}"
_MADE_UP = r"demo\.\d{5,9}"
_ID = re.compile(rf"(?P<id>{NEW_ID}|{OLD_ID}|{_MADE_UP})(?:v\d{{1,4}})?", re.IGNORECASE)

# What is printed on the margin of every PDF: `arXiv:2510.00001v2 [cs.CL] 1 Oct 2025`; old ids have no category.
_STAMP = re.compile(
    rf"(?P<prefix>arxiv\s*:\s*)?(?P<id>{NEW_ID}|{OLD_ID})(?:v\d{{1,4}})?"
    r"(?:\s*\[[a-z-]{2,16}(?:\.[a-z-]{2,16})?\])?"
    r"(?:\s*\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\s+\d{4})?(?=[\s)]|$)",
    re.IGNORECASE,
)

_ADDRESS = re.compile(
    r"(?:https?://)?(?:[a-z0-9.-]+\.)?"
    r"(?:(?:arxiv\.org|alphaxiv\.org|ar5iv\.labs\.arxiv\.org|ar5iv\.org|lanl\.gov)"
    r"/(?:abs|pdf|html|format|ps|src|e-print|ftp|overview|tb|list|show-email)/"
    r"|(?:huggingface\.co|hf\.co)/papers/|(?:papers\.cool|scirate\.com)/arxiv/"
    r"|(?:bio|med)rxiv\.org/(?:content|cgi/content/short)/)",
    re.IGNORECASE,
)
_TITLE_OF_PAGE = re.compile(rf"\[(?P<id>{NEW_ID}|{OLD_ID})(?:v\d{{1,4}})?\](?:\s.*)?", re.IGNORECASE)
"""Matches the title of arXiv's pages: `[2510.00001] On maps`."""
_OUR_PAGE = re.compile(r"https?://[^/\s]+(?:/[^/\s]+)*?/papers/", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:\.pdf|\.full|\.abstract|\.full-text|\.full\.pdf|\.full\.pdf\+html|\.article-\w+)?/?$", re.IGNORECASE
)
_PREFIX = re.compile(r"(?:oai:arxiv\.org:|arxiv\s*:\s*|(?:https?://)?arxiv\.org/)", re.IGNORECASE)
_DOI_PREFIX = re.compile(r"(?:doi(?!\.)\s*:?\s*)?(?:(?:https?://)?(?:www\.|dx\.)?doi\.org/|info:doi/)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s<>\"]+", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
# openRxiv's DOIs are known by their shape, whatever the prefix (10.1101 and 10.64898 so far); a version may follow.
_PREPRINT = re.compile(r"(?P<doi>10\.\d{4,9}/\d{4}\.\d\d\.\d\d\.\d{6,9}|10\.1101/\d{6})(?:v\d{1,3})?", re.IGNORECASE)
# How other servers' DOIs begin: Research Square, ChemRxiv, those of OSF, Preprints.org, SSRN, TechRxiv, Authorea.
_SERVER = re.compile(
    r"10\.21203/rs\.|10\.26434/chemrxiv|10\.(?:31219|31222|31234|31235)/osf\.io|10\.20944/preprints|10\.2139/ssrn"
    r"|10\.36227/techrxiv|10\.22541/"
)

# Each version of a preprint has a DOI of its own there: `10.21203/rs.3.rs-1/v2`, `10.20944/preprints202601.0001.v2`.
_VERSION = re.compile(r"[/._-]v\d{1,3}$")
_PUBMED = re.compile(
    r"(?:pmid\s*:\s*|pmid\s+|(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed"
    r"|europepmc\.org/(?:article|abstract)/med)/)(?P<number>[1-9]\d{0,8})/?(?:[?#].*)?",
    re.IGNORECASE,
)

_FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org")
_FORGES_END = ("hub.com/", "lab.com/", "bucket.org/", "berg.org/")
_REPOSITORY = re.compile(
    rf"(?<![a-z0-9_-])((?:[a-z0-9-]{{1,63}}\.){{0,4}}(?:{'|'.join(map(re.escape, _FORGES))})/\w"
    r"(?:[a-z0-9\-._~!$&()*+,;=:@/?#]|%[0-9a-f]{2})*+)",
    re.IGNORECASE | re.ASCII,
)
_AFTER_ADDRESS = ".,;:!?()*&$"

# Papers of one author that bear these titles are not therefore one paper.
_GENERIC = frozenset(
    {"addendum", "comment", "correction", "corrigendum", "editorial", "erratum", "foreword", "introduction", "preface"}
)
_SAME_WORK_WINDOW = timedelta(days=400)
# Whose words about a paper are believed first; every other source (a feed) comes last.
_AUTHORITY = {"arxiv": 5, "biorxiv": 4, "medrxiv": 4, "huggingface": 3, "crossref": 2, "europepmc": 1}


def canonical_id(text: str) -> str | None:
    """The id a person or a source means by `text`, without version; None if it names no paper.

    Takes arXiv ids of both styles, `arXiv:` and `oai:arXiv.org:` forms, addresses of arXiv, Hugging Face, bioRxiv,
    medRxiv and of our own pages, the title of arXiv's pages, the stamp on its PDFs, DOIs (lower case; arXiv's own
    become the arXiv id, bioRxiv's lose the version), and PubMed's numbers and addresses (`pmid:1`).
    """
    text = text.strip().strip("<>`'\"“”").rstrip(".,;")
    if pubmed := _PUBMED.fullmatch(text):
        return f"pmid:{pubmed['number']}"
    if (stamp := stamp_at(text)) and stamp[1] == len(text):
        return stamp[0]
    if titled := _TITLE_OF_PAGE.fullmatch(text):
        return _plain_id(titled["id"])
    for address in (_ADDRESS, _OUR_PAGE):
        if match := address.match(text):
            text = _TAIL.sub("", re.split(r"[?#]", text[match.end() :])[0])
            break
    else:
        match = _PREFIX.match(text)
        text = text[match.end() :] if match else text
    return _arxiv_id(text) or normal_doi(text)


def stamp_at(text: str, place: int = 0, *, prefix: bool = False) -> tuple[str, int] | None:
    """The arXiv id at `place` and where what belongs to it ends, the category and day of a PDF's stamp included.

    With `prefix` it counts only after `arXiv:`. None if no id begins there.
    """
    match = _STAMP.match(text, place)
    return (_plain_id(match["id"]), match.end()) if match and (match["prefix"] or not prefix) else None


def _arxiv_id(text: str) -> str | None:
    match = _ID.fullmatch(text.strip())
    return _plain_id(match["id"]) if match else None


def _plain_id(written: str) -> str:
    name = written.lower()
    archive, slash, digits = name.partition("/")
    # `math.AG/0309136` and `math/0309136` are one paper.
    return archive.split(".")[0] + slash + digits if slash else name


def normal_doi(text: str) -> str | None:
    """The DOI in `text` (bare, `doi:` or an address) in lower case; an arXiv DOI becomes the arXiv id; else None."""
    text = text.strip()
    start = _DOI_PREFIX.match(text)
    bare = text[start.end() :] if start else text
    if not _DOI.fullmatch(bare):
        return None
    doi = bare.lower().rstrip(".,;")
    if doi.count("(") < doi.count(")"):
        doi = doi.rstrip(")")
    if arxiv := _ARXIV_DOI.match(doi):
        return _arxiv_id(_TAIL.sub("", re.split(r"[?#]", doi[arxiv.end() :])[0]))
    preprint = _PREPRINT.fullmatch(doi)
    return preprint["doi"] if preprint else doi


def is_arxiv(paper_id: str) -> bool:
    """Whether a canonical id is one of arXiv's (demo papers and DOIs are not)."""
    return bool(_ID.fullmatch(paper_id)) and not paper_id.startswith("demo.")


def is_preprint(paper_id: str) -> bool:
    """Whether a canonical id is that of a preprint on a server that is known here."""
    return is_arxiv(paper_id) or bool(_PREPRINT.fullmatch(paper_id) or _SERVER.match(paper_id))


def _named(paper_id: str) -> str:
    if is_arxiv(paper_id):
        return f"arxiv:{paper_id}"
    return f"doi:{paper_id}" if paper_id.startswith("10.") and "/" in paper_id else f"id:{paper_id}"


def _identifiers(paper: Paper) -> tuple[str, ...]:
    """Names that make two records one paper by themselves; its own id first."""
    names = [_named(canonical_id(paper.id) or paper.id)]
    names += [_named(name) for piece in re.split(r"[\s,;]+", paper.doi) if (name := normal_doi(piece))]
    if name := canonical_id(paper.url) if "://" in paper.url else None:
        names.append(_named(name))
    return _with_works(names)


def _with_works(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once, after them those without the version of a preprint."""
    names = tuple(names)
    return tuple(dict.fromkeys((*names, *map(_work, names))))


def _work(name: str) -> str:
    """A name without the version that some servers' DOIs end in."""
    kind, _, value = name.partition(":")
    return _VERSION.sub("", name) if kind == "doi" and _SERVER.match(value) else name


def title_alias(title: str) -> str:
    """`title:` and a hash of the folded title, empty if the title has no word: a hint at the same work, no proof."""
    words = _folded_title(title)
    return f"title:{hashlib.blake2b(words.encode(), digest_size=12).hexdigest()}" if words else ""


def _folded_title(title: str) -> str:
    """The words run together: `deep-learning`, `deep learning` and `deeplearning` are no different titles."""
    return folded(title).replace(" ", "")


def aliases(paper: Paper, same_as: Iterable[str] = ()) -> tuple[str, ...]:
    """Every name of a paper, its own id first: `arxiv:2510.00001`, `doi:10.1101/…`, `id:…`, `title:<hash>` last.

    `same_as` are other ids of it that its source states. Papers that share any but the title are one unless they
    `are_two`; those that share the title are to be asked `same_work`.
    """
    others = (_named(canonical_id(other) or other) for other in same_as)
    names = _with_works((*_identifiers(paper), *others))
    title = title_alias(paper.title)
    return (*names, title) if title else names


def same_work(a: Paper, b: Paper) -> bool:
    """Whether two records are one paper: a shared id or DOI, or the same title, a shared family name and 400 days.

    Two different ids of one registry (two arXiv ids, two journal DOIs) are two papers whatever their titles say.
    """
    if are_two(a, b):
        return False
    ids_of_a, ids_of_b = _identifiers(a), _identifiers(b)
    if set(ids_of_a) & set(ids_of_b):
        return True
    if _registries(ids_of_a) & _registries(ids_of_b):
        return False
    title = _folded_title(a.title)
    if not title or title in _GENERIC or title != _folded_title(b.title):
        return False
    first, second = _day(a), _day(b)
    if first is None or second is None or abs(first - second) > _SAME_WORK_WINDOW:
        return False
    return bool(_families(a) & _families(b))


def are_two(a: Paper, b: Paper) -> bool:
    """Whether two records are two papers whatever else they share: one registry gave each an id of its own.

    A DOI that one author typed by mistake, or that an erratum shares with its paper, does not make them one.
    """
    id_of_a, id_of_b = (_work(_named(canonical_id(paper.id) or paper.id)) for paper in (a, b))
    return id_of_a != id_of_b and bool(_registries([id_of_a]) & _registries([id_of_b]))


def _registries(names: Iterable[str]) -> set[str]:
    """Who gave out these ids: `arxiv`, `preprint` (openRxiv), how another server's DOIs begin, `journal`.

    Ids of feeds have no registry.
    """
    kinds = set()
    for name in names:
        kind, _, value = name.partition(":")
        if kind == "doi":
            server = _SERVER.match(value)
            kinds.add(server[0] if server else "preprint" if _PREPRINT.fullmatch(value) else "journal")
        elif kind == "arxiv" or value.startswith("demo."):
            kinds.add(kind)
    return kinds


def _families(paper: Paper) -> set[str]:
    return {family for name in paper.authors if (family := folded(family_name(name)))}


def _day(paper: Paper) -> date | None:
    return paper.published.date() if paper.published else paper.announced


def merge(old: Paper, new: Paper) -> Paper:
    """What the stored record `old` becomes when a source describes the same work as `new`.

    A later version of the same id, or the word of the better source (arXiv, then bioRxiv, Hugging Face, Crossref,
    Europe PMC, feeds), replaces what is there; the other one only fills gaps. `number` and `seen_at` stay, the earliest
    day of equal sources stays, the latest score and entry on Hugging Face count, and a withdrawal lasts until a later
    version. The id stays too, unless a better source names another one or no registry gave it out; else it would be
    free for a second paper.
    """
    best, other = (new, old) if _prevails(new, old) else (old, new)
    return replace(
        best,
        id=_kept_id(old, new),
        abstract=best.abstract or other.abstract,
        authors=best.authors or other.authors,
        categories=best.categories or other.categories,
        published=_earlier(best, other, best.published, other.published),
        updated=max((x.updated for x in (old, new) if x.updated), default=None),
        announced=_earlier(best, other, best.announced, other.announced),
        comment=best.comment or other.comment,
        doi=best.doi or other.doi,
        journal_ref=best.journal_ref or other.journal_ref,
        url=best.url or other.url,
        code_url=best.code_url or other.code_url,
        licence=best.licence or other.licence,
        withdrawn=best.withdrawn or (other.withdrawn and other.version >= best.version),
        number=old.number,
        seen_at=old.seen_at,
        upvotes=old.upvotes if new.upvotes is None else new.upvotes,
        summary=new.summary or old.summary,
        feed=best.feed or other.feed,
        notices=together((*old.notices, *new.notices)),
        report_number=best.report_number or other.report_number,
        hub=old.hub.updated(new.hub),
    )


def _kept_id(old: Paper, new: Paper) -> str:
    ranks = _authority(new), _authority(old)
    is_given = bool(_registries([_named(canonical_id(old.id) or old.id)]))
    return old.id if ranks[0] < ranks[1] or (ranks[0] == ranks[1] and is_given) else new.id


def _prevails(new: Paper, old: Paper) -> bool:
    ranks = _authority(new), _authority(old)
    if ranks[0] == ranks[1] or canonical_id(new.id) == canonical_id(old.id) is not None:
        return (new.version, ranks[0]) >= (old.version, ranks[1])
    return ranks[0] > ranks[1]


def _authority(paper: Paper) -> int:
    return _AUTHORITY.get(paper.source, 0)


def _earlier(best: Paper, other: Paper, of_best: T | None, of_other: T | None) -> T | None:
    """The better source's time; of equal sources the earlier, as a replacement bears a later day."""
    if of_best is None or of_other is None:
        return of_other if of_best is None else of_best
    return min(of_best, of_other) if _authority(best) == _authority(other) else of_best


def is_published(paper: Paper) -> bool:
    """Whether a journal's DOI is known, which is neither arXiv's nor the paper's own id."""
    doi = normal_doi(paper.doi)
    return doi is not None and not is_arxiv(doi) and doi != paper.id


def page_url(paper: Paper) -> str:
    """The source page people are sent to: `https://arxiv.org/abs/ID` for every arXiv paper, else the paper's own."""
    doi = canonical_id(paper.id) or normal_doi(paper.doi) or ""
    if is_arxiv(doi):
        return f"https://arxiv.org/abs/{doi}"
    named = f"https://doi.org/{quote(doi, safe='/().:;-_')}" if doi.startswith("10.") else ""
    if doi.startswith("pmid:"):
        named = f"https://pubmed.ncbi.nlm.nih.gov/{doi.removeprefix('pmid:')}/"
    return safe_url(paper.url) or safe_url(named)


def discussion_url(paper: Paper) -> str:
    """The page on Hugging Face of an arXiv paper that is listed there, else empty."""
    own = canonical_id(paper.id) or paper.id
    is_listed = is_arxiv(own) and (paper.upvotes is not None or paper.source == "huggingface")
    return f"https://huggingface.co/papers/{own}" if is_listed else ""


def code_link(paper: Paper) -> str:
    """The repository the source names, else the first address on a known forge in abstract or comment, else empty.

    Next comes a project page that is a repository, then an address in an archive. What is no valid address counts as
    none.
    """
    if url := safe_url(paper.code_url):
        return url
    stated = [
        text.replace("\\_", "_").replace("\\%", "%").replace("\\#", "#") for text in (paper.comment, paper.abstract)
    ]
    texts = (*stated, paper.hub.project_url)
    urls = chain((url for text in texts for _, _, url in repositories(text)), chain.from_iterable(map(archived, texts)))
    return next(urls, "")


def repositories(text: str) -> Iterator[tuple[int, int, str]]:
    """Where addresses on known forges begin and end in a text, and each as an `https:` address, in order."""
    small = text.lower()
    # Most papers name none, which is seen ten times sooner this way.
    if not any(end in small for end in _FORGES_END):
        return
    for match in _REPOSITORY.finditer(text):
        named = match[1].rstrip(_AFTER_ADDRESS)
        if url := safe_url("https://" + named.rstrip("/")):
            yield match.start(), match.start() + len(named), url


def stated_repositories(text: str) -> Iterator[tuple[int, int, str]]:
    """The same for a text that is shown: with their `https://`, less what is cut off or part of another address."""
    for start, end, url in repositories(text):
        scheme = _SCHEME.search(text, max(start - len("https://"), 0), start)
        begin = scheme.start() if scheme else start
        if text[end : end + 1] != ELLIPSIS and not _IN_ADDRESS.match(text[max(begin - 1, 0) : begin]):
            yield begin, end, url


_SCHEME = re.compile(r"https?://$", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"[\w@./:&=?%#~+-]")
