"""What a person can have done: values in, values out; chats, pages and shell say it in their own ways."""
