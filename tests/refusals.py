"""What kinds of terms refuse, as they say themselves, and what is refused as it means something elsewhere."""

from paperwire.core.query import elsewhere
from paperwire.core.query.terms import kinds
from paperwire.errors import Refusal


def refusals_of(kind):
    """The refusals on a kind of term."""
    values = [getattr(kind, name) for name in dir(kind)]
    return [value for value in (*values, *(kind.modifier or ())) if isinstance(value, Refusal)]


REFUSALS = [*(refusal for kind in kinds.KINDS for refusal in refusals_of(kind)), *elsewhere.REFUSALS]
