"""A shared place owns its subscriptions; numbers that people see count from 1 for each person and place.

A subscription that goes to several places becomes one for each shared place among them and one of the person's for
the rest. Two of an owner with one query at one place become one: the earliest beginning, all occasions, the soonest
cadence.
Deliveries stay as they are, so that nothing is sent again, and feeds go on showing what they showed (`feed_part`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_INT = sa.Integer()
_AT = sa.BigInteger()  # microseconds since 1970 UTC
_LIVE = 8
_PAST = 0
"""A slot that is past is worked out anew before the next fan-out."""
_PACES = {"instant": 0, "daily": 1, "weekly": 2}
_CHILDREN = ("subscription_destination", "feed", "undo")


def upgrade() -> None:
    """Make room for owners, give each subscription its own, join what is the same, and count."""
    _widen_subscriptions()
    _widen_watches()
    _widen_feeds()
    db = op.get_bind()
    _divide(db)
    _give(db)
    for owner in ("place", "person"):
        _join_all(db, owner)
    db.execute(_COUNT)
    _forbid_doubles()


# --- the schema ------------------------------------------------------------------------------------------------------


@contextmanager
def _rebuilt(name: str, children: Sequence[str] = (), **kept: bool) -> Iterator[Any]:
    """A table to alter. SQLite makes it anew, and would drop what points to it and begin to count again."""
    db = op.get_bind()
    is_sqlite = db.dialect.name == "sqlite"
    parked = children if is_sqlite else ()
    for child in parked:
        op.execute(f"CREATE TEMPORARY TABLE parked_{child} AS SELECT * FROM {child}")  # noqa: S608 -- a name above
        op.execute(f"DELETE FROM {child}")  # noqa: S608 -- a name above
    counted = {"named": name}
    last = db.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :named"), counted) if is_sqlite else None
    with op.batch_alter_table(name, table_kwargs=kept) as table:
        yield table
    for child in parked:
        op.execute(f"INSERT INTO {child} SELECT * FROM parked_{child}")  # noqa: S608 -- a name above
        op.execute(f"DROP TABLE parked_{child}")
    if last is not None:
        db.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :named"), counted)
        db.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:named, :last)"), counted | {"last": last})


def _widen_subscriptions() -> None:
    with _rebuilt("subscription", _CHILDREN, sqlite_autoincrement=True) as table:
        table.alter_column("person", existing_type=_INT, nullable=True)
        _add_link(table, "subscription", "place", "destination")
        _add_link(table, "subscription", "added_by", "person", ondelete="SET NULL")
        table.add_column(sa.Column("ordinal", _INT, nullable=False, server_default="0"))
        table.add_column(sa.Column("edited_at", _AT, nullable=True))
        table.add_column(sa.Column("former_text", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("former_began_at", _AT, nullable=True))
    op.create_index("ix_subscription_added_by", "subscription", ["added_by"])


def _widen_watches() -> None:
    with _rebuilt("watch", sqlite_with_rowid=False) as table:
        table.alter_column("person", existing_type=_INT, nullable=True)
        table.drop_constraint("fk_watch_person_person", type_="foreignkey")
        table.create_foreign_key("fk_watch_person_person", "person", ["person"], ["number"], ondelete="SET NULL")


def _widen_feeds() -> None:
    for name in ("uq_feed_person", "uq_feed_person_subscription"):
        op.drop_index(name, "feed")
    with _rebuilt("feed", sqlite_autoincrement=True) as table:
        table.alter_column("person", existing_type=_INT, nullable=True)
        _add_link(table, "feed", "place", "destination")
        table.add_column(sa.Column("former", sa.Boolean(), nullable=False, server_default=sa.false()))
    for owner in ("person", "place"):
        op.create_index(f"ix_feed_{owner}", "feed", [owner])
    op.create_table(
        "feed_part",
        sa.Column("feed", _INT, nullable=False),
        sa.Column("subscription", _INT, nullable=False),
        sa.Column("began_at", _AT, nullable=False),
        sa.Column("occasions", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "subscription", name="pk_feed_part"),
        sa.ForeignKeyConstraint(["feed"], ["feed.number"], name="fk_feed_part_feed_feed", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscription"], ["subscription.number"], name="fk_feed_part_subscription_subscription", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feed_part_subscription", "feed_part", ["subscription"])


def _add_link(table: Any, name: str, column: str, target: str, *, ondelete: str = "CASCADE") -> None:
    table.add_column(sa.Column(column, _INT, nullable=True))
    table.create_foreign_key(f"fk_{name}_{column}_{target}", target, [column], ["number"], ondelete=ondelete)


def _forbid_doubles() -> None:
    for owner in ("person", "place"):
        op.create_index(f"uq_subscription_{owner}_ordinal", "subscription", [owner, "ordinal"], unique=True)
        _only_one(f"uq_feed_{owner}", "feed", [owner], "subscription IS NULL AND NOT former")
        _only_one(f"uq_feed_{owner}_subscription", "feed", [owner, "subscription"], "NOT former")
    _only_one("uq_subscription_place_query", "subscription", ["place", "query"], "deleted_at IS NULL")


def _only_one(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


# --- the rows, as this revision reads them ---------------------------------------------------------------------------


def _table(name: str, /, *numbers: str, **others: sa.types.TypeEngine[Any]) -> sa.TableClause:
    columns = {**dict.fromkeys(numbers, _INT), **others}
    return sa.table(name, *(sa.column(column, kind) for column, kind in columns.items()))


_SUBSCRIPTION = _table(
    "subscription",
    *("number", "person", "place", "added_by", "ordinal", "query", "occasions"),
    **dict.fromkeys(("text", "name", "cadence", "mention"), sa.Text()),
    paused=sa.Boolean(),
    **dict.fromkeys(("began_at", "deleted_at"), _AT),
)
_PLACE = _table("destination", "number", kind=sa.Text(), cadence=sa.Text())
_ROUTE = _table(
    "subscription_destination", "destination", "subscription", "query", "wants", began_at=_AT, next_slot_at=_AT
)
_FEED = _table("feed", "number", "person", "subscription", former=sa.Boolean())
_PART = _table("feed_part", "feed", "subscription", "occasions", began_at=_AT)
_UNDO = _table("undo", "subscription", "destination")
_MUTE = _table("mute", "number", "destination", kind=sa.Text(), value=sa.Text())
_IS_SHARED = _PLACE.c.kind.in_(["group", "channel", "topic", "thread"])
_RANK = sa.func.row_number().over(
    partition_by=(_SUBSCRIPTION.c.person, _SUBSCRIPTION.c.place),
    order_by=(_SUBSCRIPTION.c.deleted_at.is_not(None), _SUBSCRIPTION.c.number),
)
_RANKED = sa.select(_SUBSCRIPTION.c.number, _RANK.label("rank")).subquery()
_COUNT = sa.update(_SUBSCRIPTION).values(ordinal=_RANKED.c.rank).where(_RANKED.c.number == _SUBSCRIPTION.c.number)


# --- one owner each --------------------------------------------------------------------------------------------------


def _divide(db: sa.Connection) -> None:
    """Make another subscription for each shared place beyond what one owner may have."""
    routes = sa.select(_ROUTE.c.subscription, _ROUTE.c.destination, _IS_SHARED.label("is_shared")).join_from(
        _ROUTE, _PLACE, _PLACE.c.number == _ROUTE.c.destination
    )
    several = sa.select(_ROUTE.c.subscription).group_by(_ROUTE.c.subscription).having(sa.func.count() > 1)
    goes: defaultdict[int, list[tuple[int, bool]]] = defaultdict(list)
    ordered = routes.where(_ROUTE.c.subscription.in_(several)).order_by(_ROUTE.c.subscription, _ROUTE.c.destination)
    for number, place, is_shared in db.execute(ordered).all():
        goes[number].append((place, is_shared))
    for number, places in goes.items():
        shared = [place for place, is_shared in places if is_shared]
        stays_personal = len(shared) < len(places)
        for place in shared if stays_personal else shared[1:]:
            _move(db, number, place, _copy(db, number))


def _copy(db: sa.Connection, number: int) -> int:
    """Another subscription that says the same."""
    names = ("person", "query", "text", "name", "occasions", "cadence", "mention", "paused", "began_at", "deleted_at")
    row = db.execute(
        sa.select(*(_SUBSCRIPTION.c[name] for name in names)).where(_SUBSCRIPTION.c.number == number)
    ).one()
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name
    made: int = db.scalar(sa.insert(_SUBSCRIPTION).values(values).returning(_SUBSCRIPTION.c.number)) or 0
    return made


def _move(db: sa.Connection, number: int, place: int, to: int) -> None:
    """Let what leads to a place, waits for an undo or is muted there be another subscription's."""
    for table in (_ROUTE, _UNDO):
        its = sa.and_(table.c.subscription == number, table.c.destination == place)
        db.execute(sa.update(table).where(its).values(subscription=to))
    muted = sa.and_(_MUTE.c.destination == place, _MUTE.c.kind == "subscription", _MUTE.c.value == str(number))
    db.execute(sa.update(_MUTE).where(muted).values(value=str(to)))


