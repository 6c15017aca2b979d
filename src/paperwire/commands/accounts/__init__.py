"""Commands about a person: the beginning, accounts, private feeds, signing in."""
