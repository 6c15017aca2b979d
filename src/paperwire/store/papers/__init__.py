"""Papers, what sources reported of them, and how far each source has been read."""