def _give(db: sa.Connection) -> None:
    """Give shared places what leads there, and let feeds go on showing it."""
    its = sa.and_(_ROUTE.c.subscription == _SUBSCRIPTION.c.number, _PLACE.c.number == _ROUTE.c.destination)
    values = {"place": _PLACE.c.number, "added_by": _SUBSCRIPTION.c.person, "person": None}
    db.execute(sa.update(_SUBSCRIPTION).where(its, _IS_SHARED).values(values))
    given = _SUBSCRIPTION.c.place.is_not(None)
    whole = sa.and_(_FEED.c.subscription.is_(None), _FEED.c.person == _SUBSCRIPTION.c.added_by)
    shows = sa.or_(whole, _FEED.c.subscription == _SUBSCRIPTION.c.number)
    columns = (_FEED.c.number, _SUBSCRIPTION.c.number, _SUBSCRIPTION.c.began_at, _SUBSCRIPTION.c.occasions)
    parts = sa.select(*columns).join_from(_FEED, _SUBSCRIPTION, sa.and_(given, shows))
    db.execute(sa.insert(_PART).from_select(["feed", "subscription", "began_at", "occasions"], parts))
    numbers = sa.select(_SUBSCRIPTION.c.number).where(given)
    db.execute(sa.update(_FEED).where(_FEED.c.subscription.in_(numbers)).values(former=True))


