"""A real Exim on loopback: an instance of its own from a temporary folder, as a relay or as a receiver.

It can't be installed next to Postfix: `EXIM` may name the program in an unpacked package. It needs root and the user
that it was built for; `missing()` says why it can't run.
"""

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path

from servers.loopback import free_port

PROGRAM = os.environ.get("EXIM") or shutil.which("exim4", path=f"{os.defpath}:/usr/sbin") or shutil.which("exim")
_STARTS = 60.0
_CONFIGURATION = """\
exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
pid_file_path = {folder}/spool/exim.pid
primary_hostname = mx.example.org
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
keep_environment =
deliver_drop_privilege = true
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
acl_smtp_data = data
{settings}
begin acl
mail:
{at_mail}
  accept
rcpt:
{at_rcpt}
  accept
data:
{at_data}
  accept
begin routers
{routers}
next:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = next
begin transports
{transports}
next:
  driver = smtp
  port = {next_hop}
  hosts_try_fastopen =
begin retry
* * {retry}
"""


def missing():
    """Why no Exim can be run here, empty if one can."""
    if not PROGRAM:
        return "Exim is not installed (EXIM may name the program of an unpacked package)"
    if os.geteuid() != 0:
        return "Exim needs root"
    done = subprocess.run([PROGRAM, "-C", "/dev/null", "-bV"], capture_output=True, text=True, check=False)
    return f"Exim does not run: {done.stderr.strip()}" if done.returncode else ""


class Exim:
    """One instance that takes all mail from loopback and passes it on to `next_hop`, a port on loopback.

    `at_mail`, `at_rcpt` and `at_data` are lines of its access lists, `routers` and `transports` come before its own,
    and `retry` says how often and how long it tries.
    """

    def __init__(self, folder, *, next_hop, retry="F,30m,1s", **parts):
        self.folder = Path(folder)
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._process = None
        empty = dict.fromkeys(("settings", "at_mail", "at_rcpt", "at_data", "routers", "transports"), "")
        self.parts = empty | parts | {"next_hop": next_hop, "retry": retry}

    @property
    def log(self):
        """What it has logged."""
        files = [self.folder / "spool" / name for name in ("mainlog", "paniclog")]
        return "".join(file.read_text("utf-8", "replace") for file in files if file.exists())

    async def start(self):
        configuration = await asyncio.to_thread(self._prepare)
        self._process = await asyncio.create_subprocess_exec(
            PROGRAM, "-C", configuration, "-bdf", "-q5s", start_new_session=True
        )
        deadline = asyncio.get_running_loop().time() + _STARTS
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                greeting = await reader.readline()
            except OSError:
                greeting = b""
            else:
                writer.close()
            if greeting.startswith(b"220"):
                return
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"Exim did not start:\n{self.log}")
            await asyncio.sleep(0.05)

    def _prepare(self):
        self.folder.chmod(0o755)
        spool = self.folder / "spool"
        spool.mkdir(exist_ok=True)
        configuration = self.folder / "exim.conf"
        configuration.write_text(
            _CONFIGURATION.format(program=PROGRAM, folder=self.folder, port=self.port, **self.parts)
        )
        owner = subprocess.run(
            [PROGRAM, "-C", configuration, "-n", "-bP", "exim_user"], capture_output=True, text=True, check=True
        )
        shutil.chown(spool, int(owner.stdout) if owner.stdout.strip().isdigit() else owner.stdout.strip())
        return configuration

    async def stop(self):
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)  # those that run its queue as well
            await self._process.wait()
            self._process = None

    async def restart(self, **parts):
        """Stop, and start with other parts."""
        await self.stop()
        self.parts |= parts
        await self.start()


@asynccontextmanager
async def exim(folder, **options):
    """A running instance; its folder must be one that others may enter, such as one below /tmp."""
    instance = Exim(folder, **options)
    await instance.start()
    try:
        yield instance
    finally:
        await instance.stop()
