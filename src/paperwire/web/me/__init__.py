"""The pages of a signed-in person: what they can do in chats, by the same commands."""
