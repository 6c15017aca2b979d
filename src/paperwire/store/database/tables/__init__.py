"""The tables, lean and with integer keys; rows of these classes never leave the store.

Times are `UTCDateTime` (microseconds). Codes are small integers: `EventCode`, `State`, `core.paper.Occasion.code`,
`Want` bits of a subscription's occasions.
"""

# An import of one of them gets the whole catalogue.
from paperwire.store.database.tables import deliveries, lists, meetings, papers, people, service, subscriptions  # noqa: F401 -- declares them
