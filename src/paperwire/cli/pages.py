"""`pages`: what anyone may read, as files for a host of static pages."""

from __future__ import annotations

from pathlib import Path

import typer

from paperwire.bootstrap import opening
from paperwire.bootstrap.pages import public_app
from paperwire.cli.app import command, go, out, settings_of
from paperwire.config import Settings
from paperwire.web.exported import exported


@command("pages")
def pages(context: typer.Context, folder: Path) -> None:
    files = go(_files(settings_of(context)))
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    out.print(f"wrote {len(files)} files to {folder}")


async def _files(settings: Settings) -> dict[str, bytes]:
    async with opening.writing(settings, now=opening.clock()) as context:
        return await exported(await public_app(settings, context), settings.public_url)
