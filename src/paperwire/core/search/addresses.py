"""What addresses of pages and searches stand for in a query: a search, a list of arXiv's, a paper, a repository."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from paperwire.core.query.elsewhere import decoded
from paperwire.core.query.terms.category import category_named
from paperwire.core.search.catalogues import from_author

_ENCODED = re.compile(r"%2[0-9A-F]|\+(?:AND|OR|ANDNOT)\+|(?<!\S)search_query=", re.IGNORECASE)
_LISTED = re.compile(r"arxiv\.org/(?:archive|list|rss|atom)/([A-Za-z.+-]+)", re.IGNORECASE)
_PAGE_OF_AUTHOR = re.compile(r"arxiv\.org/a/([a-z]+_[a-z])_\d+", re.IGNORECASE)
_PAGE_OF_WORK = re.compile(
    r"//(?:www\.)?aclanthology\.org/(?P<acl>[\w.-]+\w)|"
    r"/(?:doi|articles?|chapter|abstract)/(?:[a-z]+/)?(?P<doi>10\.\d{4,9}/[\w.()-]*\w)"
    r"|//(?:www\.)?nature\.com/articles/(?P<nature>[\w-]*\w)",
    re.IGNORECASE,
)
_SEARCHED = ("search_query", "query", "q", "term", "as_q", "text", "search", "queryText", "terms-0-term", "s")


def from_address(text: str) -> str | None:
    """`ti:%22dark+matter%22+AND+cat:hep-ph`, cut out of an address, as it reads; None if nothing is encoded."""
    return decoded(text) if _ENCODED.search(text) and "://" not in text else None


def searched(address: str) -> str | None:
    """The query in the address of a search, the categories of a list or feed of arXiv's; None if it has none."""
    if listed := _LISTED.search(address):
        names = [category_named(name) for name in listed[1].split("+")]
        return " OR ".join(f"cat:{name}" for name in names) if all(names) else None
    if person := _PAGE_OF_AUTHOR.search(address):
        return f"au:{person[1]}"
    if work := _PAGE_OF_WORK.search(address):
        doi = work["doi"] or (f"10.1038/{work['nature']}" if work["nature"] else f"10.18653/v1/{work['acl']}")
        return f"id:{doi.removesuffix('.pdf')}"
    try:
        options = parse_qs(urlsplit(address).query)
    except ValueError:
        return None
    words = next((options[name][0] for name in _SEARCHED if name in options), None)
    field = options.get("searchtype", options.get("terms-0-field", [""]))[0]
    return _in_field(words, field) if words else None


def _in_field(words: str, searched_in: str) -> str:
    """The words of a search of arXiv's in titles, abstracts or authors, as `searchtype` in its address says."""
    if searched_in == "author":
        return from_author(words) or f'au:"{words}"'
    field = {"title": "ti:", "abstract": "abs:"}.get(searched_in, "")
    return f"{field}({words})" if field else words


_REPOSITORY = re.compile(
    r"(?:https?://)?(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|(?:huggingface\.co|hf\.co)"
    r"(?:/(?:datasets|spaces))?)/(?!(?:search|topics|collections|papers|blog|docs)\b)[\w.-]+/[\w.-]+",
    re.IGNORECASE,
)
_PROJECT = re.compile(r"(?:https?://)?[\w-]+\.github\.io(?:/[\w-]+)?/?\Z", re.IGNORECASE)
_ENTRY = re.compile(r"//[a-z]+(?:\.m)?\.wikipedia\.org/wiki/(?P<title>[^?#]+)", re.IGNORECASE)
_DISAMBIGUATED = re.compile(r" \([^()]*\)?\Z")


def named_on(address: str) -> str:
    """A phrase for papers that name a repository or a project's page, or are on the subject of an encyclopedia's entry.

    Empty for other pages, which papers don't name.
    """
    if entry := _ENTRY.search(address):
        return f'"{_DISAMBIGUATED.sub("", unquote(entry["title"]).replace("_", " "))}"'
    page = _REPOSITORY.match(address) or _PROJECT.match(address)
    return f'"{page[0].rstrip("/")}"' if page else ""
