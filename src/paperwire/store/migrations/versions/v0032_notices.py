"""Retractions and corrections of papers."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Add a column."""
    op.add_column("paper", sa.Column("notices", sa.JSON(), nullable=True))
