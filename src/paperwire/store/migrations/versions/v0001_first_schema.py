"""The first schema.

Full text: `paper_words` holds what `core.lookup.index_row` makes of each paper, on SQLite in an FTS5 index without a
copy of the text (its rowid is the place of store/words.py), on PostgreSQL as a tsvector under GIN.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_AT = sa.BigInteger()  # microseconds since 1970 UTC
_INT = sa.Integer()
_SMALL = sa.SmallInteger()
_TEXT = sa.Text()
_DATE = sa.Date()
_BOOL = sa.Boolean()
_JSON = sa.JSON()
_BYTES = sa.LargeBinary()


def upgrade() -> None:
    """Create every table."""
    _papers()
    _events()
    _revisions()
    _sources()
    _people()
    _destinations()
    _choices()
    _queries()
    _subscriptions()
    _feeds()
    _deliveries()
    _service()
    _words()


def _papers() -> None:
    op.create_table(
        "paper",
        *_columns(_INT, "number"),
        *_columns(_TEXT, "id", "source", "title", "abstract"),
        *_columns(_JSON, "authors", "categories"),
        *_columns(_AT, "published", "updated", nullable=True),
        *_columns(_DATE, "announced"),
        *_columns(_SMALL, "version"),
        *_columns(_TEXT, "comment", "doi", "journal_ref", "url", "code_url", "licence"),
        *_columns(_BOOL, "withdrawn"),
        *_columns(_AT, "seen_at"),
        *_columns(_INT, "upvotes", nullable=True),
        *_columns(_TEXT, "title_shown", "abstract_shown"),
        sa.PrimaryKeyConstraint("number", name="pk_paper"),
        sa.UniqueConstraint("id", name="uq_paper_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_paper_announced_number", "paper", ["announced", "number"])
    _partial("ix_paper_scored", "paper", ["announced", "upvotes"], "upvotes IS NOT NULL")
    op.create_table(
        "alias",
        *_columns(_TEXT, "alias"),
        _link("alias", "paper", "paper.number", ondelete=None),
        sa.PrimaryKeyConstraint("alias", "paper", name="pk_alias"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alias_paper", "alias", ["paper"])


def _events() -> None:
    op.create_table(
        "event",
        *_columns(_INT, "number"),
        _link("event", "paper", "paper.number"),
        *_columns(_SMALL, "kind"),
        *_columns(_TEXT, "source"),
        *_columns(_INT, "mark"),
        *_columns(_SMALL, "version"),
        *_columns(_DATE, "day"),
        *_columns(_BOOL, "quiet"),
        *_columns(_AT, "seen_at"),
        *_columns(_INT, "score_from", "score_to", nullable=True),
        *_columns(_AT, "told_at", nullable=True),
        *_columns(_BOOL, "late"),
        *_columns(_AT, "matched_at", nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_event"),
        sqlite_autoincrement=True,
    )
    _partial("ix_event_listed", "event", ["day", "paper"], "kind = 5")
    op.create_index("ix_event_source_day", "event", ["source", "day"])
    _partial("ix_event_unmatched", "event", ["number"], "matched_at IS NULL")
    op.create_index("uq_event_paper_kind_source_mark", "event", ["paper", "kind", "source", "mark"], unique=True)


def _revisions() -> None:
    op.create_table(
        "revision",
        _link("revision", "paper", "paper.number"),
        *_columns(_SMALL, "version"),
        *_columns(_AT, "until"),
        *_columns(_TEXT, "title", "abstract"),
        *_columns(_JSON, "authors"),
        *_columns(_TEXT, "comment"),
        sa.PrimaryKeyConstraint("paper", "version", name="pk_revision"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_revision_until", "revision", ["until"])
    op.create_table(
        "score",
        _link("score", "paper", "paper.number"),
        *_columns(_AT, "at"),
        *_columns(_INT, "upvotes"),
        sa.PrimaryKeyConstraint("paper", "at", name="pk_score"),
        sqlite_with_rowid=False,
    )


def _sources() -> None:
    op.create_table(
        "source_state",
        *_columns(_TEXT, "source", "part", "cursor"),
        *_columns(_AT, "next_at", nullable=True),
        *_columns(_SMALL, "failures"),
        *_columns(_AT, "ok_at", nullable=True),
        *_columns(_TEXT, "error"),
        *_columns(_BOOL, "first_done"),
        sa.PrimaryKeyConstraint("source", "part", name="pk_source_state"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batch",
        *_columns(_TEXT, "source", "part"),
        *_columns(_DATE, "day"),
        *_columns(_TEXT, "state"),
        *_columns(_INT, "new", "crossed", "replaced"),
        *_columns(_TEXT, "ids_hash"),
        *_columns(_BOOL, "ids_known"),
        *_columns(_JSON, "evidence"),
        *_columns(_AT, "changed_at"),
        sa.PrimaryKeyConstraint("source", "part", "day", name="pk_batch"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_batch_day", "batch", ["day"])


def _people() -> None:
    op.create_table(
        "person",
        *_columns(_INT, "number"),
        *_columns(_TEXT, "name", "locale", "zone"),
        *_columns(_AT, "created_at"),
        sa.PrimaryKeyConstraint("number", name="pk_person"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account",
        *_columns(_TEXT, "channel", "user_id"),
        _link("account", "person", "person.number"),
        sa.PrimaryKeyConstraint("channel", "user_id", name="pk_account"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_account_person", "account", ["person"])


def _destinations() -> None:
    op.create_table(
        "destination",
        *_columns(_INT, "number"),
        *_columns(_TEXT, "channel", "address", "kind", "title"),
        _link("destination", "owner", "person.number", ondelete="SET NULL", nullable=True),
        *_columns(_TEXT, "cadence", "zone", "quiet", "style", "paused"),
        *_columns(_AT, "created_at"),
        *_columns(_AT, "next_due_at", "leased_until", nullable=True),
        *_columns(_TEXT, "lease_owner", nullable=True),
        *_columns(_AT, "hold_until", nullable=True),
        *_columns(_SMALL, "failures"),
        *_columns(_TEXT, "last_message"),
        sa.PrimaryKeyConstraint("number", name="pk_destination"),
        sqlite_autoincrement=True,
    )
    _partial("ix_destination_channel_next_due_at", "destination", ["channel", "next_due_at"], "next_due_at IS NOT NULL")
    _partial("ix_destination_leased_until", "destination", ["leased_until"], "leased_until IS NOT NULL")
    op.create_index("ix_destination_owner", "destination", ["owner"])
    op.create_index("uq_destination_channel_address", "destination", ["channel", "address"], unique=True)


def _choices() -> None:
    op.create_table(
        "mute",
        *_columns(_INT, "number"),
        _link("mute", "destination", "destination.number"),
        *_columns(_TEXT, "kind", "value"),
        *_columns(_AT, "created_at"),
        sa.PrimaryKeyConstraint("number", name="pk_mute"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mute_value", "mute", ["value"])
    op.create_index("uq_mute_destination_kind_value", "mute", ["destination", "kind", "value"], unique=True)
    op.create_table(
        "saved",
        _link("saved", "person", "person.number"),
        _link("saved", "paper", "paper.number", ondelete=None),
        *_columns(_AT, "saved_at"),
        sa.PrimaryKeyConstraint("person", "paper", name="pk_saved"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_saved_paper", "saved", ["paper"])
    op.create_table(
        "watch",
        _link("watch", "paper", "paper.number", ondelete=None),
        _link("watch", "destination", "destination.number"),
        _link("watch", "person", "person.number"),
        *_columns(_AT, "since"),
        sa.PrimaryKeyConstraint("paper", "destination", name="pk_watch"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_watch_destination", "watch", ["destination"])
    op.create_index("ix_watch_person", "watch", ["person"])


def _queries() -> None:
    op.create_table(
        "query",
        *_columns(_INT, "number"),
        *_columns(_TEXT, "key", "text"),
        *_columns(_BYTES, "dumped"),
        *_columns(_INT, "upvotes", nullable=True),
        *_columns(_INT, "seq"),
        *_columns(_BOOL, "in_use"),
        sa.PrimaryKeyConstraint("number", name="pk_query"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_query_seq", "query", ["seq"])
    op.create_index("uq_query_key", "query", ["key"], unique=True)
    op.create_table(
        "counter",
        *_columns(_TEXT, "name"),
        *_columns(_INT, "value"),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('query', 0), ('paper', 0), ('fan_out', 0), ('content', 0)")


def _subscriptions() -> None:
    op.create_table(
        "subscription",
        *_columns(_INT, "number"),
        _link("subscription", "person", "person.number"),
        _link("subscription", "query", "query.number"),
        *_columns(_TEXT, "text", "name"),
        *_columns(_SMALL, "occasions"),
        *_columns(_TEXT, "cadence", "mention"),
        *_columns(_BOOL, "paused"),
        *_columns(_AT, "began_at"),
        *_columns(_AT, "deleted_at", nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_subscription"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscription_person", "subscription", ["person"])
    op.create_index("ix_subscription_query", "subscription", ["query"])
    op.create_table(
        "subscription_destination",
        _link("subscription_destination", "destination", "destination.number"),
        _link("subscription_destination", "subscription", "subscription.number"),
        *_columns(_INT, "query"),
        *_columns(_AT, "began_at"),
        *_columns(_SMALL, "wants"),
        *_columns(_AT, "next_slot_at", nullable=True),
        sa.PrimaryKeyConstraint("destination", "subscription", name="pk_subscription_destination"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_subscription_destination_query", "subscription_destination", ["query"])
    op.create_index("ix_subscription_destination_subscription", "subscription_destination", ["subscription"])
    waiting = "next_slot_at IS NOT NULL"
    _partial("ix_subscription_destination_next_slot_at", "subscription_destination", ["next_slot_at"], waiting)


def _feeds() -> None:
    op.create_table(
        "feed",
        *_columns(_INT, "number"),
        _link("feed", "person", "person.number"),
        _link("feed", "subscription", "subscription.number", nullable=True),
        *_columns(_INT, "generation"),
        *_columns(_TEXT, "token_hash"),
        *_columns(_AT, "created_at"),
        sa.PrimaryKeyConstraint("number", name="pk_feed"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_subscription", "feed", ["subscription"])
    _partial("uq_feed_person", "feed", ["person"], "subscription IS NULL", unique=True)
    op.create_index("uq_feed_person_subscription", "feed", ["person", "subscription"], unique=True)
    op.create_index("uq_feed_token_hash", "feed", ["token_hash"], unique=True)
    op.create_table(
        "retired_token",
        *_columns(_TEXT, "token_hash"),
        *_columns(_AT, "retired_at"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_retired_token"),
        sqlite_with_rowid=False,
    )


def _deliveries() -> None:
    op.create_table(
        "match",
        *_columns(_AT, "seen_at"),
        *_columns(_INT, "query", "paper"),
        *_columns(_SMALL, "occasion"),
        *_columns(_BOOL, "quiet"),
        sa.PrimaryKeyConstraint("query", "paper", "occasion", name="pk_match"),
        sqlite_with_rowid=False,
    )
    _partial("ix_match_query_seen_at", "match", ["query", "seen_at"], "occasion <> 0")
    op.create_table(
        "delivery",
        *_columns(_AT, "due_at"),
        *_columns(_AT, "settled_at", nullable=True),
        *_columns(_INT, "destination", "paper"),
        *_columns(_SMALL, "occasion", "state", "attempts"),
        sa.PrimaryKeyConstraint("destination", "paper", "occasion", name="pk_delivery"),
        sqlite_with_rowid=False,
    )
    _partial("ix_delivery_dead", "delivery", ["settled_at"], "state = 2")
    _partial("ix_delivery_owed", "delivery", ["destination", "due_at"], "state = 0")


def _service() -> None:
    op.create_table(
        "lease",
        *_columns(_TEXT, "name", "owner"),
        *_columns(_AT, "until"),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pace",
        *_columns(_TEXT, "service"),
        *_columns(_AT, "next_at"),
        *_columns(_AT, "closed_until", nullable=True),
        sa.PrimaryKeyConstraint("service", name="pk_pace"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "setting",
        *_columns(_TEXT, "key", "value"),
        sa.PrimaryKeyConstraint("key", name="pk_setting"),
        sqlite_with_rowid=False,
    )


def _columns(kind: sa.types.TypeEngine[Any], *names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable, autoincrement=name == "number") for name in names]


def _link(
    table: str, name: str, target: str, *, ondelete: str | None = "CASCADE", nullable: bool = False
) -> sa.Column[Any]:
    link = sa.ForeignKey(target, name=f"fk_{table}_{name}_{target.partition('.')[0]}", ondelete=ondelete)
    return sa.Column(name, _INT, link, nullable=nullable, autoincrement=False)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE paper_words USING fts5(title, abstract, rest, content='', tokenize='ascii')")
        return
    op.execute("CREATE TABLE paper_words (place BIGINT CONSTRAINT pk_paper_words PRIMARY KEY, words TSVECTOR NOT NULL)")
    op.execute("CREATE INDEX ix_paper_words_words ON paper_words USING GIN (words)")
