"""The line editor of the terminal: editing, history, completion, and alerts while something is typed."""

import asyncio
import io
import logging
import os
import pty
import sys
from contextlib import suppress

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from paperwire.channels._editor import Editor, ScreenWords
from paperwire.channels.console import ADDRESS, ConsoleChannel
from paperwire.core.messages.message import Message, Span
from paperwire.ports.requests import Argument, CommandSpec, Reply
from servers.loopback import PATIENCE

UP, LEFT, TAB = "\x1b[A", "\x1b[D", "\t"
SPECS = (
    CommandSpec("subscribe", "Get new papers", (), (Argument("when", "how often", required=False),)),
    CommandSpec("subscriptions", "Your subscriptions"),
    CommandSpec("style", "How papers look", (Argument("query", "which", choices=("cards", "list")),)),
)


@pytest.fixture
def keys():
    with create_pipe_input() as pipe:
        yield pipe


async def lines(keys, *typed, history=None):
    """The lines that become of these keys; of several texts each is typed once the one before had its effect."""
    editor = Editor(SPECS, history, keys, DummyOutput())
    editor.begin()
    found = []
    try:
        for text in typed:
            line = asyncio.ensure_future(editor.next())
            await ready(editor)
            *first, last = text.split(TAB)
            for part in first:
                keys.send_text(part + TAB)
                await completed(editor, part)
            keys.send_text(last)
            if (known := await asyncio.wait_for(line, PATIENCE)) is None:
                break
            found.append(known)
    finally:
        editor.end()
    return found


async def ready(editor):
    """Return once the line can be typed and the history is there."""
    async with asyncio.timeout(PATIENCE):
        buffer = editor._session.default_buffer
        while True:
            loaded = buffer._load_history_task
            if editor._session.app.is_running and loaded and loaded.done() and not loaded.cancelled():
                return
            await asyncio.sleep(0)


