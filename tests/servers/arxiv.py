"""arXiv's feeds, lists, OAI-PMH and search API on loopback, from one archive, with its limits, delays and moods."""

import asyncio
import contextlib
import gzip
import hashlib
import re
from datetime import UTC, date, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, quote, unquote

from aiohttp import web

from paperwire.core.papers.categories import CATEGORIES
from servers import arxiv_pages as pages
from servers.arxiv_archive import NEW_YORK, Archive, in_order
from servers.loopback import Loopback

ITEMS = 2_000  # a feed ends there
GONE = set()
"""Categories that arXiv gave up."""
KNOWN = re.compile(r"(?:[a-z-]+)(?:\.[A-Za-z-]+)?$")
ARCHIVES = {
    *("astro-ph", "cond-mat", "cs", "econ", "eess", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math"),
    *("math-ph", "nlin", "nucl-ex", "nucl-th", "physics", "q-bio", "q-fin", "quant-ph", "stat"),
}
PAPER_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(v\d+)?$")


def _is_known(name):
    return KNOWN.match(name) and name.split(".")[0] in ARCHIVES and name not in GONE


class ArxivServer(Loopback):
    """One archive for `rss_url`, `atom_url`, `list_url`, `oai_url` and `api_url`; the time is `now()`'s.

    The feed of a New York day has that day's batch from midnight on and is empty on days without one. A list has the
    latest batch from 20:00 of the evening before on, OAI-PMH from 22:30 on. It has no calendar: what the archive
    has for a holiday or a weekend is announced like any other (an unexpected day).

    `violations` lists every breach of arXiv's manners: requests less than `interval` seconds of `now()` after the last
    answer (lists five times as long after each other), two at once, a request before a Retry-After of its service was
    over (`/rss`, `/oai`, `/api`, `/list`), no honest User-Agent.

    What lasts until the test ends it:
    `stale[NAME] = DAY`: the feed of that category still shows the batch of that day.
    `oai_late[DAY] = HOURS`: OAI-PMH lacks what was announced on that day for so many hours longer; its datestamps stay.
    `oai_empty = True`: OAI-PMH answers noRecordsMatch to everything.
    `down[PREFIX] = UNTIL`: 503 for paths that begin so (`/oai`, `/rss`, `/list`, `/api`) until that instant.
    `first_byte[PREFIX] = SECONDS`: their answers begin so late; `wait` is how it waits (asyncio.sleep).
    `api_lacks`: ids that the search API does not know.
    `miscounted`: categories whose list shows an entry less than it says.

    Faults (`faults`, one for each request in order, or `mood`, asked for each request): the ones of `Loopback`, and
    `retry-date` (503 with an HTTP date), `empty` (valid, but nothing in it), `slow`, `bomb` (gzip of 200 MB),
    `doctype`, `error` (the API's error entry with status 200), `shut` (403).
    """

    def __init__(self, now, archive=None, *, interval=0.0, page=2_500, ids_page=20_000):
        super().__init__()
        self.now = now
        self.archive = archive or Archive()
        self.interval = interval
        self.page = page
        self.ids_page = ids_page
        self.stale = {}
        self.oai_late = {}
        self.oai_empty = False
        self.down = {}
        self.first_byte = {}
        self.wait = asyncio.sleep
        self.api_lacks = set()
        self.miscounted = set()
        self.delay = 0.0
        self.old_writer = False
        self.mood = lambda _path: None
        self.violations = []
        self.conditional = 0
        self._last = self._last_list = float("-inf")
        self._open = 0
        self._closed_until = {}
        self._tokens = {}
        self._empty = False

    rss_url = property(lambda self: f"{self.url}/rss")
    atom_url = property(lambda self: f"{self.url}/atom")
    list_url = property(lambda self: f"{self.url}/list")
    oai_url = property(lambda self: f"{self.url}/oai")
    api_url = property(lambda self: f"{self.url}/api/query")

    def routes(self):
        return [
            ("/rss/{classes}", self._feed),
            ("/atom/{classes}", self._feed),
            ("/list/{name}/new", self._list),
            ("/oai", self._oai),
            ("/api/query", self._api),
        ]

    @web.middleware
    async def _spoil(self, request, handler):
        self.requests.append((request.path, dict(request.query)))
        self.agents.add(request.headers.get("User-Agent"))
        self._watch(request)
        self._open += 1
        try:
            for prefix, seconds in self.first_byte.items():
                if request.path.startswith(prefix):
                    await self.wait(seconds)
            if any(request.path.startswith(prefix) and self.now() < until for prefix, until in self.down.items()):
                return self._refuse(request, 503, dated=False)
            fault = self.faults.popleft() if self.faults else self.mood(request.path)
            return await self._answer(request, handler, fault)
        finally:
            self._open -= 1
            self._last = self.now().timestamp()
            if request.path.startswith("/list/"):
                self._last_list = self._last

    def _watch(self, request):
        at = self.now().timestamp()
        if at - self._last < self.interval:
            self.violations.append(f"{request.path}: {at - self._last:.3f} s after the last request")
        if request.path.startswith("/list/") and at - self._last_list < 5 * self.interval:
            self.violations.append(f"{request.path}: {at - self._last_list:.3f} s after the last list")
        if self._open:
            self.violations.append(f"{request.path}: {self._open} more at the same time")
        if self.now() < self._closed_until.get(_service(request), self.now()):
            self.violations.append(f"{request.path}: asked before Retry-After was over")
        if not request.headers.get("User-Agent", "").startswith("Paperwire/"):
            self.violations.append(f"{request.path}: User-Agent {request.headers.get('User-Agent')}")

    async def _answer(self, request, handler, fault):
        if fault == "shut":
            return web.Response(status=403, text="Forbidden")
        if isinstance(fault, int) or fault == "retry-date":
            return self._refuse(request, 503 if fault == "retry-date" else fault, dated=fault == "retry-date")
        if fault == "reset":
            request.transport.abort()
        if fault == "slow":
            await asyncio.sleep(self.delay)
        if fault in {"html", "doctype", "bomb", "error"}:
            return self._impostor(fault)
        self._empty = fault == "empty"  # read at once by the handler
        answer = await handler(request)
        return await self._cut(request, answer) if fault == "cut" and answer.body else answer

    def _refuse(self, request, status, *, dated):
        headers = {}
        if dated or (self.retry_after is not None and status in {429, 503}):
            until = self.now() + timedelta(seconds=self.retry_after or 60)
            self._closed_until[_service(request)] = until.replace(microsecond=0)
            headers["Retry-After"] = format_datetime(until, usegmt=True) if dated else str(self.retry_after)
        return web.Response(status=status, text="made-up trouble", headers=headers)

    def _impostor(self, fault):
        if fault == "html":
            return web.Response(text="<!DOCTYPE html><html><title>Sorry</title></html>", content_type="text/html")
        if fault == "doctype":
            laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>'
            return web.Response(text=laughs, content_type="application/xml")
        if fault == "error":
            return _xml(pages.api_error("something is wrong with arXiv", self.now()))
        return web.Response(body=bomb(), headers={"Content-Encoding": "gzip", "Content-Type": "application/xml"})

    # --- announcement feeds ---------------------------------------------------------------------------------------

    async def _feed(self, request):
        asked = request.match_info["classes"].replace(" ", "+").split("+")
        rendered = self.now().replace(minute=0, second=11, microsecond=0)
        if unknown := [name for name in asked if not _is_known(name)]:
            return _xml(pages.rss(unknown, [], rendered), status=400)
        kept = [] if self._empty else self._batch(asked)[:ITEMS]
        write = pages.atom if request.path.startswith("/atom") else pages.rss
        return self._conditional(request, write(asked, kept, rendered), rendered)

    def _batch(self, asked):
        """Today's batch, except for stale classes, which still show the one of an earlier day."""
        today = self.now().astimezone(NEW_YORK).date()
        rows = {}
        for day in sorted({today, *(self.stale[name] for name in asked if name in self.stale)}):
            inside = [name for name in asked if self.stale.get(name, today) == day]
            rows |= {(row[0].id, row[1]): row for row in self.archive.batch(day, inside, asked)}
        return in_order(rows.values())

    def _conditional(self, request, body, rendered):
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {
            "ETag": etag,
            "Last-Modified": format_datetime(rendered.astimezone(UTC), usegmt=True),
            "Cache-Control": "max-age=40000",
        }
        if request.headers.get("If-None-Match") == etag:
            self.conditional += 1
            return web.Response(status=304, headers=headers)
        return _xml(body, headers=headers, zipped="gzip" in request.headers.get("Accept-Encoding", ""))

    # --- lists ------------------------------------------------------------------------------------------------------

    async def _list(self, request):
        """`/list/CATEGORY/new`: the latest batch of a category, which may be an older one than the feed's."""
        name = request.match_info["name"]
        if name not in CATEGORIES:
            return web.Response(status=400, text="Bad Request")
        day, rows = self._latest(name)
        shown = int(request.query.get("show", 2_000))
        body = pages.listing(name, day, [] if self._empty else rows, shown, miscounted=name in self.miscounted)
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    def _latest(self, name):
        """The day and the rows of the last batch that was announced by now, in the order of the page."""
        local = self.now().astimezone(NEW_YORK)
        last = local.date() + timedelta(days=local.hour >= 20)
        for day in (last - timedelta(days=number) for number in range(14)):
            if rows := self.archive.batch(day, [name]):
                return day, rows[::-1]
        return last, []

    # --- OAI-PMH ----------------------------------------------------------------------------------------------------

    async def _oai(self, request):
        asked = dict(request.query)
        problem = self._problem(asked)
        if problem:
            return _xml(pages.oai_error(*problem, self.now()))
        token = asked.get("resumptionToken")
        if token:
            # The token is percent-encoded text; HTTP has taken off the second layer.
            asked = {name: values[0] for name, values in parse_qs(unquote(token)).items()}
        if asked["verb"] == "GetRecord":
            return self._record(asked)
        since, skip = date.fromisoformat(asked.get("from", "2005-09-16")), int(asked.get("skip", 0))
        rows = [] if self._empty or self.oai_empty else self._changed(since, asked.get("set", ""))
        rows = [row for row in rows if str(row[0]) <= asked.get("until", "9")]
        if not rows:
            return _xml(pages.oai_error("noRecordsMatch", "The combination results in an empty list.", self.now()))
        verb, size = asked["verb"], self.ids_page if asked["verb"] == "ListIdentifiers" else self.page
        content = "".join(self._written(asked, stamp, entry) for stamp, entry in rows[skip : skip + size])
        return _xml(pages.oai(f"<{verb}>{content}{self._token(asked, rows, skip, size)}</{verb}>", self.now()))

    def _written(self, asked, stamp, entry):
        if asked["verb"] == "ListIdentifiers":
            return pages.header(entry, stamp)
        return pages.record(entry, stamp, asked["metadataPrefix"], self.now())

    def _record(self, asked):
        """One record by its identifier, if OAI-PMH has it by now."""
        entry = self.archive.entries.get(asked.get("identifier", "").removeprefix("oai:arXiv.org:"))
        stamp = entry and self._stamp(entry)
        if not stamp or self.oai_empty:
            return _xml(pages.oai_error("idDoesNotExist", "The identifier is unknown in this repository.", self.now()))
        return _xml(pages.oai(f"<GetRecord>{self._written(asked, stamp, entry)}</GetRecord>", self.now()))

    def _stamp(self, entry):
        return entry.stamp(self.now(), self.oai_late)

    def _changed(self, since, wanted):
        name = wanted.split(":")
        spec = ".".join(name[1:]) if len(name) > 2 else name[-1]
        rows = [(self._stamp(entry), entry) for entry in self.archive.entries.values()]
        rows = [row for row in rows if row[0] and row[0] >= since]
        if wanted:
            rows = [row for row in rows if any(one == spec or one.startswith(f"{spec}.") for one in row[1].categories)]
        return sorted(rows, key=lambda row: (row[0], row[1].id))

    def _token(self, asked, rows, skip, size):
        """Where the next page begins: the datestamp there, and how many of that day have been sent."""
        end = skip + size
        if end >= len(rows):
            return "<resumptionToken/>"
        day = rows[end][0]
        passed = sum(stamp == day for stamp, _ in rows[:end])
        chosen = f"&set={asked['set']}" if asked.get("set") else ""
        chosen += f"&until={asked['until']}" if asked.get("until") else ""
        text = f"verb={asked['verb']}&metadataPrefix={asked['metadataPrefix']}&from={day}{chosen}&skip={passed}"
        token = quote(text, safe="")
        self._tokens[token] = self.now().date()
        expiry = f"{self.now().date() + timedelta(days=1)}T00:00:00Z"
        return f"<resumptionToken expirationDate='{expiry}'>{token}</resumptionToken>"

    def _problem(self, asked):
        if asked.get("verb") not in {"ListRecords", "ListIdentifiers", "GetRecord"}:
            return "badVerb", "Invalid verb provided"
        if token := asked.get("resumptionToken"):
            if set(asked) != {"verb", "resumptionToken"}:
                return "badArgument", "resumptionToken is exclusive"
            return (
                None if self._tokens.get(token) == self.now().date() else ("badResumptionToken", "invalid or expired")
            )
        if asked.get("metadataPrefix") not in {"arXiv", "arXivRaw"}:
            return "cannotDisseminateFormat", "Did not recognize requested format"
        with contextlib.suppress(ValueError):
            if date.fromisoformat(asked.get("until", "2005-09-16")) <= self.now().date():
                date.fromisoformat(asked.get("from", "2005-09-16"))
                return None
        return "badArgument", "date too late or not a date"

    # --- search API -------------------------------------------------------------------------------------------------

    async def _api(self, request):
        ids = [one for one in request.query.get("id_list", "").split(",") if one]
        if wrong := [one for one in ids if not PAPER_ID.match(one)]:
            return _xml(pages.api_error(f"incorrect id format for {wrong[0]}", self.now()), status=400)
        names = [PAPER_ID.match(one)[1] for one in ids if not self._empty]
        found = [self.archive.entries.get(name) for name in names if name not in self.api_lacks]
        papers = [(entry, known) for entry in found if entry and (known := entry.at(self.now()))]
        limit = int(request.query.get("max_results", 10))
        return _xml(pages.api(papers[:limit], self.now(), old=self.old_writer))


def _xml(body, *, zipped=False, status=200, headers=None):
    coding = {"Content-Encoding": "gzip"} if zipped else {}
    headers = {"Content-Type": "application/xml; charset=utf-8", **coding, **(headers or {})}
    return web.Response(body=gzip.compress(body, 1) if zipped else body, status=status, headers=headers)


def bomb(size=200_000_000):
    """A small gzip file, of many members, that unpacks to `size` bytes."""
    return gzip.compress(b"<rss>") + gzip.compress(b" " * 1_000_000, 9) * (size // 1_000_000)


def _service(request):
    """What a path begins with: each service is a machine of its own at arXiv."""
    return request.path.split("/")[1]
