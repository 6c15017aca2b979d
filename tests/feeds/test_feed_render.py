"""Atom, RSS and JSON Feed: feedgen's defects, one test each, and what readers need."""

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import feedparser
import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from paperwire.core.papers.paper import CODE, WITHDRAWN, Occasion, Paper
from paperwire.core.subscriptions.feeds import FeedEntry, MatchedBy
from paperwire.feeds.entries import TOKEN_HOLE, Feed, Notice
from paperwire.feeds.render import MEDIA_TYPES, render

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
AT = datetime(2026, 1, 5, 1, 2, 3, 456789, tzinfo=UTC)
KINDS = ("atom", "rss", "json")


def paper(number=1, **changes):
    told = {
        "id": f"2601.{number:05d}",
        "number": number,
        "title": "Gliding <b>snakes</b> & friends",
        "abstract": "When x < y & y > z, snakes glide.",
        "authors": ("Ada Łukasiewicz", "K. He"),
        "categories": ("cs.CV", "cs.LG"),
        "code_url": "https://github.com/glide/snakes",
    }
    return Paper(**{**told, **changes})


def feed(*entries, **changes):
    told = {
        "authority": "papers.example.org",
        "minted": date(2025, 12, 1),
        "path": "f/12",
        "title": "Snakes",
        "description": "What met your queries",
        "address": f"https://papers.example.org/f/{TOKEN_HOLE}",
        "home": "https://papers.example.org/",
        "created": datetime(2026, 1, 1, 8, 0, tzinfo=UTC),
        "entries": entries,
    }
    return Feed(**{**told, **changes})


def xml(made, kind="atom"):
    return etree.fromstring(render(made, kind))


def entry(**changes):
    return FeedEntry(**{"paper": paper(), "at": AT, "matched": (MatchedBy("snakes", "snakes"),), **changes})


def items(made, kind):
    if kind == "json":
        return json.loads(render(made, "json"))["items"]
    return xml(made, kind).findall(f"{ATOM}entry" if kind == "atom" else "channel/item")


def ids(made, kind):
    tag = {"atom": f"{ATOM}id", "rss": "guid"}
    return [row["id"] if kind == "json" else row.findtext(tag[kind]) for row in items(made, kind)]


# --- feedgen's defects --------------------------------------------------------------------------------------------


def test_defect_entry_links_keep_rel_type_and_title():
    links = xml(feed(entry())).findall(f"{ATOM}entry/{ATOM}link")
    assert [dict(link.attrib) for link in links] == [
        {"rel": "alternate", "type": "text/html", "href": "https://arxiv.org/abs/2601.00001"},
        {"rel": "related", "type": "application/pdf", "title": "PDF", "href": "https://arxiv.org/pdf/2601.00001"},
        {"rel": "related", "type": "text/html", "title": "Code", "href": "https://github.com/glide/snakes"},
    ]


def test_defect_rss_channel_link_is_not_the_secret_address():
    channel = xml(feed(entry()), "rss").find("channel")
    assert channel.findtext("link") == "https://papers.example.org/"
    own = channel.find(f"{ATOM}link")
    assert own.get("rel") == "self"
    assert own.get("href") == f"https://papers.example.org/f/{TOKEN_HOLE}.rss"


def test_defect_dates_come_from_the_entries_never_from_the_clock():
    first = {kind: render(feed(entry()), kind) for kind in KINDS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: 4_000_000_000.0)
        assert {kind: render(feed(entry()), kind) for kind in KINDS} == first
    root = xml(feed(entry()))
    assert root.findtext(f"{ATOM}updated") == root.findtext(f"{ATOM}entry/{ATOM}updated") == "2026-01-05T01:02:03+00:00"
    assert xml(feed(entry()), "rss").findtext("channel/lastBuildDate") == "Mon, 05 Jan 2026 01:02:03 +0000"


@pytest.mark.parametrize("kind", KINDS)
def test_defect_an_empty_feed_is_dated_by_its_creation(kind):
    dated = {
        "atom": lambda: xml(feed()).findtext(f"{ATOM}updated"),
        "rss": lambda: xml(feed(), "rss").findtext("channel/lastBuildDate"),
        "json": lambda: None,
    }
    assert dated[kind]() == {"atom": "2026-01-01T08:00:00+00:00", "rss": "Thu, 01 Jan 2026 08:00:00 +0000"}.get(kind)
    assert items(feed(), kind) == []


def test_defect_microseconds_and_zones_are_gone():
    east = AT.astimezone(timezone(timedelta(hours=9)))
    assert xml(feed(entry(at=east))).findtext(f"{ATOM}entry/{ATOM}published") == "2026-01-05T01:02:03+00:00"
    assert items(feed(entry(at=east)), "json")[0]["date_published"] == "2026-01-05T01:02:03Z"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\ud800", "\ufffe", "\uffff", "\u202e", "\x7f"])
