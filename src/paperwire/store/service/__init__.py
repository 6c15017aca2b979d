"""What processes share: leases, channel states and settings."""
