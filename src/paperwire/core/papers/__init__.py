"""What a paper is: its identity, names, categories and versions, how it is cited, and what of a page is news."""
