"""Vectors of papers, one an encoder's version, and which papers have none yet."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add `vector`, and `paper.unencoded`, which is true for every paper there is."""
    op.create_table(
        "vector",
        sa.Column("encoder", sa.Text(), primary_key=True, nullable=False),
        sa.Column(
            "paper",
            sa.Integer(),
            sa.ForeignKey("paper.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_vector_paper", "vector", ["paper"])
    op.create_index("ix_vector_encoder_at", "vector", ["encoder", "at"])
    op.add_column("paper", sa.Column("unencoded", sa.Boolean(), nullable=False, server_default=sa.true()))
    unencoded = sa.text("unencoded")
    op.create_index(
        "ix_paper_unencoded", "paper", ["announced", "number"], sqlite_where=unencoded, postgresql_where=unencoded
    )
