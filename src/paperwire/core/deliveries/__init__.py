"""Deliveries: what a place is owed of a paper, and what became of it."""
