"""The numbers of buttons at a terminal, which are pressed by typing them: kept in a file, as text stays on a screen."""

from __future__ import annotations

import json
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_KEPT = 500
_MOST_LINES = 2 * _KEPT  # lines of the file before the old ones are left out


class ButtonNumbers:
    """Numbers from 1 up for the actions of buttons, of which the newest 500 can be pressed.

    With `path` they go on where the process before stopped; a file that can't be read or written costs only that.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._actions: dict[int, str] = {}
        self._last = 0
        self._lines = 0

    def keep_in(self, path: Path) -> None:
        """Go on with the numbers of a file, which only its owner reads, and keep new ones there."""
        try:
            path.touch()
            path.chmod(0o600)
            lines = path.read_text("utf-8", "replace").splitlines()
        except OSError as error:
            log.warning("buttons not kept", reason=error.strerror)
            return
        self._path, self._lines = path, len(lines)
        for line in lines:
            self._read(line)

    def number(self, action: str) -> int:
        self._take(self._last + 1, action)
        self._write()
        return self._last

    def forget(self) -> None:
        """Keep no action of the buttons so far, whose numbers are not given again in this run."""
        self._actions.clear()
        self._lines = 0
        if self._path is not None:
            self._path.write_text("")

    def action(self, number: int) -> str | None:
        """What a button does, None if it is too old or was never shown."""
        return self._actions.get(number)

    def _read(self, line: str) -> None:
        try:
            number, action = json.loads(line)
            self._take(int(number), str(action))
        except (ValueError, TypeError):  # a line that a killed process left
            return

    def _take(self, number: int, action: str) -> None:
        self._last = max(self._last, number)
        self._actions[number] = action
        self._actions.pop(number - _KEPT, None)

    def _write(self) -> None:
        if self._path is None:
            return
        self._lines += 1
        try:
            if self._lines > _MOST_LINES:
                self._path.write_text("".join(map(_line, self._actions.items())), "utf-8")
                self._lines = len(self._actions)
            else:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(_line((self._last, self._actions[self._last])))
        except OSError as error:
            log.warning("buttons not kept", reason=error.strerror)
            self._path = None


def _line(button: tuple[int, str]) -> str:
    return json.dumps(button) + "\n"
