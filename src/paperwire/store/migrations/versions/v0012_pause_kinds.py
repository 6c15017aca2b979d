"""Why a place is paused is stored as a kind, which each reader gets in their own words; mutes keep names as written.

Depends on no revision but the one it follows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_PAUSED_BY = "paused by "
_KINDS = (
    ("on request", "asked"),
    ("blocked by", "blocked"),
    ("50007", "blocked"),
    ("removed or blocked", "removed"),
    ("kicked", "removed"),
    ("not a member", "removed"),
    ("topic_closed", "topic closed"),
    ("50083", "archived"),
    ("50001", "hidden"),
    ("50013", "silenced"),
    ("rights", "silenced"),
    ("forbidden", "silenced"),
    ("not found", "deleted"),
    ("10003", "deleted"),
    ("deleted", "deleted"),
    ("deactivated", "deleted"),
)
"""What the sentences that were stored before hold in small letters, and the kind that each means; others: `refused`."""


def upgrade() -> None:
    """Put kinds in place of sentences, and add `mute.shown`."""
    op.add_column("mute", sa.Column("shown", sa.Text(), nullable=False, server_default=""))
    destination = sa.table("destination", sa.column("paused", sa.Text()))
    connection = op.get_bind()
    reasons = sa.select(destination.c.paused).where(destination.c.paused != "").distinct()
    for reason in connection.execute(reasons).scalars().all():
        changed = sa.update(destination).where(destination.c.paused == reason)
        connection.execute(changed.values(paused=_kind(reason)))


def _kind(reason: str) -> str:
    if reason.startswith(_PAUSED_BY):
        return f"asked:{reason.removeprefix(_PAUSED_BY)}"
    return next((kind for text, kind in _KINDS if text in reason.lower()), "refused")
