"""Who wants what, where and when: subscriptions, cadence and mutes as values."""
