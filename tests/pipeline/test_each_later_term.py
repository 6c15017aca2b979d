"""Each term of the record: once it is true, its query is found by a search, and tells of the paper once."""

import pytest

from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import EventKind
from paperwire.core.query.language import parse

TERMS = [
    ('co:"camera ready"', {"comment": "Camera ready"}, "new comment"),
    ("venue:neurips", {"comment": "Accepted at NeurIPS 2025"}, "now accepted"),
    ('venue:"neurips 2025"', {"journal_ref": "Proceedings of NeurIPS 2025, pp. 1-10"}, "now published"),
    ("venue:any", {"doi": "10.1103/abcd"}, "now published"),
    (
        "org:maps",
        {"hub": HubEntry(organisation="Institute of Maps", organisation_handle="maps")},
        "organisation now named",
    ),
    ("by:ada", {"hub": HubEntry(submitter="Ada", submitter_handle="ada")}, "submitter now named"),
    ("has:code", {"code_url": "https://github.com/a/b"}, "code available"),
    ("has:model", {"hub": HubEntry(models=("a/b",), model_count=1)}, "model available"),
    ("has:dataset", {"hub": HubEntry(datasets=("a/b",), dataset_count=1)}, "dataset available"),
    ("has:demo", {"hub": HubEntry(demos=("a/b",), demo_count=1)}, "demo available"),
    ("has:project", {"hub": HubEntry(project_url="https://maps.example.org/")}, "project page available"),
    ("has:video", {"hub": HubEntry(media=("https://cdn.example.org/1.mp4",))}, "video available"),
]


async def matches_in_search(stages, query):
    async with stages.store.read() as unit:
        return (await unit.search.search(parse(query), limit=10)).total


@pytest.mark.parametrize(("query", "about", "label"), TERMS, ids=[query for query, _, _ in TERMS])
async def test_a_term_that_becomes_true_is_searched_and_told_once(stages, query, about, label):
    await stages.subscribe("1", query)
    await stages.announce("Diffusion")
    await stages.deliver()
    assert (stages.post.arrived["1"], await matches_in_search(stages, query)) == ([], 0)
    stages.clock.advance(hours=1)
    for _ in range(2):
        await stages.announce("Diffusion", kind=EventKind.CHANGED, **about)
        await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert label in "".join(span.text for line in message.items[0].lines for span in line)
    assert (await stages.owed(), await matches_in_search(stages, query)) == (0, 1)