def test_defect_one_bad_character_does_not_lose_the_feed(kind, bad):
    hostile = paper(
        title=f"a{bad}b",
        abstract=f"c{bad}d",
        authors=(f"e{bad}f",),
        categories=(f"cs.{bad}X",),
        comment=f"g{bad}h",
        id=f"x{bad}y",
        url=f"https://example.org/{bad}",
        source="rss",
    )
    made = feed(
        entry(paper=hostile, matched=(MatchedBy(f"i{bad}j", f"i{bad}j"),)), title=f"t{bad}", description=f"d{bad}"
    )
    assert bad not in render(made, kind).decode("utf-8")
    assert len(items(made, kind)) == 1


def test_defect_atom_content_and_rss_description_are_both_there():
    atom = xml(feed(entry())).find(f"{ATOM}entry")
    assert atom.findtext(f"{ATOM}summary") == "When x < y & y > z, snakes glide."
    assert atom.find(f"{ATOM}content").get("type") == "html"
    assert "<p>When x &lt; y &amp; y &gt; z, snakes glide.</p>" in atom.findtext(f"{ATOM}content")
    rss = xml(feed(entry()), "rss").find("channel/item")
    # Readers take an RSS description for markup.
    assert rss.findtext("description") == "When x &lt; y &amp; y &gt; z, snakes glide."
    assert rss.findtext(f"{CONTENT}encoded") == atom.findtext(f"{ATOM}content")


def test_defect_titles_are_plain_text_without_a_type():
    title = xml(feed(entry())).find(f"{ATOM}entry/{ATOM}title")
    assert (title.text, dict(title.attrib)) == ("Gliding <b>snakes</b> & friends", {})


def test_defect_rss_names_authors_without_mail_addresses():
    item = xml(feed(entry()), "rss").find("channel/item")
    assert [node.text for node in item.findall(f"{DC}creator")] == ["Ada Łukasiewicz", "K. He"]
    assert item.find("author") is None
    assert b"purl.org/dc" not in render(feed(entry()), "atom")


def test_defect_syndication_is_written_in_the_right_case():
    channel = xml(feed(entry()), "rss").find("channel")
    assert (channel.findtext(f"{SY}updatePeriod"), channel.findtext(f"{SY}updateFrequency")) == ("hourly", "1")


@pytest.mark.parametrize("kind", KINDS)
def test_defect_newest_comes_first(kind):
    made = feed(*(entry(paper=paper(n), at=AT + timedelta(minutes=n)) for n in (2, 1, 3)))
    assert [one[-1] for one in ids(made, kind)] == ["3", "2", "1"]


@pytest.mark.parametrize("kind", KINDS)
def test_defect_feedgen_does_not_advertise_itself(kind):
    body = render(feed(entry()), kind)
    assert b"generator" not in body
    assert b"feedgen" not in body


# --- what readers need --------------------------------------------------------------------------------------------


def test_ids_are_the_same_tags_in_all_formats_and_no_permalinks():
    old = paper(2, id="hep-th/9901001")
    doi = paper(3, id="10.1101/2025.01.02.000003", source="biorxiv", url="https://www.biorxiv.org/content/x")
    odd = paper(4, id="Größe 1?#%", source="rss", url="https://example.org/4")
    made = feed(*(entry(paper=one, second=second) for second, one in enumerate((paper(), old, doi, odd))))
    expected = [
        "tag:papers.example.org,2025-12-01:f/12/Gr%C3%B6%C3%9Fe%201%3F%23%25",
        "tag:papers.example.org,2025-12-01:f/12/10.1101/2025.01.02.000003",
        "tag:papers.example.org,2025-12-01:f/12/hep-th/9901001",
        "tag:papers.example.org,2025-12-01:f/12/2601.00001",
    ]
    assert [ids(made, kind) for kind in KINDS] == [expected] * 3
    assert {guid.get("isPermaLink") for guid in xml(made, "rss").iter("guid")} == {"false"}
    assert xml(made).findtext(f"{ATOM}id") == "tag:papers.example.org,2025-12-01:f/12"


@pytest.mark.parametrize("kind", KINDS)
def test_the_token_stands_in_one_place_and_nothing_else_depends_on_it(kind):
    hostile = entry(
        paper=paper(title=TOKEN_HOLE + "t", abstract=TOKEN_HOLE), matched=(MatchedBy(TOKEN_HOLE, TOKEN_HOLE),)
    )
    body = render(feed(hostile, title=f"x{TOKEN_HOLE}"), kind).decode()
    assert body.count(TOKEN_HOLE) == 1
    assert f"https://papers.example.org/f/{TOKEN_HOLE}.{kind}" in body


