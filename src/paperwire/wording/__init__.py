"""How values are worded, alike in chats, on pages, in mails and in the shell."""
