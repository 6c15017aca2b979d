"""People: how they sign in, confirm an address, join accounts and have feeds."""