def test_a_public_feed_keeps_its_query_in_its_address():
    made = feed(
        entry(), address="https://papers.example.org/feeds/search", query="?q=a%20b&order=date", path="search/k"
    )
    assert (
        xml(made).find(f"{ATOM}link").get("href") == "https://papers.example.org/feeds/search.atom?q=a%20b&order=date"
    )
    assert json.loads(render(made, "json"))["feed_url"].endswith("/search.json?q=a%20b&order=date")


def test_a_second_of_its_own_moves_updated_alone_and_the_place_in_a_feed_nothing():
    rows = [entry(paper=paper(n), second=second) for n, second in ((1, -900), (2, -7), (3, -8))]
    for kind, updated, published in (("atom", "updated", "published"), ("json", "date_modified", "date_published")):

        def times(made, kind=kind, names=(updated, published)):
            if kind == "json":
                return {row["id"][-1]: tuple(row[name][:19] for name in names) for row in items(made, kind)}
            return {
                row.findtext(f"{ATOM}id")[-1]: tuple(row.findtext(f"{ATOM}{name}")[:19] for name in names)
                for row in items(made, kind)
            }

        told = times(feed(*rows))
        assert list(told) == ["2", "3", "1"]
        assert told["2"] == ("2026-01-05T01:01:56", "2026-01-05T01:02:03")
        assert times(feed(*rows[:2], entry(paper=paper(9), at=AT + timedelta(hours=1), second=1))).items() >= {
            (name, told[name]) for name in "12"
        }


@pytest.mark.parametrize(("page", "rels"), [(1, ["first", "next", "last"]), (2, ["first", "previous", "next", "last"])])
@pytest.mark.parametrize("query", ["", "?q=a+b"])
def test_a_feed_of_several_pages_links_the_others(page, rels, query):
    made = feed(entry(), address="https://papers.example.org/feeds/search", query=query, page=page, pages=3)

    def address(number, kind):
        asked = [query.removeprefix("?")] * bool(query) + [f"page={number}"] * (number > 1)
        return f"https://papers.example.org/feeds/search.{kind}" + ("?" + "&".join(asked) if asked else "")

    pages = {"self": page, "first": 1, "previous": page - 1, "next": page + 1, "last": 3}
    for kind, parent in (("atom", "."), ("rss", "channel")):
        links = xml(made, kind).findall(f"{parent}/{ATOM}link")
        told = [(link.get("rel"), link.get("href"), link.get("type")) for link in links]
        kept = [one for one in told if one[0] != "alternate"]
        assert kept == [(rel, address(pages[rel], kind), f"application/{kind}+xml") for rel in ["self", *rels]]
    told = json.loads(render(made, "json"))
    assert (told["feed_url"], told["next_url"]) == (address(page, "json"), address(page + 1, "json"))
    assert xml(made, "rss").findtext("channel/link") == "https://papers.example.org/"


def test_the_last_page_has_no_next_and_one_page_no_links():
    last, only = feed(entry(), page=3, pages=3), feed(entry())
    assert "next_url" not in json.loads(render(last, "json"))
    assert {link.get("rel") for link in xml(last).findall(f"{ATOM}link")} == {
        "self",
        "alternate",
        "first",
        "previous",
        "last",
    }
    assert {link.get("rel") for link in xml(only).findall(f"{ATOM}link")} == {"self", "alternate"}


def test_updated_moves_with_what_is_shown_only():
    later = AT + timedelta(days=3)
    rows = [
        entry(paper=paper(1, updated=later, version=2)),
        entry(paper=paper(2), reworded=later),
        entry(paper=paper(3), reworded=AT - timedelta(days=3)),
        entry(paper=paper(4, version=2), occasion=Occasion.version(2), reworded=AT, at=AT + timedelta(days=1)),
    ]
    told = {row["id"].partition("f/12/")[2]: row for row in items(feed(*rows), "json")}
    assert {key[-1] if "/" not in key else key: row["date_modified"][:10] for key, row in told.items()} == {
        "1": "2026-01-05",
        "2": "2026-01-08",
        "3": "2026-01-05",
        "2601.00004/v2": "2026-01-06",
    }
    assert told["2601.00002"]["date_published"] == "2026-01-05T01:02:03Z"


def test_an_occasion_is_an_entry_of_its_own_and_says_why():
    rows = [
        entry(occasion=Occasion.version(2)),
        entry(occasion=Occasion.upvotes(50)),
        entry(occasion=WITHDRAWN),
        entry(occasion=CODE),
        entry(),
    ]
    made = {row["id"].partition("00001")[2]: row["title"] for row in items(feed(*rows), "json")}
    title = "Gliding <b>snakes</b> & friends"
    assert made == {
        "": title,
        "/v2": f"{title} (updated to v2)",
        "/upvotes-50": f"{title} (passed 50 upvotes)",
        "/withdrawn": f"{title} (withdrawn)",
        "/code": f"{title} (code available)",
    }


