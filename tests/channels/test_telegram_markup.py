"""Telegram's HTML, judged by TDLib's own parser: only our own links and styles take effect, within the limits."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.channels.telegram import markup
from paperwire.core.messages.card import PaperNews, brief, card, card_buttons, list_buttons
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.core.papers.paper import Paper
from paperwire.errors import Rejected
from paperwire.texts import ENGLISH
from servers.telegram_world import found_in, parse

URL = "https://arxiv.org/abs/2501.00001"
PIECES = (
    "<b>", "</b>", "<p>", "<br>", "<sub>2</sub>", "<script>", '"><a href="https://evil.example">x</a>', "a < b > c",
    '</b><a href="tg://user?id=1">x</a>', "<!--", "]]>", "&", "&lt;", "&#x202e;", "&nbsp;", "&amp;lt;", '"', "'", "`",
    "@name", "@durov", "x@y.com", "ann.smith+z@mail.example.org", "＠name", "/stop", "(/start", "/start@bot", "I/O",
    "#tag", "#1a", "C#", "$TSLA", "$x$", "$USD100", "arxiv.org", "cs.AI", "math.AG", "Node.js", "t.me/joinchat/AAA",
    "https://evil.example/x?y=1&z=<", "http://127.0.0.1:8000/f/x", "http://10.0.0.1", "10.1.2.3:80", "ftp://a.io",
    "tg://resolve?domain=x", "ton://transfer/x", "mailto:a@b.co", "пример.рф", "例え.jp", "www.x.org", "evil。com",
    "4111 1111 1111 1111", "4111111111111111", "378282246310005", "6011-1111-1111-1117", "+1 212 555 0123",
    "12:34", "e.g.", "v1.2.3", "10.1101/2020.01.01", "2501.00001v2", "U.S.", "3.5", "...", ".com", "a.b.c.de",
    "\u202e", "\u200b", "\u2060", "\ufeff", "\0", "\x1b", "\n", "\r\n", "\u2028", "\ud800", "e" + "\u0301" * 50,
    "𝔸𝕀", "👩‍👩‍👧", "🇩🇪", "مرحبا", "שלום", "深度学习", "ﬁ", "\U000e0041", "\\", "*_~|[](){}", "'s", "ß", "İ",
)  # fmt: skip


def hostile(chance, pieces):
    glue = ("", " ", " ", "(", ",", "-", "_", "/", ".", ":")
    return "".join(chance.choice(PIECES) + chance.choice(glue) for _ in range(chance.randint(1, pieces)))


def judge(message, *, links, commands=()):
    """Parse what we would send as Telegram does, and hold it against what we meant."""
    html = markup.fitted(message)
    text, entities = parse(html, "HTML")  # raises for what the Bot API refuses, too long a text included
    assert [e["type"]["url"] for e in entities if e["type"]["@type"] == "textEntityTypeTextUrl"] == links
    assert len(entities) < 100
    ours = {"TextUrl", "Bold", "Italic", "Code", "ExpandableBlockQuote"}
    assert {e["type"]["@type"].removeprefix("textEntityType") for e in entities} <= ours
    units = text.encode("utf-16-le")
    # In code Telegram finds nothing by itself, and what it finds in a link to just that is no matter.
    code = [(e["offset"], e["offset"] + e["length"]) for e in entities if leads_to_itself(e, units)]
    stretches = [(e["offset"], e["offset"] + e["length"]) for e in found_in(text)]
    open_to = [(a, b) for a, b in stretches if not any(start <= a and b <= end for start, end in code)]
    found = [units[2 * a : 2 * b].decode("utf-16-le") for a, b in open_to]
    assert found == list(commands)
    return text


def leads_to_itself(entity, units):
    start, end = entity["offset"], entity["offset"] + entity["length"]
    seen = units[2 * start : 2 * end].decode("utf-16-le")
    url = entity["type"].get("url", "")
    return entity["type"]["@type"] == "textEntityTypeCode" or (
        url != "" and url.endswith(seen.partition("//")[2] or seen)
    )


@pytest.mark.whole
@pytest.mark.parametrize("seed", range(8))
def test_two_thousand_hostile_titles_are_only_text(seed):
    chance = random.Random(seed)
    for _ in range(250):
        paper = Paper(
            id="2501.00001",
            title=hostile(chance, 12),
            abstract=hostile(chance, 30),
            authors=tuple(hostile(chance, 3) for _ in range(chance.randint(0, 6))),
            categories=("cs.AI", hostile(chance, 1)),
            number=1,
        )
        item = card(paper, ENGLISH, PaperNews(matched=[hostile(chance, 3)], names=[hostile(chance, 3)]))
        judge(Message(items=(item,), buttons=card_buttons(paper, ENGLISH)), links=[URL])


def test_texts_that_nobody_cleaned_are_only_text_too():
    chance = random.Random(99)
    for _ in range(500):
        item = Item(hostile(chance, 12), URL, ((Span(hostile(chance, 5), "code"),),), hostile(chance, 20))
        head = ((Span("x "), Span(hostile(chance, 3).replace("/", ""), "bold")),)
        judge(Message(head=head, items=(item,)), links=[URL])


@given(st.text(max_size=80), st.text(max_size=300))
def test_any_text_is_only_text(title, abstract):
    judge(Message(items=(Item("T " + title, URL, (), abstract),)), links=[URL])


@given(st.text("@#$/.:+-&<> \ta1Ab9й", max_size=60))
def test_texts_made_of_triggers_are_only_text(title):
    judge(Message(items=(Item("T" + title, URL),)), links=[URL])


@pytest.mark.parametrize("letter", ["x", "𝔸", "<", "&", "e\u0301", "深"])
def test_a_megabyte_of_title_fits_at_once(letter):
    paper = Paper(
        id="2501.00001",
        title=letter * 1_000_000,
        abstract=letter * 10_000_000,
        authors=(letter * 1000,) * 50_000,
        categories=("cs.AI",),
    )
    began = time.process_time()
    html = markup.fitted(Message(items=(card(paper, ENGLISH),)))
    assert time.process_time() - began < 1  # the goal is 0.05 s; this only catches work that grows with the text
    assert markup.measure(html) <= 4096
    parse(html, "HTML")


def test_classes_stand_as_they_are_written_and_are_no_addresses():
    paper = Paper(id="2501.00001", title="T", categories=("cs.AI", "math.AG"), number=1)
    assert "cs.AI math.AG · new" in judge(Message(items=(card(paper, ENGLISH, PaperNews(label="new")),)), links=[URL])


def test_ten_papers_in_a_list_carry_the_numbers_of_their_buttons():
    papers = [Paper(id=f"2501.0000{n}", title=f"Paper {n}", abstract="x" * 3000, number=n) for n in range(10)]
    message = Message(items=tuple(brief(p, ENGLISH) for p in papers), buttons=list_buttons(papers, first=11))
    text = judge(message, links=[f"https://arxiv.org/abs/2501.0000{n}" for n in range(10)])
    assert text.splitlines()[0] == "11. Paper 0"
    assert "\n20. Paper 9" in text


def test_papers_without_numbered_buttons_have_no_numbers():
    papers = [Paper(id=f"2501.0000{n}", title=f"Paper {n}") for n in range(2)]
    text = judge(
        Message(items=tuple(brief(p, ENGLISH) for p in papers)),
        links=[f"https://arxiv.org/abs/2501.0000{n}" for n in (0, 1)],
    )
    assert text == "Paper 0\n\nPaper 1"


def test_past_the_number_of_styles_that_take_effect_only_links_stay():
    lines = tuple((Span(f"w{n}", "bold"), Span(" "), Span(f"v{n}", "code")) for n in range(60))
    html = markup.render(Message(items=(Item("T", URL, lines),)))
    _, entities = parse(html, "HTML")
    assert [e["type"]["@type"] for e in entities] == ["textEntityTypeTextUrl"]


def test_more_links_than_take_effect_are_cut_from_the_end():
    head = tuple((Span(f"p{n}", url=f"https://arxiv.org/abs/{n}"),) for n in range(150))
    _, entities = parse(markup.fitted(Message(head=head)), "HTML")
    assert 50 <= len(entities) < 100


def test_papers_that_cannot_be_shortened_enough_are_rejected():
    items = tuple(Item("x" * 60, f"https://arxiv.org/abs/{n}") for n in range(120))
    with pytest.raises(Rejected):
        markup.fitted(Message(items=items))


@given(st.lists(st.sampled_from(("", "bold", "italic")), min_size=1, max_size=6), st.data())
def test_pieces_of_a_line_are_only_text_together_too(styles, data):
    words = st.text("@#$/.:+- 1aAo", max_size=4) | st.sampled_from(
        ("arxiv.o", "rg", "4111 1111 1111 1", "111 ", "tg:", "#1", "1.2.3")
    )
    line = tuple(Span(data.draw(words), style) for style in styles)
    judge(Message(items=(Item("T", URL, (line,)),)), links=[URL])


def test_our_own_lines_keep_commands_code_and_addresses():
    head = (
        (Span("Try /subscribe diffusion, or "), Span("/why 2501.00001 @x", "code")),
        (Span("https://paperwire.example/f/abc.atom"),),
        (
            Span("http://127.0.0.1:8000/f/abc.atom"),
            Span(" and "),
            Span("your page", url="https://paperwire.example/me"),
        ),
        (Span("#1", "bold"), Span(" of some papers, "), Span("#2a"), Span(" "), Span("#3"), Span(" x")),
        (Span("@evil of cs.AI", "italic"), Span(" ask arxiv.org "), Span("x", "bold", 'https://a.example/?a=1&b="')),
    )
    html = markup.fitted(Message(head=head))
    text, entities = parse(html, "HTML")
    assert text.splitlines() == [
        "Try /subscribe diffusion, or /why 2501.00001 @x",
        "https://paperwire.example/f/abc.atom",
        "http://127.0.0.1:8000/f/abc.atom and your page",
        "#1 of some papers, #\u20602a #3 x",
        "@\u2060evil of cs.\u2060AI ask arxiv.\u2060org x",
    ]
    links = [e["type"]["url"] for e in entities if e["type"]["@type"] == "textEntityTypeTextUrl"]
    assert links[:3] == [
        "https://paperwire.example/f/abc.atom",
        "http://127.0.0.1:8000/f/abc.atom",
        "https://paperwire.example/me",
    ]
    assert found_in(text.splitlines()[0])[0]["length"] == len("/subscribe")


def test_what_telegram_would_not_link_can_be_copied():
    message = Message(
        head=((Span("http://localhost:8000/f/a.atom"),), (Span("here", url="http://localhost:8000/me"),)),
        items=(Item("Demo", "http://localhost/1", ((Span("cs.AI", url="http://localhost/2"),),)),),
        buttons=((Button("Page", url="http://localhost:8000/"), Button("Web", url="https://paperwire.example/")),),
    )
    html = markup.fitted(message)
    assert "<code>http://localhost:8000/f/a.atom</code>" in html
    assert "<b>Demo</b>" in html
    assert html.endswith("Page: <code>http://localhost:8000/</code>")
    assert [[b.text for b in row] for row in markup.keyboard(message).inline_keyboard] == [["Web"]]


def test_buttons_keep_to_what_a_keyboard_takes():
    row = tuple(Button(f"b{n}", f"a:{n}") for n in range(20))
    keyboard = markup.keyboard(Message(buttons=(row,) * 6)).inline_keyboard
    assert max(len(keys) for keys in keyboard) == 8
    assert sum(len(keys) for keys in keyboard) == 100
    assert markup.keyboard(Message(buttons=((Button("x", url="http://localhost"),),))) is None
    label = markup.keyboard(Message(buttons=((Button("\ud800" + "x" * 99, "a:1"), Button("", "a:2")),)))
    assert [len(b.text) for b in label.inline_keyboard[0]] == [60, 1]


@pytest.mark.parametrize("url", ["https://a.b/x", "http://127.0.0.1:8000/"])
def test_addresses_telegram_links(url):
    assert markup.linkable(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tg://user?id=1",
        "javascript:alert(1)",
        "http://localhost",
        "http://[x",
        "//a.b",
        "http://a.b:0",
        "http://a.b:99999",
    ],
)
def test_addresses_telegram_does_not_link(url):
    assert not markup.linkable(url)


@pytest.mark.slow
def test_twenty_thousand_hostile_titles_are_only_text():
    chance = random.Random(20_000)
    for number in range(20_000):
        paper = Paper(id="2501.00001", title=hostile(chance, 8), number=1)
        item = card(paper, ENGLISH)
        seen = judge(Message(items=(item,), buttons=card_buttons(paper, ENGLISH)), links=[URL])
        assert seen.replace("\u2060", "").startswith(item.title.replace("\u2060", "")[:100]), number


# --- addresses of code -----------------------------------------------------------------------------------------------


def test_an_address_of_code_is_a_link_that_copies_clean():
    abstract = "Code at [x](https://github.com/a/b_c-1.0), data at https://evil.example/x, see github.com/d/e."
    paper = Paper(id="2501.00001", title="T", abstract=abstract, comment="12 pages", number=1)
    text = judge(
        Message(items=(card(paper, ENGLISH),), buttons=card_buttons(paper, ENGLISH)),
        links=[URL, "https://github.com/a/b_c-1.0", "https://github.com/d/e"],
    )
    assert "https://github.com/a/b_c-1.0), data" in text
    assert "see github.com/d/e." in text
    assert "https://evil" not in text  # a joiner stands in it


def test_an_address_that_is_cut_off_is_no_link():
    judge(Message(items=(Item("T", URL, (), "x https://github.com/a/lon…"),)), links=[URL])


def test_a_text_full_of_addresses_has_five_links():
    abstract = " ".join(f"https://github.com/a/b{number}" for number in range(300))
    links = [f"https://github.com/a/b{number}" for number in range(5)]
    judge(Message(items=(Item("T", URL, ((Span(abstract[:400], "italic"),),), abstract),)), links=[URL, *links, *links])


def test_hostile_texts_around_an_address_of_code_stay_text():
    chance = random.Random(7)
    for _ in range(300):
        abstract = f"{hostile(chance, 8)} https://github.com/a/b {hostile(chance, 8)}"
        judge(Message(items=(Item("T", URL, (), abstract),)), links=[URL, "https://github.com/a/b"])


def test_a_notice_is_a_link_in_bold():
    notice = (Span("Retracted 5 Jan 2026", "bold", "https://doi.org/10.5555/notice.1"),)
    html = markup.fitted(Message(items=(Item("T", URL, (notice,)),)))
    assert html.endswith('<b><a href="https://doi.org/10.5555/notice.1">Retracted 5 Jan 2026</a></b>')
    judge(Message(items=(Item("T", URL, (notice,)),)), links=[URL, "https://doi.org/10.5555/notice.1"])


def test_a_card_has_a_row_of_links_over_its_buttons():
    paper = Paper(id="2501.00001", title="T", abstract="https://github.com/a/b", number=1, upvotes=3)
    rows = markup.keyboard(Message(items=(card(paper, ENGLISH),), buttons=card_buttons(paper, ENGLISH))).inline_keyboard
    assert [[(button.text, button.url) for button in row] for row in rows[:1]] == [
        [
            ("PDF", "https://arxiv.org/pdf/2501.00001"),
            ("Code", "https://github.com/a/b"),
            ("Hugging Face", "https://huggingface.co/papers/2501.00001"),
            ("alphaXiv", "https://www.alphaxiv.org/abs/2501.00001"),
        ]
    ]
    assert [[button.text for button in row] for row in rows[1:]] == [["Save", "Mute…"], ["More like this", "Why?"]]


@pytest.mark.parametrize("letter", ["x", "𝔸", "é"])
def test_an_abstract_is_added_to_a_message_as_long_as_there_is_room(letter):
    shown = markup.fitted(Message(items=(Item("T < U", URL, ((Span("cs.AI", "code"),),)),)))
    whole = markup.expanded(shown, Message(items=(Item("T", URL, (), letter * 300),)))
    text, entities = parse(whole, "HTML")
    assert text.endswith(f"\n{letter * 300}")
    assert "textEntityTypeExpandableBlockQuote" in [entity["type"]["@type"] for entity in entities]
    cut, _ = parse(markup.expanded(shown, Message(items=(Item("T", URL, (), letter * 9000),))), "HTML")
    assert cut.startswith("T < U")
    assert cut.endswith("…")
    assert markup.expanded("x" * 4096, Message(items=(Item("T", URL, (), "y"),))) == "x" * 4096
