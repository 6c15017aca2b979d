"""How a database is spoken to: its engine, statements for both kinds, locks, files, copies and schema checks."""
