"""Shrinking a message until a channel takes it."""

from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.messages.fit import fit
from paperwire.core.messages.message import Item, Message, Span


def render(message):
    """A plain rendering: every text on its own line."""
    parts = ["".join(span.text for span in line) for line in message.head]
    for item in message.items:
        parts += [item.title, item.url, *("".join(span.text for span in line) for line in item.lines), item.abstract]
    return "\n".join([*parts, *("".join(span.text for span in line) for line in message.foot)])


def item(number, *, title="A title", abstract="", line="An author"):
    return Item(title, f"https://arxiv.org/abs/2510.{number:05}", ((Span(line),),), abstract)


def test_what_fits_stays_as_it_is():
    message = Message(head=((Span("Head"),),), items=(item(1, abstract="x" * 100),), foot=((Span("Foot"),),))
    assert fit(message, render, len, 4096) == render(message)


def test_the_abstract_shrinks_first():
    text = fit(Message(items=(item(1, abstract="word " * 1600),)), render, len, 4096)
    assert 3000 < len(text) <= 4096
    assert "An author" in text
    assert "A title" in text
    assert text.endswith("word…")


def test_then_lines_then_titles_then_the_lines_go_but_every_link_stays():
    items = tuple(item(n, title="t" * 500, abstract="a" * 5000, line="l" * 500) for n in range(10))
    sizes = [fit(Message(items=items), render, len, limit) for limit in (6400, 4096, 1200, 700)]
    assert "l" * 79 + "…" in sizes[0]
    assert "t" * 250 in sizes[0]
    assert "t" * 99 + "…" in sizes[1]
    assert "l" not in sizes[2].replace("https", "")
    for text, limit in zip(sizes, (6400, 4096, 1200, 700), strict=True):
        assert len(text) <= limit
        assert all(f"2510.{n:05}" in text for n in range(10))


def test_long_answers_lose_their_end_and_say_so():
    message = Message(head=tuple((Span(f"line {number} " + "x" * 50),) for number in range(900)))
    text = fit(message, render, len, 2000)
    assert text.startswith("line 0 ")
    assert text.endswith("\n…")
    assert 500 < len(text) <= 2000


def test_a_link_in_a_line_keeps_its_address_when_its_text_is_cut():
    message = Message(head=((Span("a" * 3000), Span("b" * 3000, url="https://x.org"), Span("c")),))
    seen = []
    fit(message, lambda smaller: seen.append(smaller) or render(smaller), len, 3500)
    assert seen[-1].head[0][-1].url in {"https://x.org", ""}
    assert sum(len(span.text) for span in seen[-1].head[0]) <= 3500


def test_too_many_papers_give_the_shortest_there_is():
    text = fit(Message(items=tuple(item(n) for n in range(50))), render, len, 100)
    assert text.count("https://arxiv.org/abs/") == 50


@given(
    st.lists(
        st.tuples(st.text(max_size=40), st.integers(1, 400), st.integers(0, 400), st.integers(0, 60)), max_size=10
    ),
    st.lists(st.integers(0, 400), max_size=30),
    st.sampled_from([1500, 2000, 4096, 6000]),
)
def test_ten_papers_and_any_texts_fit_every_channel(papers, head, limit):
    def units(text):
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    message = Message(
        head=tuple((Span("h🦊" * size),) for size in head),
        items=tuple(
            item(n, title=text * many, abstract="ab 🦊" * long, line="line" * many)
            for n, (text, many, long, _) in enumerate(papers)
        ),
        foot=tuple((Span("foot" * size),) for *_, size in papers),
    )
    text = fit(message, render, units, limit)
    assert units(text) <= limit
    assert text.count("https://arxiv.org/abs/") >= len(papers)
