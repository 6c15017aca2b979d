"""What Hugging Face says of a paper, and what becomes of it when it says something else."""

from dataclasses import fields

import pytest

from paperwire.core.papers.hub import NOT_LISTED, HubEntry
from paperwire.core.papers.identity import merge
from paperwire.core.papers.paper import Paper

FULL = HubEntry(
    organisation="Institute of Maps",
    organisation_handle="maps",
    submitter="Ada Örtel",
    submitter_handle="ada",
    project_url="https://maps.example.org/",
    keywords=("map folding", "paper"),
    media=("https://cdn.example.org/1.mp4",),
    thumbnail="https://cdn.example.org/2601.00001.png",
    comment_count=0,
    models=("maps/folder-7b",),
    datasets=("maps/folds", "maps/creases"),
    demos=("ada/fold-it",),
    model_count=1,
    dataset_count=2,
    demo_count=1,
)


def test_the_full_entry_of_these_tests_has_every_field():
    assert [field.name for field in fields(HubEntry) if getattr(FULL, field.name) == field.default] == []


@pytest.mark.parametrize("entry", [FULL, NOT_LISTED, HubEntry(demo_count=0)], ids=["full", "none", "zero"])
def test_an_entry_is_read_as_it_was_written(entry):
    assert HubEntry.read(entry.values()) == entry


def test_what_says_nothing_is_not_written():
    assert NOT_LISTED.values() == {}
    assert HubEntry(comment_count=0, keywords=("map",)).values() == {"comment_count": 0, "keywords": ["map"]}


def test_a_later_answer_that_says_less_takes_nothing_away():
    assert FULL.updated(NOT_LISTED) is FULL
    assert NOT_LISTED.updated(FULL) == FULL


@pytest.mark.parametrize(
    ("later", "changes"),
    [
        (HubEntry(comment_count=3), {"comment_count": 3}),
        (HubEntry(keywords=("fold",)), {"keywords": ("fold",)}),
        (HubEntry(organisation="Folders"), {"organisation": "Folders", "organisation_handle": ""}),
        (HubEntry(submitter_handle="bo"), {"submitter": "", "submitter_handle": "bo"}),
        (HubEntry(model_count=0), {"models": (), "model_count": 0}),
        (HubEntry(datasets=("a/b",), dataset_count=9), {"datasets": ("a/b",), "dataset_count": 9}),
    ],
    ids=["count", "keywords", "organisation", "submitter", "no model left", "datasets"],
)
def test_a_later_answer_changes_what_it_mentions(later, changes):
    updated = FULL.updated(later)
    for field in fields(HubEntry):
        assert getattr(updated, field.name) == changes.get(field.name, getattr(FULL, field.name))


def test_the_better_source_names_the_report_and_hugging_face_alone_its_entry():
    stored = Paper(id="2601.00001", title="Maps", report_number="MAP-1", hub=HubEntry(submitter="Ada"))
    listed = Paper(id="2601.00001", title="Maps", source="huggingface", hub=HubEntry(comment_count=2))
    assert merge(stored, listed).hub == merge(listed, stored).hub == HubEntry(submitter="Ada", comment_count=2)
    assert merge(listed, stored).report_number == merge(stored, listed).report_number == "MAP-1"
    renamed = Paper(id="2601.00001", title="Maps", report_number="MAP-2")
    assert merge(stored, renamed).report_number == "MAP-2"
