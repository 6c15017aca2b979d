"""Where papers are read: one file is one source, and the file name is its kind."""
