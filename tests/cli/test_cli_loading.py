"""`--version` and `--help` answer at once, as they load little."""

import subprocess
import sys

import pytest

COSTLY = {"paperwire.config", "paperwire.core.query.language", "paperwire.store", "sqlalchemy", "pydantic", "httpx"}


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_what_a_command_needs_is_loaded_with_the_command(asked):
    program = f"""
import atexit, sys
atexit.register(lambda: print(sorted({COSTLY!r} & sys.modules.keys()), file=sys.stderr))
sys.argv = ["paperwire", {asked!r}]
from paperwire.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
