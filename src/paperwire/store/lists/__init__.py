"""Lists: what people submit to them, who follows them, and the votes of each."""
