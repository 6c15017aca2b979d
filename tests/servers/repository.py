"""A repository on loopback that answers OAI-PMH in Dublin Core, two records at a time."""

from xml.sax.saxutils import escape

from aiohttp import web

from servers.loopback import Loopback

_HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-05T07:00:00Z</responseDate>'
_DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def deposit(number, *, changed, deleted=False, **elements):
    """One record; `elements` are texts, or lists of them, by their names in Dublin Core."""
    own = f"oai:repository.example:{number}"
    status = ' status="deleted"' if deleted else ""
    header = f"<header{status}><identifier>{own}</identifier><datestamp>{changed}T06:00:00Z</datestamp></header>"
    described = {"title": f"Map {number}", "creator": ["Örtel, Ada"], "date": str(changed)} | elements
    pairs = [
        (name, text) for name, texts in described.items() for text in ([texts] if isinstance(texts, str) else texts)
    ]
    content = "".join(f"<dc:{name}>{escape(text)}</dc:{name}>" for name, text in pairs)
    metadata = "" if deleted else f"<metadata><oai_dc:dc {_DC}>{content}</oai_dc:dc></metadata>"
    return str(changed), f"<record>{header}{metadata}</record>"


class RepositoryServer(Loopback):
    """`records` are pairs of a day and a record. `dying` makes that many tokens unknown; `error` answers that code."""

    def __init__(self):
        super().__init__()
        self.records = []
        self.dying = 0
        self.error = ""

    def routes(self):
        return [("/oai", self._answer)]

    async def _answer(self, request):
        return web.Response(text=f"{_HEAD}{self._content(dict(request.query))}</OAI-PMH>", content_type="text/xml")

    def _content(self, query):
        begin, start = query.get("from"), 0
        if token := query.get("resumptionToken"):
            begin, _, start = token.partition("|")
        if self.error:
            return f'<error code="{self.error}">Made-up &amp; refused</error>'
        if token and self.dying:
            self.dying -= 1
            return '<error code="badResumptionToken">It expired</error>'
        chosen = [record for changed, record in self.records if changed >= begin]
        if not chosen:
            return '<error code="noRecordsMatch"/>'
        end = int(start) + 2
        following = f"{begin}|{end}" if end < len(chosen) else ""
        page = "".join(chosen[int(start) : end])
        return f"<ListRecords>{page}<resumptionToken>{following}</resumptionToken></ListRecords>"
