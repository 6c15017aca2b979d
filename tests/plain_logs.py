"""How tests that don't set up logging log: as structlog does by itself, except for tracebacks."""

import structlog


def log_plainly():
    """Print tracebacks as Python does: structlog's own, with the values of all variables, take seconds each."""
    structlog.reset_defaults()
    *others, _ = structlog.get_config()["processors"]
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*others, renderer])
