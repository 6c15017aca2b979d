"""Reads a source as the collector does: every part with its own cursor."""

from paperwire.sources.arxiv import ArxivSource, Options


def make(server, fetcher, clock, categories, rss_url=None, closures=frozenset()):
    return ArxivSource(
        fetcher,
        Options(
            categories=categories,
            api_url=server.api_url,
            rss_url=rss_url or server.rss_url,
            oai_url=server.oai_url,
            list_url=server.list_url,
            closures=tuple(closures),
            min_interval=server.interval,
        ),
        now=clock,
    )


class Reader:
    """Polls all parts of a source and keeps their cursors, as the collector does."""

    def __init__(self, source):
        self.source = source
        self.cursors = {}

    async def poll(self):
        """All pages of one round."""
        pages = []
        for part in self.source.parts():
            async for page in self.source.fetch(part, self.cursors.get(part, "")):
                self.cursors[part] = page.cursor
                pages.append(page)
        return pages


class SecondReader:
    """Reads the second view with the cursor of the last page, and stores what it reads.

    `asked` has how many ids were asked for at a time.
    """

    def __init__(self, source):
        self.source = source
        self.cursor = ""
        self.papers = set()
        self.asked = []

    async def stored(self, ids):
        self.asked.append(len(ids))
        return frozenset(self.papers.intersection(ids))

    async def read(self, pages=1_000, unproven=None):
        """Its next pages, at most so many."""
        read = []
        async for page in self.source.reconcile(self.cursor, unproven=unproven, stored=self.stored):
            self.cursor = page.cursor
            self.papers |= {event.paper.id for event in page.events}
            read.append(page)
            if len(read) == pages:
                break
        return read


def said(pages, *, quiet=False):
    return {
        (event.kind, event.paper.id, event.paper.version)
        for page in pages
        if page.quiet is quiet
        for event in page.events
    }
