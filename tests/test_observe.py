"""Logs as lines that hold no secret, whoever logs, and metrics in a registry of our own."""

import io
import json
import logging
import sys
import warnings

import prometheus_client
import pytest
import structlog
from prometheus_client import generate_latest

from paperwire import observe
from paperwire.observe import Redaction
from plain_logs import log_plainly

CANARY = "42:AAcanary"


@pytest.fixture(autouse=True)
def others_logging_comes_back():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in observe._QUIET_LOGGERS}
    yield
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    log_plainly()


@pytest.fixture
def lines():
    """Logging set up with a stream of our own: a function that takes settings and gives (logger, read lines)."""

    def set_up(*secrets, **settings):
        stream = io.StringIO()
        observe.set_up(secrets, stream=stream, **settings)
        return structlog.get_logger("a.test"), lambda: stream.getvalue().splitlines()

    return set_up


def test_a_line_says_what_happened_and_with_what(lines):
    log, read = lines()
    log.info("paper stored", paper="2601.00001")
    (line,) = read()
    assert "paper stored" in line
    assert "paper=2601.00001" in line
    assert "\x1b" not in line


def test_as_json_each_line_is_an_object(lines):
    log, read = lines(as_json=True)
    log.warning("source failed", source="arxiv")
    found = json.loads(read()[0])
    assert (found["event"], found["source"], found["level"]) == ("source failed", "arxiv", "warning")
    assert found["timestamp"].endswith("Z")


def test_the_level_counts_for_all(lines):
    log, read = lines(level="ERROR")
    log.warning("not this")
    logging.getLogger("some.library").warning("nor this")
    log.error("but this")
    assert len(read()) == 1


def test_a_library_is_heard_in_the_same_form(lines):
    _, read = lines(as_json=True)
    logging.getLogger("some.library").warning("gave %s", "up")
    assert json.loads(read()[0])["event"] == "gave up"


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "telegram.ext", "apscheduler", "uvicorn.access"])
def test_chatty_libraries_keep_to_warnings_even_at_debug(lines, name):
    _, read = lines(level="DEBUG")
    logging.getLogger(name).info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", CANARY)
    logging.getLogger(name).debug("the same")
    assert read() == []


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_gets_into_a_line_or_a_traceback(lines, as_json):
    odd = 'pass"wörd\\ 1'
    log, read = lines(CANARY, odd, level="DEBUG", as_json=as_json)
    try:
        json.loads(f"cannot post to /bot{CANARY}/sendMessage")
    except ValueError as error:
        error.add_note(f"with {odd!r} at {CANARY}")
        log.exception("failed", token=CANARY, password=odd, both=[CANARY, odd])
        logging.getLogger("some.library").exception("failed with %s and %s", CANARY, odd)
    logging.getLogger("some.library").info("https://u:%s@h/%s", "pass%22w%C3%B6rd%5C%201", CANARY)
    text = "\n".join(read())
    assert "canary" not in text
    assert "wörd" not in text
    assert "w\\u00f6rd" not in text
    assert "w%C3%B6rd" not in text
    assert text.count("Traceback") == 2
    assert "***" in text


def test_what_is_empty_is_no_secret():
    assert Redaction(["", "a"]).clean("banana") == "b***n***n***"
    assert Redaction([""]).clean("banana") == "banana"


def test_the_longer_of_two_secrets_goes_first():
    assert Redaction(["abc", "abcdef"]).clean("abcdef abc") == "*** ***"


def test_colours_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    observe.set_up((), stream=terminal)
    structlog.get_logger("a.test").info("seen")
    assert "\x1b[" in terminal.getvalue()


def test_logs_go_to_standard_error_unless_told_otherwise(capsys):
    observe.set_up(())
    structlog.get_logger("a.test").info("seen")
    assert "seen" in capsys.readouterr().err


def test_metrics_stand_in_a_registry_of_their_own():
    observe.SENT.labels("telegram", "sent").inc()
    text = generate_latest(observe.REGISTRY).decode()
    assert 'paperwire_deliveries_total{channel="telegram",outcome="sent"}' in text
    theirs = {metric.name for metric in prometheus_client.REGISTRY.collect()}
    assert not any(name.startswith(("paperwire", "stamina")) for name in theirs)


# --- with --log-json, everything on standard error -----------------------------------------------------------------


