"""Five whole recorded days through a live service, with most subscriptions made after three of them were read.

What a process remembers of the words it has read is larger then than in any other test, so a subscription made late
shows whether it hears of all that comes afterwards.
"""

import sys

import pytest
from week_days import chosen_queries, recorded_week
from week_world import living

pytestmark = [pytest.mark.shared, pytest.mark.slow]
EARLY, DURING, LATE = 24, 6, 50


async def test_who_subscribes_late_hears_of_everything(shared_data, tmp_path, database):
    days = recorded_week(shared_data)
    queries = iter(chosen_queries(shared_data, days, EARLY + DURING + LATE))
    async with living(tmp_path, database, days) as week:
        await week.subscribe([next(queries) for _ in range(EARLY)])
        await week.restart()
        for _ in range(2):
            week.show()
            await week.settled()
        week.show()
        await week.alerts_more(3)
        week.during_an_announcement(await week.subscribe([next(queries) for _ in range(DURING)]))
        await week.settled()
        await week.subscribe(list(queries))
        week.show()
        await week.settled()
        week.show()
        await week.alerts_more(5)
        await week.restart(kill=True)
        await week.settled()
        sys.stdout.write(f"\n{database.partition('+')[0]}: {week.figures()}\n")
        week.assert_each_once()
        assert not week.telegram.violations
