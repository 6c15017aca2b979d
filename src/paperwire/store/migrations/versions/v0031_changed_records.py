"""What a paper's record said before it changed, for queries whose terms become true only then."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

_PUBLISHED_AND_CODE = (-2, -3)


def upgrade() -> None:
    """Add a column, and drop matches for which nothing was ever sent: such are sent and shown in feeds from now on."""
    op.add_column("event", sa.Column("before", sa.JSON(), nullable=True))
    match = sa.table("match", sa.column("occasion", sa.SmallInteger))
    op.execute(match.delete().where(match.c.occasion.in_(_PUBLISHED_AND_CODE)))
