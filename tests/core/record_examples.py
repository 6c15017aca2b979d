"""The examples of terms that read a paper's record, `record_examples.tsv`."""

import json
from pathlib import Path

from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import Paper

EXAMPLES = Path(__file__).with_name("record_examples.tsv")


def examples():
    """Query, record, `true` or `false` or `error`, and the column of an error, as text."""
    lines = EXAMPLES.read_text("utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines]


def paper_of(record, **more):
    values = {"id": "2510.00001", "title": ""} | more | json.loads(record)
    hub = HubEntry.read(values.pop("hub", {}))
    return Paper(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}, hub=hub
    )


READABLE = [row for row in examples() if row[2] != "error"]
REFUSED = [row for row in examples() if row[2] == "error"]