def test_content_tells_authors_classes_matches_comment_and_links():
    many = paper(authors=tuple(f"Author {n}" for n in range(25)), comment="12 pages", upvotes=3)
    html = items(feed(entry(paper=many)), "json")[0]["content_html"]
    assert "<strong>Authors:</strong> Author 0, Author 1," in html
    assert "Author 19, 5 more</p>" in html
    assert "<p>cs.CV, cs.LG</p>" in html
    assert "<strong>Comment:</strong> 12 pages</p>" in html
    assert '<a href="https://arxiv.org/abs/2601.00001">Read at arxiv.org</a>' in html
    assert "upvote" not in html
    scored = items(feed(entry(paper=many), scores=True), "json")[0]["content_html"]
    assert "<p>cs.CV, cs.LG · 3 upvotes</p>" in scored


def test_a_paper_of_which_nothing_is_known_still_makes_an_entry():
    bare = Paper(id="x", title="", source="rss")
    for kind in KINDS:
        made = feed(entry(paper=bare, matched=()), title="", description="")
        assert len(items(made, kind)) == 1
    assert items(feed(entry(paper=bare, matched=())), "json")[0]["title"] == "(no title)"


def test_addresses_that_are_no_web_addresses_are_left_out():
    evil = paper(id="x", source="rss", url="javascript:alert(1)", code_url='https://a.example/"onmouseover="x')
    for kind in KINDS:
        body = render(feed(entry(paper=evil)), kind)
        assert b"javascript" not in body
        assert b"onmouseover" not in body


def test_a_notice_stands_alone_in_a_retired_feed():
    notice = Notice(name="reset-1", title="This address was reset", text="Ask for <the> new one.", at=AT)
    made = feed(notices=(notice,))
    for kind in KINDS:
        assert ids(made, kind) == ["tag:papers.example.org,2025-12-01:f/12/reset-1"]
    assert xml(made).findtext(f"{ATOM}updated") == "2026-01-05T01:02:03+00:00"
    assert items(made, "json")[0]["content_html"] == "<p>Ask for &lt;the&gt; new one.</p>"


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_real_reader_library_sees_title_link_author_and_date(kind):
    seen = feedparser.parse(render(feed(entry()), kind))
    assert not seen.bozo
    assert seen.feed.link == "https://papers.example.org/"
    one = seen.entries[0]
    assert one.link == "https://arxiv.org/abs/2601.00001"
    assert one.published_parsed[:6] == (2026, 1, 5, 1, 2, 3)
    assert "K. He" in [author.get("name") for author in one.authors]


def test_media_types_carry_the_charset():
    assert set(MEDIA_TYPES) == set(KINDS)
    assert all(text.endswith("; charset=utf-8") for text in MEDIA_TYPES.values())


anything = st.text(st.characters(codec=None), max_size=60)  # surrogates too: sources send them


@given(anything, anything, anything, st.lists(anything, max_size=3), st.sampled_from(KINDS))
def test_any_text_makes_a_well_formed_feed_without_markup_of_its_own(title, abstract, name, matched, kind):
    hostile = paper(
        id=f"q{name}", source="rss", title=title, abstract=abstract, authors=(name,), comment=title, url=abstract
    )
    made = feed(
        entry(paper=hostile, matched=tuple(MatchedBy(name, name) for name in matched)), title=title, description=name
    )
    assert len(items(made, kind)) == 1
    html = items(made, "json")[0]["content_html"]
    kept = nh3.clean(html, tags={"p", "strong", "a"}, attributes={"a": {"href"}}, link_rel=None)
    assert kept.replace("&nbsp;", "\xa0") == html


@pytest.mark.shared
def test_atom_is_valid_by_the_schema_of_rfc_4287(shared_data):
    schema = etree.RelaxNG(etree.parse(shared_data / "specs" / "atom.rng"))
    notice = Notice(name="reset-1", title="Reset", text="Ask for the new one.", at=AT)
    bare = Paper(id="x", title="", source="rss")
    for made in (
        feed(),
        feed(entry(), page=2, pages=4),
        feed(entry(), entry(paper=bare), replace(entry(), occasion=CODE)),
        feed(notices=(notice,)),
    ):
        # A noncharacter is no URI; what readers get has the token there.
        body = render(made, "atom").replace(TOKEN_HOLE.encode(), b"A" * 43)
        schema.assertValid(etree.fromstring(body))