@pytest.fixture
def printed(monkeypatch):
    """Makes standard error that of a program whose logs are for a machine; gives what reads its lines as values."""

    def begin():
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        observe.set_up([CANARY], as_json=True)
        return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]

    yield begin
    logging.captureWarnings(capture=False)


def test_what_is_printed_is_a_log_line_too(printed):
    read = printed()
    assert observe.is_for_machines()
    sys.stderr.write("usage: paper")
    assert read() == []
    sys.stderr.write(f"wire {CANARY}\n\n")
    sys.stderr.flush()
    (line,) = read()
    assert (line["event"], line["level"]) == ("usage: paperwire ***", "warning")


def test_even_above_every_level(printed):
    read = printed()
    observe.set_up((), level="ERROR", as_json=True)
    structlog.get_logger("a.test").warning("not this")
    sys.stderr.write("this\n")
    assert [line["event"] for line in read()] == ["this"]


def test_warnings_and_tracebacks_are_one_line_each(printed):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        read = printed()
        warnings.warn("this is old", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    try:
        json.loads("x")
    except ValueError:
        structlog.get_logger("a.test").exception("failed")
    first, second = read()
    assert "DeprecationWarning: this is old" in first["event"]
    assert "Traceback" in second["exception"]


def test_logging_that_fails_says_so_without_end(printed, monkeypatch):
    def refuse(_self, _record):
        raise ValueError("odd")

    read = printed()
    monkeypatch.setattr(observe._CleanFormatter, "format", refuse)
    sys.stderr.write("a line\n")
    told = read()
    assert any("ValueError: odd" in line["event"] for line in told)
    assert {line["level"] for line in told} == {"error"}


def test_it_has_the_descriptor_of_its_stream(monkeypatch, tmp_path):
    with (tmp_path / "log").open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        observe.set_up((), as_json=True)
        assert sys.stderr.fileno() == stream.fileno()
        observe.set_up(())
        assert sys.stderr is stream
        assert not observe.is_for_machines()


def test_it_may_be_closed_after_its_stream(monkeypatch, tmp_path):
    stream = (tmp_path / "log").open("w")
    monkeypatch.setattr(sys, "stderr", stream)
    observe.set_up((), as_json=True)
    printed = sys.stderr
    stream.close()
    printed.close()
    assert printed.closed


# --- floods ------------------------------------------------------------------------------------------------------


class Time:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def flooded(lines, monkeypatch):
    """A function that logs like lines in three ways, as many as it is told; and the clock of the throttle."""
    time = Time()
    monkeypatch.setattr(observe.Throttle.__init__, "__defaults__", (time,))
    _, written = lines(as_json=True)

    def log(name, times, *, traceback=False):
        for number in range(times):
            try:
                _ = [][number]
            except IndexError:
                given = {"exc_info": True} if traceback else {"client": number}
                structlog.get_logger(name).error("a request failed", **given)

    return log, time, lambda: [json.loads(line) for line in written()]


@pytest.mark.parametrize(
    ("name", "traceback"), [("paperwire.web.edge", False), ("uvicorn.error", False), ("paperwire.worker.stage", True)]
)
def test_a_flood_of_like_lines_is_a_few_and_their_number(flooded, name, traceback):
    log, time, written = flooded
    log(name, 1000, traceback=traceback)
    assert len(written()) == observe.Throttle.BURST
    time.now = observe.Throttle.WINDOW
    log(name, 1, traceback=traceback)
    *_, left_out, last = written()
    assert (left_out["event"], left_out["lines"], left_out["of"]) == ("like lines were left out", 995, name)
    assert last["event"] == "a request failed"


def test_what_reports_things_once_each_is_never_left_out(flooded):
    log, _, written = flooded
    log("paperwire.pipeline.deliver", 100)
    assert len(written()) == 100


def test_tracebacks_of_other_places_and_libraries_are_other_lines(flooded):
    log, _, written = flooded
    log("paperwire.web.edge", 100, traceback=True)
    logging.getLogger("asyncio").error("task failed")
    logging.getLogger("asyncio").error("no more files", exc_info=OSError("elsewhere"))
    assert [entry["event"] for entry in written()][-2:] == ["task failed", "no more files"]


def test_it_remembers_no_more_kinds_than_it_may(flooded):
    throttle = observe.Throttle(lambda: 0.0)
    for number in range(3000):
        assert throttle.filter(logging.LogRecord("lib", logging.ERROR, "", 0, f"{number}", (), None))
    assert len(throttle._seen) <= 1000
