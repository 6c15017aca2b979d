"""Cards, list entries, headings and buttons for papers."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.messages import card as cards
from paperwire.core.messages import digests
from paperwire.core.messages.card import (
    PaperNews,
    author_line,
    brief,
    card,
    card_buttons,
    compact,
    compact_buttons,
    list_buttons,
    why_news,
)
from paperwire.core.messages.digests import heading
from paperwire.core.messages.message import Span
from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import ACCEPTED, ARRIVAL, CODE, PUBLISHED, WITHDRAWN, Occasion, Paper
from paperwire.texts import ENGLISH

PAPER = Paper(
    id="2510.00001",
    number=2**40,
    title=r"Low-rank \emph{adapters}",
    abstract="We adapt.",
    authors=("Ann Lee", "Bo Chen", "Cy Day"),
    categories=("cs.CL", "cs.LG"),
    upvotes=57,
)


def text_of(lines):
    return ["".join(span.text for span in line) for line in lines]


def test_a_card_says_what_who_where_and_why():
    item = card(PAPER, ENGLISH, PaperNews(label="cross", matched=("adapter", "low-rank"), names=("My topic",)))
    assert item.title == "Low-rank adapters"
    assert item.url == "https://arxiv.org/abs/2510.00001"
    assert item.abstract == "We adapt."
    assert text_of(item.lines) == [
        "Ann Lee, Bo Chen, Cy Day",
        "cs.CL cs.LG · cross-listed · 57 upvotes",
        "Matched adapter, low-rank for My topic",
    ]


def test_a_card_names_the_feed():
    paper = replace(PAPER, id="rss-1", source="rss", feed="Annals of\u202e Maps", categories=("maps",), upvotes=None)
    assert text_of(card(paper, ENGLISH, PaperNews(label="new")).lines)[1] == "maps · Annals of Maps · new"
    assert "maps · Annals of Maps" in text_of(brief(paper, ENGLISH).lines)[0]


def test_a_card_ends_with_what_hugging_face_says_of_it():
    item = card(replace(PAPER, summary="It\u202e adapts in $O(n^2)$ \\emph{steps}."), ENGLISH)
    assert text_of(item.lines)[-1] == "TL;DR (Hugging Face): It adapts in O(n²) steps."
    assert "TL;DR" not in "".join(text_of(brief(replace(PAPER, summary="It adapts."), ENGLISH).lines))


RECORD = replace(
    PAPER,
    comment="Accepted at NeurIPS 2025 (spotlight)",
    code_url="https://github.com/a/b",
    hub=HubEntry(organisation="Institute\u202e of <b>Maps</b>", thumbnail="https://cdn.example.org/1.png"),
)


def test_one_line_says_acceptance_organisation_and_code():
    line = "Accepted: NeurIPS 2025 · Institute of <b>Maps</b> · code"
    for item in (card(RECORD, ENGLISH), brief(RECORD, ENGLISH)):
        assert text_of(item.lines).count(line) == 1
    assert [span.url for line in card(RECORD, ENGLISH).lines for span in line if span.url] == []  # it has a button
    assert [span.url for line in brief(RECORD, ENGLISH).lines for span in line if span.url] == [RECORD.code_url]
    assert line not in text_of(compact(RECORD, ENGLISH).lines)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"comment": "Under review at ICLR 2026"}, ""),
        ({"comment": "Accepted"}, "Accepted"),
        ({"comment": "Accepted to the ICML 2025 Workshop on Snakes"}, "Workshop: ICML 2025"),
        ({"journal_ref": "Phys. Rev. B 112, 1 (2025)"}, "Published: Physical Review B 2025"),
        ({"comment": "Code will be released soon."}, "code promised"),
        ({"hub": HubEntry(organisation="M" * 500)}, "M" * 79 + "…"),
        ({"comment": "Accepted at NeurIPS 2025", "withdrawn": True}, ""),
    ],
    ids=["review", "bare", "workshop", "journal", "promise", "long name", "withdrawn"],
)
def test_the_line_of_the_record_says_what_is_stated_and_no_more(changes, line):
    before = text_of(card(PAPER, ENGLISH).lines)
    assert text_of(card(replace(PAPER, **changes), ENGLISH).lines) == [*before, *([line] if line else [])]


def test_an_acceptance_that_is_the_news_is_said_once():
    for form in (card, brief):
        lines = text_of(form(RECORD, ENGLISH, PaperNews(occasion=ACCEPTED)).lines)
        assert sum("Accepted: NeurIPS 2025" in line for line in lines) == 1
        assert lines[-1] == "Institute of <b>Maps</b> · code"


def test_a_card_alone_has_the_picture():
    assert card(RECORD, ENGLISH).image == "https://cdn.example.org/1.png"
    assert brief(RECORD, ENGLISH).image == compact(RECORD, ENGLISH).image == card(PAPER, ENGLISH).image == ""
    odd = replace(RECORD, hub=HubEntry(thumbnail="javascript:alert(1)"))
    assert card(odd, ENGLISH).image == ""


def test_a_list_entry_is_two_lines_without_abstract():
    item = brief(PAPER, ENGLISH, PaperNews(label="new", names=("My topic",)))
    assert item.abstract == ""
    assert text_of(item.lines) == ["Ann Lee, Bo Chen, Cy Day · cs.CL cs.LG · new · 57 upvotes", "For My topic"]


def test_a_compact_card_has_links_and_a_button_for_the_abstract():
    item = compact(PAPER, ENGLISH, PaperNews(matched=["lora"]))
    assert item.abstract == ""
    assert item.lines[:-1] == brief(PAPER, ENGLISH, PaperNews(matched=["lora"])).lines
    assert item.lines[-1] == links_of(card_buttons(PAPER, ENGLISH)[0])
    ((abstract, *others),) = compact_buttons(PAPER, ENGLISH, votes=2)
    assert (abstract.label, abstract.action) == ("Abstract", f"whole:{PAPER.number}")
    assert tuple(others) == card_buttons(PAPER, ENGLISH, votes=2)[1]
    bare = Paper(id="rss:x", title="T", number=3)
    assert compact(bare, ENGLISH) == brief(bare, ENGLISH)
    assert compact_buttons(bare, ENGLISH) == card_buttons(bare, ENGLISH)[:1]


def links_of(buttons):
    """Link buttons as a line."""
    spans = [span for button in buttons for span in (Span(" · "), Span(button.label, url=button.url))]
    return tuple(spans[1:])


def test_a_bare_paper_still_has_a_title_and_nothing_empty():
    bare = Paper(id="x", title=" \u200b")
    assert card(bare, ENGLISH).title == "(no title)"
    assert card(bare, ENGLISH).url == ""
    assert card(bare, ENGLISH).lines == ()
    assert brief(bare, ENGLISH).lines == ()
    assert text_of(brief(Paper(id="x", title="t", authors=("Ann",)), ENGLISH).lines) == ["Ann"]
    assert text_of(brief(Paper(id="x", title="t", categories=("cs.AI",)), ENGLISH).lines) == ["cs.AI"]


def test_acm_and_msc_terms_are_no_categories_on_a_card():
    classes = ("cs.CL", "I.2.7; I.2.6", "68T50", "K.m", "stat.ML", "Primary 68T07", "cs.AI", "cs.LG", "cs.CV")
    paper = Paper(id="x", title="t", categories=classes)
    assert text_of(card(paper, ENGLISH).lines) == text_of(brief(paper, ENGLISH).lines) == ["cs.CL stat.ML cs.AI cs.LG"]
    assert paper.categories == classes
    assert card(Paper(id="x", title="t", categories=("68T50",)), ENGLISH).lines == ()


def test_a_source_cannot_slip_in_an_address_of_another_scheme():
    assert card(Paper(id="x", source="rss", title="t", url="javascript:alert(1)"), ENGLISH).url == ""


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (0, ""),
        (1, "N0"),
        (5, "N0, N1, N2, N3, N4"),
        (6, "N0, N1, N2, N3 et al. (6 authors)"),
        (50_000, "N0, N1, N2, N3 et al. (50,000 authors)"),
    ],
)
def test_the_first_few_authors_and_how_many_there_are(count, line):
    assert author_line([f"N{number}" for number in range(count)], ENGLISH) == line


def test_names_that_are_nothing_are_left_out():
    assert author_line(["\u200b", "Ann"], ENGLISH) == "Ann"
    assert author_line(["\u200b"] * 30, ENGLISH) == ""


def test_terms_and_names_beyond_a_few_are_counted():
    item = card(PAPER, ENGLISH, PaperNews(matched=[f"t{n}" for n in range(40)], names=["a", "a", "b", "c", "d"]))
    assert text_of(item.lines)[-1] == "Matched t0, t1, t2, t3, t4, t5, t6, t7, 32 more for a, b, c, 1 more"


@pytest.mark.parametrize(
    ("occasion", "label", "words"),
    [
        (ARRIVAL, "listed", "on HF Daily Papers"),
        (ARRIVAL, "", ""),
        (ARRIVAL, "from a\nfeed", "from a feed"),
        (Occasion.version(3), "new", "updated to v3"),
        (Occasion.upvotes(50), "new", "passed 50 upvotes"),
        (WITHDRAWN, "", "withdrawn"),
        (PUBLISHED, "", "now published"),
        (CODE, "", "code available"),
    ],
)
def test_why_a_paper_is_news(occasion, label, words):
    assert why_news(occasion, label, ENGLISH) == words


def test_a_heading_counts_and_names_its_window_in_the_readers_zone():
    since, until = datetime(2026, 5, 3, 22, 30, tzinfo=UTC), datetime(2026, 5, 4, 6, tzinfo=UTC)
    assert text_of(heading(1, ENGLISH)) == ["1 new paper"]
    assert text_of(heading(1200, ENGLISH, since=since, until=until, zone="Europe/Berlin")) == [
        "1,200 new papers · Mon 4 May 00:30–08:00 (Europe/Berlin)"
    ]
    assert text_of(heading(2, ENGLISH, since=since, until=until)) == [
        "2 new papers · Sun 3 May 22:30 – Mon 4 May 06:00 (UTC)"
    ]
    assert text_of(heading(60, ENGLISH, since=since, until=since.replace(second=59))) == [
        "60 new papers · Sun 3 May 22:30 (UTC)"
    ]


def test_a_heading_of_several_messages_counts_them():
    assert text_of(heading(25, ENGLISH, part=1, parts=3)) == ["25 new papers (1/3)"]
    assert text_of(heading(0, ENGLISH)) == ["No new papers"]


def test_a_digest_links_the_papers_that_it_leaves_out():
    ((span,),) = digests.and_more(12, "https://example.org/digests/x", ENGLISH)
    assert (span.text, span.url) == ("and 12 more", "https://example.org/digests/x")
    assert digests.and_more(0, "https://example.org/digests/x", ENGLISH) == ()


def test_a_digest_counts_what_was_already_sent():
    assert text_of(digests.already_sent(2, ENGLISH)) == ["2 papers already sent"]
    assert digests.already_sent(0, ENGLISH) == ()


def test_buttons_fit_in_telegrams_64_bytes_and_discords_rows_of_five():
    links, *rows = card_buttons(PAPER, ENGLISH)
    assert [[button.action.split(":")[0] for button in row] for row in rows] == [["save", "mute"], ["more", "why"]]
    assert len(links) == 3
    for votes, label in ((0, "👍 Upvote"), (1234, "👍 1,234")):
        voted = card_buttons(PAPER, ENGLISH, votes=votes)[1][1]
        assert (voted.label, voted.action.split(":")[0]) == (label, "vote")
    assert (cards.vote_count(1, ENGLISH), cards.vote_count(2, ENGLISH)) == ("1 vote", "2 votes")
    numbered = list_buttons([PAPER] * 12, first=11)
    assert [button.label for button in numbered[0]] == ["11", "12", "13", "14", "15"]
    assert [len(row) for row in numbered] == [5, 5, 2]
    for row in (*rows, *numbered):
        for button in row:
            assert len(button.action.encode()) <= 64


@pytest.mark.parametrize(
    ("changed", "links"),
    [
        (
            {"code_url": "https://github.com/a/b"},
            {
                "PDF": "https://arxiv.org/pdf/2510.00001",
                "Code": "https://github.com/a/b",
                "Hugging Face": "https://huggingface.co/papers/2510.00001",
                "alphaXiv": "https://www.alphaxiv.org/abs/2510.00001",
            },
        ),
        (
            {"id": "hep-th/9901001", "upvotes": None, "abstract": "[code](https://github.com/a/b)"},
            {
                "PDF": "https://arxiv.org/pdf/hep-th/9901001",
                "Code": "https://github.com/a/b",
                "alphaXiv": "https://www.alphaxiv.org/abs/hep-th/9901001",
            },
        ),
        (
            {"upvotes": None, "source": "huggingface"},
            {
                "PDF": "https://arxiv.org/pdf/2510.00001",
                "Hugging Face": "https://huggingface.co/papers/2510.00001",
                "alphaXiv": "https://www.alphaxiv.org/abs/2510.00001",
            },
        ),
        ({"id": "10.1101/2025.10.01.111111", "source": "biorxiv"}, {}),
        (
            {"id": "feed-1", "source": "rss", "code_url": "https://codeberg.org/a/b"},
            {"Code": "https://codeberg.org/a/b"},
        ),
    ],
)
def test_a_card_leads_to_what_belongs_to_the_paper(changed, links):
    rows = card_buttons(replace(PAPER, **changed), ENGLISH)
    assert {button.label: button.url for row in rows for button in row if button.url} == links
    assert [button.action for row in rows for button in row if button.url] == [""] * len(links)
    assert len(rows) == 2 + bool(links)


def test_a_card_shows_formulas_as_text():
    item = card(replace(PAPER, title=r"On $O(n^{2/3})$", abstract=r"$\frac{a+b}{c}$ \foo"), ENGLISH)
    assert (item.title, item.abstract) == ("On O(n^(2/3))", "(a+b)/c foo")


texts = st.text(max_size=60)


@given(texts, texts, st.lists(texts, max_size=30), st.lists(texts, max_size=9), texts, texts)
def test_any_text_makes_a_card(title, abstract, authors, classes, label, url):
    paper = Paper(
        id=title,
        title=title,
        abstract=abstract,
        authors=tuple(authors),
        categories=tuple(classes),
        url=url,
        source="rss",
    )
    for item in (
        card(paper, ENGLISH, PaperNews(label=label, matched=authors, names=classes)),
        brief(paper, ENGLISH, PaperNews(label=label, matched=classes)),
    ):
        assert 0 < len(item.title) <= 512
        assert len(item.abstract) <= 8000
        assert len(item.lines) <= 3
        assert all(len(line) <= 2000 for line in text_of(item.lines))
        assert item.url == "" or item.url.startswith(("http://", "https://"))


def test_endless_texts_cost_no_more_than_short_ones():
    huge = Paper(
        id="2510.00001",
        title="\u0301\u202e🦊" * 350_000,
        abstract="word " * 2_000_000,
        authors=("An Author\u202e",) * 50_000,
        categories=("cs.CL",) * 10_000,
    )
    began = time.process_time()
    item = card(huge, ENGLISH, PaperNews(matched=["x" * 1_000_000] * 50, names=["\u0301" * 1_000_000]))
    spent = time.process_time() - began
    assert len(item.title) <= 512
    assert len(item.abstract) <= 8000
    assert text_of(item.lines)[0] == "An Author, An Author, An Author, An Author et al. (50,000 authors)"
    assert spent < 0.5  # CPU seconds; some milliseconds in fact


def test_a_card_names_subscriptions_that_match_without_a_term():
    assert text_of(card(PAPER, ENGLISH, PaperNews(names=("My topic",))).lines)[-1] == "For My topic"


def test_a_card_names_terms_without_a_subscription():
    assert text_of(card(PAPER, ENGLISH, PaperNews(matched=("adapter",))).lines)[-1] == "Matched adapter"
