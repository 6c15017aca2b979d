"""Code that papers promise in a repository, which is asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "promise",
        sa.Column("paper", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["paper.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("paper"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_promise_asked_at", "promise", ["asked_at"])
