"""What an entry of Hugging Face says of a paper, in each of its shapes, garbled ones too."""

import gzip
import json

import pytest

from paperwire.core.papers.hub import NOT_LISTED, HubEntry
from paperwire.sources.huggingface.entry import entries_of, paper_of
from servers.huggingface import entry

ADA = {"_id": "1", "avatarUrl": "", "isPro": False, "fullname": "Ada Örtel", "user": "ada", "type": "user"}
MAPS = {"_id": "2", "name": "map-folders", "fullname": "Institute  of\nMaps", "avatar": ""}
CDN = "https://cdn.example.org"


def full_entry(**changes):
    inner = {
        "submittedOnDailyBy": ADA,
        "organization": MAPS,
        "projectPage": "https://maps.example.org/",
        "ai_keywords": ["map folding", "paper", "map folding", " "],
    }
    row = entry("2601.00001", **inner | {name: value for name, value in changes.items() if name in inner})
    outer = {
        "thumbnail": f"{CDN}/2601.00001.png",
        "numComments": 4,
        "organization": MAPS,
        "mediaUrls": [f"{CDN}/a.mp4", f"{CDN}/b.png"],
    }
    return row | outer | {name: value for name, value in changes.items() if name not in inner}


FULL = HubEntry(
    organisation="Institute of Maps",
    organisation_handle="map-folders",
    submitter="Ada Örtel",
    submitter_handle="ada",
    project_url="https://maps.example.org/",
    keywords=("map folding", "paper"),
    media=(f"{CDN}/a.mp4", f"{CDN}/b.png"),
    thumbnail=f"{CDN}/2601.00001.png",
    comment_count=4,
)


def hub_of(row):
    return paper_of(row, None).hub


def page_of(**fields):
    """What the page of a paper says."""
    return hub_of({"paper": entry("2601.00001")["paper"] | fields})


def test_an_entry_of_2026():
    assert hub_of(full_entry()) == FULL


def test_what_stands_in_one_part_alone_is_read_there():
    row = full_entry(submittedOnDailyBy=None, organization={}, mediaUrls=None)
    row |= {
        "submittedBy": {"fullname": "", "name": "bo"},
        "organization": {"name": "folds"},
        "mediaUrl": f"{CDN}/c.gif",
    }
    hub = hub_of(row)
    assert (hub.submitter, hub.submitter_handle) == ("bo", "bo")
    assert (hub.organisation, hub.organisation_handle) == ("folds", "folds")
    assert hub.media == (f"{CDN}/c.gif",)


def test_an_entry_without_any_of_it_says_nothing():
    row = entry("2601.00001")
    assert hub_of(row) == HubEntry(comment_count=1)
    assert hub_of({"paper": row["paper"]}) == NOT_LISTED


def test_the_page_of_a_paper_names_what_links_it():
    hub = page_of(
        linkedModels=[{"id": "ada/map-7b", "downloads": 3}, {"id": "ada/map-7b"}, {"id": "bert-of-maps"}],
        numTotalModels=31,
        linkedDatasets=[],
        numTotalDatasets=0,
        linkedSpaces=[{"id": "ada/fold-it"}],
    )
    assert (hub.models, hub.model_count) == (("ada/map-7b", "bert-of-maps"), 31)
    assert (hub.datasets, hub.dataset_count) == ((), 0)
    assert (hub.demos, hub.demo_count) == (("ada/fold-it",), 1)


@pytest.mark.parametrize("odd", [None, 7, True, "", "text", [], {}, [None, 7, {}, [[]]], {"id": 5}], ids=repr)
@pytest.mark.parametrize(
    "field",
    [
        "submittedOnDailyBy",
        "organization",
        "projectPage",
        "ai_keywords",
        "mediaUrls",
        "linkedModels",
        "linkedDatasets",
        "linkedSpaces",
    ],
)
def test_a_field_of_another_type_says_nothing(field, odd):
    expected = NOT_LISTED
    if field.startswith("linked") and isinstance(odd, list):
        name = {"linkedModels": "model_count", "linkedDatasets": "dataset_count", "linkedSpaces": "demo_count"}[field]
        expected = HubEntry(**{name: 0})
    assert page_of(**{field: odd}) == expected


