"""Papers, what sources stated of them page by page, and how far each source has been read."""
