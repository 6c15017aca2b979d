"""Papers: found, explained, voted for on lists, discussed at meetings."""
