"""What is said when the web server cannot start."""

from __future__ import annotations


def port_in_use(host: str, port: int, section: str) -> str:
    """Somebody else listens there."""
    key, variable = f"{section}.port", f"PAPERWIRE_{section.upper()}__PORT"
    return f"port {port} on {host} is in use; stop what listens there or set {key} ({variable}) to another"


def cannot_listen(host: str, port: int, section: str, problem: str) -> str:
    """The address is not ours, or the port needs rights we lack."""
    return f"cannot listen on {host} port {port}: {problem}; check {section}.host and {section}.port"
