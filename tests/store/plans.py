"""How a database would look up what a part of the store asks."""

from sqlalchemy import event

from paperwire.store.database.statements import is_sqlite


async def plan_of(unit, asking, mark=""):
    """The plan of the one statement, with `mark` in its text, that `asking` leads to; not by reading a whole table."""
    asked = []

    def note(*about):
        asked.append(about[2:4])

    engine = unit.connection.sync_connection.engine
    event.listen(engine, "before_cursor_execute", note)
    await asking
    event.remove(engine, "before_cursor_execute", note)
    ((statement, values),) = [one for one in asked if mark in one[0]]
    if not is_sqlite(unit.connection):
        await unit.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN QUERY PLAN" if is_sqlite(unit.connection) else "EXPLAIN"
    return str((await unit.connection.exec_driver_sql(f"{explain} {statement}", values)).all())
