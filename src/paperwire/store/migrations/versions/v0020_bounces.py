"""Messages that came back, which pause their place for a while when they are many."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add `bounce`."""
    op.create_table(
        "bounce",
        sa.Column(
            "destination",
            sa.Integer(),
            sa.ForeignKey("destination.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("probe_at", sa.BigInteger(), nullable=True),
        sa.Column("probed_at", sa.BigInteger(), nullable=True),
        sa.Column("probes", sa.SmallInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
