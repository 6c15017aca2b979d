"""The web servers that stand before Paperwire, nginx and Caddy, as the documentation sets them up."""

import asyncio
import os
import re
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from servers.loopback import PATIENCE, free_port

PROXIES = ("nginx", "caddy")
HOST = "example.org"
"""The host of the documented set-ups, whose site is below /paperwire."""
SITE = f"http://{HOST}/paperwire"
_PAGE = Path(__file__).resolve().parents[2] / "docs" / "running.md"
_NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        server_name example.org;
{documented}
    }}
}}
"""


def documented(kind):
    """The set-up of `nginx` or `caddy` as the documentation has it."""
    return re.search(rf"```{kind}\n(.*?)```", _PAGE.read_text(), re.DOTALL)[1]


@asynccontextmanager
async def proxy(kind, folder, upstream, setup=None):
    """Run `nginx` or `caddy` in `folder` in front of the port `upstream`; gives the port on which it listens.

    Requests to it name the host example.org. `setup` stands in for the documented one. Skips where there is no such
    program.
    """
    program = shutil.which(kind) or shutil.which(kind, path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip(f"{kind} is not installed")
    port = free_port()
    setup = (setup or documented(kind)).replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    if kind == "nginx":
        file = folder / "nginx.conf"
        file.write_text(_NGINX.format(folder=folder, port=port, documented=setup))
        command = (program, "-e", f"{folder}/nginx.log", "-p", str(folder), "-c", str(file))
    else:
        file = folder / "Caddyfile"
        setup = setup.replace(f"{HOST} {{", f"http://{HOST}:{port} {{\n    bind 127.0.0.1", 1)
        file.write_text(f"{{\n    admin off\n    auto_https off\n}}\n{setup}")
        command = (program, "run", "--adapter", "caddyfile", "--config", str(file))
    with (folder / f"{kind}.out").open("wb") as out:
        environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out, env=environment)
    try:
        await _listens(process, port, folder / f"{kind}.out")
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(PATIENCE):
            await process.wait()


async def _listens(process, port, log):
    """Return once it takes connections; fails if it ends instead."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if process.returncode is not None:
                raise AssertionError(log.read_text())
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
