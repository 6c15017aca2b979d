"""Commands about a chat: when and how papers come, its meetings, its mailbox."""
