"""Lists as one parameter: what a statement finds in them on either database."""

from sqlalchemy import Column, MetaData, Table, select
from sqlalchemy.types import BigInteger

from paperwire.store.database.statements import among, keys, messages, number_list, row_list, times

DESTINATION = Table("destination", MetaData(), Column("number", BigInteger))


async def _found(store, statement, **lists):
    async with store.read() as unit:
        return sorted(tuple(row) for row in await unit.connection.execute(statement, lists))


async def test_numbers_that_a_column_is_among(row_maker, store):
    first, second, _ = [await row_maker.place(str(number)) for number in range(3)]
    wanted = select(DESTINATION.c.number).where(among(DESTINATION.c.number, "places"))
    assert await _found(store, wanted, places=number_list([second, first, 2**40])) == [(first,), (second,)]
    assert await _found(store, wanted, places=number_list([])) == []


async def test_rows_keep_their_numbers_texts_and_gaps(store):
    assert await _found(store, select(keys("asked")), asked=row_list([(1, 2**40, -1), (1, 2, 0)])) == [
        (1, 2, 0),
        (1, 2**40, -1),
    ]
    assert await _found(store, select(times("ends")), ends=row_list([(7, None)])) == [(7, None)]
    odd = 'it\'s "10"\\, é'
    assert await _found(store, select(messages("ids")), ids=row_list([(1, odd), (2, "")])) == [(1, odd), (2, "")]
