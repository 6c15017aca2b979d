"""The name of the feed that had a paper."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add `paper.feed`, empty for papers of before: an entry that its feed changes gets it."""
    op.add_column("paper", sa.Column("feed", sa.Text(), nullable=False, server_default=""))