@pytest.mark.parametrize("count", [None, "4", 4.0, True, -1, 2**31], ids=repr)
def test_what_is_no_count_is_none(count):
    assert hub_of(full_entry(numComments=count)).comment_count is None
    linked = page_of(linkedModels=[{"id": "a/b"}], numTotalModels=count)
    assert (linked.models, linked.model_count) == (("a/b",), 1)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//maps.example.org",
        "ftp://maps.example.org",
        "https://ada:secret@maps.example.org/",
        "https://maps.example.org/a b",
        "https://maps.example.org/\u202egnp.exe",
        "https://maps.example.org/\x00",
        'https://maps.example.org/"onload=alert(1)',
        "https://maps.example.org/" + "a" * 500,
    ],
)
def test_what_is_no_web_address_is_left_out(address):
    row = full_entry(projectPage=address, thumbnail=address, mediaUrls=[address, f"{CDN}/b.png"])
    hub = hub_of(row)
    assert (hub.project_url, hub.thumbnail, hub.media) == ("", "", (f"{CDN}/b.png",))


@pytest.mark.parametrize(
    "name", ["../etc", "a/b/c", "a//b", "/a", "a/", "a b", "а/b", "a/b?x", "<b>", "x" * 101, "\x00"]
)
def test_what_is_no_name_of_a_repository_is_left_out(name):
    assert page_of(linkedModels=[{"id": name}, {"id": "ada/map"}], numTotalModels=2).models == ("ada/map",)
    if "/" not in name.strip("/") or name == "/a":
        assert page_of(organization={"name": name, "fullname": "Maps"}).organisation_handle == ""


def test_texts_are_one_visible_line_of_sane_length():
    hub = page_of(
        organization={"name": "maps", "fullname": "In\u202estitute\x00\x07 of\n\tMaps " + "x" * 9999},
        submittedOnDailyBy={"user": "ada", "fullname": "\ud800A\u200bda"},
        ai_keywords=["fold\u2066ing", "y" * 9999, *(f"word {number}" for number in range(100_000))],
    )
    assert hub.organisation.startswith("Institute of Maps x")
    assert len(hub.organisation) == 120
    assert hub.submitter == "Ada"
    assert (hub.keywords[0], len(hub.keywords[1]), len(hub.keywords)) == ("folding", 100, 40)


def test_huge_lists_are_cut_and_counted():
    hub = page_of(
        mediaUrls=[f"{CDN}/{number}.png" for number in range(10_000)],
        linkedModels=[{"id": f"ada/map-{number}"} for number in range(10_000)],
        numTotalModels=12,
    )
    assert (len(hub.media), len(hub.models), hub.model_count) == (20, 10, 10_000)


@pytest.mark.shared
def test_what_recorded_entries_say(shared_data):
    folder = shared_data / "hf_daily"
    rows = [
        row
        for name in ("2026-08-20", "2026-08-21")
        for row in json.loads((folder / f"samples/{name}.json").read_text())
    ]
    hubs = [hub_of(row) for row in rows]
    assert all(hub.submitter and hub.submitter_handle and hub.thumbnail for hub in hubs)
    counts = [sum(bool(value) for value in values) for values in zip(*map(_told, hubs), strict=True)]
    assert counts == [26, 15, 31, 9]  # of 32
    assert all(hub.models == () and hub.model_count is None for hub in hubs)
    assert hub_of(rows[15]).organisation == "Google"


def _told(hub):
    return hub.organisation, hub.project_url, hub.keywords, hub.media


@pytest.mark.shared
def test_of_all_recorded_entries_few_say_what_is_not_kept(shared_data):
    lost = []
    with gzip.open(shared_data / "hf_daily" / "hf_daily_papers.jsonl.gz") as lines:
        for line in lines:
            ((row,), _) = entries_of(b"[" + line + b"]")
            hub, inner = hub_of(row), row["paper"]
            organisation = inner.get("organization") or row.get("organization")
            media = row.get("mediaUrls") or inner.get("mediaUrls") or ([row["mediaUrl"]] if row.get("mediaUrl") else [])
            lost += [inner.get("projectPage")] * (bool(inner.get("projectPage")) and not hub.project_url)
            assert bool(organisation) == bool(hub.organisation) == bool(hub.organisation_handle)
            assert len({keyword.strip() for keyword in inner.get("ai_keywords") or () if keyword.strip()}) == len(
                hub.keywords
            )
            assert len(set(media)) == len(hub.media)
            assert hub.comment_count == row["numComments"]
            assert bool(row.get("thumbnail")) == bool(hub.thumbnail)
    assert lost == []
