"""Subscriptions that were left without any occasion, and so send nothing, send new papers again."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Set the bit for new papers where none is set; 8 is the bit of a route whose subscription is live."""
    op.execute("UPDATE subscription SET occasions = 1 WHERE occasions = 0")
    op.execute("UPDATE subscription_destination SET wants = 9 WHERE wants = 8")
