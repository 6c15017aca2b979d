"""The source `jsonl`: files of one JSON object a line, in the corpus format or as arXiv's public metadata snapshot."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, cast

import structlog

from paperwire.core.days.calendar import NO_CLOSURES, announcement_day
from paperwire.core.days.dates import day, instant
from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, names_of, split_names
from paperwire.core.papers.paper import UNDATED, Event, EventKind, Paper
from paperwire.core.text.clean import one_line
from paperwire.errors import SourceError, SourceGarbled
from paperwire.ports.options import Now, PollInterval
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher

log = structlog.get_logger(__name__)

_MAX_LINE = 1_000_000  # bytes; the longest of arXiv's own lines is about 60 kB
_MAX_ID = 200
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile)
_GZIP = b"\x1f\x8b"


class Options(BaseOptions):
    """`[sources.jsonl]`: files that are read once and again whenever they have grown."""

    files: tuple[Path, ...] = ()
    every: PollInterval = 900.0

    def missing(self) -> str:
        return "" if self.files else "files"


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return JsonlSource(options.files)


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that could not be read: its number from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file as events, and where to continue reading.

    `line` counts the lines read so far and `position` the (decompressed) bytes before the next one; `read` of `size`
    bytes of the file as it lies on the disk are done.
    """

    events: tuple[Event, ...]
    broken: tuple[Broken, ...]
    line: int
    position: int
    read: int
    size: int


def read_jsonl(path: Path, *, line: int = 0, position: int = 0, lines: int = 1000) -> Iterator[Chunk]:
    """Read `path`, gz or plain, in batches of `lines`, going on after `line` at byte `position`.

    A broken line is reported in its batch and the rest goes on. Memory stays at one batch, whatever the file. Raises
    SourceError if the file can't be opened, and SourceGarbled after the last whole line of a damaged or cut-off one.
    """
    with _opened(path) as (disk, text):
        size = path.stat().st_size
        try:
            text.seek(position)
        except _DAMAGE as error:
            raise SourceGarbled(f"{path.name} is damaged or cut off after line {line} ({error})") from None
        while True:
            batch, damage = _batch(disk, text, line, size, lines)
            if batch.line > line:
                line = batch.line
                yield batch
            elif damage is None:
                return
            if damage is not None:
                raise SourceGarbled(f"{path.name} is damaged or cut off after line {line} ({damage})") from None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file as it lies on the disk, and its decompressed text."""
    try:
        disk = path.open("rb")
    except OSError as error:
        raise SourceError(f"cannot read {path.name}: {error.strerror or str(error)}") from None
    with disk:
        packed = disk.read(2) == _GZIP
        disk.seek(0)
        yield disk, cast("IO[bytes]", gzip.GzipFile(fileobj=disk)) if packed else disk


def _batch(disk: IO[bytes], text: IO[bytes], line: int, size: int, lines: int) -> tuple[Chunk, Exception | None]:
    """The next lines, and the damage that ended them early, if any."""
    events: list[Event] = []
    broken: list[Broken] = []
    position, last, damage = text.tell(), line + lines, None
    while line < last:
        try:
            raw, too_long = _line(text)
        except _DAMAGE as error:
            damage = error
            break
        if not raw:
            break
        line, position = line + 1, text.tell()
        try:
            if too_long:
                raise ValueError(f"longer than {_MAX_LINE // 1000000} MB")  # noqa: TRY301 -- one place reports all broken lines
            if raw.strip():
                events.append(parse_line(raw))
        except ValueError as error:
            broken.append(Broken(line, str(error)))
    return Chunk(tuple(events), tuple(broken), line, position, disk.tell(), size), damage


def _line(text: IO[bytes]) -> tuple[bytes, bool]:
    """The next line, and whether it is longer than we read; the rest of such a one is passed over."""
    raw = text.readline(_MAX_LINE)
    if len(raw) < _MAX_LINE or raw.endswith(b"\n"):
        return raw, False
    while (piece := text.readline(_MAX_LINE)) and not piece.endswith(b"\n"):
        pass
    return raw, True


def parse_line(raw: bytes) -> Event:
    """What one line says: a `new` event of the source it names, or of arXiv; ValueError says what is wrong."""
    try:
        row = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not valid JSON ({str(error).partition(' (char')[0]})") from None
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 -- a broken line is one kind of error
    snapshot = isinstance(row.get("categories"), str) or "authors_parsed" in row
    paper = _from_snapshot(row) if snapshot else _from_corpus(row)
    return Event(kind=EventKind.NEW, paper=paper, source=paper.source, day=paper.announced or UNDATED)


def _from_corpus(row: Mapping[str, Any]) -> Paper:
    """One object of the corpus format (the field table of the recorded data)."""
    categories = _strings(row, "categories")
    primary = _text(row, "primary_category")
    if primary:
        categories = (primary, *(name for name in categories if name != primary))
    version = row.get("version")
    if version is not None and (not isinstance(version, int) or version < 1):
        raise ValueError("version is not a whole number from 1")
    source, published = _text(row, "source") or "arxiv", _instant(row, "published")
    return Paper(
        id=_id(row),
        title=_text(row, "title", needed=True),
        source=source,
        abstract=_text(row, "abstract"),
        authors=tuple(name for text in _strings(row, "authors")[:MAX_AUTHORS] for name in names_of(text[:MAX_NAME])),
        categories=categories,
        published=published,
        updated=_instant(row, "updated"),
        announced=_day(row, "announced") or _usual_day(source, published),
        version=version or 1,
        comment=_text(row, "comment"),
        doi=_text(row, "doi"),
        journal_ref=_text(row, "journal_ref"),
        report_number=_text(row, "report_number"),
        url=_text(row, "url"),
    )


def _from_snapshot(row: Mapping[str, Any]) -> Paper:
    """One object of `arxiv-metadata-oai-snapshot.json`; `authors_parsed` is preferred to the one string `authors`."""
    versions = row.get("versions") or []
    try:
        times = [instant(version["created"]) for version in versions]
    except (TypeError, KeyError, AttributeError):
        times = [None]
    created = [time for time in times if time]
    if len(created) < len(times):
        raise ValueError("versions is not a list of versions with dates")
    return Paper(
        id=_id(row),
        title=_text(row, "title", needed=True),
        abstract=_text(row, "abstract"),
        authors=_parsed_authors(row),
        categories=tuple(_text(row, "categories").split()),
        published=created[0] if created else None,
        announced=_scheduled(created[0] if created else None),
        updated=created[-1] if created else _instant(row, "update_date"),
        version=max(1, len(created)),
        comment=_text(row, "comments"),
        doi=_text(row, "doi"),
        journal_ref=_text(row, "journal-ref"),
        report_number=_text(row, "report-no"),
        licence=_text(row, "license"),
    )


def _parsed_authors(row: Mapping[str, Any]) -> tuple[str, ...]:
    parsed = row.get("authors_parsed")
    if not parsed:
        return split_names(_text(row, "authors"))
    try:
        names = [" ".join(filter(None, (name[1], name[0], *name[2:3]))) for name in parsed]
    except (TypeError, LookupError):
        raise ValueError("authors_parsed is not a list of [family, given, suffix]") from None
    return tuple(tidy for name in names[:MAX_AUTHORS] for tidy in names_of(one_line(name)[:MAX_NAME]))


def _id(row: Mapping[str, Any]) -> str:
    text = _text(row, "id", needed=True)
    if len(text) > _MAX_ID:
        raise ValueError(f"id is not at most {_MAX_ID} characters long")
    return canonical_id(text) or text


def _text(row: Mapping[str, Any], field: str, *, needed: bool = False) -> str:
    value = row.get(field)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{field} is not text")
    line = one_line(value or "")
    if needed and not line:
        raise ValueError(f"no {field}")
    return line


def _strings(row: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = row.get(field)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{field} is not a list of texts")
    return tuple(line for item in value if (line := one_line(item)))


def _instant(row: Mapping[str, Any], field: str) -> datetime | None:
    text = _text(row, field)
    if text and not _reads(datetime.fromisoformat, text):
        raise ValueError(f"{field} is not a time such as 2026-01-05T08:00:00Z")
    return instant(text)


def _day(row: Mapping[str, Any], field: str) -> date | None:
    text = _text(row, field)
    if text and not _reads(date.fromisoformat, text):
        raise ValueError(f"{field} is not a date such as 2026-01-05")
    return day(text)


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _usual_day(source: str, published: datetime | None) -> date | None:
    """The day that a paper which names none is of: by arXiv's schedule, or the one on which it came in."""
    return _scheduled(published) if source == "arxiv" else published and published.date()


