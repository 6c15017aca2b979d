"""Addresses of feeds and searches as queries: of arXiv, Hugging Face, bioRxiv and this product."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from paperwire.core.query.language import parsed
from paperwire.errors import CommandError
from paperwire.services.papers.trending import EVERYTHING, PASSES, topic_query, trending_query
from paperwire.texts import Texts

_LONGEST = 4000
_FEED_SCHEME = re.compile(r"feed:(?://)?(?:https?://)?", re.IGNORECASE)
_ARXIV_HOSTS = {"arxiv.org", "export.arxiv.org", "rss.arxiv.org"}
_BIORXIV = re.compile(r"(?:connect\.)?(bio|med)rxiv\.org")
_CATEGORIES = re.compile(r"/(?:rss|atom|list|archive)/([A-Za-z.+*-]+)(?:/|$)")
_AUTHOR_PAGE = re.compile(r"/a/([a-z-]+)_([a-z])_\d+(?:\.atom2?)?")
_OWN_FEED = re.compile(r"/feeds/(search|trending|daily|list)\.(?:atom|rss|json)/?$")
_PRIVATE_FEED = re.compile(r"/f/[\w-]{43}\.\w+")
# Hugging Face has no feed of its own; these are made of its pages.
_HUGGINGFACE = re.compile(
    r"huggingface\.co/(?:api/daily_papers|papers)(?:/|$)|papers\.takara\.ai/api/feed|jamesg\.blog/hf-papers\."
    r"|[^/]+/huggingface/daily-papers"
)
_DATES = re.compile(
    r"\s*\b(?:AND|ANDNOT|OR)?\s*\b(?:submittedDate|lastUpdatedDate):\s*\[[^\]]*\](?:\s*\bAND\b)?", re.IGNORECASE
)
_JOINED_VALUE = re.compile(r"\b((?:au|ti|abs|all):)(\w+_\w+)")
_FIELDS = {
    "all": "",
    "title": "ti",
    "author": "au",
    "abstract": "abs",
    "paper_id": "id",
    "ti": "ti",
    "au": "au",
    "abs": "abs",
}
"""Our field for each by which arXiv's pages search; the others have no counterpart."""


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """What an address asks for as a query, and the name of the source that brings its papers (empty: any)."""

    text: str
    source: str


def is_address(text: str) -> bool:
    """Whether a line is the address of something on the web, and no query."""
    return text.lower().startswith(("http://", "https://", "feed:"))


def read_address(address: str, texts: Texts) -> FeedQuery | None:
    """The query of an address; None for one that isn't known here.

    Raises CommandError for an address of a kind that is known, but asks for what no query can say.
    """
    try:
        url = urlsplit(_FEED_SCHEME.sub("https://", address[:_LONGEST]))
        host = (url.hostname or "").removeprefix("www.").removesuffix(".")
    except ValueError:
        return None
    options = {name.casefold(): values[-1] for name, values in parse_qs(url.query).items()}
    if host in _ARXIV_HOSTS:
        return _arxiv(unquote(url.path), options, texts)
    if _HUGGINGFACE.match(f"{host}{url.path}"):
        return FeedQuery(_listed(options.get("q", "")), "huggingface")
    if server := _BIORXIV.fullmatch(host):
        return _biorxiv(f"{server[1]}rxiv", url.path, options)
    return _own(url.path, options, texts)


def _arxiv(path: str, options: Mapping[str, str], texts: Texts) -> FeedQuery:
    if path.startswith("/api/query"):
        text = _of_api(options, texts)
    elif path.startswith("/search/advanced"):
        text = _of_form(options, texts)
    elif path.startswith("/search"):
        text = _of_search(path, options, texts)
    elif match := _CATEGORIES.match(path):
        names = [name.removesuffix(".*") for name in match[1].split("+") if name]
        text = " OR ".join(f"cat:{name}" for name in names)
    elif match := _AUTHOR_PAGE.fullmatch(path):
        text = f'au:"{match[2]} {match[1].replace("-", " ")}"'
    else:
        text = ""
    if not text:
        raise CommandError(texts.gettext("This arXiv address has neither a category nor a query."))
    return FeedQuery(text, "arxiv")


