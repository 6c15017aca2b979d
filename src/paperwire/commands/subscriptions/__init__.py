"""Commands about subscriptions: made, changed, ended, moved in, handed on."""
