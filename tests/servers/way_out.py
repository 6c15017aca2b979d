"""An HTTP proxy on loopback that alone knows where names lead, and an authority that certifies servers."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from base64 import b64decode
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Proxy:
    """Start with `async with`. `leads` says which port of loopback stands for a host; `asked` are the hosts in order.

    With a `login` (`user:password`) it refuses all others by 407. While `is_away`, every connection breaks.
    """

    def __init__(self, leads, *, login=""):
        self.leads, self.login = leads, login
        self.asked = []
        self.is_away = False
        self.url = ""
        self._open = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://{self.login + '@' if self.login else ''}127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def go_away(self):
        """Break what is open, and all that comes, until `is_away` is taken back."""
        self.is_away = True
        for task in self._open:
            task.cancel()

    async def _serve(self, reader, writer):
        self._open.add(asyncio.current_task())
        if self.is_away:
            writer.transport.abort()
            return
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has left, or the test has ended
        finally:
            await _closed(writer)

    async def _answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.partition("\r\n")[0].split(" ")
        if self.login and not self._is_let_in(head):
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        elif method == "CONNECT":
            await self._tunnel(target, reader, writer)
        else:
            await self._forward(head, target, reader, writer)

    def _is_let_in(self, head):
        given = next((line for line in head.split("\r\n") if line.lower().startswith("proxy-authorization: ")), "")
        return bool(given) and b64decode(given.rpartition(" ")[2]).decode() == self.login

    async def _tunnel(self, target, reader, writer):
        host = target.rpartition(":")[0].strip("[]")
        self.asked.append(host)
        if host not in self.leads:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        inner, outer = await asyncio.open_connection("127.0.0.1", self.leads[host])
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _both_ways(reader, writer, inner, outer)

    async def _forward(self, head, target, reader, writer):
        host, _, path = target.partition("://")[2].partition("/")
        host = host.partition(":")[0]
        self.asked.append(host)
        inner, outer = await asyncio.open_connection("127.0.0.1", self.leads[host])
        outer.write(head.replace(target, f"/{path}", 1).encode("latin-1"))
        await _both_ways(reader, writer, inner, outer)


async def _both_ways(reader, writer, inner, outer):
    try:
        await asyncio.gather(_copied(reader, outer), _copied(inner, writer))
    finally:
        await _closed(outer)


async def _closed(writer):
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _copied(reader, writer):
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


class Authority:
    """Makes certificates; `file` is its own in PEM, to be trusted."""

    def __init__(self, folder):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of a test")])
        self.file = folder / "authority.pem"
        basic = x509.BasicConstraints(ca=True, path_length=None)
        made = self._made(self._name, self._key, days=30).add_extension(basic, critical=True)
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, host, *, days=30):
        """What a server needs to prove that it is `host`, for some days from yesterday."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        with suppress(ValueError):
            host = ipaddress.ip_address(host)
        said = x509.DNSName(host) if isinstance(host, str) else x509.IPAddress(host)
        made = self._made(name, key, days=days).add_extension(x509.SubjectAlternativeName([said]), critical=False)
        pem = self._folder / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signed = made.sign(self._key, hashes.SHA256())
        pem.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context

    def _made(self, name, key, *, days):
        begins = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(begins)
        return made.not_valid_after(begins + dt.timedelta(days=days))
