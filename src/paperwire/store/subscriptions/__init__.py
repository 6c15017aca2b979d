"""Queries, subscriptions and private feeds."""
