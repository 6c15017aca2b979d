"""The fake Bot API as a program: `python -m servers.telegram_alone [PORT]` from the folder of the tests.

Prints its address and token, then each message of the bot as a line of JSON; a line `100 /start` on its input is what
person 100 types, `100 -1001 /start` what they type in the group -1001, and `press 100 LABEL` presses a button of the
last message.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from servers.telegram import TelegramServer

if TYPE_CHECKING:
    from servers.telegram_world import Sent


async def run(port: int) -> None:
    telegram = TelegramServer()
    await telegram.start(port)
    say(url=telegram.url, token=telegram.token)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    printing = asyncio.create_task(show(telegram))
    while line := (await reader.readline()).decode().strip():
        obey(telegram, line)
    printing.cancel()
    await telegram.stop()


def obey(telegram: TelegramServer, line: str) -> None:
    first, second, *rest = line.split(maxsplit=2)
    if first == "press":
        last = max((m for c in telegram.chats.values() for m in c.sent), key=lambda message: message.id)
        telegram.press(int(second), last, rest[0])
    elif second.startswith("-"):
        if int(second) not in telegram.chats:
            telegram.chat(int(second), admins={int(first)})
        telegram.say(int(first), rest[0], int(second))
    else:
        telegram.say(int(first), " ".join([second, *rest]))


async def show(telegram: TelegramServer) -> None:
    shown: set[int] = set()

    def fresh() -> list[Sent]:
        return [m for c in telegram.chats.values() for m in c.sent if m.id not in shown]

    while True:
        await telegram.until(lambda: bool(fresh()), timeout=86400)
        for message in sorted(fresh(), key=lambda one: one.id):
            shown.add(message.id)
            labels = [[key["text"] for key in row] for row in message.keyboard]
            say(chat=message.chat, thread=message.thread, text=message.text, links=message.links, buttons=labels)


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
