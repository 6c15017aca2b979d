"""Which databases tests run on, and PostgreSQL databases of a test's own."""

import os
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

from paperwire.store.database import engine

POSTGRES = os.environ.get("TEST_POSTGRES", "")
DATABASES = ("sqlite", "postgresql") if POSTGRES else ("sqlite",)
"""The parameters of a fixture or test that runs on each database; conftest.py marks those with the second."""


@contextmanager
def created(name):
    """An empty PostgreSQL database of this name, gone afterwards: its URL."""
    url = make_url(POSTGRES)
    admin = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield url.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def share_compiled():
    """Let all stores of this process share what SQLAlchemy compiles: each test opens its own, for the same statements.

    That is a third of the time of what works with a database.
    """
    compiled = LRUCache(4000)
    create = engine.create_async_engine

    def sharing(*args, **options):
        made = create(*args, **options)
        made.sync_engine._compiled_cache = compiled
        return made

    engine.create_async_engine = sharing
    for dialect in (SQLiteDialect_aiosqlite, PGDialectAsync_psycopg):  # the key of what is compiled holds it
        dialect.__eq__ = lambda self, other: type(self) is type(other)
        dialect.__hash__ = lambda self: hash(type(self))
