"""What to ask a full-text index for the papers of a query."""
