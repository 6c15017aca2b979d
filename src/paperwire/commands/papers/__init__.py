"""Commands about papers: found, read, kept, voted for."""
