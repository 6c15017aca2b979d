"""The pages, ready to be served."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI

from paperwire import __version__
from paperwire.bootstrap.limits import most_connections
from paperwire.bootstrap.opening import network_by, watching
from paperwire.config import Settings
from paperwire.ports.channels import Called
from paperwire.services.context import Context
from paperwire.services.running.health import ProcessState, health
from paperwire.sources._http import user_agent
from paperwire.web.app import create_app
from paperwire.web.picture_cache import Pictures
from paperwire.web.picture_files import PictureFolder
from paperwire.web.server import ConnectionLimits, serve
from paperwire.web.site import Proxies, WebDeps
from paperwire.worker.ready import Readiness

_FROM_ONE_ADDRESS = 100  # connections of the pages that one client may have: more than a browser or a feed reader opens

_PICTURES = "pictures"  # the folder of teaser pictures, next to a SQLite database, else in the working folder


async def pages(  # noqa: PLR0913 -- what the pages are made of
    settings: Settings,
    context: Context,
    state: ProcessState,
    readiness: Readiness,
    listening: socket.socket,
    *,
    stack: AsyncExitStack,
) -> Callable[[], Coroutine[Any, Any, None]]:
    """What serves the pages; `stack` closes what they opened."""
    authority, minted = await _authority(settings, context)
    deps = WebDeps(
        authority=authority,
        minted=minted,
        health=partial(health, context, state),
        unready=readiness.reasons,
        context=context,
        proxies=Proxies(settings.web.trusted_proxies),
        hooks=[
            hook
            for channel in context.channels.values()
            if isinstance(channel, Called) and (hook := channel.hook()) is not None
        ],
        pictures=_pictures(settings, context, stack),
    )
    app = create_app(deps)
    most = most_connections()
    limits = ConnectionLimits(most=most, each=min(_FROM_ONE_ADDRESS, most), proxies=deps.proxies)
    return lambda: serve(app, listening, limits)


def _pictures(settings: Settings, context: Context, stack: AsyncExitStack) -> Pictures | None:
    if not settings.web.pictures:
        return None
    pictures = Pictures(
        PictureFolder(context.store.folder / _PICTURES, context.now),
        network=network_by(settings.network),
        agent=user_agent(__version__, settings.public_url, settings.contact),
        now=context.now,
    )
    stack.push_async_callback(pictures.close)
    return pictures


async def public_app(settings: Settings, context: Context) -> FastAPI:
    """The pages where no process serves them: no channel invites anyone, and no platform posts."""

    async def unready() -> tuple[str, ...]:
        return ()

    authority, minted = await _authority(settings, context)
    return create_app(
        WebDeps(
            authority=authority,
            minted=minted,
            health=partial(health, context, watching(settings)),
            unready=unready,
            context=replace(context, channels={}),
        )
    )


async def _authority(settings: Settings, context: Context) -> tuple[str, date]:
    """What the ids of feeds are made of, as it was first kept."""
    host = settings.web.authority or urlsplit(settings.public_url).hostname or "localhost"
    async with context.store.write() as unit:
        authority = await unit.settings.ensure("authority", host)
        minted = await unit.settings.ensure("authority since", context.now().date().isoformat())
    return authority, date.fromisoformat(minted)
