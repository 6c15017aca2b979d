"""The first schema: tables, indexes, the full-text index, and the rows that a new database begins with.

It is number 24 because it is what the 23 revisions before it led to; databases that those made have it already.
Full text: `paper_words` holds what `core.search.indexed.index_row` makes of each paper, on SQLite in an FTS5 index
without a copy of the text (its rowid is the place of store/search/word_index.py), on PostgreSQL as a tsvector under
GIN.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = None

_BIG = sa.BigInteger()  # an instant is microseconds since 1970 UTC
_INT = sa.Integer()
_SMALL = sa.SmallInteger()
_DOUBLE: sa.Double[float] = sa.Double()
_TEXT = sa.Text()
_DATE = sa.Date()
_BOOL = sa.Boolean()
_JSON = sa.JSON()
_BYTES = sa.LargeBinary()
_UNNAMED = {"bounce", "library", "lookup", "vector"}
"""Tables whose keys have the names that the database gives, as they always had."""


def upgrade() -> None:
    """Create every table; one that is pointed to comes before those that point to it."""
    _papers()
    _events()
    _sources()
    _people()
    _destinations()
    _queries()
    _subscriptions()
    _feeds()
    _choices()
    _sign_ins()
    _deliveries()
    _lists()
    _meetings()
    _service()
    _words()


# A table is a paragraph here.
# fmt: off


def _papers() -> None:
    _table("paper", *_columns(_INT, "number"), *_columns(_TEXT, "id", "source", "title", "abstract"),
        *_columns(_JSON, "authors", "categories"), *_columns(_BIG, "published", "updated", nullable=True),
        *_columns(_DATE, "announced"), *_columns(_SMALL, "version"),
        *_columns(_TEXT, "comment", "doi", "journal_ref", "url", "code_url", "licence"), *_columns(_BOOL, "withdrawn"),
        *_columns(_BIG, "seen_at"), *_columns(_INT, "upvotes", nullable=True),
        *_columns(_TEXT, "summary", "feed", default=""), *_columns(_BOOL, "unencoded", default=sa.true()),
        sa.UniqueConstraint("id", name="uq_paper_id"), key=["number"])
    _index("ix_paper_announced_number", "paper", ["announced", "number"])
    _index("ix_paper_scored", "paper", ["announced", "upvotes"], where="upvotes IS NOT NULL")
    _index("ix_paper_unencoded", "paper", ["announced", "number"], where="unencoded")
    _table("alias", *_columns(_TEXT, "alias"), _link("alias", "paper", "paper", ondelete=None), key=["alias", "paper"])
    _index("ix_alias_paper", "alias", ["paper"])


def _events() -> None:
    _table("event", *_columns(_INT, "number"), _link("event", "paper", "paper"), *_columns(_SMALL, "kind"),
        *_columns(_TEXT, "source"), *_columns(_INT, "mark"), *_columns(_SMALL, "version"), *_columns(_DATE, "day"),
        *_columns(_BOOL, "quiet"), *_columns(_BIG, "seen_at"),
        *_columns(_INT, "score_from", "score_to", nullable=True), *_columns(_BIG, "told_at", nullable=True),
        *_columns(_BOOL, "late"), *_columns(_BIG, "matched_at", nullable=True),
        *_columns(_BOOL, "awaits_meaning", default=sa.false()), key=["number"])
    _index("ix_event_awaits_meaning", "event", ["number"], where="awaits_meaning")
    _index("ix_event_listed", "event", ["day", "paper"], where="kind = 5")
    _index("ix_event_source_day", "event", ["source", "day"])
    _index("ix_event_unmatched", "event", ["number"], where="matched_at IS NULL")
    _index("uq_event_paper_kind_source_mark", "event", ["paper", "kind", "source", "mark"], unique=True)
    _table("revision", _link("revision", "paper", "paper"), *_columns(_SMALL, "version"), *_columns(_BIG, "until"),
        *_columns(_TEXT, "title", "abstract"), *_columns(_JSON, "authors"), *_columns(_TEXT, "comment"),
        key=["paper", "version"])
    _index("ix_revision_until", "revision", ["until"])
    _table("score", _link("score", "paper", "paper"), *_columns(_BIG, "at"), *_columns(_INT, "upvotes"),
        key=["paper", "at"])
    _index("ix_score_at", "score", ["at"])
    _table("vector", *_columns(_TEXT, "encoder"), _link("vector", "paper", "paper"), *_columns(_BIG, "at"),
        *_columns(_BYTES, "packed"), key=["encoder", "paper"], with_rowid=True)
    _index("ix_vector_encoder_at", "vector", ["encoder", "at"])
    _index("ix_vector_paper", "vector", ["paper"])


def _sources() -> None:
    _table("source_state", *_columns(_TEXT, "source", "part", "cursor"), *_columns(_BIG, "next_at", nullable=True),
        *_columns(_SMALL, "failures"), *_columns(_BIG, "ok_at", nullable=True), *_columns(_TEXT, "error"),
        *_columns(_BOOL, "first_done"), *_columns(_BIG, "held_until", "tried_at", nullable=True),
        key=["source", "part"])
    _table("batch", *_columns(_TEXT, "source", "part"), *_columns(_DATE, "day"), *_columns(_TEXT, "state"),
        *_columns(_INT, "new", "crossed", "replaced"), *_columns(_TEXT, "ids_hash"), *_columns(_BOOL, "ids_known"),
        *_columns(_JSON, "evidence"), *_columns(_BIG, "changed_at"), *_columns(_TEXT, "doubts", default=""),
        key=["source", "part", "day"])
    _index("ix_batch_day", "batch", ["day"])
    _index("ix_batch_source_day_state", "batch", ["source", "day", "state"])


def _people() -> None:
    _table("person", *_columns(_INT, "number"), *_columns(_TEXT, "name", "locale", "zone"),
        *_columns(_BIG, "created_at"), key=["number"])
    _table("account", *_columns(_TEXT, "channel", "user_id"), _link("account", "person", "person"),
        *_columns(_BOOL, "unnamed", default=sa.false()), key=["channel", "user_id"])
    _index("ix_account_person", "account", ["person"])
    _index("ix_account_unnamed", "account", ["channel"], where="unnamed")


def _destinations() -> None:
    _table("destination", *_columns(_INT, "number"), *_columns(_TEXT, "channel", "address", "kind", "title"),
        _link("destination", "owner", "person", ondelete="SET NULL", nullable=True),
        *_columns(_TEXT, "cadence", "zone", "quiet", "style", "paused"), *_columns(_BIG, "created_at"),
        *_columns(_BIG, "next_due_at", "leased_until", nullable=True), *_columns(_TEXT, "lease_owner", nullable=True),
        *_columns(_BIG, "hold_until", nullable=True), *_columns(_SMALL, "failures"), *_columns(_TEXT, "last_message"),
        *_columns(_BIG, "asked_until", nullable=True), *_columns(_SMALL, "digest_min", default="1"),
        *_columns(_SMALL, "digest_max", default="0"), *_columns(_BOOL, "digest_empty", default=sa.false()),
        *_columns(_TEXT, "community", default=""), *_columns(_INT, "list", nullable=True), key=["number"])
    _index("ix_destination_channel_community", "destination", ["channel", "community"])
    _index("ix_destination_channel_next_due_at", "destination", ["channel", "next_due_at"],
        where="next_due_at IS NOT NULL")
    _index("ix_destination_leased_until", "destination", ["leased_until"], where="leased_until IS NOT NULL")
    _index("ix_destination_owner", "destination", ["owner"])
    _index("uq_destination_channel_address", "destination", ["channel", "address"], unique=True)
    _table("mute", *_columns(_INT, "number"), _link("mute", "destination", "destination"),
        *_columns(_TEXT, "kind", "value"), *_columns(_TEXT, "shown", default=""), *_columns(_BIG, "created_at"),
        key=["number"])
    _index("ix_mute_value", "mute", ["value"])
    _index("uq_mute_destination_kind_value", "mute", ["destination", "kind", "value"], unique=True)
    _table("bounce", _link("bounce", "destination", "destination"), *_columns(_TEXT, "days", "reason"),
        *_columns(_BIG, "probe_at", "probed_at", nullable=True), *_columns(_SMALL, "probes"), key=["destination"])
    _table("departure", _link("departure", "destination", "destination"), *_columns(_INT, "subscription"),
        *_columns(_BIG, "left_at"), *_columns(_TEXT, "paused"), key=["destination", "subscription"])
    _index("ix_departure_left_at", "departure", ["left_at"])


def _queries() -> None:
    _table("query", *_columns(_INT, "number"), *_columns(_TEXT, "key", "text"), *_columns(_BYTES, "dumped"),
        *_columns(_INT, "upvotes", nullable=True), *_columns(_INT, "seq"), *_columns(_BOOL, "in_use"), key=["number"])
    _index("ix_query_seq", "query", ["seq"])
    _index("uq_query_key", "query", ["key"], unique=True)
    _table("meaning", _link("meaning", "query", "query"), *_columns(_BIG, "renewed_at"),
        _link("meaning", "list_of", "person", nullable=True), *_columns(_TEXT, "encoder"), *_columns(_BYTES, "packed"),
        *_columns(_DOUBLE, "threshold", nullable=True),
        *_columns(_INT, "papers", "days", "list_changes", "made_after"), *_columns(_INT, "paper", nullable=True),
        key=["query"])
    _index("ix_meaning_changed", "meaning", ["query"], where="list_changes <> made_after")
    _index("ix_meaning_list_of", "meaning", ["list_of"])
    _index("ix_meaning_renewed_at", "meaning", ["renewed_at"])


def _subscriptions() -> None:
    _table("subscription", *_columns(_INT, "number"), _link("subscription", "person", "person", nullable=True),
        _link("subscription", "place", "destination", nullable=True),
        _link("subscription", "added_by", "person", ondelete="SET NULL", nullable=True),
        *_columns(_INT, "ordinal", default="0"), _link("subscription", "query", "query"),
        *_columns(_TEXT, "text", "name"), *_columns(_SMALL, "occasions"), *_columns(_TEXT, "cadence", "mention"),
        *_columns(_BOOL, "paused"), *_columns(_BIG, "began_at"),
        *_columns(_BIG, "deleted_at", "edited_at", nullable=True), *_columns(_TEXT, "former_text", default=""),
        *_columns(_BIG, "former_began_at", nullable=True), *_columns(_INT, "former_query", nullable=True),
        key=["number"])
    _index("ix_subscription_added_by", "subscription", ["added_by"])
    _index("ix_subscription_person", "subscription", ["person"])
    _index("ix_subscription_query", "subscription", ["query"])
    _index("uq_subscription_person_ordinal", "subscription", ["person", "ordinal"], unique=True)
    _index("uq_subscription_place_ordinal", "subscription", ["place", "ordinal"], unique=True)
    _index("uq_subscription_place_query", "subscription", ["place", "query"], where="deleted_at IS NULL", unique=True)
    _table("subscription_destination", _link("subscription_destination", "destination", "destination"),
        _link("subscription_destination", "subscription", "subscription"), *_columns(_INT, "query"),
        *_columns(_BIG, "began_at"), *_columns(_SMALL, "wants"), *_columns(_BIG, "next_slot_at", nullable=True),
        key=["destination", "subscription"])
    _index("ix_subscription_destination_next_slot_at", "subscription_destination", ["next_slot_at"],
        where="next_slot_at IS NOT NULL")
    _index("ix_subscription_destination_query", "subscription_destination", ["query"])
    _index("ix_subscription_destination_subscription", "subscription_destination", ["subscription"])
    _table("undo", *_columns(_BIG, "due_at"), _link("undo", "subscription", "subscription"),
        _link("undo", "destination", "destination"), *_columns(_INT, "paper"), *_columns(_SMALL, "occasion"),
        key=["subscription", "destination", "paper", "occasion"])


def _feeds() -> None:
    _table("feed", *_columns(_INT, "number"), _link("feed", "person", "person", nullable=True),
        _link("feed", "place", "destination", nullable=True),
        _link("feed", "subscription", "subscription", nullable=True), *_columns(_BOOL, "former", default=sa.false()),
        *_columns(_INT, "generation"), *_columns(_TEXT, "token_hash"), *_columns(_BIG, "created_at"), key=["number"])
    _index("ix_feed_person", "feed", ["person"])
    _index("ix_feed_place", "feed", ["place"])
    _index("ix_feed_subscription", "feed", ["subscription"])
    _index("uq_feed_person", "feed", ["person"], where="subscription IS NULL AND NOT former", unique=True)
    _index("uq_feed_person_subscription", "feed", ["person", "subscription"], where="NOT former", unique=True)
    _index("uq_feed_place", "feed", ["place"], where="subscription IS NULL AND NOT former", unique=True)
    _index("uq_feed_place_subscription", "feed", ["place", "subscription"], where="NOT former", unique=True)
    _index("uq_feed_token_hash", "feed", ["token_hash"], unique=True)
    _table("feed_part", _link("feed_part", "feed", "feed"), _link("feed_part", "subscription", "subscription"),
        *_columns(_BIG, "began_at"), *_columns(_SMALL, "occasions"), key=["feed", "subscription"])
    _index("ix_feed_part_subscription", "feed_part", ["subscription"])
    _table("retired_token", *_columns(_TEXT, "token_hash"), *_columns(_BIG, "retired_at"), key=["token_hash"])


def _choices() -> None:
    _table("saved", _link("saved", "person", "person"), _link("saved", "paper", "paper", ondelete=None),
        *_columns(_BIG, "saved_at"), key=["person", "paper"])
    _index("ix_saved_paper", "saved", ["paper"])
    _table("watch", _link("watch", "paper", "paper", ondelete=None), _link("watch", "destination", "destination"),
        _link("watch", "person", "person", ondelete="SET NULL", nullable=True), *_columns(_BIG, "since"),
        key=["paper", "destination"])
    _index("ix_watch_destination", "watch", ["destination"])
    _index("ix_watch_person", "watch", ["person"])
    _table("library", _link("library", "person", "person"), *_columns(_TEXT, "name", "sealed"),
        *_columns(_BIG, "version"), *_columns(_SMALL, "failures"), *_columns(_BIG, "added_at"),
        *_columns(_BIG, "read_at", nullable=True), *_columns(_BIG, "next_at"), key=["person", "name"])
    _index("ix_library_next_at", "library", ["next_at"])
    _table("lookup", _link("lookup", "person", "person"), *_columns(_TEXT, "paper"),
        *_columns(_BIG, "added_at", "next_at"), key=["person", "paper"])
    _index("ix_lookup_next_at", "lookup", ["next_at"])


def _sign_ins() -> None:
    _table("opt_in", *_columns(_INT, "number"), *_columns(_TEXT, "channel", "address", "client"),
        _link("opt_in", "person", "person", nullable=True), *_columns(_TEXT, "locale"), *_columns(_JSON, "wanted"),
        *_columns(_BIG, "created_at"), *_columns(_BIG, "used_at", nullable=True), key=["number"])
    _index("ix_opt_in_created_at", "opt_in", ["created_at"])
    _index("ix_opt_in_person", "opt_in", ["person"])
    _table("sign_in", *_columns(_TEXT, "token"), _link("sign_in", "person", "person", nullable=True),
        *_columns(_TEXT, "channel", "user_id", "wanted_for", "client"), *_columns(_BIG, "created_at"),
        *_columns(_BIG, "used_at", nullable=True), key=["token"])
    _index("ix_sign_in_created_at", "sign_in", ["created_at"])
    _index("ix_sign_in_person", "sign_in", ["person"])
    _table("session", *_columns(_TEXT, "token"), _link("session", "person", "person"),
        *_columns(_TEXT, "channel", "user_id"), *_columns(_BIG, "created_at", "expires_at"), key=["token"])
    _index("ix_session_person", "session", ["person"])


def _deliveries() -> None:
    _table("match", *_columns(_BIG, "seen_at"), *_columns(_INT, "query", "paper"), *_columns(_SMALL, "occasion"),
        *_columns(_BOOL, "quiet"), key=["query", "paper", "occasion"])
    _index("ix_match_query_seen_at", "match", ["query", "seen_at"], where="occasion <> 0")
    _table("match_score", *_columns(_INT, "query", "paper"), *_columns(_SMALL, "occasion"),
        *_columns(_DOUBLE, "score", "threshold"), *_columns(_TEXT, "encoder"), key=["query", "paper", "occasion"])
    _table("delivery", *_columns(_BIG, "due_at"), *_columns(_BIG, "settled_at", nullable=True),
        *_columns(_INT, "destination", "paper"), *_columns(_SMALL, "occasion", "state", "attempts"),
        key=["destination", "paper", "occasion"])
    _index("ix_delivery_given_up", "delivery", ["settled_at"], where="state >= 2")
    _index("ix_delivery_owed", "delivery", ["destination", "due_at"], where="state = 0")
    _table("failure", *_columns(_BIG, "first_at", "last_at"), *_columns(_BIG, "notified_at", nullable=True),
        _link("failure", "destination", "destination"), *_columns(_INT, "paper"),
        *_columns(_SMALL, "occasion", "unknowns"), *_columns(_TEXT, "reason"), key=["destination", "paper", "occasion"])
    _table("digest", _link("digest", "destination", "destination"), *_columns(_TEXT, "slot"),
        *_columns(_BIG, "due_at"), *_columns(_BIG, "since", "closed_at", nullable=True),
        *_columns(_INT, "papers", "parts", "sent"), key=["destination", "slot"])
    _index("ix_digest_open", "digest", ["destination"], where="closed_at IS NULL")


def _lists() -> None:
    _table("submission", *_columns(_INT, "list"), _link("submission", "paper", "paper", ondelete=None),
        *_columns(_BIG, "at"), *_columns(_BIG, "announced_at", "removed_at", nullable=True),
        _link("submission", "person", "person", ondelete="SET NULL", nullable=True), *_columns(_DATE, "day"),
        *_columns(_TEXT, "name"), *_columns(_BOOL, "barred"), key=["list", "paper"])
    _index("ix_submission_list_at", "submission", ["list", "at"])
    _index("ix_submission_paper", "submission", ["paper"])
    _index("ix_submission_person", "submission", ["person"])
    _index("ix_submission_unannounced", "submission", ["at"], where="announced_at IS NULL AND removed_at IS NULL")
    _table("vote", *_columns(_INT, "list"), _link("vote", "paper", "paper", ondelete=None),
        _link("vote", "person", "person"), *_columns(_BIG, "at"), key=["list", "paper", "person"])
    _index("ix_vote_list_at", "vote", ["list", "at"])
    _index("ix_vote_paper", "vote", ["paper"])
    _index("ix_vote_person", "vote", ["person"])
    _table("card", _link("card", "destination", "destination"), *_columns(_TEXT, "message"), *_columns(_BIG, "at"),
        *_columns(_INT, "paper"), key=["destination", "message"])


def _meetings() -> None:
    _table("agenda", _link("agenda", "destination", "destination"), *_columns(_TEXT, "cadence", "zone"),
        *_columns(_SMALL, "papers", "minutes"), *_columns(_INT, "generation"), key=["destination"])
    _table("meeting", *_columns(_INT, "number"), _link("meeting", "destination", "destination"),
        *_columns(_BIG, "slot_at", "begins_at", "ends_at"), *_columns(_TEXT, "zone", "uid"),
        *_columns(_INT, "sequence"), *_columns(_BIG, "changed_at"),
        *_columns(_BIG, "frozen_at", "cancelled_at", nullable=True), key=["number"])
    _index("uq_meeting_destination_slot_at", "meeting", ["destination", "slot_at"], unique=True)
    _table("talk", _link("talk", "meeting", "meeting"), _link("talk", "paper", "paper", ondelete=None),
        *_columns(_SMALL, "ordinal"), *_columns(_INT, "votes"),
        _link("talk", "presenter", "person", ondelete="SET NULL", nullable=True), key=["meeting", "paper"])
    _index("ix_talk_paper", "talk", ["paper"])
    _index("ix_talk_presenter", "talk", ["presenter"])
    _table("reminder", _link("reminder", "meeting", "meeting"), *_columns(_SMALL, "kind"),
        _link("reminder", "destination", "destination"), *_columns(_BIG, "due_at"),
        *_columns(_BIG, "settled_at", nullable=True), *_columns(_SMALL, "attempts"), key=["meeting", "kind"])
    _index("ix_reminder_destination", "reminder", ["destination"])
    _index("ix_reminder_open", "reminder", ["destination", "due_at"], where="settled_at IS NULL")


def _service() -> None:
    _table("counter", *_columns(_TEXT, "name"), *_columns(_INT, "value"), key=["name"])
    op.execute("INSERT INTO counter (name, value) VALUES ('query', 0), ('paper', 0), ('fan_out', 0), ('content', 0)")
    _table("lease", *_columns(_TEXT, "name", "owner"), *_columns(_BIG, "until"), key=["name"])
    _table("pace", *_columns(_TEXT, "service"), *_columns(_BIG, "next_at"),
        *_columns(_BIG, "closed_until", nullable=True), key=["service"])
    _table(
        "channel_state", *_columns(_TEXT, "channel", "owner", "state"), *_columns(_BIG, "at"), key=["channel", "owner"])
    _table("setting", *_columns(_TEXT, "key", "value"), key=["key"])


# fmt: on


def _words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE paper_words USING fts5(title, abstract, rest, content='', tokenize='ascii')")
        return
    op.execute("CREATE TABLE paper_words (place BIGINT CONSTRAINT pk_paper_words PRIMARY KEY, words TSVECTOR NOT NULL)")
    op.execute("CREATE INDEX ix_paper_words_words ON paper_words USING GIN (words)")


def _table(name: str, *parts: sa.Column[Any] | sa.UniqueConstraint, key: list[str], with_rowid: bool = False) -> None:
    """A table: by its `number`, which is never given twice, or clustered by its key unless it is `with_rowid`."""
    primary = sa.PrimaryKeyConstraint(*key, name=None if name in _UNNAMED else f"pk_{name}")
    if key == ["number"]:
        op.create_table(name, *parts, primary, sqlite_autoincrement=True)
    else:
        op.create_table(name, *parts, primary, sqlite_with_rowid=with_rowid)


def _columns(
    kind: sa.types.TypeEngine[Any],
    *names: str,
    nullable: bool = False,
    default: str | sa.ColumnElement[bool] | None = None,
) -> list[sa.Column[Any]]:
    return [
        sa.Column(name, kind, nullable=nullable, server_default=default, autoincrement=name == "number")
        for name in names
    ]


def _link(
    table: str, column: str, target: str, *, ondelete: str | None = "CASCADE", nullable: bool = False
) -> sa.Column[Any]:
    name = None if table in _UNNAMED else f"fk_{table}_{column}_{target}"
    link = sa.ForeignKey(f"{target}.number", name=name, ondelete=ondelete)
    return sa.Column(column, _INT, link, nullable=nullable, autoincrement=False)


def _index(name: str, table: str, columns: list[str], *, where: str = "", unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
