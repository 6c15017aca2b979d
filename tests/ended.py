"""Searches that end before they come to the earliest paper."""

from paperwire.store.search.search import Search


def ends_after(monkeypatch, papers):
    """Let each search end after so many papers of which the index is not sure."""
    search = Search.search

    async def ended(self, query, **more):
        return await search(self, query, **(more | {"most_evaluated": papers}))

    monkeypatch.setattr(Search, "search", ended)


CHAIN = "a-b-c-d-e-f-g-h"
"""A query of which the index is never sure; a paper "abcdefgh" matches it."""
