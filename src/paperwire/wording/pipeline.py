"""What the pipeline writes down about deliveries that failed."""

from __future__ import annotations

FAULT = "Paperwire could not make or send this message; the log has the fault"
