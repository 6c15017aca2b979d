"""Logs and metrics: structured lines with secrets struck out, and counters for `/metrics`."""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from collections.abc import Callable, Iterable
from typing import TextIO
from urllib.parse import quote

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from structlog.typing import Processor

from paperwire import __version__

# These print addresses with tokens in them (httpx: the Telegram token), or every step of a poll.
_QUIET_LOGGERS = (
    *("alembic", "httpx", "httpcore", "telegram", "apscheduler"),
    *("aiosqlite", "discord", "uvicorn", "asyncio"),
)

_log = structlog.get_logger(__name__)

REGISTRY = CollectorRegistry()
PAPERS = Counter("paperwire_papers_total", "Papers stored for the first time", ["source"], registry=REGISTRY)
EVENTS = Counter("paperwire_events_total", "What sources said", ["source", "kind"], registry=REGISTRY)
FETCHES = Counter("paperwire_fetches_total", "Polls of a source", ["source", "outcome"], registry=REGISTRY)
MATCHES = Counter("paperwire_matches_total", "Query and paper pairs found", registry=REGISTRY)
MATCH_SECONDS = Histogram("paperwire_match_batch_seconds", "Time to match one batch", registry=REGISTRY)
SENT = Counter("paperwire_deliveries_total", "Deliveries by their end", ["channel", "outcome"], registry=REGISTRY)
LATENCY = Histogram(
    "paperwire_delivery_seconds",
    "From the reading of a paper's announcement to its message, digests left out",
    ["channel"],
    buckets=(1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600),
    registry=REGISTRY,
)
OUTBOX = Gauge("paperwire_outbox_owed", "Deliveries owed and not yet sent", registry=REGISTRY)
DUE = Gauge("paperwire_outbox_due", "Deliveries that should have been sent by now", registry=REGISTRY)
DUE_AGE = Gauge("paperwire_outbox_oldest_seconds", "Time since the oldest of them was due", registry=REGISTRY)
HELD = Gauge("paperwire_held", "Deliveries that are due and wait for a person", registry=REGISTRY)
UNMATCHED = Gauge("paperwire_unmatched", "News that waits for a matcher", registry=REGISTRY)
UNMATCHED_AGE = Gauge("paperwire_unmatched_oldest_seconds", "Time since the oldest of it was stored", registry=REGISTRY)
CHANNEL_UP = Gauge("paperwire_channel_up", "Whether messages get through a channel", ["channel"], registry=REGISTRY)
PROCESSES = Gauge("paperwire_processes", "Running processes that have a role", ["role"], registry=REGISTRY)
GIVEN_UP = Gauge("paperwire_outbox_given_up", "Deliveries given up", registry=REGISTRY)
UNKNOWN = Gauge("paperwire_outbox_unknown", "Deliveries that may have arrived", registry=REGISTRY)
SOURCE_OK = Gauge(
    "paperwire_source_last_success_timestamp_seconds",
    "When a source was last read well",
    ["source"],
    registry=REGISTRY,
)
DAYS_UNCONFIRMED = Gauge(
    "paperwire_days_unconfirmed",
    "Days of the last week of which a view lacks papers or whose number is unusual",
    ["source"],
    registry=REGISTRY,
)
DAYS_THIN = Gauge(
    "paperwire_days_thin", "Days of the last week with unusually few papers", ["source"], registry=REGISTRY
)
BACKED_UP = Gauge(
    "paperwire_backup_last_success_timestamp_seconds",
    "When the database was last copied; 0 if it isn't to be, NaN if it never was",
    registry=REGISTRY,
)
COMMANDS = Counter("paperwire_commands_total", "Commands answered", ["channel", "command"], registry=REGISTRY)
REQUESTS = Counter("paperwire_http_requests_total", "HTTP answers", ["route", "method", "status"], registry=REGISTRY)
REQUEST_SECONDS = Histogram("paperwire_http_seconds", "Time to answer over HTTP", ["route"], registry=REGISTRY)
BUILD = Info("paperwire_build", "The version that runs", registry=REGISTRY)
BUILD.info({"version": __version__})
for _collector in (ProcessCollector, PlatformCollector, GCCollector):
    _collector(registry=REGISTRY)


