"""Papers of imported libraries that sources are still to be asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add `lookup`."""
    op.create_table(
        "lookup",
        sa.Column(
            "person",
            sa.Integer(),
            sa.ForeignKey("person.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("paper", sa.Text(), primary_key=True, nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lookup_next_at", "lookup", ["next_at"])
