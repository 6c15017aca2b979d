"""The terminal as a chat: lines are commands or words, `#1` presses a button, answers and alerts are printed."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.text import Text

from paperwire.channels._conversation import Updates, is_empty
from paperwire.channels._numbers import ButtonNumbers
from paperwire.core.messages.message import Attachment, Button, Item, Line, Message
from paperwire.core.text.clean import cut, visible
from paperwire.errors import Gone
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import Conversation, Naming, Receipt
from paperwire.ports.requests import CommandSpec, Handler, Reply, Request, Update

if TYPE_CHECKING:  # nothing here needs the library at run time
    from paperwire.channels._editor import Editor

ADDRESS = "terminal"
_ABSTRACT = 600
_WIDEST = 100
_CHUNK = 65_536
_LONGEST_LINE = 65_536
_WITHOUT_EDITING = frozenset({"", "dumb", "unknown"})
_BREAKS = re.compile("[\t-\r\x85\u2028\u2029]+")
_STYLES = {"": "", "bold": "bold", "italic": "italic", "code": "cyan"}


class _Lines:
    """The lines of a file descriptor, without a thread and without changing its mode; None at the end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._waiting: deque[str] = deque()
        self._partial = ""
        self._ended = False
        self._ready = asyncio.Event()

    def begin(self) -> None:
        """Read whenever there is something; a plain file is always ready and no selector takes it: read it at once."""
        try:
            asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        except PermissionError:
            while not self._ended:
                self._read()

    def end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)

    def forget(self) -> None:
        """See `Editor.forget`; no lines are kept."""

    async def next(self) -> str | None:
        while not self._waiting and not self._ended:
            self._ready.clear()
            await self._ready.wait()
        return self._waiting.popleft() if self._waiting else None

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, _CHUNK)
        except OSError:  # the terminal went away (EIO)
            data = b""
        *lines, self._partial = (self._partial + self._decoder.decode(data, final=not data)).split("\n")
        if len(self._partial) > _LONGEST_LINE or (not data and self._partial):
            lines.append(self._partial)
            self._partial = ""
        self._waiting.extend(lines)
        if not data:
            self._ended = True
            self.end()
        self._ready.set()


