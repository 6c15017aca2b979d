"""Databases on PostgreSQL made empty for the next test."""

import psycopg
from psycopg import sql
from sqlalchemy import make_url


def empty(url):
    """Delete every row, so that the next test starts afresh; tests leave few rows, which DELETE removes fastest."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = sorted({name for (name,) in found} - {"alembic_version", "counter"})
        connection.execute("SET session_replication_role = replica")  # no foreign key gets in the way
        for name in names:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        connection.execute("UPDATE counter SET value = 0")
