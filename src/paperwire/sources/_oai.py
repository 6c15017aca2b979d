"""The envelope of OAI-PMH answers, which is the same at every repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from paperwire.core.days.dates import instant
from paperwire.errors import SourceGarbled
from paperwire.sources._xml import parse_xml, text_of

NOTHING, DEAD_TOKEN = "noRecordsMatch", "badResumptionToken"
_LISTS = {"ListRecords", "ListIdentifiers", "GetRecord"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OaiList:
    """One answer: its elements (records or headers), the token for the next page, or an error code and text.

    `at` is when the service says it made the answer; None if it does not say.
    """

    elements: Iterable[etree._Element] = ()
    token: str = ""
    error: str = ""
    reason: str = ""
    at: datetime | None = None


def read_envelope(body: bytes) -> OaiList:
    """An answer to ListRecords, ListIdentifiers or GetRecord; errors are part of the answer.

    Raises SourceGarbled for anything else.
    """
    root = parse_xml(body)
    children = parts_of(root)
    if local_name(root) != "OAI-PMH":
        raise SourceGarbled("the answer is not an answer of an OAI-PMH service")
    at = instant(text_of(children.get("responseDate")))
    if (error := children.get("error")) is not None:
        return OaiList(error=error.get("code") or "unknown", reason=text_of(error), at=at)
    content = next((children[name] for name in _LISTS if name in children), None)
    if content is None:
        raise SourceGarbled("the answer is not a list of records")
    token = next((text_of(child) for child in content if local_name(child) == "resumptionToken"), "")
    return OaiList(elements=content, token=token, at=at)


def parts_of(element: etree._Element) -> dict[str, etree._Element]:
    """The children of an element by their names without namespaces."""
    return {local_name(child): child for child in element}


def texts_of(element: etree._Element) -> dict[str, list[str]]:
    """The texts of an element's children, each name with all of its texts in order."""
    texts: dict[str, list[str]] = {}
    for child in element:
        texts.setdefault(local_name(child), []).append(text_of(child))
    return texts


def local_name(element: etree._Element) -> str:
    return etree.QName(element).localname
