"""`health`: what the process on this machine says of itself on its `[ops]` port, for a container's check."""

from __future__ import annotations

from typing import Annotated

import httpx
import typer

from paperwire.cli.app import command, go, out, settings_of
from paperwire.cli.probe import near
from paperwire.errors import CommandError, ConfigError
from paperwire.web.ops import ALIVE, READY

_TIMEOUT = 4.0  # seconds; a check in a container ends after five


@command("health")
def health(
    context: typer.Context,
    ready: Annotated[bool, typer.Option("--ready", help="Fail also while it can't do its work, and say why.")] = False,
) -> None:
    ops = settings_of(context).ops
    if not ops.port:
        raise ConfigError("ops.port is 0, so the port isn't known: set another")
    where = f"{ops.host}:{ops.port}"
    answer = go(ask(ops.host, ops.port, "/readyz" if ready else "/healthz", _TIMEOUT))
    if answer is None:
        raise CommandError(f"no answer on {where}: no Paperwire process runs there, or it is stuck")
    if answer.text not in (ALIVE, READY):
        is_unready = ready and answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        raise CommandError(answer.text.strip() if is_unready else f"what answers on {where} is not Paperwire")
    out.print(answer.text.strip())


async def ask(host: str, port: int, path: str, patience: float) -> httpx.Response | None:
    """What a process answers there; None if nothing answers in time."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=patience) as client:
            return await client.get(httpx.URL(scheme="http", host=near(host), port=port, path=path))
    except httpx.HTTPError:
        return None
