"""A maildir: mails as files, new ones in `new`, those that were read in `cur`."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from paperwire.core.bounces.report import LONGEST_MAIL
from paperwire.errors import ConfigError

_SEEN = ":2,S"


@dataclass(frozen=True, slots=True)
class Maildir:
    """The new mails of a maildir, each named by its file."""

    folder: Path

    @classmethod
    def of(cls, folder: Path) -> Maildir:
        """The maildir in `folder`; raises ConfigError if there is none that can be read and written."""
        try:
            os.scandir(folder / "new").close()
            (folder / "cur").mkdir(exist_ok=True)
        except OSError as error:
            raise ConfigError(f"no maildir at {folder}: {error.strerror}") from None
        return cls(folder)

    def names(self) -> list[str]:
        """The files in `new`, in the order of their names; those with a dot in front are not mails yet."""
        return sorted(path.name for path in (self.folder / "new").iterdir() if not path.name.startswith("."))

    def read(self, name: str) -> bytes | None:
        """The first part of a mail, as much as is read of one; None if another process took it. Raises OSError."""
        try:
            # Opened without waiting: a pipe that lies there has no end.
            handle = os.open(self.folder / "new" / name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(0, "it is no file")
        with os.fdopen(handle, "rb") as file:
            return file.read(LONGEST_MAIL)

    def finish(self, name: str) -> bool:
        """Move a mail to `cur`; False if another process did."""
        read = name if ":2," in name else name + _SEEN
        try:
            (self.folder / "new" / name).rename(self.folder / "cur" / read)
        except FileNotFoundError:
            return False
        return True
