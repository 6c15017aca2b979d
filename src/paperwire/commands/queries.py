"""Queries as people type them: reading one, and the words for what is wrong with it."""

from __future__ import annotations

from paperwire.ports.requests import Argument
from paperwire.texts import gettext_noop

QUERY = Argument(
    "query",
    gettext_noop('words, "phrases", cat:cs.CL, au:name, -not, OR; /help query explains how to write it'),
    completes="query",
)
"""What commands that take a query say of it in the command table."""
