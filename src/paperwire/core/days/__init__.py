"""Announcement days: when they are due, what arrived, and what proves them complete."""
