"""Reads what Hugging Face answers: entries of a daily list, and the page of one paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import structlog

from paperwire.core.days.dates import instant
from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, tidy_name
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean, safe_url
from paperwire.errors import SourceGarbled
from paperwire.sources._json import MAX_ABSTRACT, MAX_TITLE, list_in, object_in, objects_in, parse_json, text_in

NAME = "huggingface"
_MAX_SUMMARY = 2000
_MAX_COUNT = 2**31 - 1  # what a database takes for a number
# The longest recorded: an organisation of 79 characters, a keyword of 73, 33 keywords, 13 media, an address of 247.
_MAX_SHOWN_NAME, _MAX_HANDLE, _MAX_ADDRESS = 120, 100, 500
_MAX_KEYWORD, _MAX_KEYWORDS, _MAX_MEDIA = 100, 40, 20
_MAX_LINKED = 10  # linked repositories of a kind that are stored; how many there are is a number of its own

log = structlog.get_logger(__name__)


def entries_of(body: bytes) -> tuple[list[Mapping[str, Any]], int]:
    """The objects in one answer, and how many entries it has; without any object (texts were seen) it is refused."""
    rows = parse_json(body)
    entries: list[Mapping[str, Any]] = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if not isinstance(rows, list) or (rows and not entries):
        raise SourceGarbled("the answer is not a list of daily papers")
    if bad := len(rows) - len(entries):
        log.warning("entries that are no objects left out", source=NAME, entries=bad)
    return entries, len(rows)


def inner_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The paper's own part of an entry, empty if it has none."""
    return object_in(row, "paper")


def list_day_of(row: Mapping[str, Any]) -> date | None:
    """The day an entry was listed, by its own word: the date of `submittedOnDailyAt`, whatever its time."""
    instant = _instant(inner_of(row).get("submittedOnDailyAt"))
    return instant.date() if instant else None


def paper_of(row: Mapping[str, Any], listed: date | None) -> Paper | None:
    """The paper of one entry, None if it has no id or no title.

    The inner `publishedAt` is the paper's; the outer one changed its meaning and is local time marked as UTC.
    The outer title keeps its TeX where the two differ.
    """
    inner = inner_of(row)
    paper_id, title = text_in(inner, "id"), text_in(row, "title", MAX_TITLE) or text_in(inner, "title", MAX_TITLE)
    if not paper_id or not title:
        return None
    arxiv_id = canonical_id(paper_id)
    return Paper(
        id=arxiv_id or paper_id,
        title=title,
        source=NAME,
        abstract=text_in(inner, "summary", MAX_ABSTRACT) or text_in(row, "summary", MAX_ABSTRACT),
        authors=_authors(inner),
        published=_instant(inner.get("publishedAt")),
        announced=listed,
        url="" if arxiv_id else f"https://huggingface.co/papers/{paper_id}",
        code_url=_web_address(text_in(inner, "githubRepo")),
        upvotes=_count(inner.get("upvotes")),
        summary=text_in(inner, "ai_summary", _MAX_SUMMARY),
        hub=_hub_entry(row, inner),
    )


def _hub_entry(row: Mapping[str, Any], inner: Mapping[str, Any]) -> HubEntry:
    """What else an entry says; a field of another type than the usual one says nothing.

    Fields stand in the outer or the inner part, by the year. Linked repositories are in the page of one paper alone.
    """
    organisation = object_in(inner, "organization") or object_in(row, "organization")
    submitter = object_in(inner, "submittedOnDailyBy") or object_in(row, "submittedBy")
    models, model_count = _linked(inner, "linkedModels", "numTotalModels")
    datasets, dataset_count = _linked(inner, "linkedDatasets", "numTotalDatasets")
    demos, demo_count = _linked(inner, "linkedSpaces", "numTotalSpaces")
    return HubEntry(
        organisation=_name(organisation, "fullname") or _name(organisation, "name"),
        organisation_handle=_handle(organisation, "name"),
        submitter=_name(submitter, "fullname") or _name(submitter, "name"),
        submitter_handle=_handle(submitter, "user") or _handle(submitter, "name"),
        project_url=_address(inner.get("projectPage")),
        keywords=_keywords(list_in(inner, "ai_keywords")),
        media=_media(row, inner),
        thumbnail=_address(row.get("thumbnail")) or _address(inner.get("thumbnail")),
        comment_count=_count(row.get("numComments")),
        models=models,
        datasets=datasets,
        demos=demos,
        model_count=model_count,
        dataset_count=dataset_count,
        demo_count=demo_count,
    )


def _name(row: Mapping[str, Any], field: str) -> str:
    return clean(text_in(row, field), _MAX_SHOWN_NAME)


def _handle(row: Mapping[str, Any], field: str) -> str:
    """A name as it stands in addresses; what could be no such name is none."""
    text = text_in(row, field)
    return text if len(text) <= _MAX_HANDLE and _is_plain(text) else ""


def _is_plain(text: str) -> bool:
    """Whether a text is made of ASCII letters, digits, hyphens, points and underscores alone."""
    return text.isascii() and text.replace("-", "").replace(".", "").replace("_", "").isalnum()


def _keywords(values: list[Any]) -> tuple[str, ...]:
    texts = [text for text in values if isinstance(text, str)]
    keywords = (clean(text, _MAX_KEYWORD) for text in texts[:_MAX_KEYWORDS])
    return tuple(dict.fromkeys(filter(None, keywords)))


def _media(row: Mapping[str, Any], inner: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses of pictures and films; entries of 2024 have one, `mediaUrl`."""
    for value in (row.get("mediaUrls"), inner.get("mediaUrls"), [row.get("mediaUrl")]):
        addresses = [_address(item) for item in value[:_MAX_MEDIA]] if isinstance(value, list) else []
        if media := tuple(dict.fromkeys(filter(None, addresses))):
            return media
    return ()


def _linked(inner: Mapping[str, Any], field: str, total: str) -> tuple[tuple[str, ...], int | None]:
    """The first linked repositories of a kind and how many there are; None if the answer doesn't say."""
    if not isinstance(inner.get(field), list):
        return (), None
    names = [name for item in objects_in(inner, field) if (name := _repository(text_in(item, "id")))]
    names = list(dict.fromkeys(names))
    return tuple(names[:_MAX_LINKED]), max(_count(inner.get(total)) or 0, len(names))


def _repository(text: str) -> str:
    """`owner/name`, or a bare name, as some of the oldest repositories have."""
    parts = text.split("/")
    return text if len(parts) <= 2 and all(0 < len(part) <= _MAX_HANDLE and _is_plain(part) for part in parts) else ""


def _authors(inner: Mapping[str, Any]) -> tuple[str, ...]:
    names = [row for row in objects_in(inner, "authors") if not row.get("hidden")]
    return tuple(name for row in names[:MAX_AUTHORS] if (name := tidy_name(text_in(row, "name")[:MAX_NAME])))


def _count(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MAX_COUNT else None


def _address(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return safe_url(text) if len(text) <= _MAX_ADDRESS else ""


def _web_address(text: str) -> str:
    return text if text.startswith(("https://", "http://")) and " " not in text else ""


def _instant(value: object) -> datetime | None:
    return instant(value) if isinstance(value, str) else None
