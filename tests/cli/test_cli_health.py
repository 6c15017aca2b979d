"""`health`: what a process says of itself on its `[ops]` port, as a container's check asks it."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from test_cli_loading import COSTLY

from servers.loopback import free_port

REASON = "arxiv: overdue since 2026-01-05T08:00Z"


class Process(BaseHTTPRequestHandler):
    """What a process answers that lives and can't do its work."""

    def do_GET(self):
        code, text = {"/healthz": (200, "alive\n"), "/readyz": (503, f"{REASON}\n")}[self.path]
        self.send_response(code)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        return


class Ready(Process):
    """One that can."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ready\n")


class Printer(Process):
    """A server of somebody else."""

    def do_GET(self):
        self.send_response(self.code)
        self.end_headers()
        self.wfile.write(b"<html>a printer</html>")

    code = 200


class Broken(Printer):
    """The same with a fault."""

    code = 503


@contextmanager
def running(handler):
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


EVERYWHERE = "0.0.0.0"  # noqa: S104 -- asked, not listened on


@pytest.mark.parametrize("host", ["127.0.0.1", EVERYWHERE])
@pytest.mark.parametrize("before", [[], ["--log-level", "error"]], ids=["at once", "by the whole program"])
def test_a_process_that_lives(shell, host, before):
    with running(Process) as port:
        shell.env(ops__host=host, ops__port=port)
        said = shell(*before, "health")
    assert (said.code, said.out, said.err) == (0, "alive\n", "")


@pytest.mark.parametrize("variable", ["PAPERWIRE_CONFIG", ""])
def test_the_port_of_a_settings_file(shell, monkeypatch, variable):
    with running(Process) as port:
        file = shell.file("elsewhere.toml" if variable else "config.toml", f"[ops]\nport = {port}\n")
        if variable:
            monkeypatch.setenv(variable, str(file))
        assert shell("health").out == "alive\n"


def test_a_check_loads_little(shell):
    program = f"""
import atexit, sys
atexit.register(lambda: print(sorted({{"typer", "httpx", *{COSTLY!r}}} & sys.modules.keys()), file=sys.stderr))
sys.argv = ["paperwire", "health"]
from paperwire.cli import main
main()
"""
    with running(Process) as port:
        shell.env(ops__port=port)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr.splitlines()[-1]) == ("alive\n", "[]")


def test_settings_that_cannot_be_read_are_told(shell):
    shell.file("config.toml", "[ops")
    assert shell("health").code == 2


def test_why_it_cannot_do_its_work(shell):
    with running(Process) as port:
        shell.env(ops__port=port)
        said = shell("health", "--ready")
    assert (said.code, said.out, said.err) == (1, "", f"paperwire: {REASON}\n")


def test_a_process_that_is_ready(shell):
    with running(Ready) as port:
        shell.env(ops__port=port)
        said = shell("health", "--ready")
    assert (said.code, said.out) == (0, "ready\n")


@pytest.mark.parametrize(
    ("handler", "asked"), [(Printer, ["health"]), (Broken, ["health"]), (Printer, ["health", "--ready"])]
)
def test_what_is_not_ours_is_not_healthy(shell, handler, asked):
    with running(handler) as port:
        shell.env(ops__port=port)
        said = shell(*asked)
    assert said.code == 1
    assert said.err == f"paperwire: what answers on 127.0.0.1:{port} is not Paperwire\n"


def test_no_process(shell):
    port = free_port()
    shell.env(ops__port=port)
    said = shell("health")
    assert said.code == 1
    assert said.err.startswith(f"paperwire: no answer on 127.0.0.1:{port}: ")


def test_a_port_that_is_drawn_cannot_be_asked(shell):
    shell.env(ops__port=0)
    said = shell("health")
    assert said.code == 2
    assert "ops.port is 0" in said.err
