"""The ground of the store: how a database is spoken to, the tables in it, and their rows as values of other rooms."""
