"""The command line: `paperwire`, its subcommands, and what they print and return."""

from __future__ import annotations

import os
import sys

from paperwire.cli.pipe import settle_cheaply
from paperwire.cli.probe import is_well


def main() -> None:
    """Run the command line; exits 0 when all went well, 1 when it failed, 2 when it was used wrongly."""
    if os.name == "nt":
        sys.exit("paperwire: Windows isn't supported; run it on Linux or macOS, in WSL or in a container")
    if is_well(sys.argv[1:]) or settle_cheaply(sys.argv[1:]):
        return
    from paperwire.cli.program import run_program  # noqa: PLC0415 -- most checks and mails need none of it

    run_program()
