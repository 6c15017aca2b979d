"""An announcement that arXiv's feeds show category by category reaches a place as one message."""

import pytest
from product import papers_of
from test_product import ADA, World

PARTS = ["cs.CL", "cs.CV", "hep-th", "math.AG"]


@pytest.fixture
def deployment(tmp_path, database, clock):
    deployment = World(tmp_path, database, clock)
    deployment.product.settings |= {
        "sources__arxiv__categories": str(PARTS).replace("'", '"'),
        "sources__arxiv__min_interval": "1.5",  # one look at all of them takes longer than the matcher ever rests
    }
    return deployment


@pytest.mark.slow_on_postgresql
async def test_an_announcement_in_four_feeds_is_one_list(deployment):
    async with deployment.running():
        await deployment.ask(ADA, "/subscribe diffusion")
        papers = []
        for number, primary in enumerate(PARTS * 2):
            papers.append(f"2601.0000{number}")
            # Half of them are shown as cross-lists by the first feed, before another one shows them as new.
            classes = [primary] if number < len(PARTS) else list(dict.fromkeys([primary, PARTS[0]]))
            deployment.arxiv.archive.add(papers[-1], "2026-01-06", classes, title=f"Diffusion, number {number}")
        deployment.day("2026-01-06")
        await deployment.telegram.until(lambda: set(papers) <= set(deployment.got(ADA)))
        (message,) = [one for one in deployment.telegram.messages(ADA) if papers[0] in papers_of(one)]
        assert sorted(papers_of(message)) == papers
        assert "cross-listed" not in message.text
        assert "new" in message.text
    assert not deployment.arxiv.violations
