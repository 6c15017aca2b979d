"""What changed between two versions of a paper."""

from dataclasses import replace
from datetime import date

import pytest

from paperwire.core.messages.card import PaperNews, brief, card
from paperwire.core.papers.identity import is_published
from paperwire.core.papers.paper import ARRIVAL, Event, EventKind, Occasion, Paper
from paperwire.core.papers.revision import (
    Change,
    Passage,
    Revision,
    changes,
    is_shown_otherwise,
    reads_otherwise,
    with_fact,
)
from paperwire.texts import ENGLISH

OLD = Revision(
    version=1,
    title="On words",
    abstract="We study words in texts. They are many. We count all of them by hand.",
    authors=("Ada Lovelace", "Bob Roe"),
    comment="9 pages",
)
NEW = Paper(
    id="2601.00001",
    title=OLD.title,
    abstract=OLD.abstract,
    authors=OLD.authors,
    comment=OLD.comment,
    version=2,
    categories=("cs.CL",),
)


def shown(item):
    return ["".join(span.text for span in line) for line in item.lines]


def test_nothing_that_a_record_tells_changed():
    assert changes(OLD, NEW) == ()
    assert changes(OLD, replace(NEW, abstract="  ".join(OLD.abstract.split()))) == ()


def test_a_text_that_is_not_known_is_no_change():
    assert changes(OLD, replace(NEW, abstract="", authors=(), comment="")) == ()


def test_title_and_comment_are_told_whole():
    assert changes(OLD, replace(NEW, title="On all words", comment="10 pages")) == (
        Change(field="title", before="On words", after="On all words"),
        Change(field="comment", before="9 pages", after="10 pages"),
    )


def test_authors_who_went_and_came_or_only_changed_places():
    (change,) = changes(OLD, replace(NEW, authors=("Ada Lovelace", "Cy Poe")))
    assert (change.gone, change.come) == (("Bob Roe",), ("Cy Poe",))
    (change,) = changes(OLD, replace(NEW, authors=OLD.authors[::-1]))
    assert (change.gone, change.come) == ((), ())


def test_an_abstract_is_told_by_its_first_passages_and_counts():
    (change,) = changes(OLD, replace(NEW, abstract="We study words in texts. They are few. We count them by machine."))
    assert (change.added, change.removed) == (2, 4)
    assert change.passages == (
        Passage(before="… texts. They are many. We count all …", after="… texts. They are few. We count them …"),
        Passage(before="… many. We count all of them by hand.", after="… few. We count them by machine."),
    )


def test_long_passages_are_cut():
    (change,) = changes(OLD, replace(NEW, abstract=" ".join(f"w{number}" for number in range(5_000))))
    assert change.added == 600
    assert all(len(passage.after.split()) <= 16 for passage in change.passages)


def test_words_repeated_without_end_are_not_compared_each_with_each():
    (change,) = changes(replace(OLD, abstract="a " * 3_000), replace(NEW, abstract="a b " * 3_000))
    assert (change.added, change.removed) == (599, 599)  # of 600 that are compared, except for the first
    (change,) = changes(replace(OLD, abstract="so a c " * 30), replace(NEW, abstract="so a c " * 29 + "so a d"))
    assert (change.added, change.removed) == (1, 1)


def test_a_card_says_what_changed_line_by_line():
    new = replace(
        NEW, title="On all words", comment="10 pages", authors=("Cy Poe",), abstract=OLD.abstract.replace("many", "few")
    )
    lines = shown(card(new, ENGLISH, PaperNews(occasion=Occasion.version(2), label="v2", changed=changes(OLD, new))))
    assert lines[:7] == [
        "Cy Poe",
        "cs.CL · updated to v2",
        "Title was On words",
        "Abstract: 1 word added, 1 word removed",
        "… texts. They are many. We count all … → … texts. They are few. We count all …",
        "Authors: + Cy Poe; − Ada Lovelace, Bob Roe",
        "Comment: 10 pages",
    ]
    assert shown(brief(new, ENGLISH, PaperNews(occasion=Occasion.version(2), changed=changes(OLD, new))))[1] == (
        "Changed: title, abstract, authors, comment"
    )


