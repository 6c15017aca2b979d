"""Meaning: vectors of papers, what is near to what, and how a rate becomes a threshold."""
