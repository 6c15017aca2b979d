"""What machines ask of every process, ready to be served; it needs none of the pages."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from paperwire import observe
from paperwire.services.context import Context
from paperwire.services.running.health import ProcessState, measure
from paperwire.web.ops import create_ops_app
from paperwire.web.server import ConnectionLimits, serve
from paperwire.worker.ready import Readiness

_LIMITS = ConnectionLimits(most=50, each=20)


def ops_pages(
    context: Context, state: ProcessState, readiness: Readiness, listening: socket.socket
) -> Callable[[], Coroutine[Any, Any, None]]:
    app = create_ops_app(readiness.reasons, partial(measure, context, state), observe.REGISTRY)
    return lambda: serve(app, listening, _LIMITS)
