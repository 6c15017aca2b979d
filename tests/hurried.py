"""Searches that run out of time, before or after they found something."""

from dataclasses import replace

from paperwire.store.search import Search


def without_time(monkeypatch, *, after_finding):
    """Let no search come to its end; with `after_finding` it has found its page by then."""
    search = Search.search

    async def hurried(self, query, **more):
        if after_finding:
            return replace(await search(self, query, **more), at_least=True, complete=False)
        return await search(self, query, **(more | {"budget_ms": 0}))

    monkeypatch.setattr(Search, "search", hurried)
