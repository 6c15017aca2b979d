"""The fake Bot API run as a program of its own, for whoever wants to see the bot without Telegram."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from paperwire.core.messages.message import Button, Message, Span
from paperwire.ports.requests import Reply
from servers.loopback import PATIENCE
from servers.recorder import Recorder
from servers.telegram import TelegramServer
from servers.telegram_listening import listening


@pytest.mark.whole
async def test_people_type_on_its_input_and_read_its_output():
    folder = Path(__file__).parents[1]
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "servers.telegram_alone",
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )

    async def read():
        async with asyncio.timeout(PATIENCE):
            return json.loads(await program.stdout.readline())

    where = await read()
    telegram = TelegramServer(token=where["token"])
    telegram.url = where["url"]
    recorder = Recorder()
    recorder.replies["subscribe"] = Reply(message=Message(head=((Span("done"),),), buttons=((Button("Go", "go:1"),),)))
    async with listening(telegram, recorder):
        program.stdin.write(b"100 /subscribe lora\n")
        assert await read() == {"chat": 100, "thread": None, "text": "done", "links": [], "buttons": [["Go"]]}
        program.stdin.write(b"press 100 Go\n")
        assert (await read())["text"] == "go:1"
        program.stdin.write(b"100 -1001 /subscribe x\n")
        assert (await read())["chat"] == -1001
    assert [r.can_manage for r in recorder.requests] == [True, True, True]
    program.stdin.write_eof()
    assert await program.wait() == 0
