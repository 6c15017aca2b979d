"""TeX for reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.display import shown


@pytest.mark.parametrize(
    ("tex", "read"),
    [
        ("no TeX at all", "no TeX at all"),
        (r"Schr\"{o}dinger and J\"org", "Schrödinger and Jörg"),
        (r"\emph{very \textbf{bold}} words", "very bold words"),
        (r"a gain of 5\% and 5% more", "a gain of 5% and 5% more"),
        (r"$k$-means with $n = 5$", "k-means with n = 5"),
        (r"the $\alpha$-divergence", "the α-divergence"),
        (r"50% of $x\%$", "50% of x%"),
        ("a lone $ sign", "a lone $ sign"),
        (r"\$5 each", "$5 each"),
    ],
)
def test_reads_as_a_person_would(tex, read):
    assert shown(tex) == read


@pytest.mark.parametrize(
    "tex", [r"$\href{javascript:alert(1)}{x}$", r"\def\x{\x\x}\x", r"\begin{", r"\frac{1}", "$$$", "\\"]
)
def test_hostile_tex_is_only_text(tex):
    assert isinstance(shown(tex), str)
    assert shown(tex)


@given(st.text(alphabet="\\${}%ab^_\"'~ frac", max_size=60))
def test_never_raises(tex):
    assert isinstance(shown(tex), str)