def _of_api(options: Mapping[str, str], texts: Texts) -> str:
    """The query of arXiv's API: without dates, which mean nothing to new papers, and with joined values in quotes."""
    if options.get("id_list"):
        raise CommandError(texts.gettext("It asks for single papers by id. /watch follows those."))
    text = _DATES.sub(" ", options.get("search_query", ""))
    text = _JOINED_VALUE.sub(lambda match: f'{match[1]}"{match[2].replace("_", " ").strip()}"', text)
    return " ".join(re.sub(r"\bcat:([\w-]+)\*", r"cat:\1.*", text).split())


def _of_search(path: str, options: Mapping[str, str], texts: Texts) -> str:
    """The query of arXiv's search page, in an archive if the path names one (`/search/cs`)."""
    text = _in_field(options.get("query", ""), options.get("searchtype", "all"), texts)
    archive = path.strip("/").partition("/")[2]
    return f"cat:{archive} {text}" if text and archive and archive.isalpha() else text


def _of_form(options: Mapping[str, str], texts: Texts) -> str:
    """The query of arXiv's advanced search, whose terms are numbered from 0."""
    text = ""
    for number in range(20):
        words = options.get(f"terms-{number}-term", "")
        if words.strip():
            term = _in_field(words, options.get(f"terms-{number}-field", "all"), texts)
            joint = options.get(f"terms-{number}-operator", "AND").upper()
            operator = {"OR": "OR", "NOT": "ANDNOT"}.get(joint, "AND")
            text = f"({text}) {operator} ({term})" if text else term
    return text


def _in_field(words: str, name: str, texts: Texts) -> str:
    words = " ".join(words.split())
    if name not in _FIELDS:
        raise CommandError(texts.gettext("It searches in %(field)s, which queries here can't do.", field=name))
    field = _FIELDS[name]
    if not words or not field:
        return words
    if field == "au" and parsed(f'au:"{words}"') is not None and '"' not in words:
        return f'au:"{words}"'
    return f"{field}:{words}" if len(words.split()) == 1 else f"{field}:({words})"


def _listed(text: str) -> str:
    """The papers that Hugging Face lists, all or those that a query finds: each has an upvote there."""
    text = " ".join(text.split())
    return f"({text}) upvotes>=1" if text else f"{EVERYTHING} upvotes>=1"


def _biorxiv(server: str, path: str, options: Mapping[str, str]) -> FeedQuery | None:
    if not path.endswith((".php", ".xml")):
        return None
    subject = options.get("subject", "all").replace("_", " ")
    text = f"source:{server}"
    return FeedQuery(text if subject == "all" else f'{text} cat:"{subject}"', "biorxiv")


def _own(path: str, options: Mapping[str, str], texts: Texts) -> FeedQuery | None:
    """The query of a page or feed of this product, here or elsewhere, below whatever path it is served."""
    if _PRIVATE_FEED.search(path):
        raise CommandError(
            texts.gettext("A private feed doesn't show its queries. /export gives its subscriptions as a list.")
        )
    match = _OWN_FEED.search(path)
    match match[1] if match else "":
        case "search" if options.get("q"):
            return FeedQuery(topic_query(options["q"]), "")
        case "trending":
            window = options.get("window", "week")
            return FeedQuery(trending_query("", window if window in PASSES else "week", texts)[0], "huggingface")
        case "list":
            return FeedQuery("list:public", "")
        case "daily":
            raise CommandError(
                texts.gettext(
                    "It has every new paper, more than anyone can read. Choose categories, such as cat:cs.CL."
                )
            )
    return None
