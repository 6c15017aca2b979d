"""What a paper's page shows of its record besides its texts: each fact as a name, links or words, and a note."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from paperwire.core.messages.card import NAME_LIMIT
from paperwire.core.messages.record import grade_name, organisation_of, read_at_most, venue_name
from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.code_status import code_status
from paperwire.core.papers.identity import code_link, discussion_url
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean, safe_url
from paperwire.texts import Texts
from paperwire.web.views import Link, marked

_HUB = "https://huggingface.co"
_HANDLE = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REPOSITORY = re.compile(rf"{_HANDLE.pattern}/{_HANDLE.pattern}", re.ASCII)
"""What stands in Hugging Face's addresses: letters, digits and `-._`."""
_LINKED, _KEYWORDS, _MEDIA = 5, 12, 4
_ADDRESS, _QUOTE = 60, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row: a link without an address is text; a `quote` is what the authors wrote, a `note` what we say."""

    name: str
    links: tuple[Link, ...] = ()
    quote: str = ""
    note: str = ""


def facts_of(paper: Paper, texts: Texts) -> tuple[Fact, ...]:
    """The rows that say something, those of the paper itself before those of Hugging Face."""
    paper = read_at_most(paper)
    rows = (_acceptance(paper, texts), *_own(paper, texts), *_on_hub(paper, texts))
    return tuple(row for row in rows if row and (row.links or row.quote or row.note))


def _acceptance(paper: Paper, texts: Texts) -> Fact | None:
    acceptance = acceptance_of(paper)
    grade = grade_name(acceptance, texts)
    if acceptance is None or not grade:
        return None
    venue = venue_name(acceptance, texts)
    return Fact(name=grade, links=(Link(venue, ""),) if venue else (), quote=marked(acceptance.quote, _QUOTE))


def _own(paper: Paper, texts: Texts) -> Iterator[Fact]:
    code, project = code_link(paper), safe_url(paper.hub.project_url)
    # Translators: stands in brackets after the addresses of a paper's code: not there yet.
    promised = texts.gettext("promised") if code_status(paper) == "promised" else ""
    yield Fact(name=texts.gettext("Code"), links=_addresses(code), note=promised)
    # Translators: a label of a fact of a paper, in a table.
    yield Fact(name=texts.gettext("Project page"), links=_addresses(project))
    report = clean(paper.report_number, NAME_LIMIT)
    # Translators: a label of a fact of a paper, in a table.
    yield Fact(name=texts.gettext("Report number"), links=(Link(report, ""),) if report else ())


def _on_hub(paper: Paper, texts: Texts) -> Iterator[Fact]:
    hub, page = paper.hub, discussion_url(paper)
    organisation = organisation_of(paper)
    # Translators: labels of facts of a paper, in a table.
    yield Fact(name=texts.gettext("Organisation"), links=_named(organisation, hub.organisation_handle))
    submitter = clean(hub.submitter or hub.submitter_handle, NAME_LIMIT)
    yield Fact(name=texts.gettext("Submitted on Hugging Face by"), links=_named(submitter, hub.submitter_handle))
    if hub.comment_count:
        # Translators: the link to a discussion of a paper.
        comments = texts.ngettext("%(num)s comment", "%(num)s comments", hub.comment_count)
        # Translators: a label of a fact of a paper, in a table.
        yield Fact(name=texts.gettext("Discussion"), links=(Link(comments, page),))
    for name, prefix, linked, count in (
        # Translators: a label of a fact of a paper, in a table.
        (texts.gettext("Models"), "", hub.models, hub.model_count),
        # Translators: a label of a fact of a paper, in a table.
        (texts.gettext("Datasets"), "/datasets", hub.datasets, hub.dataset_count),
        # Translators: a label of a fact of a paper, in a table.
        (texts.gettext("Demos"), "/spaces", hub.demos, hub.demo_count),
    ):
        yield _repositories(name, f"{_HUB}{prefix}", linked, count or 0, page, texts)
    media = [url for address in hub.media[:_MEDIA] if (url := safe_url(address))]
    # Translators: a label of a fact of a paper, in a table.
    yield Fact(name=texts.gettext("Media"), links=tuple(Link(_file(url), url) for url in media))
    keywords = [word for text in hub.keywords[:_KEYWORDS] if (word := clean(text, NAME_LIMIT))]
    # Translators: who made the keywords of a paper
    note = texts.gettext("by Hugging Face's model") if keywords else ""
    # Translators: a label of a fact of a paper, in a table.
    yield Fact(name=texts.gettext("Keywords"), links=tuple(Link(word, "") for word in keywords), note=note)


def _repositories(name: str, home: str, linked: Sequence[str], count: int, page: str, texts: Texts) -> Fact:  # noqa: PLR0913, PLR0917 -- a row's parts
    shown = [clean(repository, NAME_LIMIT) for repository in linked[:_LINKED]]
    links = [Link(text, f"{home}/{text}" if _REPOSITORY.fullmatch(text) else "") for text in shown if text]
    if links and (left := max(count, len(linked)) - len(links)) > 0:
        # Translators: a link that stands for repositories that are left out, at the end of a list.
        links.append(Link(texts.npgettext("repositories", "%(num)s more", "%(num)s more", left), page))
    return Fact(name=name, links=tuple(links))


def _named(name: str, handle: str) -> tuple[Link, ...]:
    """A name of Hugging Face's, with its page there."""
    return (Link(name, f"{_HUB}/{handle}" if _HANDLE.fullmatch(handle) else ""),) if name else ()


def _addresses(url: str) -> tuple[Link, ...]:
    """An address as its own words, without its scheme."""
    return (Link(clean(url.partition("://")[2].rstrip("/"), _ADDRESS), url),) if url else ()


def _file(url: str) -> str:
    return clean(urlsplit(url).path.rpartition("/")[2], 40) or clean(url, 40)
