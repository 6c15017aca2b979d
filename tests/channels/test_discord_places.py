"""A place as people name it in the option `to` of a command on Discord."""

from types import SimpleNamespace

import pytest

from paperwire.channels.discord.commands import PickedPlace

NOWHERE = SimpleNamespace(guild=None, user=None)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("me", "me"),
        ("<#1001>", "<#1001>"),
        ("1001", "<#1001>"),
        (SimpleNamespace(id=1001), "<#1001>"),  # picked by a client that has the command of before
        ("email:ada@example.org", "email:ada@example.org"),
    ],
)
async def test_a_place_is_named_as_messages_name_it(given, place):
    assert await PickedPlace().transform(NOWHERE, given) == place
