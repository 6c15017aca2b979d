"""Requests to send papers to an address, until whoever reads there confirms them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_AT = sa.BigInteger()  # microseconds since 1970 UTC


def upgrade() -> None:
    """Add the table `opt_in`."""
    op.create_table(
        "opt_in",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("used_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.number"], name="fk_opt_in_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name="pk_opt_in"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_opt_in_created_at", "opt_in", ["created_at"])
    op.create_index("ix_opt_in_person", "opt_in", ["person"])
