"""Hugging Face's Daily Papers on loopback: lists by date, paging, a budget of requests."""

import asyncio
from datetime import date

from aiohttp import web

from servers.loopback import Loopback

BUDGET = 500  # requests of one anonymous address in a fixed window of 5 minutes


def entry(paper_id, title="A made-up paper", *, upvotes=3, day=None, **inner):
    """One list entry in the shape of 2026, with the service's own oddities: newlines and a mislabelled outer time."""
    paper = {
        "id": paper_id,
        "authors": [
            {"_id": "1", "name": "Ada Örtel", "hidden": False},
            {"_id": "2", "name": "No Body", "hidden": True},
        ],
        "publishedAt": "2026-01-04T18:00:00.000Z",
        "title": title.replace(" ", "\n", 1),
        "summary": "We invent\na paper.",
        "upvotes": upvotes,
        **({"submittedOnDailyAt": f"{day}T00:00:00.000Z"} if day else {}),
        **inner,
    }
    return {"paper": paper, "publishedAt": "2026-01-04T13:00:00.000Z", "title": title, "summary": "", "numComments": 1}


class HuggingFaceServer(Loopback):
    """`lists` holds the entries of each day; a date after `today` is refused, a page beyond the end is empty.

    `budget` is what is left of the window; at 0 every request is a 429 with the service's own headers. `pages` adds
    fields to the pages of papers, by id. While `slow` is an event, these are answered once it is set.
    """

    def __init__(self, today):
        super().__init__()
        self.today = today
        self.lists = {}
        self.budget = BUDGET
        self.pages = {}
        self.slow = None
        self.waiting = asyncio.Event()

    @property
    def api(self):
        return f"{self.url}/api/daily_papers"

    def put(self, day, *entries):
        self.lists.setdefault(date.fromisoformat(str(day)), []).extend(entries)

    def asked(self):
        """The days asked for since the last call of this, in order."""
        days = [query["date"] for path, query in self.requests if path == "/api/daily_papers"]
        self.requests.clear()
        return days

    def described(self):
        """The papers asked for since the last call of this, in order."""
        ids = [path.rpartition("/")[2] for path, _ in self.requests if path.startswith("/api/papers/")]
        self.requests.clear()
        return ids

    def routes(self):
        return [("/api/daily_papers", self._list), ("/api/papers/{id}", self._paper)]

    def _headers(self):
        return {
            "RateLimit": f'"api";r={max(self.budget, 0)};t=120',
            "RateLimit-Policy": f'"fixed window";"api";q={BUDGET};w=300',
        }

    def _spent(self):
        self.budget -= 1
        return self.budget < 0

    async def _list(self, request):
        if self._spent():
            return web.json_response({"error": "rate limit"}, status=429, headers=self._headers())
        try:
            day = date.fromisoformat(request.query.get("date", str(self.today)))
            limit, page = int(request.query.get("limit", "50")), int(request.query.get("p", "0"))
        except ValueError:
            return web.json_response({"error": "Invalid"}, status=400)
        if day > self.today or not 1 <= limit <= 100:
            return web.json_response({"error": "Invalid"}, status=400)
        rows = self.lists.get(day, [])[page * limit : (page + 1) * limit]
        return web.json_response(rows, headers=self._headers())

    async def _paper(self, request):
        if self.slow is not None:
            self.waiting.set()
            await self.slow.wait()
        if self._spent():
            return web.json_response({"error": "rate limit"}, status=429, headers=self._headers())
        for rows in self.lists.values():
            for row in rows:
                if row["paper"]["id"] == request.match_info["id"]:
                    page = row["paper"] | self.pages.get(row["paper"]["id"], {})
                    return web.json_response(page, headers=self._headers())
        return web.json_response({"error": "Paper not found"}, status=404)
