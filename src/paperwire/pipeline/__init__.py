"""What happens next, in reading order: ingest, match, deliver, prune."""
