"""The command line: `paperwire`, its subcommands, and what they print and return."""

from __future__ import annotations

import sys

from paperwire.cli import backup, check, data, operate, outbox, papers, run  # noqa: F401  they hang on the app
from paperwire.cli.app import app, fail
from paperwire.errors import ConfigError, PaperwireError, QueryError


def main() -> None:
    """Run the command line; exits 0 when all went well, 1 when it failed, 2 when it was used wrongly."""
    try:
        app()
    except (ConfigError, QueryError) as error:
        fail(str(error))
        sys.exit(2)
    except PaperwireError as error:
        fail(str(error))
        sys.exit(1)
