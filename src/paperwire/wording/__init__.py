"""Every text a person reads, in one place."""
