"""Statements compiled once in a test process: each test opens a database of its own, and asks the same of it."""

from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

MOST = 5_000
"""Compiled statements that are kept."""


def share_statements():
    """Let all engines of this process with one dialect share what they compile."""
    caches = {}
    connect = Engine.connect

    def connecting(engine):
        key = engine.dialect.name, engine.dialect.driver
        engine._compiled_cache = caches.setdefault(key, LRUCache(MOST))
        return connect(engine)

    Engine.connect = connecting
