"""A word index: the tokens that it holds of papers, and what it can be asked for."""
