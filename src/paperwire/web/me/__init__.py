"""The pages of somebody who is signed in: what they can do in chats, by the same commands."""
