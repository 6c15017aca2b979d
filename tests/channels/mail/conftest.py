"""A mail server on loopback, and a key to sign with."""

import subprocess

import pytest

from servers.smtp import MailServer


@pytest.fixture
async def smtp_server():
    async with MailServer() as smtp_server:
        yield smtp_server


@pytest.fixture(scope="session")
def rsa():
    """An RSA key in PEM, and what its DNS record would hold."""
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    public = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=key, capture_output=True, check=True
    ).stdout
    return key.decode(), public
