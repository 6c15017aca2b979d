"""Accounts that a mailbox's yes joined, which are to be named to their users once."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add `unnamed` to `account`: true where a person has a mailbox and another account.

    How they were joined was not written down; those that `/link` joined are named once, too.
    """
    op.add_column("account", sa.Column("unnamed", sa.Boolean(), nullable=False, server_default=sa.false()))
    unnamed = sa.text("unnamed")
    op.create_index("ix_account_unnamed", "account", ["channel"], sqlite_where=unnamed, postgresql_where=unnamed)
    account = sa.table("account", *map(sa.column, ("channel", "user_id", "person", "unnamed")))
    place = sa.table("destination", *map(sa.column, ("channel", "address", "kind")))
    is_there = (place.c.channel == account.c.channel) & (place.c.address == account.c.user_id)
    mailed = sa.select(account.c.person).join_from(account, place, is_there).where(place.c.kind == "mailbox")
    several = sa.select(account.c.person).group_by(account.c.person).having(sa.func.count() > 1)
    joined = account.c.person.in_(mailed) & account.c.person.in_(several)
    op.execute(sa.update(account).where(joined).values(unnamed=sa.true()))
