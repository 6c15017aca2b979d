"""The reverse index: all queries at once against new papers."""
