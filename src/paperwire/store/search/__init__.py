"""Search over stored papers by a full-text index."""
