"""Formulas in pages: MathML from a list of what it may hold, or text; and nothing a paper says becomes markup."""

import gzip
import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.web import views
from paperwire.web.views import marked
from web_scene import a_paper

TAG = re.compile(r"<(/?)([a-z0-9]+)((?: [a-z]+=\"[^\"<>]*\")*)(/?)>")
KNOWN = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msup", "msub", "msubsup", "munder", "mover", "munderover",
    "mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd", "mpadded", "mphantom", "b", "i", "code", "span",
}  # fmt: skip


def assert_is_harmless(markup):
    """Only known elements, closed in turn, and no attribute that styles, loads or leads anywhere."""
    assert not set("<>") & set(TAG.sub("", markup))
    begun = []
    for end, name, attributes, empty in TAG.findall(markup):
        assert name in KNOWN
        assert not re.search(r" (?:style|href|src|on\w+|id)=", attributes)
        assert "class=" not in attributes or attributes == ' class="formula"'
        if end:
            assert begun.pop() == name
        elif not empty:
            begun.append(name)
    assert begun == []


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("x < y & z", "x &lt; y &amp; z"),
        (r"$x_1$", "<math><msub><mi>x</mi><mn>1</mn></msub></math>"),
        (r"\emph{a} $n$.", "a <math><mi>n</mi></math>."),
        (r"$\Msun$", "Msun"),
        (r"$\text{<script>}x$", "<math><mtext>&lt;script&gt;</mtext><mi>x</mi></math>"),
        (r"$x\!y$", "<math><mi>x</mi><mspace/><mi>y</mi></math>"),
        (r"$\textrm{GeV} + 1$", "<math><mtext>GeV</mtext><mo>+</mo><mn>1</mn></math>"),
        (r"$\textbf{G} + 1$", "<math><mtext><b>G</b></mtext><mo>+</mo><mn>1</mn></math>"),
        (r"$\color{red}x$", "<math><mrow><mi>x</mi></mrow></math>"),
        (r"$\cancel{x}$", "x"),
        ("a\u202eb $x\u202e$", "ab <math><mi>x</mi></math>"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_text_for_a_page(text, markup):
    assert str(marked(text, 1000)) == markup
    assert_is_harmless(markup)


def test_a_formula_that_may_be_wider_than_a_phone_scrolls_by_itself():
    markup = marked("$" + "a+" * 40 + "b$", 1000)
    assert markup.startswith('<span class="formula"><math>')
    assert_is_harmless(markup)


@pytest.mark.parametrize(
    ("text", "limit", "markup"),
    [
        ("one two three", 9, "one two…"),
        ("a $x_1$ b", 5, "a <math><msub><mi>x</mi><mn>1</mn></msub></math>…"),
        ("a $x_1y_2$ b", 4, "a x…"),
        ("ab$x$", 2, "ab…"),
    ],
)
def test_a_long_text_is_cut_by_what_is_read(text, limit, markup):
    assert str(marked(text, limit)) == markup


@pytest.mark.parametrize(
    "written",
    [
        "<math><mi onclick='x'>x</mi></math>",
        "<math><script>x</script></math>",
        "<math><mi>x</mi></math><",
        "<math><mi>a > b</mi></math>",
        "<math><mi>&Evil;</mi></math>",
        "<math>" + "<mi>x</mi>" * 3000 + "</math>",
        "<math><MI>x</MI></math>",
    ],
)
def test_what_the_library_should_never_write_is_shown_as_text(monkeypatch, written):
    monkeypatch.setattr(views, "mathml", lambda _: written)
    views._checked.cache_clear()
    assert str(marked("$x_{12}$", 100)) == "x₁₂"
    views._checked.cache_clear()


def test_attributes_that_mathml_lacks_are_dropped(monkeypatch):
    monkeypatch.setattr(
        views, "mathml", lambda _: '<math class="a" style="b"><mi mathvariant="normal" id="c">x</mi></math>'
    )
    views._checked.cache_clear()
    assert str(marked("$x$", 100)) == '<math><mi mathvariant="normal">x</mi></math>'
    views._checked.cache_clear()


def test_the_sign_of_application_is_the_only_entity_of_html():
    assert 'lspace="0.1667em">\u2061</mo><mi>n</mi>' in marked(r"$\exp n$", 100)


@given(st.text("$\\{}^_<>&\"'ab/ \u202e", max_size=60), st.integers(1, 60))
def test_any_text_is_harmless(text, limit):
    assert_is_harmless(marked(text, limit))


async def test_titles_abstracts_comments_and_journals_show_formulas(web, site_data):
    await site_data.papers(
        a_paper(1, title="On $x_1$", abstract="of $x_2$", comment="with $x_3$", journal_ref="J. $x_4$"),
        a_paper(2, title="$$", abstract=""),
    )
    day, paper = await web.get("/"), await web.get("/papers/2601.00001")
    found = [re.findall(r"<msub><mi>x</mi><mn>(\d)</mn></msub>", answer.text) for answer in (day, paper)]
    assert found[0] == ["1", "1", "2"]  # at a glance as published, and in the day's list
    assert found[1] == ["1", "2", "4", "3", "4"]  # the journal also says that it is published
    assert "<title>On x₁ · Paperwire</title>" in paper.text
    policy = paper.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src")
    assert "style=" not in paper.text


@pytest.mark.shared
def test_a_real_week_is_harmless_and_nearly_all_its_formulas_are_mathml(shared_data):
    with gzip.open(shared_data / "arxiv_corpus" / "one_week_2025-09-29_10-03.jsonl.gz", "rt") as lines:
        texts = [json.loads(line)[field] for line in lines for field in ("title", "abstract")]
    marked_texts = [marked(text, 8000) for text in texts]
    for markup in marked_texts:
        assert_is_harmless(markup)
        assert "\\" not in html.unescape(markup)
    assert sum(markup.count("<math>") for markup in marked_texts) > 3000
