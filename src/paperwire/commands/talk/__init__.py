"""What is no command yet: words, typing errors, completion, help, and the menus."""
