"""What the index holds of examples, by hash: where it changes, `INDEX_VERSION` grows, or old papers stay unfound."""

import hashlib

from record_examples import READABLE, paper_of

from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import INDEX_VERSION, index_row

WRITTEN = {7: "ea933a285aa0fd4a3a682f08dc460abaa86390ff9e60541fd4c1f4061c13bb55"}
"""The version, and the hash of what it writes. Change both at once."""


def test_what_is_written_otherwise_has_another_version():
    rows = [index_row(Doc.of(paper_of(record))) for _, record, *_ in READABLE]
    written = "\n".join(f"{row.title}|{row.abstract}|{row.rest}" for row in rows)
    assert {INDEX_VERSION: hashlib.sha256(written.encode()).hexdigest()} == WRITTEN
