"""Teaser pictures: what is fetched and from where, once, what is refused, and a disk that is full."""

import asyncio
import errno
import os

import pytest
from aiohttp import web

from paperwire.web.picture_cache import PICTURE_RATE, NoPicture, Pictures, TooManyPictures
from paperwire.web.picture_files import LARGEST, PictureFolder, kind_of
from servers.direct import DIRECT
from servers.hook import Network
from servers.rude import Rude
from servers.virtual import forward

ADDRESS = "http://93.184.216.34/teaser.png"
PNG, JPEG, WEBP = b"\x89PNG\r\n\x1a\nrest", b"\xff\xd8\xff\xe0rest", b"RIFF\x10\0\0\0WEBPVP8 rest"


@pytest.fixture
async def host():
    async with Rude() as server:
        server.answer = lambda _request: web.Response(body=PNG, content_type="image/png")
        yield server


@pytest.fixture
def folder(tmp_path, clock):
    return PictureFolder(tmp_path / "pictures", clock)


@pytest.fixture
async def start(host, clock):
    """Makes caches over a folder, whose way out leads to the host."""
    caches = []

    def made(folder):
        way_out = Network(int(host.url.rpartition(":")[2]))
        caches.append(Pictures(folder, network=DIRECT, agent="Paperwire/1 (+us)", now=clock, transport=way_out))
        return caches[-1]

    yield made
    for cache in caches:
        await cache.close()


async def refusal(pictures, address=ADDRESS):
    with pytest.raises(NoPicture) as refused:
        await pictures.get(address)
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (WEBP, "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (b"GIF89a", ""),
        (b"", ""),
    ],
    ids=["png", "jpeg", "webp", "sound", "svg", "gif", "nothing"],
)
def test_the_first_bytes_say_what_it_is(content, kind):
    assert kind_of(content) == kind


async def test_a_picture_is_fetched_once_a_week_and_says_nothing_of_its_reader(start, folder, host, clock):
    pictures = start(folder)
    assert await pictures.get(ADDRESS) == await pictures.get(ADDRESS) == PNG
    (headers,) = host.headers
    assert headers["User-Agent"] == "Paperwire/1 (+us)"
    assert not {"Cookie", "Referer", "X-Forwarded-For", "Accept-Language"} & headers.keys()
    clock.advance(days=6)
    assert await start(folder).get(ADDRESS) == PNG  # as after a restart, or in another process
    assert len(host.headers) == 1
    clock.advance(days=2)
    assert await pictures.get(ADDRESS) == PNG
    assert len(host.headers) == 2


async def test_readers_at_the_same_time_share_one_fetch(start, folder, host):
    pictures = start(folder)
    assert set(await asyncio.gather(*(pictures.get(ADDRESS) for _ in range(20)))) == {PNG}
    assert len(host.headers) == 1


async def test_a_reader_who_leaves_takes_the_picture_from_no_one(start, folder, host):
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_request):
        began.set()
        await go_on.wait()
        return web.Response(body=PNG)

    host.answer = slowly
    pictures = start(folder)
    first, second = (asyncio.create_task(pictures.get(ADDRESS)) for _ in range(2))
    await began.wait()
    first.cancel()
    go_on.set()
    assert await second == PNG


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/a.png",
        "http://10.0.0.1/a.png",
        "http://0x7f.1/a.png",
        "http://93.184.216.34:8080/a.png",
        "http://user:word@93.184.216.34/a.png",
        "file:///etc/passwd",
        "http://localhost/a.png",
        "http://",
        "nonsense",
    ],
)
async def test_only_the_public_internet_is_asked(start, folder, host, address):
    assert await refusal(start(folder), address)
    assert host.headers == []


