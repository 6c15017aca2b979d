"""The pictures in the docs are those of the code."""

import pictures
import pytest


@pytest.mark.parametrize("page", pictures.PICTURES)
def test_a_picture_is_what_the_code_says(page):
    drawn = pictures.with_picture(page)
    assert (pictures.ROOT / "docs" / page).read_text() == drawn, "draw it again: python tests/docs/pictures.py"
    assert drawn.count(pictures.PICTURES[page]()) == 1


def test_completeness_goes_one_way():
    arrows = list(pictures.arrows())
    assert ("pipeline.reconcile", "pipeline.ingest") in arrows
    assert ("store.sources", "core.days.proof") in arrows
    assert not {(whom, who) for who, whom in arrows} & set(arrows)


def test_the_schema_shows_keys_and_what_points_at_what():
    drawn = pictures.schema()
    assert "  person ||--o{ saved : person" in drawn
    assert "  paper ||..o{ delivery : paper" in drawn
    assert "    text id\n" in drawn
    assert "    integer number PK\n" in drawn
