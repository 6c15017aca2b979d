"""The query language: from what a person typed to what decides whether a paper matches."""
