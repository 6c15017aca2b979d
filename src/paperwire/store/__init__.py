"""The only room that speaks SQL; `unit.Store` is its door, and its wings know only those below them."""