# --- one subscription of a query at a place --------------------------------------------------------------------------


def _join_all(db: sa.Connection, owner: str) -> None:
    """Join what one owner has of one query at one place."""
    whose, living = _SUBSCRIPTION.c[owner], _SUBSCRIPTION.c.deleted_at.is_(None)
    key = (whose, _SUBSCRIPTION.c.query)
    often = sa.select(*key).where(whose.is_not(None), living).group_by(*key).having(sa.func.count() > 1).subquery()
    same = sa.and_(often.c[owner] == whose, often.c.query == _SUBSCRIPTION.c.query, living)
    order = (*key, _SUBSCRIPTION.c.began_at, _SUBSCRIPTION.c.number)
    groups: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in db.execute(sa.select(_SUBSCRIPTION).join_from(_SUBSCRIPTION, often, same).order_by(*order)).all():
        groups[getattr(row, owner), row.query].append(row)
    for rows in groups.values():
        while rows:
            _join_first(db, rows)


def _join_first(db: sa.Connection, rows: list[Any]) -> None:
    """Take the first of these off the list, and with it those that lead to a place of its own or of one taken."""
    routes = {row.number: _routes_of(db, row.number) for row in rows}
    taken = [rows.pop(0)]
    reached = set(routes[taken[0].number])
    while near := [row for row in rows if not reached.isdisjoint(routes[row.number])]:
        taken += near
        rows[:] = [row for row in rows if row not in near]
        reached.update(*(routes[row.number] for row in near))
    if len(taken) > 1:
        _join(db, taken, {row.number: routes[row.number] for row in taken})


def _routes_of(db: sa.Connection, number: int) -> dict[int, Any]:
    """By place, with the place's cadence."""
    routes = sa.select(_ROUTE, _PLACE.c.cadence).join_from(_ROUTE, _PLACE, _PLACE.c.number == _ROUTE.c.destination)
    return {row.destination: row for row in db.execute(routes.where(_ROUTE.c.subscription == number)).all()}


