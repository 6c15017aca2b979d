"""A migration that comes after `HEAD`: a column that all papers get, in pieces of `PIECE` rows."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "HEAD"
PIECE = 40


def upgrade():
    """Add a column."""
    op.add_column("paper", sa.Column("length", sa.Integer(), nullable=False, server_default="0"))


def rewrite(connection, after):
    """Count the characters of titles, some papers at a time."""
    following = sa.text("SELECT number FROM paper WHERE number > :after ORDER BY number LIMIT :piece")
    numbers = connection.execute(following, {"after": after, "piece": PIECE}).scalars().all()
    if not numbers:
        return None
    rows = sa.text("UPDATE paper SET length = length + length(title) WHERE number > :after AND number <= :last")
    connection.execute(rows, {"after": after, "last": numbers[-1]})
    return numbers[-1]
