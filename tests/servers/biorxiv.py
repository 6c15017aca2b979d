"""The API of bioRxiv and medRxiv on loopback: odd page sizes, numbers as text, odd statuses."""

from aiohttp import web

from servers.loopback import Loopback


def row(doi, title="A made-up preprint", *, day, version="1", server="bioRxiv", **fields):
    """One row of `details` in the service's own shape; everything is text."""
    return {
        "title": title,
        "authors": "Brambleworth, O.; van der Plank, T. J.",
        "doi": doi,
        "date": str(day),
        "version": version,
        "type": "new results",
        "license": "cc_by",
        "category": "cell biology",
        "abstract": "BackgroundThe cell is a O_SCPLOWDC_SCPLOW-house.",
        "published": "NA",
        "server": server,
        **fields,
    }


class BiorxivServer(Loopback):
    """`rows` holds what each server has; an answer carries `page_size` of them (30 for bioRxiv as seen in 2026).

    `false_empty` answers that many times without rows although there are some; `end` is a day to which it answers
    instead of the one that it is asked.
    """

    def __init__(self):
        super().__init__()
        self.rows = {"biorxiv": [], "medrxiv": []}
        self.page_size = {"biorxiv": 30, "medrxiv": 100}
        self.false_empty = 0
        self.end = ""

    def put(self, *rows):
        for one in rows:
            self.rows[one["server"].lower()].append(one)

    def routes(self):
        return [
            (r"/details/{server}/{begin}/{to}/{cursor:\d+}/json", self._details),
            ("/details/{server}/{prefix}/{suffix}/na/json", self._one),
        ]

    async def _details(self, request):
        asked = request.match_info
        server, cursor = asked["server"], int(asked["cursor"])
        rows = [one for one in self.rows[server] if asked["begin"] <= one["date"] <= (self.end or asked["to"])]
        page = rows[cursor : cursor + self.page_size[server]]
        if self.false_empty:
            self.false_empty -= 1
            page = []
        elif not page:
            return web.json_response({"messages": [{"status": "no posts found"}], "collection": []})
        total = str(len(rows)) if server == "biorxiv" else len(rows)
        message = {"status": "ok", "cursor": cursor, "count": len(page), "total": total}
        return web.json_response({"messages": [message], "collection": page})

    async def _one(self, request):
        doi = f"{request.match_info['prefix']}/{request.match_info['suffix']}"
        rows = [one for one in self.rows[request.match_info["server"]] if one["doi"] == doi]
        status = {"status": "ok"} if rows else {"status": "no posts found"}
        return web.json_response({"messages": [status], "collection": rows})
