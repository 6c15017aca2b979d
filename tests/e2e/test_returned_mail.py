"""Mail that a real server takes and returns: who is closed, who is counted, and who is not meant."""

import pytest
from returned_mail import ANSWERS, BOUNCE, CLOSED, FROM, LATER, SOFT, Readers, open_folder, until

from servers import exim as exims
from servers import postfix as postfixes
from servers.exim import exim
from servers.pipe import Pipe
from servers.postfix import postfix
from servers.smtp import MailServer

pytestmark = pytest.mark.slow
NAME, DOMAIN = FROM.split("@")


@pytest.fixture
def folder():
    with open_folder() as folder:
        yield folder


def on_exim(folder, next_hop, pipe, **parts):
    """An Exim that pipes what comes back as docs/mail.md says, by the one user that it is without its own files."""
    routers = f"""\
paperwire_returns:
  driver = accept
  domains = {DOMAIN}
  local_parts = {NAME}
  local_part_suffix = +*
  local_part_suffix_optional
  transport = paperwire_bounce
"""
    transports = f"""\
paperwire_bounce:
  driver = pipe
  command = {pipe.command}
  current_directory = {folder}
  return_output = false
  temp_errors = *
"""
    return exim(folder, next_hop=next_hop, routers=routers, transports=transports, **parts)


def on_postfix(folder, next_hop, pipe):
    """The same of Postfix."""
    aliases = folder / "aliases"
    aliases.write_text(f'{NAME} "|cd {folder} && {pipe.command} || exit 75"\n')
    settings = {
        "mydestination": DOMAIN,
        "recipient_delimiter": "+",
        "alias_maps": f"texthash:{aliases}",
        "local_recipient_maps": "",
    }
    return postfix(folder, next_hop=next_hop, settings=settings)


SERVERS = {"exim": (exims.missing, on_exim), "postfix": (postfixes.missing, on_postfix)}


@pytest.mark.parametrize("name", SERVERS)
async def test_what_is_returned_closes_counts_or_is_ours(name, store, clock, monkeypatch, folder):
    missing, serve = SERVERS[name]
    if why := missing():
        pytest.skip(why)
    readers = Readers(store, clock)
    async with MailServer(closed=ANSWERS) as mailboxes, Pipe(folder / "pipe", BOUNCE) as pipe:
        mailboxes.at_rcpt.append(LATER)
        async with serve(folder, mailboxes.port, pipe) as server:
            readers.settings(monkeypatch, server.url)
            await readers.send(server.url, "grey@example.org")
            await until(lambda: mailboxes.mails, lambda: server.log)
            await readers.send(server.url, *ANSWERS)
            for count in range(len(ANSWERS)):
                await until(lambda count=count: len(pipe.codes) > count, lambda: server.log + "\n".join(pipe.said))
    assert pipe.codes == [0] * len(ANSWERS)
    assert (await readers.paused()).keys() == CLOSED, pipe.said
    assert await readers.counted() == dict.fromkeys(SOFT, 1)
    assert [mail.recipients for mail in mailboxes.mails] == [["grey@example.org"]]


@pytest.mark.parametrize("name", SERVERS)
async def test_a_full_mailbox_pauses_on_the_fifth_day(name, store, clock, monkeypatch, folder):
    missing, serve = SERVERS[name]
    if why := missing():
        pytest.skip(why)
    readers = Readers(store, clock)
    async with (
        MailServer(closed=ANSWERS) as mailboxes,
        Pipe(folder / "pipe", BOUNCE) as pipe,
        serve(folder, mailboxes.port, pipe) as server,
    ):
        for day in range(5):
            assert await readers.paused() == {}
            readers.settings(monkeypatch, server.url)
            await readers.send(server.url, "full@example.org", "full@example.org", key=f"day{day}")
            await until(lambda day=day: len(pipe.codes) == 2 * (day + 1), lambda: server.log)
            clock.advance(days=1)
    assert (await readers.paused()).keys() == {"full@example.org"}


async def test_a_database_that_is_away_has_the_report_come_again(store, clock, monkeypatch, folder):
    if why := exims.missing():
        pytest.skip(why)
    readers = Readers(store, clock)
    async with (
        MailServer(closed=ANSWERS) as mailboxes,
        Pipe(folder / "pipe", BOUNCE) as pipe,
        on_exim(folder, mailboxes.port, pipe) as server,
    ):
        readers.settings(monkeypatch, server.url)
        monkeypatch.setenv("PAPERWIRE_DATABASE__URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
        await readers.send(server.url, "gone@example.org")
        await until(lambda: pipe.codes, lambda: server.log)
        readers.settings(monkeypatch, server.url)
        await until(lambda: pipe.codes[-1] == 0, lambda: server.log)
    assert pipe.codes[0] == 75
    assert (await readers.paused()).keys() == {"gone@example.org"}
