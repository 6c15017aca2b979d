"""Places: when and how papers come to a chat, a mailbox or a channel."""
