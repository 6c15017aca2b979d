"""What is said when a source cannot be read; shown in `/status`, in `check` and in the log."""

from __future__ import annotations


def unreachable(host: str, problem: str) -> str:
    """No connection, or one that broke off."""
    return f"{host} cannot be reached ({problem})"


def too_slow(host: str, seconds: float) -> str:
    """The whole answer took too long."""
    return f"{host} did not finish its answer within {seconds:.0f} s"


def refused(host: str, status: int) -> str:
    """A 4xx answer; 403 mostly means that our address or User-Agent is blocked."""
    why = {401: "a sign-in is asked for", 403: "we are blocked there", 404: "there is no such page"}.get(status)
    return f"{host} refuses the request (HTTP {status}{f': {why}' if why else ''})"


def busy(host: str, status: int, after: float) -> str:
    """A 429 or 503 answer."""
    return f"{host} asks us to wait {after:.0f} s (HTTP {status})"


def no_answer(host: str, seconds: float) -> str:
    """Nothing came for too long; the answer may have begun."""
    return f"{host} sent nothing for {seconds:.0f} s"


def still_busy(endpoint: str, after: float) -> str:
    """Not asked, because the endpoint wanted to be left alone until later."""
    return f"{endpoint} asked us to wait; {after:.0f} s are left"


def trouble(host: str, status: int) -> str:
    """A 5xx answer."""
    return f"{host} has trouble of its own (HTTP {status})"


def odd_status(host: str, status: int) -> str:
    """A success that is none."""
    return f"{host} gives an answer without content (HTTP {status})"


def too_large(host: str, limit: int) -> str:
    """A body over the cap, before or after decompression."""
    return f"{host} sends more than {limit / 1_000_000:g} MB"


def broken_gzip(host: str) -> str:
    """A body that cannot be decompressed or ends too early."""
    return f"{host} sends a damaged or cut-off compressed answer"


def wrong_coding(host: str, coding: str) -> str:
    """A Content-Encoding we did not ask for."""
    return f"{host} sends an encoding we did not ask for ({coding[:20]})"


def wrong_type(host: str, kind: str, got: str) -> str:
    """A body of another kind than asked for, an HTML page above all."""
    return f"{host} sends {got} where {kind.upper()} belongs"


def too_many_redirects(host: str) -> str:
    """A chain of redirects without an end."""
    return f"{host} redirects in circles"


def forbidden(problem: str) -> str:
    """An address the guard refuses."""
    return f"this address is not asked: {problem}"


NO_ADDRESS = "it is no web address"
PRIVATE = "it is not on the public internet"


def doctype() -> str:
    """XML with a DOCTYPE."""
    return "the XML has a DOCTYPE, which no honest source sends"


def not_utf8() -> str:
    """No XML, or XML in an encoding that could hide things from us."""
    return "the answer is no XML, or in an encoding that is not based on ASCII"


def bad_xml(problem: str) -> str:
    """XML that is not well-formed."""
    return f"the XML is broken or cut off ({problem})"


def huge_json() -> str:
    """JSON built to exhaust the reader."""
    return "the JSON is longer or has more values than any honest answer"


def huge_xml() -> str:
    """XML or HTML built to exhaust the reader."""
    return "the answer has more elements or attributes than any honest answer"


def unexpected(what: str) -> str:
    """Well-formed, but another document than asked for."""
    return f"the answer is not {what}"


NO_CATEGORIES = 'name at least one category, or "*" for all'


def impolite(least: float) -> str:
    """Asking arXiv faster than its terms of use allow."""
    return f"arXiv's terms of use ask for at least {least:g} s between requests"


def too_often(least: float) -> str:
    """Reading arXiv's feeds over and over; they change once a day."""
    return f"every must be at least {least:g} s for arXiv's own machines"


def no_evening(value: str) -> str:
    """A closure that is no date."""
    return f"{value[:40]!r} is no date: write each New York evening without announcement as YYYY-MM-DD"


def miscounted(section: str, said: int, read: int) -> str:
    """A list of arXiv's that shows another number of papers than its heading says."""
    return f"arXiv's list shows {read} entries under {section}, where it says {said}"


def oai_error(code: str, reason: str) -> str:
    """An error document of OAI-PMH."""
    return f"arXiv's OAI-PMH service refuses the request ({code}: {reason[:200]})"


def api_error(reason: str) -> str:
    """An answer of the search API whose only entry is an error."""
    return f"arXiv's search refuses the request ({reason[:200]})"


def no_feed_address(url: str) -> str:
    """A configured feed address that is none."""
    return f"{url[:100]!r} is not an http or https address"
