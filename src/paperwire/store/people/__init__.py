"""People and the places they are reached at."""
