"""Notes in a table of `.ci/slow` that a step passed: `.ci/proofs.py FILE STEP COMMIT`."""

import sys
from datetime import UTC, datetime
from pathlib import Path


def note(file: Path, step: str, commit: str) -> None:
    """Write today and the commit into the line of a step."""
    lines = file.read_text(encoding="utf-8").splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.startswith(f"| {step} |")]
    cells = lines[number].split(" | ")
    lines[number] = " | ".join([*cells[:2], f"{datetime.now(UTC).date()}, {commit} |"])
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    note(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