async def completed(editor, part):
    """Return once a completion stands in the line."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if editor._session.default_buffer.text not in {"", part}:
                return
            await asyncio.sleep(0)


async def test_a_line_is_edited_before_it_is_sent(keys):
    assert await lines(keys, f"/hlp{LEFT}{LEFT}e\r") == ["/help"]


async def test_the_last_lines_come_back_with_the_up_key_also_the_next_time(keys, tmp_path):
    history = tmp_path / "history"
    history.touch(0o644)  # as another program left it
    history.chmod(0o644)
    assert await lines(keys, "/one\r", "/two\r", f"{UP}{UP}\r", history=history) == ["/one", "/two", "/one"]
    assert history.stat().st_mode & 0o777 == 0o600
    with create_pipe_input() as later:
        assert await lines(later, f"{UP}\r", history=history) == ["/one"]


async def test_lines_of_who_was_forgotten_do_not_come_back(keys, tmp_path):
    history, typed = tmp_path / "history", []
    editor = Editor(SPECS, history, keys, DummyOutput())
    editor.begin()
    for text in ("/one\r", f"{UP}/two\r"):
        line = asyncio.ensure_future(editor.next())
        await ready(editor)
        keys.send_text(text)
        typed.append(await asyncio.wait_for(line, PATIENCE))
        history.unlink()
        editor.forget()
    editor.end()
    assert typed == ["/one", "/two"]
    assert history.read_text() == ""


async def test_without_a_file_for_it_the_history_is_of_this_run(keys, tmp_path):
    assert await lines(keys, "/one\r", f"{UP}\r", history=tmp_path / "absent" / "history") == ["/one", "/one"]


@pytest.mark.parametrize("end", ["\x04", "\x03"])
async def test_ctrl_d_and_ctrl_c_end_it(keys, end):
    assert await lines(keys, "/one\r", end, "/two\r") == ["/one"]


async def test_it_gives_no_lines_before_it_began(keys):
    assert await Editor(SPECS, None, keys, DummyOutput()).next() is None


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/sub", ["subscribe", "subscriptions"]),
        ("ST", ["style"]),
        ("/style ", ["cards", "list"]),
        ("/style l", ["list"]),
        ("/subscribe lora w", ["when:"]),
        ("/subscribe lora -(cat:cs.c", ["cs.CC", "cs.CE", "cs.CG", "cs.CL", "cs.CR", "cs.CV", "cs.CY"]),
        ("search Category:HEP-T", ["hep-th"]),
        ("/nonsense x", []),
    ],
)
def test_commands_choices_options_and_categories_are_completed(typed, offered):
    found = list(ScreenWords(SPECS).get_completions(Document(typed), CompleteEvent()))
    assert [one.text for one in found] == offered


def test_a_completion_says_what_it_means_and_replaces_what_was_typed_of_it():
    (found,) = ScreenWords(SPECS).get_completions(Document("/search cat:cs.CL"), CompleteEvent())
    assert found.display_meta_text == "Computation and Language"
    assert found.start_position == -len("cs.CL")


async def test_tab_completes_a_command(keys):
    assert await lines(keys, f"/st{TAB} list\r") == ["/style list"]


async def test_what_is_logged_to_the_terminal_stays_clear_of_the_line(keys):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    screen, file = logging.StreamHandler(Screen()), logging.StreamHandler(io.StringIO())
    before = [screen.stream, file.stream]
    root = logging.getLogger()
    root.handlers += [screen, file]
    editor = Editor(SPECS, None, keys, DummyOutput())
    try:
        assert editor.begin() is sys.stdout is screen.stream
        assert file.stream is before[1]
    finally:
        editor.end()
        root.handlers.remove(screen)
        root.handlers.remove(file)
    assert [screen.stream, file.stream] == before


# --- a whole terminal --------------------------------------------------------------------------------------------


class Screen:
    """A pseudo-terminal whose other end is ours."""

    def __init__(self, tmp_path):
        self.ours, self.theirs = pty.openpty()
        self.out = os.fdopen(self.theirs, "w")
        self.channel = ConsoleChannel(self.theirs, self.out, folder=tmp_path)
        self.channel.history = tmp_path / "history"
        self.asked, self.shown = [], ""

    async def handler(self, request):
        self.asked.append((request.command, request.args))
        return Reply(message=said("answer"))

    def type(self, text):
        os.write(self.ours, text.encode())

    async def sees(self, text):
        """Return once the terminal shows `text`, after what was seen before."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if (at := self.shown.find(text)) >= 0:
                    self.shown = self.shown[at + len(text) :]
                    return
                self.shown += (await asyncio.to_thread(os.read, self.ours, 65_536)).decode(errors="replace")


def said(words):
    return Message(head=((Span(words),),))


@pytest.fixture
def screen(tmp_path, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen(tmp_path)
    yield screen
    with suppress(OSError):
        os.close(screen.ours)
    with suppress(OSError):  # what was not written before the terminal hung up
        screen.out.close()


async def test_an_alert_leaves_alone_what_is_being_typed(screen):
    listening = asyncio.create_task(screen.channel.listen(SPECS, screen.handler))
    await screen.sees("Type /help")
    screen.type("/subscribe gra")
    await screen.sees("gra")
    await screen.channel.send(ADDRESS, said("A new paper"))
    await screen.sees("A new paper")
    await screen.sees("> /subscribe gra")
    screen.type("phs\r")
    await screen.sees("answer")
    screen.type(f"{UP}\r")
    await screen.sees("answer")
    screen.type("\x04")
    await asyncio.wait_for(listening, PATIENCE)
    await screen.channel.closed()
    assert screen.asked == [("subscribe", "graphs")] * 2
    assert sys.stdout is not screen.channel._console.file


async def test_a_terminal_that_hangs_up_ends_the_editing(screen):
    listening = asyncio.create_task(screen.channel.listen(SPECS, screen.handler))
    await screen.sees("Ctrl-C stops")
    os.close(screen.ours)
    screen.ours = -1
    await asyncio.wait_for(listening, PATIENCE)
    assert screen.asked == []


async def test_listening_that_is_cancelled_gives_the_terminal_back(screen):
    before = sys.stdout
    listening = asyncio.create_task(screen.channel.listen(SPECS, screen.handler))
    await screen.sees("Ctrl-C stops")
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert sys.stdout is before
