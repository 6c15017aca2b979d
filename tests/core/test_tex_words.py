"""TeX reduced to what is read, and texts cut into words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.papers.paper import Paper
from paperwire.core.query.prepared import Doc, plain_id
from paperwire.core.text.tex import GREEK, reduce_tex
from paperwire.core.text.words import MOST_JOINED, fold, is_cjk, pieces, remembered, spellings, words_of

READ = [
    (r"Schr\"odinger, Schr\"{o}dinger, Schr{\"o}dinger", "Schrödinger, Schrödinger, Schrödinger"),
    (r"na\"{\i}ve \'\i{} \'{\j}", "naïve í j́"),
    (
        r"Erd\H{o}s, Erd\H os, \v{S}koda, \c c, \k{a}, \r{u}, \u g, \t{oo}, \d{s}",
        "Erdős, Erdős, Škoda, ç, ą, ů, ğ, oo, ṣ",
    ),
    (r"\O rsted, \L{}ukasz, {\ss}, \AA, \ae\oe, \i", "Ørsted, Łukasz, ß, Å, æœ, ı"),
    (r"\emph{a}b \textbf{c} {\it d}e \foo f", "ab c de f"),
    (r"\texttt{code} $x$ \(y\) \[z\]", "code x y z"),
    (r"$\alpha$-divergence $\Lambda$CDM $\varepsilon$ $\digamma$", "α-divergence ΛCDM ε ϝ"),
    (r"$\Lambda CDM$", "ΛCDM"),
    (r"H$_2$O 10^{-3} a\_b", "H_2O 10^-3 a_b"),
    (r"5\% 6% \& \#", "5% 6% & #"),
    (r"$10\times10$ $a\to b$ x\,y z~w \\v", "10 10 a b x y z w  v"),
    (r"$n\log n$", "n log n"),
    (r"\frac{1}{2} \frac{\alpha}{\beta} \frac12 \frac{a", "1/2 α/β 12 a"),
    (r"\href{https://x.org}{text} \textcolor{red}{red} \url{https://x.org/a\_b}", "text red https://x.org/a_b"),
    (r"\begin{equation}x\end{equation}y", " x y"),
    (r"dif\-fusion \operatorname*{argmin} f\!g", "diffusion argmin fg"),
    (r"\LaTeX code, \LaTeX-based", "LaTeX code, LaTeX-based"),
    ("``quoted'' it''s", '"quoted" it"s'),
    (r"\'", " "),
    ("\\", ""),
    (r"\c{\alpha} \' \v", "α   "),
    (r"{unbalanced} } $ {", "unbalanced   "),
    ("no TeX at all: 50% of it's", "no TeX at all: 50% of it's"),
]


@pytest.mark.parametrize(("text", "read"), READ)
def test_what_is_read(text, read):
    assert reduce_tex(text) == unicodedata.normalize("NFC", read)


@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from([*r"\{}$~^_'`a i", r"\frac{", r"\href{", r"\begin", r"\alpha", r"\'", r"\c"])).map(
            "".join
        ),
    )
)
def test_reducing_never_fails_and_leaves_no_braces(text):
    reduced = reduce_tex(text)
    assert not set(reduced) & set("{}$\\")
    assert pieces(text) is not None


@pytest.mark.parametrize(
    "piece", ["\\", "{", "\\frac{", "\\href{a", "\\begin ", "\\' ", "a-", "\\c ", "$", "`", "''", "\\frac{a}{"]
)
def test_long_hostile_texts_are_cut(piece):
    words_of(Doc.of(Paper(id="x", title=piece * 20_000)).title.chunks)


def test_every_greek_letter_has_its_name():
    assert GREEK["Ω"] == "Omega"
    assert GREEK["ς"] == GREEK["σ"] == "sigma"
    assert [p.exact for p in pieces("ΑΒά µ ϵ 𝛼")] == ["Alpha", "Beta", "alpha", "mu", "epsilon", "alpha"]


def cut(text):
    return [(p.exact, p.folded, p.joint) for p in pieces(text)]


def test_pieces_of_a_text():
    assert cut("Fine-Tuning LLMs' C++") == [
        ("Fine", "fine", True),
        ("Tuning", "tuning", False),
        ("LLMs", "llm", False),
        ("C++", "c++", False),
    ]
    assert cut("α-b") == [("alpha", "alpha", True), ("b", "b", False)]
    assert cut("Newton's-law 's x'S") == [
        ("Newton", "newton", True),
        ("law", "law", False),
        ("s", "s", False),
        ("x", "x", False),
    ]
    assert cut("a''b a/b a.-b") == [(word, word, False) for word in "ababab"]
    assert cut("x\u0304y so\u00adft e\u0301") == [("xy", "xy", False), ("soft", "soft", False), ("é", "e", False)]
    assert cut("a\x01b\x02c\u0007é") == [(w, fold(w), False) for w in ("a", "b", "c", "é")]


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("LLMs", "llm"),
        ("GPS", "gps"),
        ("GPs", "gp"),
        ("3Ds", "3d"),
        ("33s", "33s"),
        ("As", "as"),
        ("h100s", "h100s"),
        ("H100s", "h100"),
        ("policies", "policy"),
        ("dies", "die"),
        ("ies", "ies"),
        ("losses", "loss"),
        ("meshes", "mesh"),
        ("boxes", "box"),
        ("matches", "match"),
        ("corpus", "corpus"),
        ("basis", "basis"),
        ("physics", "physics"),
        ("topics", "topic"),
        ("loss", "loss"),
        ("cats", "cat"),
        ("gas", "gas"),
        ("Erdős", "erdo"),
        ("Erdos", "erdo"),
        ("éclairs", "eclair"),
        ("İs", "is"),
        ("ÆØŁĐıŒß", "aeoldioess"),
        ("が", "が"),
        ("한", "한"),
        ("ABCSs", "abcs"),
    ],
)
def test_folding(word, folded):
    assert spellings(word)[1] == folded


def test_joined_words_up_to_a_bound():
    chain = "-".join("abcdefghij")
    joined = words_of([chain])
    assert "abcdefghij"[:MOST_JOINED] in joined
    assert "abcdefghij"[: MOST_JOINED + 1] not in joined
    assert "bcd" in joined


def test_no_more_texts_are_remembered_than_said_and_long_ones_never():
    asked = []

    def shouted(text):
        asked.append(text)
        return text.upper()

    shout = remembered(shouted, 4)
    assert [shout(text) for text in "abab"] == list("ABAB")
    assert asked == ["a", "b"]
    assert [shout(text) for text in "cacdeab"] == list("CACDEAB")
    assert asked == ["a", "b", "c", "d", "e", "b"]  # what recurs stays, and the rest is made again
    assert [shout("x" * 65), shout("x" * 65)] == ["X" * 65] * 2
    assert asked[6:] == ["x" * 65] * 2


@pytest.mark.parametrize(
    ("char", "yes"),
    [("模", True), ("か", True), ("ー", True), ("한", True), ("a", False), ("я", False), ("🙂", False), ("𠀀", True)],
)
def test_cjk(char, yes):
    assert is_cjk(char) is yes


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("arXiv:2510.00001v12", "2510.00001"),
        ("math.GT/0309136v1", "math/0309136"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("doi:10.1101/2025.01.01.123456", "10.1101/2025.01.01.123456"),
        ("postv2", "postv2"),
    ],
)
def test_plain_ids(text, plain):
    assert plain_id(text) == plain


def test_a_prepared_paper():
    doc = Doc.of(Paper(id="arXiv:1", title="X", source="", code_url="https://x", categories=("cs.SY", "I.2.7")))
    assert doc.source == "arxiv"
    assert doc.has_code
    assert doc.lineage == {"cs", "cs.sy", "eess", "eess.sy"}
    assert doc.id == "1"
