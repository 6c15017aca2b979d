"""Sentences with an address in them."""

from paperwire.core.messages.message import Span, with_link

PAGE = "https://papers.example.org/status"


def test_an_address_in_a_sentence_is_a_link_of_its_own():
    link = Span(PAGE, url=PAGE)
    assert with_link(f"See {PAGE} for more.", PAGE) == (Span("See "), link, Span(" for more."))
    assert with_link(PAGE, PAGE) == (link,)
    assert with_link("Nothing here.", PAGE) == (Span("Nothing here."),)
