"""How values are said, alike in chats, on pages, in mails and in the shell."""
