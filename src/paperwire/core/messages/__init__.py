"""Messages before any platform's markup: cards, lists, digests, and what a failed sending means."""
