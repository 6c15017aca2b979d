"""Files, locks and copies of a database, and the schema it has."""
