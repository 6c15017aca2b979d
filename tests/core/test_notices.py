"""Notices: stored and read again, each once, the gravest first."""

from datetime import date

import pytest

from paperwire.core.messages.record import notice_text
from paperwire.core.papers.identity import is_preprint
from paperwire.core.papers.notices import EditorialNotice, chief_notice, together
from paperwire.texts import ENGLISH

RETRACTION = EditorialNotice(kind="retracted", doi="10.5555/a", day=date(2026, 1, 5), source="publisher")
CORRECTION = EditorialNotice(kind="corrected", doi="10.5555/b", day=date(2026, 1, 6), source="retraction-watch")
BARE = EditorialNotice(kind="corrected", source="Some <b>base</b>")


@pytest.mark.parametrize("notice", [RETRACTION, CORRECTION, BARE], ids=["retraction", "correction", "bare"])
def test_a_notice_is_read_as_it_was_stored(notice):
    assert EditorialNotice.read(notice.values()) == notice


def test_a_notice_has_an_address_if_it_has_a_doi():
    assert RETRACTION.url == "https://doi.org/10.5555/a"
    assert BARE.url == ""


def test_two_databases_say_one_notice_once():
    other = EditorialNotice(kind="retracted", doi="10.5555/a", source="retraction-watch")
    assert together([RETRACTION, other, CORRECTION]) == (RETRACTION, CORRECTION)


def test_a_retraction_goes_before_corrections_and_of_these_the_latest():
    assert chief_notice([CORRECTION, RETRACTION]) == RETRACTION
    assert chief_notice([BARE, CORRECTION]) == CORRECTION
    assert chief_notice([]) is None


def test_it_says_what_when_and_who():
    assert notice_text(RETRACTION, ENGLISH) == "Retracted 5 Jan 2026 (publisher)"
    assert notice_text(CORRECTION, ENGLISH) == "Corrected 6 Jan 2026 (Retraction Watch)"
    assert notice_text(BARE, ENGLISH) == "Corrected (Some <b>base</b>)"


def test_preprints_are_known_by_their_ids():
    assert [is_preprint(name) for name in ("2510.00001", "10.1101/2025.10.01.123456", "10.21203/rs.3.rs-1/v1")]
    assert not is_preprint("10.5555/a")
