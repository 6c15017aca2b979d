"""Which databases tests run on, and PostgreSQL databases of a test's own."""

import os
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url

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
