"""TeX for reading."""

import gzip
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.text.display import Formula, display_pieces, shown, shown_line


@pytest.mark.parametrize(
    ("tex", "read"),
    [
        ("no TeX  at all {as it is}", "no TeX  at all {as it is}"),
        (r"Schr\"{o}dinger and J\"org", "Schrödinger and Jörg"),
        (r"Erd\H{o}s, \v{C}ech, Fran\c cois, \'{\i}", "Erdős, Čech, François, í"),
        (r"Stra\ss e, \L{}ukasz, \O", "Straße, Łukasz, Ø"),
        (r"\emph{very \textbf{bold}} words, {\it these} too", "very bold words, these too"),
        (r"{\em  x} \small y", "x y"),
        (r"a gain of 5\% and 5% more", "a gain of 5% and 5% more"),
        (r"$k$-means with $n = 5$", "k-means with n = 5"),
        (r"the $\alpha$-divergence, \(\beta\), \[\gamma\] and $$\delta$$ ", "the α-divergence, β, γ and δ"),
        (r"50% of $x\%$", "50% of x%"),
        ("a lone $ sign", "a lone $ sign"),
        (r"\$5 each, $5 to $10, $1,000-$2,000", "$5 each, $5 to $10, $1,000-$2,000"),
        (r"at $x$. The bands $ of the survey take the $y$ there", "at x. The bands $ of the survey take the y there"),
        (r"O(n^{2/3}) time, x_{i+1}, a_b and c^2 and 2^n_", "O(n^(2/3)) time, xᵢ₊₁, a_b and c^2 and 2^n_"),
        (r"1$\frac{1}{2}$ or n\frac{1}{2}m", "1(1/2) or n(1/2)m"),
        (r"a decay $\alpha$ \sim 100 \AA, {\eta} = {1}", "a decay α ∼ 100 Å, η = {1}"),
        (r"$\textit{T$_c$}$ and $\textbf{no formula}$ and $ $", "T_c and no formula and"),
        (r"CO\textsubscript{2}, 5\textsuperscript{th}, \textsuperscript", "CO₂, 5ᵗʰ, textsuperscript"),
        (r"\ours{} beats \foo{bar}{baz}", "ours beats barbaz"),
        (r"see \cite{Lee2020,Kim} and \ref{a}, \cite", "see [Lee2020,Kim] and [a], cite"),
        (r"\label{x}A\vspace{1em}\hspace B\quad C\\D", "A B C D"),
        (r"\begin{itemize}\item one\end{itemize}", "one"),
        (r"\begin{equation}x^{2}\end{equation} \begin{align*}a&=b\end{align*} \begin{equation}", "x² a = b"),
        (r"A\,B\-C\ D\#\{E\}\&", "A BC D#{E}&"),
        (r"\textendash{}x \textless", "–x <"),
        (r"\url{https://x.org/a_b}", "https://x.org/a_b"),
        (r"\href{https://github.com/x/y}{code}", "code (https://github.com/x/y)"),
        (r"\href{https://github.com/x/y/}{github.com/x/y}", "github.com/x/y"),
        (r"$\href{https://github.com/x/y}{here}$", "here (https://github.com/x/y)"),
        (r"\href{javascript:alert(1)}{x}", "x"),
        (r"\href{https://x.org} and \href", "https://x.org and"),
        (r"$\widehat{x$", "widehat{x"),
    ],
)  # fmt: skip
def test_reads_as_a_person_would(tex, read):
    assert shown(tex) == read


@pytest.mark.parametrize(
    "tex", [r"$\href{javascript:alert(1)}{x}$", r"\def\x{\x\x}\x", r"\begin{", r"\frac{1}", "$$$", "\\", "{\\}" * 9]
)
def test_hostile_tex_is_only_text(tex):
    assert isinstance(shown(tex), str)
    assert shown(tex)


@given(st.text(alphabet="\\${}%ab^_\"'~ frac", max_size=60))
def test_never_raises(tex):
    assert isinstance(shown(tex), str)


def test_formulas_stand_apart_from_the_text_around_them():
    assert display_pieces(r"a \emph{b} $x_1$ \(y\)c") == ["a b ", Formula("x_1", "x₁"), " ", Formula("y", "y"), "c"]
    assert display_pieces("plain") == ["plain"]


def test_groups_deeper_than_sixteen_are_read_no_further():
    assert shown(r"\emph{" * 40 + "x" + "}" * 40).endswith("x")
    assert shown("$" + r"\emph{$" * 40 + "x").strip("$").endswith("x")


def test_a_line_is_harmless_and_short():
    assert shown_line("$x^2$\u202e\n and more", 100) == "x² and more"
    assert shown_line("word " * 100, 20) == "word word word word…"


@pytest.mark.shared
def test_no_command_of_a_real_week_is_left(shared_data):
    with gzip.open(shared_data / "arxiv_corpus" / "one_week_2025-09-29_10-03.jsonl.gz", "rt") as lines:
        texts = [json.loads(line)[field] for line in lines for field in ("title", "abstract")]
    read = [shown(text) for text in texts]
    assert [text for text in read if "\\" in text or re.search(r"[\^_]\{", text)] == []
