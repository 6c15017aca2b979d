"""Search by a kind of term that the word index knows nothing of."""

import pytest

from core.toy_term import pages  # noqa: F401 -- a fixture
from store.test_search import ids, paper, record, search


@pytest.mark.usefixtures("pages")
async def test_a_new_kind_of_term_is_searched_by_evaluation(store):
    await record(
        store,
        paper(1, "Lora", comment="25 pages"),
        paper(2, "Lora", comment="8 pages"),
        paper(3, "Other", comment="40 pages"),
    )
    assert ids(await search(store, "lora pages>=20")) == ["2601.00001"]
    assert ids(await search(store, "lora -pages>=20")) == ["2601.00002"]
    assert ids(await search(store, "pages>=5 lora", order="date")) == ["2601.00002", "2601.00001"]
    assert ids(await search(store, "pages>=20", order="date")) == ["2601.00003", "2601.00001"]
