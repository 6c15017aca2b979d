"""The command line once it is known that all of it is needed."""

from __future__ import annotations

import sys

import structlog

from paperwire import observe
from paperwire.cli.app import app, fail
from paperwire.errors import ConfigError, PaperwireError, QueryError
from paperwire.texts import ENGLISH


def run_program() -> None:
    """Run the command line; exits 0 when all went well, 1 when it failed, 2 when it was used wrongly."""
    given = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    if "--log-json" in given:  # what is wrong with the arguments or settings is said before they are read
        observe.set_up((), as_json=True)
    try:
        app()
    except QueryError as error:
        from paperwire.wording.queries import sentence  # noqa: PLC0415 -- it loads the whole query language

        fail("\n".join([sentence(error, ENGLISH), *getattr(error, "__notes__", ())]))
        sys.exit(2)
    except ConfigError as error:
        fail(str(error))
        sys.exit(2)
    except PaperwireError as error:
        fail(str(error))
        sys.exit(1)
    except Exception:
        if not observe.is_for_machines():
            raise
        structlog.get_logger(__name__).exception("stopped by a fault")
        sys.exit(1)
