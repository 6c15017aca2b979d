"""Style sheet and icon, read once and named by what is in them, so that browsers may keep them for good."""

from __future__ import annotations

from importlib import resources

from paperwire.web.http import Payload

_MEDIA_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml", "ico": "image/x-icon"}
_FOR_GOOD = "public, max-age=31536000, immutable"


class Statics:
    """The files of the folder `static`."""

    def __init__(self) -> None:
        folder = resources.files("paperwire.web").joinpath("static")
        self._bodies = {
            file.name: Payload(file.read_bytes(), _MEDIA_TYPES[file.name.rpartition(".")[2]], cache=_FOR_GOOD)
            for file in folder.iterdir()
            if file.name.rpartition(".")[2] in _MEDIA_TYPES
        }

    def get(self, name: str) -> Payload | None:
        return self._bodies.get(name)

    def address(self, name: str) -> str:
        """Where a page finds a file; another content is another address."""
        return f"/static/{name}?v={self._bodies[name].seal.digest[:10]}"
