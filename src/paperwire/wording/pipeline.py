"""What the pipeline writes down about sources and deliveries that failed."""

from __future__ import annotations

FAULT = "Paperwire could not make or send this message; the log has the fault"


def source_fault(kind: str) -> str:
    """A source's reader stumbled over its answer in a way nobody foresaw; `kind` names the error."""
    return f"Paperwire could not read the answer ({kind}); the log has the fault"
