"""What programs read: feeds and the API."""
