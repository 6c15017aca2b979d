"""Author names as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.papers.names import family_name, folded, names_of, split_names, tidy_name


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ada  Lovelace ", "Ada Lovelace"),
        (r"J\"org M{\"u}ller (ETH Zurich)", "Jörg Müller"),
        (r"\'Eric Gaussier", "Éric Gaussier"),
        (r"Herv\'{e} D\'ejean", "Hervé Déjean"),
        (r"{\L}ukasz S{\o}rensen", "Łukasz Sørensen"),
        (r"S. \v{S}imi\'{c}", "S. Šimić"),
        ("Hawking, S. W.", "S. W. Hawking"),
        ("King, M., Jr", "M. King Jr"),
        ("King, Jr., M.", "M. King Jr."),
        ("van der Berg, Jan", "Jan van der Berg"),
        ("Ada~Lovelace (1 and 2) ((a) b)", "Ada Lovelace"),
        ("Ada Lovelace (open", "Ada Lovelace"),
        ("closed) Ada", "closed Ada"),
        ("Ren\\'e 100% Pure", "René 100% Pure"),
        ("(nobody)", ""),
        ("Lovelace,", "Lovelace"),
        ("O'Brien", "O'Brien"),
        ("$\\Lambda$ Collaboration", "Λ Collaboration"),
    ],
)
def test_one_name(written, read):
    assert tidy_name(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("A. Bee, C. Dee and E. Eff", ("A. Bee", "C. Dee", "E. Eff")),
        ("A. Bee, C. Dee, and E. Eff, Jr.", ("A. Bee", "C. Dee", "E. Eff Jr.")),
        ("A. Bee (X, Y and Z), C. Dee (U)", ("A. Bee", "C. Dee")),
        ("Family, G.; Other, H. I.;", ("G. Family", "H. I. Other")),
        ("Hawking, S. W., Penrose, R.", ("S. W. Hawking", "R. Penrose")),
        ("A. Bee & C. Dee", ("A. Bee", "C. Dee")),
        ("Anderson Sandy, Andy And", ("Anderson Sandy", "Andy And")),
        (r"J\"org A, Ada B", ("Jörg A", "Ada B")),
        ("A. Foo, & R. Bar", ("A. Foo", "R. Bar")),
        ("A. Foo, &R. Bar", ("A. Foo", "R. Bar")),
        ("Hawking, S. W., & Penrose, R.", ("S. W. Hawking", "R. Penrose")),
        ("for the XYZ Collaboration, A. Bee, :", ("XYZ Collaboration", "A. Bee")),
        ("A. Bee, on behalf of the CMS Collaboration", ("A. Bee", "CMS Collaboration")),
        ("A. Bee (on behalf of the CMS Collaboration), C. Dee", ("A. Bee", "C. Dee")),
        ("A. Bee and on behalf of  the CMS and ATLAS Collaborations", ("A. Bee", "CMS and ATLAS Collaborations")),
        ("A. Bee on behalf of LIGO, C. Dee", ("A. Bee", "LIGO", "C. Dee")),
        ("Thomas For, A. Group", ("Thomas For", "A. Group")),
        ("Jr.", ("Jr.",)),
        ("", ()),
    ],
)
def test_many_names_in_one_string(written, read):
    assert split_names(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("& R. Bar", ("R. Bar",)),
        ("and R. Bar", ("R. Bar",)),
        ("Andy Bar", ("Andy Bar",)),
        ("A. Bee for ARA Collaboration", ("A. Bee", "ARA Collaboration")),
        ("for the Pierre Auger Collaboration", ("Pierre Auger Collaboration",)),
        ("Collaboration, for the CMS", ("CMS Collaboration",)),
        ("Bee, A. (on behalf of the CMS Collaboration)", ("A. Bee",)),
        ("Euclid Collaboration", ("Euclid Collaboration",)),
        ("(X)", ()),
    ],
)
def test_one_author_of_a_list_and_whom_it_speaks_for(written, read):
    assert names_of(written) == read


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Kaiming He", "He"),
        ("M. King Jr.", "King"),
        ("Henry VIII III", "VIII"),
        ("Jr", "Jr"),
        ("", ""),
        ("Plato", "Plato"),
    ],
)
def test_the_family_name_is_the_last_word_that_is_no_suffix(name, family):
    assert family_name(name) == family


@pytest.mark.parametrize("text", ["\\begin{x Ada", "Ada \\href", "\\begin{array}{ Ada", "Ada$"])
def test_broken_tex_still_gives_a_name(text):
    assert tidy_name(text).endswith("Ada")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Erd\\H{o}s--R\\'enyi: H$_2$O!", "erdos renyi h 2o"),
        ("Straße ØRE", "strasse ore"),
        ("50% off", "50 off"),
        ("…", ""),
    ],
)
def test_folded(text, words):
    assert folded(text) == words


words = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), min_size=2, max_size=12)


@given(words, words)
def test_family_first_and_family_last_are_one_name(given_name, family):
    assert tidy_name(f"{family}, {given_name}") == tidy_name(f"{given_name} {family}")


@given(st.text(max_size=200))
def test_no_text_fails_and_tidying_leaves_single_spaces(text):
    name = tidy_name(text)
    assert name == name.strip()
    assert "  " not in name
    assert all(names == names.strip() for names in split_names(text))
    folded(text)
