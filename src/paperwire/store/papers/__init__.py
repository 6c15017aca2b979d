"""Papers, and what sources stated of them page by page."""
