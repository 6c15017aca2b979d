"""What queries with `like:` ask for, why they matched, what they have still to be matched with, and former queries."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add `meaning`, `match_score`, `event.awaits_meaning` and `subscription.former_query`."""
    op.create_table(
        "meaning",
        sa.Column("query", sa.Integer(), _link("meaning", "query", "query.number"), nullable=False),
        sa.Column("renewed_at", sa.BigInteger(), nullable=False),
        sa.Column("list_of", sa.Integer(), _link("meaning", "list_of", "person.number"), nullable=True),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("list_changes", sa.Integer(), nullable=False),
        sa.Column("made_after", sa.Integer(), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("query", name="pk_meaning"),
        sqlite_with_rowid=False,
    )
    _partial("ix_meaning_changed", "meaning", "query", "list_changes <> made_after")
    op.create_index("ix_meaning_renewed_at", "meaning", ["renewed_at"])
    op.create_index("ix_meaning_list_of", "meaning", ["list_of"])
    op.create_table(
        "match_score",
        sa.Column("query", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paper", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("occasion", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("query", "paper", "occasion", name="pk_match_score"),
        sqlite_with_rowid=False,
    )
    op.add_column("event", sa.Column("awaits_meaning", sa.Boolean(), nullable=False, server_default=sa.false()))
    _partial("ix_event_awaits_meaning", "event", "number", "awaits_meaning")
    op.add_column("subscription", sa.Column("former_query", sa.Integer(), nullable=True))


def _link(table: str, column: str, target: str) -> sa.ForeignKey:
    return sa.ForeignKey(target, ondelete="CASCADE", name=f"fk_{table}_{column}_{target.split('.', maxsplit=1)[0]}")


def _partial(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
