"""Ways to reach destinations: one file or folder is one way out."""
