"""Deliveries: who is owed what and when, and what came of it."""
