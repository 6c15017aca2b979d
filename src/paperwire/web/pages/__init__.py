"""Pages that anybody reads."""
