"""Where people reach us: the public address, the path below its host, and which hosts are ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from starlette.types import Scope

from paperwire.core.address import is_loopback

_FOR_ANY_HOST = ("/healthz", "/readyz")
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@\[\]\\]+))(?::\d*)?")  # RFC 9110, section 7.2
# A browser takes what follows two slashes for a host, and a backslash for a slash.
_LOCAL = re.compile(r"/(?!/)[\w\-.~%!$&'()*+,;=:@/?#]{0,400}", re.ASCII)
_STATIC = "/static/"  # so that the page which tells a visitor the right address looks like one


@dataclass(frozen=True, slots=True)
class Site:
    """`url` is the public address without a slash at its end, `base` its path (empty at the root of a host)."""

    url: str
    base: str
    host: str

    @classmethod
    def of(cls, public_url: str) -> Site:
        parts = urlsplit(public_url.rstrip("/"))
        return cls(public_url.rstrip("/"), parts.path, _plain(parts.hostname or ""))

    def path_of(self, scope: Scope) -> str:
        """The path of a request within the site, whether or not a proxy has taken `base` off; empty for `base` itself.

        A path that begins like `base` has it: a site below `/papers` needs a proxy that leaves paths as they are.
        """
        path: str = scope["path"]
        if not self.base:
            return path
        base = unquote(self.base)
        return path[len(base) :] if path == base or path.startswith(f"{base}/") else path

    def answers(self, scope: Scope, path: str) -> bool:
        """Whether a request names us: our host or this machine, any port; what probes ask is for everybody."""
        if path in _FOR_ANY_HOST or path.startswith(_STATIC):
            return True
        named = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if named in {"", self.host}:
            return True
        found = _HOST.fullmatch(named)
        if found is None:
            return False
        host = _plain(found[1] or found[2])
        return host == self.host or is_loopback(f"//{f'[{host}]' if ':' in host else host}")


def local_path(text: str) -> str:
    """A path within a site, as links have it, with what may follow; empty for any text that could lead elsewhere."""
    return text if _LOCAL.fullmatch(text) else ""


def _plain(host: str) -> str:
    return host.lower().rstrip(".")
