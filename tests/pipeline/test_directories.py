"""Papers that are not stored are asked of every source that can be asked, until one has them."""

import pytest
from structlog.testing import capture_logs

from paperwire.core.papers.paper import Paper
from paperwire.errors import SourceBusy
from paperwire.pipeline.directories import ONE_BY_ONE, Directories


class Known:
    """A source that knows these papers; `fails` is raised at the first paper of that id."""

    def __init__(self, name, *ids, fails=""):
        self.name, self.ids, self.fails, self.asked = name, ids, fails, []

    async def lookup(self, paper_id):
        self.asked.append(paper_id)
        if paper_id == self.fails:
            raise SourceBusy(f"{self.name} is busy", 60)
        return Paper(id=paper_id, title="A", source=self.name) if paper_id in self.ids else None


class AtOnce(Known):
    """The same, which takes one request for many papers."""

    def slots(self, first, last): ...

    def reconcile(self, cursor): ...

    def read_back(self, since, cursor, *, first_look): ...

    def third_view(self, parts): ...

    def checks(self): ...

    async def lookup_many(self, ids):
        self.asked.append(tuple(ids))
        return {paper_id: Paper(id=paper_id, title="A", source=self.name) for paper_id in ids if paper_id in self.ids}


class Feed:
    """A source that cannot be asked."""

    name = "feed"


async def test_the_first_source_that_has_a_paper_answers():
    first, second, third = Known("a"), Known("b", "x"), Known("c", "x")
    found = await Directories([Feed(), first, second, third]).lookup("x")
    assert found.source == "b"
    assert (first.asked, second.asked, third.asked) == (["x"], ["x"], [])


async def test_nobody_has_it_or_there_is_nobody_to_ask():
    assert await Directories([Known("a")]).lookup("x") is None
    assert await Directories([Feed()]).lookup("x") is None
    assert await Directories(()).lookup_many(["x"]) == {}


async def test_a_source_that_fails_keeps_no_other_from_answering():
    busy, other = Known("a", fails="x"), Known("b", "x")
    with capture_logs() as logs:
        assert (await Directories([busy, other]).lookup("x")).source == "b"
    assert [(line["source"], line["problem"]) for line in logs] == [("a", "a is busy")]


async def test_where_nobody_has_it_the_first_failure_is_said():
    with capture_logs(), pytest.raises(SourceBusy, match="a is busy"):
        await Directories([Known("a", fails="x"), Known("b"), Known("c", fails="x")]).lookup("x")


async def test_many_papers_are_one_request_where_that_is_possible_and_the_rest_go_on():
    many, single = AtOnce("a", "1", "2"), Known("b", "3", "1")
    found = await Directories([many, single]).lookup_many(["1", "2", "3", "4"])
    assert {paper_id: paper.source for paper_id, paper in found.items()} == {"1": "a", "2": "a", "3": "b"}
    assert (many.asked, single.asked) == ([("1", "2", "3", "4")], ["3", "4"])


async def test_one_paper_is_looked_up_with_the_care_that_takes():
    source = AtOnce("a", "1")
    assert (await Directories([source]).lookup("1")).id == "1"
    assert source.asked == ["1"]


async def test_what_was_found_before_a_failure_is_kept():
    found = await Directories([Known("a", "1", "2", fails="2")]).lookup_many(["1", "2"])
    assert list(found) == ["1"]


async def test_a_source_is_not_asked_for_hundreds_of_papers_one_by_one():
    source = Known("a")
    await Directories([source]).lookup_many([str(number) for number in range(200)])
    assert len(source.asked) == ONE_BY_ONE
