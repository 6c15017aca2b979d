"""What commands and pages work with in tests: an open service with nothing set except what a test gives."""

from typing import Any, get_args

from paperwire.commands.context import Chat
from paperwire.commands.table import SPECS
from paperwire.core.papers.categories import select
from paperwire.libraries.zotero import Zotero
from paperwire.pipeline.libraries import KeySeal, LibraryReader
from paperwire.ports.requests import Feature
from paperwire.services.access import Access
from servers.direct import DIRECT

KEY = b"k" * 32


def chat_of(**given: Any) -> Chat:
    """`store` and `now` are always given."""

    async def lookup(_paper_id):
        return None

    async def lookup_many(_ids):
        return {}

    usual = {
        "secret_key": KEY,
        "public_url": "https://papers.example.org/",
        "followed": select(["cs", "stat.ML"]),
        "channels": {},
        "lookup": lookup,
        "lookup_many": lookup_many,
        "sources": {},
        "closures": frozenset(),
        "access": Access(),
        "max_subscriptions": 500,
        "zone": "UTC",
        "down_until": lambda _channel: None,
        "public_list": False,
        "calibration": None,
        "closed": lambda _place, _reason: None,
        "specs": SPECS,
        "features": frozenset(get_args(Feature)),
    }
    values = usual | given
    if "libraries" not in values:
        values["libraries"] = LibraryReader(
            store=values["store"],
            service=Zotero("http://127.0.0.1:9", network=DIRECT, agent="tests"),
            seal=KeySeal(values["secret_key"]),
            lookup_many=values["lookup_many"],
            now=values["now"],
        )
    return Chat(**values)