class ConsoleChannel(Conversation):
    """One terminal: file descriptor `source` is read, `out` is written, files go to `folder`; `name` is who types.

    Lines are edited. Works the same on pipes: then without prompt, colour and line breaks.
    """

    kind = "console"
    label = "terminal"
    singleton = True
    in_flight = 1
    shared_service = False
    naming: Naming = "managed"

    def __init__(self, source: int, out: TextIO, *, folder: Path, name: str = "") -> None:
        self._source = source
        self._lines: _Lines | Editor = _Lines(source)
        self._out = out
        self._is_edited = False
        self._history: Path | None = None
        self._console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=not out.isatty())
        self._folder = folder
        self._actor = Actor(channel=self.kind, user_id=ADDRESS, name=name)
        self._place = Place(channel=self.kind, address=ADDRESS, kind="terminal")
        self._numbers = ButtonNumbers()
        self._sent = 0
        self._prompting = False
        self._updates = Updates(self.kind)
        self._open = True
        self._ended = asyncio.Event()

    def keep_in(self, folder: Path) -> None:
        """Keep what was typed, and the numbers of buttons, in a folder for the next run on this terminal."""
        self._history = folder / "terminal.history"
        self._numbers.keep_in(folder / "terminal.buttons")

    async def closed(self) -> None:
        await self._ended.wait()

    def per_minute(self, kind: str) -> int:
        del kind
        return 6000

    async def private_address(self, actor: Actor) -> str:
        """See `ports.Conversation`; who types is always here."""
        del actor
        return ADDRESS

    def state(self) -> str:
        return "open" if self._open else "the terminal is closed"

    async def send(self, to: str, message: Message) -> Receipt:
        """Print an alert; raises Gone for any other place and once nothing reads the output any more."""
        if to != ADDRESS:
            raise Gone("A terminal reaches no other place than itself.")
        self._print(message)
        self._sent += 1
        return Receipt(str(self._sent))

    async def listen(self, specs: Sequence[CommandSpec], handler: Handler) -> None:
        """Answer lines one after another until the input ends or this is cancelled; raises Gone as `send` does."""
        self._is_edited = self._can_edit()
        if self._is_edited:
            from paperwire.channels._editor import Editor  # noqa: PLC0415 -- it loads slowly, and few commands listen

            self._lines = Editor.of_terminal(specs, self._history, self._source, self._out)
        try:
            self._console.file = self._lines.begin() or self._out
            hello = "This terminal is a chat. Type /help, or /subscribe and what you care about; Ctrl-C stops."
            self._write(Text(hello, "dim"))
            while (line := await self._next()) is not None:
                if (request := self._request(line)) is not None:
                    self._answer(await handler(request))
            self._ended.set()
        finally:
            self._lines.end()
            self._console.file = self._out
            await self._updates.stop()

    def _can_edit(self) -> bool:
        """Whether there is a terminal on both ends, and it moves its cursor."""
        term = os.environ.get("TERM", "")
        return os.isatty(self._source) and self._out.isatty() and term not in _WITHOUT_EDITING

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """This terminal, managed by the person at it; raises Gone for any other address."""
        if address != ADDRESS:
            raise Gone("A terminal reaches no other place than itself.")
        return self._place, actor == self._actor

    async def _next(self) -> str | None:
        self._prompt()
        line = await self._lines.next()
        self._prompting = False  # the line's end moved the cursor on
        return line

    def _request(self, line: str) -> Request | None:
        """What a line asks for, or answers; None for an empty one and a button that is not there."""
        line = visible(line).strip()
        ask = partial(Request, actor=self._actor, place=self._place, can_manage=True)
        if line.startswith("#") and (number := line[1:].strip()).isascii() and number.isdigit():
            if (action := self._numbers.action(int(number[:9]))) is None:
                self._write(Text(f"There is no button #{number[:9]}. The newest messages show theirs in brackets."))
                return None
            return ask(action=action)
        if not line.startswith("/"):
            return ask(args=line) if line else None
        command, _, args = line.removeprefix("/").partition(" ")
        return ask(command=command.casefold(), args=args.strip()) if command else None

    def _answer(self, reply: Reply) -> None:
        self._updates.follow(reply, self._update)
        if reply.forgets:
            self._numbers.forget()
            if self._history is not None:
                self._history.unlink(missing_ok=True)
            self._lines.forget()
        if reply.toast and is_empty(reply.message):
            self._write(Text(visible(reply.toast), "dim"))
        self._print(reply.message)
        for file in reply.files:
            self._keep(file)

    async def _update(self, update: Update) -> None:
        """What is printed can't be changed: the line alone follows."""
        if update.line is not None:
            self._print(update.line)
        for file in update.reply.files:
            self._keep(file)

    def _keep(self, file: Attachment) -> None:
        stem, dot, ending = os.path.basename(file.name).rpartition(".")  # noqa: PTH119 -- the last part of any text
        path = self._folder / f"{stem}{dot}{ending}"
        again = 2
        while path.exists() and not _holds(path, file.content):
            path = self._folder / f"{stem}-{again}{dot}{ending}"
            again += 1
        try:
            path.touch(0o600)
            path.write_bytes(file.content)
        except OSError as error:
            self._write(Text(f"Could not write {file.name}: {error.strerror or ''}"))
            return
        self._write(Text(f"Written to {path}"))

    def _print(self, message: Message) -> None:
        parts = [_line(line) for line in message.head]
        for item in message.items:
            parts += [*([Text()] if parts else []), *_item(item)]
        parts += [*([Text()] if message.items and message.foot else []), *(_line(line) for line in message.foot)]
        parts += [self._row(row) for row in message.buttons]
        if parts:
            self._write(*parts, Text())

    def _row(self, row: Sequence[Button]) -> Text:
        shown: list[str] = []
        for button in row:
            if not button.action:
                shown.append(f"{visible(button.label)}: {visible(button.url)}")
                continue
            shown.append(f"[#{self._numbers.number(button.action)} {visible(button.label)}]")
        return Text("  ".join(shown), "dim")

    def _write(self, *parts: Text) -> None:
        """Print whole lines; a prompt that waits is wiped first and comes back below."""
        waiting, self._prompting = self._prompting, False
        with self._writing():
            if waiting:
                self._console.file.write("\r\x1b[K")
            for part in parts:
                self._console.print(part, width=None if self._console.soft_wrap else min(self._console.width, _WIDEST))
        if waiting:
            self._prompt()

    def _prompt(self) -> None:
        if self._console.is_terminal and not self._is_edited:
            with self._writing():
                self._console.file.write("> ")
            self._prompting = True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
            self._console.file.flush()
        except (OSError, ValueError) as error:  # a closed pipe or file
            self._open = False
            raise Gone("the terminal is closed") from error


def _holds(path: Path, content: bytes) -> bool:
    """Whether a file has this content, as that of a meeting shown twice."""
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _line(line: Line) -> Text:
    text = Text()
    for span in line:
        text.append(_flat(span.text), _STYLES[span.style])
        if span.url and span.url != span.text:
            text.append(f" {_flat(span.url)}", "underline")
    return text


def _item(item: Item) -> Iterator[Text]:
    if item.section:
        yield Text(_flat(item.section), "underline")
    yield Text(_flat(item.title), "bold")
    if item.url:
        yield Text(_flat(item.url), "underline")
    yield from (_line(line) for line in item.lines)
    if item.abstract:
        yield Text(cut(_flat(item.abstract), _ABSTRACT), "dim")


def _flat(text: str) -> str:
    """One line without control characters: paper text must not move the cursor or colour the terminal."""
    return _BREAKS.sub(" ", visible(text))