def _join(db: sa.Connection, rows: list[Any], routes: dict[int, dict[int, Any]]) -> None:
    """Make one of subscriptions of one query: the first, which began earliest."""
    kept = rows[0]
    pace = min(rows, key=lambda row: (row.paused, _pace(row, routes[row.number])))
    values = {
        "occasions": _all(row.occasions for row in rows),
        "paused": pace.paused,
        "cadence": pace.cadence,
        **{name: next(filter(None, (getattr(row, name) for row in rows)), "") for name in ("name", "mention")},
    }
    for gone in rows[1:]:
        _join_mutes(db, gone.number, kept.number, sorted(set(routes[gone.number]) & set(routes[kept.number])))
        for place in routes[gone.number]:
            if place not in routes[kept.number]:
                _move(db, gone.number, place, kept.number)
                routes[kept.number][place] = routes[gone.number][place]
        _hand_feeds(db, gone.number, kept.number)
        db.execute(sa.delete(_SUBSCRIPTION).where(_SUBSCRIPTION.c.number == gone.number))
    db.execute(sa.update(_SUBSCRIPTION).where(_SUBSCRIPTION.c.number == kept.number).values(values))
    wants = 0 if pace.paused else values["occasions"] | _LIVE
    for place in routes[kept.number]:
        slot = routes[pace.number][place].next_slot_at if place in routes[pace.number] else _PAST
        this = sa.and_(_ROUTE.c.subscription == kept.number, _ROUTE.c.destination == place)
        said = {"wants": wants, "began_at": kept.began_at, "next_slot_at": slot}
        db.execute(sa.update(_ROUTE).where(this).values(said))


def _pace(row: Any, routes: dict[int, Any]) -> int:
    """How soon papers come at the quickest of its places."""
    paces = [row.cadence or route.cadence for route in routes.values()]
    return min((_PACES.get(pace.partition(" ")[0], len(_PACES)) for pace in paces), default=0)


def _all(occasions: Iterator[int]) -> int:
    bits = 0
    for each in occasions:
        bits |= each
    return bits


def _join_mutes(db: sa.Connection, gone: int, kept: int, both: Sequence[int]) -> None:
    """Mutes of one subscription are the other's; where both led to a place, only if both were muted there."""
    is_one = sa.and_(_MUTE.c.kind == "subscription", _MUTE.c.value.in_([str(gone), str(kept)]))
    muted: defaultdict[int, set[str]] = defaultdict(set)
    for place, value in db.execute(sa.select(_MUTE.c.destination, _MUTE.c.value).where(is_one)).all():
        muted[place].add(value)
    for place, values in muted.items():
        here = sa.and_(is_one, _MUTE.c.destination == place)
        if len(values) == 1 and place in both:
            db.execute(sa.delete(_MUTE).where(here))
        elif len(values) == 1:
            db.execute(sa.update(_MUTE).where(here).values(value=str(kept)))
        else:
            db.execute(sa.delete(_MUTE).where(here, _MUTE.c.value == str(gone)))


def _hand_feeds(db: sa.Connection, gone: int, kept: int) -> None:
    """Let feeds that showed one subscription show of the other as much as they did."""
    about = sa.select(_SUBSCRIPTION.c.began_at, _SUBSCRIPTION.c.occasions)
    began_at, occasions = db.execute(about.where(_SUBSCRIPTION.c.number == gone)).one()
    single = db.execute(sa.select(_FEED.c.number).where(_FEED.c.subscription == gone)).scalars().all()
    parts = {row.feed: row for row in db.execute(sa.select(_PART).where(_PART.c.subscription == gone)).all()}
    for feed in {*single, *parts}:
        began, wanted = (parts[feed].began_at, parts[feed].occasions) if feed in parts else (began_at, occasions)
        this = sa.and_(_PART.c.feed == feed, _PART.c.subscription == kept)
        other = db.execute(sa.select(_PART).where(this)).first()
        if other is None:
            values = {"feed": feed, "subscription": kept, "began_at": began, "occasions": wanted}
            db.execute(sa.insert(_PART).values(values))
        else:
            both = {"began_at": min(began, other.began_at), "occasions": wanted | other.occasions}
            db.execute(sa.update(_PART).where(this).values(both))
    db.execute(sa.update(_FEED).where(_FEED.c.number.in_(single)).values(subscription=kept, former=True))