@pytest.mark.parametrize("numbers", [["127.0.0.1"], ["93.184.216.34", "169.254.169.254"], ["::ffff:10.0.0.1"], []])
async def test_a_name_that_leads_into_this_network_is_not_asked(start, folder, host, monkeypatch, numbers):
    async def getaddrinfo(_host, port, **_):
        return [(2, 1, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    refused = await refusal(start(folder), "https://cdn.example.org/a.png")
    assert refused == "the address is not on the public internet"
    assert host.headers == []


@pytest.mark.parametrize("target", ["http://127.0.0.1/", "http://169.254.169.254/", "http://93.184.216.34/other.png"])
async def test_a_redirect_is_not_followed(start, folder, host, target):
    host.answer = lambda _request: web.Response(status=302, headers={"Location": target})
    assert await refusal(start(folder)) == "HTTP 302"
    assert len(host.headers) == 1


@pytest.mark.parametrize(
    "body",
    [b"<!doctype html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b""],
    ids=["html", "svg", "nothing"],
)
async def test_what_only_calls_itself_a_picture_is_none(start, folder, host, body):
    host.answer = lambda _request: web.Response(body=body, content_type="image/png")
    pictures = start(folder)
    assert await refusal(pictures) == "neither PNG, JPEG nor WebP"
    assert await refusal(pictures) == "failed a short time ago"
    assert len(host.headers) == 1


async def test_a_body_without_end_is_left_at_the_limit(start, folder, host):
    chunks = 0

    async def endless(request):
        nonlocal chunks
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(PNG)
        while True:
            await response.write(b"0" * 100_000)
            chunks += 1

    host.answer = endless
    assert await refusal(start(folder)) == "more than 300 kB"
    assert chunks < 1_000  # what fits into the buffers of both ends


async def test_the_largest_picture_is_shown(start, folder, host):
    host.answer = lambda _request: web.Response(body=PNG.ljust(LARGEST, b"0"))
    assert len(await start(folder).get(ADDRESS)) == LARGEST


async def test_a_drip_ends_in_time(start, folder, host, monkeypatch):
    dripped = asyncio.Event()

    async def drip(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(PNG)
        dripped.set()
        await asyncio.Event().wait()

    host.answer = drip
    reading = asyncio.create_task(refusal(start(folder)))
    await dripped.wait()
    forward(monkeypatch)
    assert await reading == "timed out"


async def test_a_failure_is_tried_again_after_an_hour(start, folder, host, clock):
    host.answer = lambda _request: web.Response(status=500)
    pictures = start(folder)
    assert await refusal(pictures) == "HTTP 500"
    clock.advance(minutes=59)
    await refusal(pictures)
    host.answer = lambda _request: web.Response(body=JPEG)
    clock.advance(minutes=2)
    assert await pictures.get(ADDRESS) == JPEG


async def test_someone_who_asks_for_all_pictures_makes_no_flood(start, folder, host):
    pictures = start(folder)
    for number in range(PICTURE_RATE[1]):
        await pictures.get(f"{ADDRESS}?{number}")
    with pytest.raises(TooManyPictures):
        await pictures.get(f"{ADDRESS}?more")
    assert await pictures.get(f"{ADDRESS}?1") == PNG  # what is there is shown
    assert len(host.headers) == PICTURE_RATE[1]
    assert host.together == 1


async def test_few_are_fetched_at_the_same_time_and_few_wait(start, folder, host):
    go_on = asyncio.Event()

    async def slowly(_request):
        await go_on.wait()
        return web.Response(body=PNG)

    host.answer = slowly
    pictures = start(folder)
    asked = [asyncio.create_task(pictures.get(f"{ADDRESS}?{number}")) for number in range(60)]
    _, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    go_on.set()
    await asyncio.wait(waiting)
    refused = [task for task in asked if task.exception() is not None]
    assert 0 < len(refused) <= 20
    assert all(isinstance(task.exception(), TooManyPictures) for task in refused)
    assert host.together <= 4


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_keeps_the_newest_within_its_size(tmp_path, clock):
    folder = PictureFolder(tmp_path / "pictures", clock, most=3 * len(PNG))
    for number in range(5):
        folder.put(f"a{number}", PNG)
        clock.advance(minutes=1)
    assert [folder.get(f"a{number}") for number in range(5)] == [None, None, PNG, PNG, PNG]
    assert len(names(tmp_path / "pictures")) == 3


def test_the_folder_forgets_what_is_a_week_old(tmp_path, clock):
    folder = PictureFolder(tmp_path / "pictures", clock)
    folder.put("old", PNG)
    clock.advance(days=7, seconds=1)
    assert folder.get("old") is None
    folder.put("new", PNG)
    assert len(names(tmp_path / "pictures")) == 1


def test_a_file_that_was_cut_or_replaced_is_no_picture(tmp_path, clock):
    folder = PictureFolder(tmp_path / "pictures", clock)
    folder.put("a", PNG)
    (file,) = (tmp_path / "pictures").iterdir()
    file.write_bytes(b"<html>")
    os.utime(file, (clock().timestamp(),) * 2)
    assert folder.get("a") is None


async def test_a_full_disk_keeps_nothing_and_the_picture_is_shown(start, tmp_path, host, clock):
    room = 10**9
    folder = PictureFolder(tmp_path / "pictures", clock, least=1000, free=lambda _folder: room)
    pictures = start(folder)
    assert await pictures.get(ADDRESS) == PNG
    room = 999
    assert await pictures.get(f"{ADDRESS}?2") == await pictures.get(f"{ADDRESS}?2") == PNG
    assert len(host.headers) == 2  # the last are in memory
    assert names(tmp_path / "pictures") == []  # the database needs the room


def test_a_write_that_fails_leaves_nothing(tmp_path, clock, monkeypatch):
    folder = PictureFolder(tmp_path / "pictures", clock)
    folder.put("a", PNG)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "utime", full)
    with pytest.raises(OSError, match="No space left"):
        folder.put("b", JPEG)
    assert (folder.get("a"), folder.get("b")) == (PNG, None)
    assert len(names(tmp_path / "pictures")) == 1


async def test_a_folder_that_cannot_be_written_stops_no_picture(start, tmp_path, host, clock):
    (tmp_path / "pictures").write_text("a file")
    pictures = start(PictureFolder(tmp_path / "pictures", clock))
    assert await pictures.get(ADDRESS) == await pictures.get(ADDRESS) == PNG
    assert len(host.headers) == 1
