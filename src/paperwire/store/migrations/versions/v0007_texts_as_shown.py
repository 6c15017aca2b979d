"""Texts as people read them are made when they are shown: stored papers show formulas as the program reads them today.

`paper.title_shown` and `paper.abstract_shown` go: making one takes 23 to 42 microseconds, and they were about half of
the text of the table. Depends on no revision but the one it follows.
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Drop `paper.title_shown` and `paper.abstract_shown`."""
    op.drop_column("paper", "title_shown")
    op.drop_column("paper", "abstract_shown")
