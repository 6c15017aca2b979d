"""Crossref's REST API on loopback: lists by ISSN and by updates, cursors that live for one page, single works."""

from aiohttp import web

from servers.loopback import Loopback


def dated(day):
    """A day as Crossref writes it."""
    year, month, number = (int(part) for part in str(day).split("-"))
    return {"date-parts": [[year, month, number]], "date-time": f"{day}T07:00:00Z"}


def work(doi, title="On made-up maps", *, created, issn="2522-5839", **fields):
    """One record in the service's own shape."""
    return {
        "DOI": doi,
        "type": "journal-article",
        "title": [title],
        "abstract": "<jats:title>Abstract</jats:title><jats:p>We map <jats:italic>x</jats:italic>.</jats:p>",
        "author": [{"given": "Ada", "family": "Örtel", "sequence": "first", "affiliation": []}],
        "container-title": ["Annals of Maps"],
        "volume": "6",
        "issue": "5",
        "page": "525-535",
        "published": dated(created),
        "created": dated(created),
        "license": [{"URL": "https://creativecommons.org/licenses/by/4.0"}],
        "relation": {},
        "ISSN": [issn],
    } | fields


def notice(doi, about, kind, *, indexed, on=None, source="publisher", title="Notice"):
    """The record of a notice: what it says of another work, and since when that is in the index."""
    update = {"DOI": about, "type": kind, "label": kind.title(), "source": source, "updated": dated(on or indexed)}
    return work(doi, title, created=indexed, **{"update-to": [update], "indexed": dated(indexed)})


class CrossrefServer(Loopback):
    """`works` are its records; an answer has `page_size` of them at most.

    A cursor stays the same and each question with it reads on, as of a service that scrolls. `dying` makes that many of
    them unknown when they are used; `lost` leaves out that many rows from answers, though they are counted. An
    `endless` one gives the same page again and again.
    """

    def __init__(self, page_size=200):
        super().__init__()
        self.works = []
        self.page_size = page_size
        self.dying = 0
        self.lost = 0
        self.endless = False
        self._lists = {}

    def routes(self):
        return [("/works", self._list), (r"/works/{doi:.+}", self._one)]

    async def _list(self, request):
        asked = dict(request.query)
        cursor = asked["cursor"]
        if cursor == "*":
            cursor = f"c{len(self.requests)}"
            chosen = self._chosen(dict(part.split(":", 1) for part in asked["filter"].split(",")))
            self._lists[cursor] = (len(chosen), chosen)
        elif self.dying or cursor not in self._lists:
            self.dying = max(0, self.dying - 1)
            return web.json_response({"status": "failed", "message-type": "validation-failure"}, status=400)
        total, left = self._lists[cursor]
        rows = min(int(asked["rows"]), self.page_size)
        self._lists[cursor] = (10**6, left) if self.endless else (total, left[rows:])
        page = left[:rows]
        if self.lost and page:
            self.lost -= 1
            page = page[1:]
        fields = asked["select"].split(",")
        items = [{name: record[name] for name in fields if name in record} for record in page]
        message = {
            "total-results": self._lists[cursor][0],
            "items-per-page": rows,
            "next-cursor": cursor,
            "items": items,
        }
        return web.json_response({"status": "ok", "message-type": "work-list", "message": message})

    def _chosen(self, filters):
        chosen = self.works
        if "issn" in filters:
            chosen = [record for record in chosen if filters["issn"] in record["ISSN"]]
        if "is-update" in filters:
            chosen = [record for record in chosen if record.get("update-to")]
        for name, field in (("from-created-date", "created"), ("from-index-date", "indexed")):
            if name in filters:
                chosen = [record for record in chosen if record[field]["date-time"][:10] >= filters[name]]
        return list(chosen)

    async def _one(self, request):
        doi = request.match_info["doi"].lower()
        record = next((record for record in self.works if record["DOI"].lower() == doi), None)
        if record is None:
            return web.Response(text="Resource not found.", status=404)
        return web.json_response({"status": "ok", "message-type": "work", "message": record})