@pytest.mark.parametrize("form", [card, brief])
def test_nothing_changed_is_said_and_nothing_known_is_not(form):
    same = "Title, abstract, authors and comment are unchanged"
    assert same in shown(form(NEW, ENGLISH, PaperNews(occasion=Occasion.version(2), changed=())))
    assert same not in shown(form(NEW, ENGLISH, PaperNews(occasion=Occasion.version(2))))


def test_authors_in_another_order_and_only_new_ones():
    swapped = replace(NEW, authors=OLD.authors[::-1])
    assert "Authors in a different order" in shown(card(swapped, ENGLISH, PaperNews(changed=changes(OLD, swapped))))
    more = replace(NEW, authors=(*OLD.authors, "Cy Poe"))
    assert "Authors: + Cy Poe" in shown(card(more, ENGLISH, PaperNews(changed=changes(OLD, more))))


def test_a_paper_found_late_says_when_it_was_announced():
    late = replace(NEW, announced=date(2026, 1, 7))
    assert "cs.CL · announced Wed 7 Jan, found late" in shown(
        card(late, ENGLISH, PaperNews(occasion=ARRIVAL, label="late"))
    )
    assert "cs.CL · new, found late" in shown(card(NEW, ENGLISH, PaperNews(occasion=ARRIVAL, label="late")))


@pytest.mark.parametrize(
    ("change", "otherwise"),
    [
        ({"title": "Other"}, True),
        ({"abstract": "Other."}, True),
        ({"authors": ("K. He",)}, True),
        ({"categories": ("cs.CV", "cs.LG")}, True),
        ({"comment": "see https://github.com/a/b"}, False),
        ({"comment": "12 pages"}, False),
        ({"categories": ("cs.LG",), "upvotes": 3}, False),
        ({"version": 7}, False),
    ],
)
def test_what_queries_may_find_otherwise(change, otherwise):
    before = Paper(id="2510.00001", title="A", abstract="B.", categories=("cs.LG",))
    assert reads_otherwise(before, replace(before, **change)) is otherwise


def test_a_published_paper_has_the_doi_of_a_journal():
    paper = Paper(id="2510.00001", title="A")
    assert not is_published(paper)
    assert is_published(replace(paper, doi="10.1103/PhysRevD.1.1"))
    assert not is_published(replace(paper, doi="10.48550/arXiv.2510.00001"))
    assert not is_published(replace(paper, id="10.1101/2025.01.01.1", doi="10.1101/2025.01.01.1"))


def test_a_feed_shows_a_paper_otherwise_only_if_one_of_its_shown_fields_changed():
    paper = Paper(id="2510.00001", title="A title")
    assert is_shown_otherwise(paper, replace(paper, title="Another title"))
    assert not is_shown_otherwise(paper, replace(paper, upvotes=5))


@pytest.mark.parametrize(
    ("comment", "code_url", "is_news"),
    [
        ("Code will be released at https://github.com/a/b", "", True),
        ("Code is available at https://github.com/a/b", "", False),
        ("Code will be released at https://github.com/a/b", "https://github.com/a/c", False),
    ],
)
def test_code_that_is_there_now_is_news_unless_it_was(comment, code_url, is_news):
    paper = Paper(id="2601.00001", title="Maps", comment=comment, code_url=code_url)
    about = Paper(id="2601.00001", title="", code_url="https://github.com/a/b")
    event = Event(kind=EventKind.CODE, paper=about, source="github")
    now, told = with_fact(paper, event, date(2026, 1, 5))
    assert (now.code_url, told) == (code_url or "https://github.com/a/b", is_news)
