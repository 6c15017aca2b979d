"""Other spellings of authors' names."""

import pytest

from paperwire.core.query.language import parse
from paperwire.core.search.names import named_otherwise


@pytest.mark.parametrize(
    ("query", "others"),
    [
        ('au:"Le Cun"', ["au:LeCun"]),
        ("au:LeCun", ['au:"Le Cun"']),
        ("au:Mueller", ["au:Müller"]),
        ("au:Müller", ["au:Mueller"]),
        ("kernel au:schoelkopf", ["kernel au:schölkopf"]),
        ('au:"Yann Le Cun" has:code', ['au:"Yann LeCun" has:code']),
        ("au:Rodriguez", []),
        ("au:Michel", []),
        ("Le Cun", []),
        ("-au:Mueller lora", []),
    ],
)
def test_a_name_in_another_spelling(query, others):
    assert [str(other.query) for other in named_otherwise(parse(query))] == others
