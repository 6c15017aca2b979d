"""Words of papers and queries: TeX reduced, words cut and folded, and what a person reads of a text."""
