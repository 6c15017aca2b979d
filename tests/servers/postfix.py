"""A real Postfix on loopback: an instance of its own from a temporary folder, as a relay or as a receiver.

It needs Postfix's programs and root, as its daemons change their user; `missing()` says why it can't run.
"""

import asyncio
import os
import shutil
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path

from servers.loopback import free_port

PROGRAM = shutil.which("postfix", path=f"{os.defpath}:/usr/sbin:/usr/local/sbin")
_STARTS = 60.0
_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def missing():
    """Why no Postfix can be run here, empty if one can."""
    if PROGRAM is None:
        return "Postfix is not installed"
    return "" if os.geteuid() == 0 else "Postfix needs root"


class Postfix:
    """One instance; `settings` are lines of `main.cf` by name, over a relay that takes mail for all from loopback.

    Files that settings name may be written into `folder` before it starts. `next_hop` is the port on loopback that all
    mail is passed on to; without it everything is discarded.
    """

    def __init__(self, folder, *, next_hop=None, settings=(), services=""):
        self.folder = Path(folder)
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._services = services
        self.settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.folder / "queue",
            "data_directory": self.folder / "data",
            "maillog_file": self.folder / "maillog",
            "maillog_file_prefixes": self.folder,
            "myhostname": "mx.example.org",
            "mydestination": "",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "default_database_type": "texthash",
            "alias_maps": "",
            "smtpd_recipient_restrictions": "permit_mynetworks, reject",
            "smtp_dns_support_level": "disabled",
            "smtp_tls_security_level": "none",
            "smtpd_tls_security_level": "none",
            "default_transport": f"smtp:[127.0.0.1]:{next_hop}" if next_hop else "discard",
            "biff": "no",
            "minimal_backoff_time": "1s",
            "queue_run_delay": "1s",
            **dict(settings),
        }

    @property
    def log(self):
        """What it has logged."""
        file = self.folder / "maillog"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    async def start(self):
        await asyncio.to_thread(self._start)
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
                raise AssertionError(f"Postfix did not start:\n{self.log}")
            await asyncio.sleep(0.05)

    async def stop(self):
        await asyncio.to_thread(self._run, "stop", check=False)

    async def restart(self, **settings):
        """Stop, and start with other settings."""
        await self.stop()
        self.settings |= settings
        await self.start()

    def _start(self):
        self.folder.chmod(0o755)  # its daemons read their settings as another user
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir(exist_ok=True)
        shutil.chown(self.folder / "data", "postfix")
        self._write()
        self._run("start")

    def _write(self):
        lines = [f"{name} = {value}\n" for name, value in self.settings.items()]
        (self.folder / "etc" / "main.cf").write_text("".join(lines))
        (self.folder / "etc" / "master.cf").write_text(_SERVICES.format(port=self.port) + self._services)

    def _run(self, command, *, check=True):
        done = subprocess.run(
            [PROGRAM, "-c", self.folder / "etc", command], capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"postfix {command} ended with {done.returncode}:\n{done.stderr}{self.log}")


@asynccontextmanager
async def postfix(folder, **options):
    """A running instance; its folder must be one that others may enter, such as one below /tmp."""
    instance = Postfix(folder, **options)
    try:
        await instance.start()
        yield instance
    finally:
        await instance.stop()
