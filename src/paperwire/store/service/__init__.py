"""What processes share: leases, pace, channel states and settings."""
