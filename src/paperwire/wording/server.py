"""What is said when the web server cannot start."""

from __future__ import annotations


def port_in_use(host: str, port: int) -> str:
    """Somebody else listens there."""
    return f"port {port} on {host} is in use; stop what listens there or set web.port (PAPERWIRE_WEB__PORT) to another"


def cannot_listen(host: str, port: int, problem: str) -> str:
    """The address is not ours, or the port needs rights we lack."""
    return f"cannot listen on {host} port {port}: {problem}; check web.host and web.port"
