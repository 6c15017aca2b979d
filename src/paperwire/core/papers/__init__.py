"""What a paper is: its identity, names, categories, versions and how it is cited."""