class Redaction:
    """Strikes secrets out of everything that is logged, wherever in a line or traceback they stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        written = {form for secret in secrets if secret for form in _writings(secret)}
        self._secrets = sorted(written, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """`text` with each known secret replaced by three asterisks."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _writings(secret: str) -> set[str]:
    """A secret as it stands in text, in a `repr`, in JSON of either, and in an address."""
    plain = {secret, repr(secret)[1:-1]}
    as_json = {json.dumps(text, ensure_ascii=ascii_only)[1:-1] for text in plain for ascii_only in (True, False)}
    return plain | as_json | {quote(secret, safe="")}


class _CleanFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats a record and strikes secrets out of the finished line: what a library logs is caught here too."""

    def __init__(self, redaction: Redaction, processors: list[Processor]) -> None:
        super().__init__(processors=processors, foreign_pre_chain=_shared())
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        """The finished line."""
        return self._redaction.clean(super().format(record))


class Throttle(logging.Filter):
    """Lets through `BURST` like lines in `WINDOW` seconds, and afterwards says how many more there were.

    Tracebacks are alike if they come from one place, lines of the web server and of libraries if they say the same:
    what clients cause by the thousand. Other lines of ours are not counted; what they report comes but once.
    """

    WINDOW = 60.0
    BURST = 5
    _MOST_KINDS = 1000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        kind = _kind_of(record)
        if kind is None:
            return True
        now = self._clock()
        since, lines = self._seen.get(kind, (now, 0))
        if now - since >= self.WINDOW:
            if lines > self.BURST:
                left_out = lines - self.BURST
                _log.warning("like lines were left out", lines=left_out, of=record.name, seconds=round(now - since))
            since, lines = now, 0
        if len(self._seen) >= self._MOST_KINDS:
            self._seen.clear()
        self._seen[kind] = (since, lines + 1)
        return lines < self.BURST


def _kind_of(record: logging.LogRecord) -> tuple[object, ...] | None:
    """What makes a line like another; None for one that is never left out."""
    event = record.msg if isinstance(record.msg, dict) else {"event": record.msg}
    if record.exc_info or "exception" in event:
        text = str(event.get("exception") or logging.Formatter().formatException(record.exc_info or (None, None, None)))
        *_, last = text.rstrip().split("\n")
        return record.name, last.partition(":")[0], text.rpartition('  File "')[2].partition("\n")[0]
    is_ours = record.name.startswith("paperwire.") or record.name == "stderr"
    if is_ours and not record.name.startswith("paperwire.web."):
        return None
    return record.name, record.levelno, str(event.get("event"))


class _Printed(io.TextIOBase):
    """Standard error where log lines are for a machine: each line that is printed there becomes one of them.

    So do usage errors, tracebacks, and whatever else does not know of logs. `plain` is the stream that it writes to.
    """

    encoding = "utf-8"  # or it is taken for a stream of bytes

    def __init__(self, plain: TextIO, handler: logging.Handler) -> None:
        self.plain = plain
        self._handler = handler
        self._begun = ""
        self._busy = False

    def write(self, text: str) -> int:
        """Log the lines that this completes."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(str.strip, lines):
            self._log(line.rstrip())
        return len(text)

    def _log(self, line: str) -> None:
        if self._busy:  # logging itself failed, and says so here
            self.plain.write(json.dumps({"event": line, "level": "error"}) + "\n")
            return
        self._busy = True
        try:  # past all loggers, as their levels are not for what is printed
            self._handler.handle(logging.LogRecord("stderr", logging.WARNING, "", 0, line, (), None))
        finally:
            self._busy = False

    def flush(self) -> None:
        """Write out what was logged, unless the stream was closed before this one."""
        if not self.plain.closed:
            self.plain.flush()

    def fileno(self) -> int:
        """The descriptor of the plain stream."""
        return self.plain.fileno()


def is_for_machines() -> bool:
    """Whether everything on standard error is a log line in JSON."""
    return isinstance(sys.stderr, _Printed)


def _shared() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]


def set_up(secrets: Iterable[str], *, level: str = "INFO", as_json: bool = False, stream: TextIO | None = None) -> None:
    """Send all logs, ours and the libraries', to `stream` (standard error) as readable or JSON lines without `secrets`.

    `level` is a name such as INFO. With JSON on standard error all that is printed there becomes log lines as well.
    """
    plain = sys.stderr.plain if isinstance(sys.stderr, _Printed) else sys.stderr
    as_printed = as_json and stream is None
    stream = stream or plain
    renderer: Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(stream)
    handler.addFilter(Throttle())
    handler.setFormatter(_CleanFormatter(Redaction(secrets), [remove, renderer]))
    sys.stderr = _Printed(plain, handler) if as_printed else plain
    logging.captureWarnings(as_printed)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
