"""Subscriptions: made, changed, ended, imported, and what they send."""
