"""What a person may ask, in any chat, on the page or in the shell: text in, an answer out."""
