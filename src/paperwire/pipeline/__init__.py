"""What happens next, in reading order: ingest, match, fan_out, deliver, prune."""
