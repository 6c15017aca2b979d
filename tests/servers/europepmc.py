"""Europe PMC's search on loopback, in the shape of its documented answers; all it has is made up."""

from aiohttp import web

from servers.loopback import Loopback


def result(number, *, indexed, source="MED", **fields):
    """One result of type `core`."""
    return {
        "id": str(number),
        "source": source,
        "pmid": str(number),
        "doi": f"10.5555/Cells.{number}",
        "title": "On made-up <i>cells</i>.",
        "authorString": "Örtel A, Bee B.",
        "authorList": {
            "author": [
                {"fullName": "Örtel A", "firstName": "Ada", "lastName": "Örtel", "initials": "A"},
                {"collectiveName": "The Cell Group"},
            ]
        },
        "journalInfo": {"volume": "6", "issue": "5", "journal": {"title": "Annals of Cells", "issn": "2522-5839"}},
        "pubYear": "2026",
        "pageInfo": "525-535",
        "abstractText": "<h4>Background</h4>Cells are small.",
        "license": "cc by",
        "firstIndexDate": str(indexed),
        "firstPublicationDate": str(indexed),
    } | fields


class EuropePmcServer(Loopback):
    """`results` are all it finds, three to a page; the mark of the last page is that of the page before."""

    def __init__(self):
        super().__init__()
        self.results = []

    def routes(self):
        return [("/search", self._search)]

    async def _search(self, request):
        chosen = [row for row in self.results if _fits(row, request.query["query"])]
        mark = request.query["cursorMark"]
        start = 0 if mark == "*" else int(mark)
        page = chosen[start : start + 3]
        following = str(start + 3) if len(page) == 3 else mark
        answer = {"hitCount": len(chosen), "nextCursorMark": following, "resultList": {"result": page}}
        return web.json_response({"version": "6.9"} | answer)


def _fits(row, query):
    """Whether a result is of the days, or has the id, that a query names."""
    if "(" in query:
        return row["firstIndexDate"] >= query.split("FIRST_IDATE:[")[1][:10]
    return query in {f"EXT_ID:{row['id']} AND SRC:{row['source']}", f'DOI:"{(row["doi"] or "").lower()}"'}
