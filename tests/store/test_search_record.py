"""Search by terms of a paper's record on both databases, against plain evaluation."""

from core.record_examples import READABLE, paper_of
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from store.test_search import DAY, ids, record, search


async def test_each_example_is_searched_as_it_is_evaluated(store):
    records = sorted({record for _, record, _, _ in READABLE})
    papers = [paper_of(text, id=f"2601.{number:05}", announced=DAY) for number, text in enumerate(records)]
    await record(store, *papers)
    for typed in sorted({row[0] for row in READABLE}):
        query = parse(typed)
        expected = {one.id for one in papers if query.matches(Doc.of(one))}
        for order in ("relevance", "date", "score"):
            found = await search(store, typed, order=order, limit=1000)
            assert (typed, set(ids(found)), found.total) == (typed, expected, len(expected))


async def test_what_the_index_alone_cannot_tell_is_evaluated_with_the_record(store):
    records = (
        '{"title": "a", "hub": {"organisation": "ab"}}',
        '{"title": "a", "journal_ref": "Phys. Rev. B 100, 1 (2025)"}',
        '{"title": "a", "doi": "10.1000/x", "comment": "Accepted at ICML 2026"}',
        '{"title": "a", "withdrawn": true, "comment": "Accepted at ICML 2026"}',
    )
    papers = [paper_of(text, id=f"2601.{number:05}", announced=DAY) for number, text in enumerate(records)]
    await record(store, *papers)
    doubtful = '-"ab-x* a-b-c-d-e-f-g-h-i-j"'
    for typed in ("org:ab", "venue:any", "venue:icml", "has:code", "-venue:any"):
        query = parse(f"a {typed} {doubtful}")
        assert ids(await search(store, f"{typed} a {doubtful}", order="date")) == [
            one.id for one in reversed(papers) if query.matches(Doc.of(one))
        ], typed
    assert ids(await search(store, "a org:ab -ab-x*")) == [papers[0].id]


async def test_a_comment_that_comes_later_is_found(store):
    paper = paper_of("{}", title="Lora", announced=DAY)
    await record(store, paper)
    assert ids(await search(store, "co:iclr")) == []
    await record(store, paper_of('{"comment": "ICLR 2026"}', title="Lora", announced=DAY))
    assert ids(await search(store, 'co:"iclr 2026"')) == [paper.id]
    await record(store, paper_of('{"comment": "Withdrawn from ICLR"}', title="Lora", announced=DAY))
    assert ids(await search(store, 'co:"iclr 2026"')) == []