def _scheduled(published: datetime | None) -> date | None:
    """The day on which arXiv's schedule announces what came in then; the snapshot does not tell the real one."""
    return published and announcement_day(published, NO_CLOSURES)


class JsonlSource:
    """Files as a source: each is a part, read once and again from where reading ended when it has grown.

    The cursor is JSON: `line` and `position` of the next line, `seen` the file's size at the last read, and `first`
    while the file is read for the first time (those pages are quiet).
    """

    name = "jsonl"

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = {str(path): path for path in files}

    def parts(self) -> Sequence[str]:
        return tuple(self._files)

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """Read the lines after the cursor; a file that has become shorter is read from its beginning."""
        path = self._files[part]
        state = {"line": 0, "position": 0, "seen": -1, "first": True} | (json.loads(cursor) if cursor else {})
        size = path.stat().st_size if path.exists() else 0
        if size == state["seen"]:
            return
        if size < state["seen"]:
            state |= {"line": 0, "position": 0}
        batches = read_jsonl(path, line=state["line"], position=state["position"])
        first, count = None, 0
        while batch := await asyncio.to_thread(next, batches, None):
            first, count = first or next(iter(batch.broken), None), count + len(batch.broken)
            state |= {"line": batch.line, "position": batch.position}
            yield Page(part=part, events=batch.events, cursor=json.dumps(state), quiet=state["first"], view="file")
        if first:
            log.warning("broken lines left out", file=path.name, lines=count, first=first.line, reason=first.reason)
        state |= {"seen": size, "first": False}
        yield Page(part=part, events=(), cursor=json.dumps(state), quiet=True, view="file")
