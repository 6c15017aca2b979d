"""Digests: one row for each place and local slot, and what a place asks of them; scores by time, for what trends."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_AT = sa.BigInteger()  # microseconds since 1970 UTC


def upgrade() -> None:
    """Add the table `digest`, the settings of digests to `destination`, and an index of `score` by time."""
    op.create_index("ix_score_at", "score", ["at"])
    op.create_table(
        "digest",
        sa.Column(
            "destination",
            sa.Integer(),
            sa.ForeignKey("destination.number", ondelete="CASCADE", name="fk_digest_destination_destination"),
            nullable=False,
            autoincrement=False,
        ),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("since", _AT, nullable=True),
        sa.Column("closed_at", _AT, nullable=True),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("destination", "slot", name="pk_digest"),
        sqlite_with_rowid=False,
    )
    unsent = sa.text("closed_at IS NULL")
    op.create_index("ix_digest_open", "digest", ["destination"], sqlite_where=unsent, postgresql_where=unsent)
    for name, default in (("digest_min", "1"), ("digest_max", "0")):
        op.add_column("destination", sa.Column(name, sa.SmallInteger(), nullable=False, server_default=default))
    op.add_column("destination", sa.Column("digest_empty", sa.Boolean(), nullable=False, server_default=sa.false()))
