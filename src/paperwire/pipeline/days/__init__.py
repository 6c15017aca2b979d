"""Announcement days as pages come in: entered in the ledger, judged, and asked for again while something is missing."""
