"""The terminal as a chat, over real pipes, files and a pseudo-terminal."""

import asyncio
import io
import os
import pty

import pytest

from paperwire.channels.console import ADDRESS, ConsoleChannel
from paperwire.core.messages.message import Attachment, Button, Item, Message, Span
from paperwire.errors import Gone
from paperwire.ports.callers import Actor
from paperwire.ports.requests import CommandSpec, Reply
from servers.loopback import PATIENCE


def said(*lines, **more):
    return Message(head=tuple((Span(line),) for line in lines), **more)


class Chat:
    """A terminal whose both ends the test holds, and a handler that answers with what it was asked."""

    def __init__(self, tmp_path, out=None, source=None):
        self.read, self.write = os.pipe() if source is None else (source, -1)
        self.out = out or io.StringIO()
        self.channel = ConsoleChannel(self.read, self.out, folder=tmp_path, name="Ann")
        self.asked = []
        self.reply = Reply(message=said("answer"))

    async def handler(self, request):
        self.asked.append(request)
        return self.reply

    def type(self, text):
        os.write(self.write, text.encode() if isinstance(text, str) else text)

    def hang_up(self):
        if self.write >= 0:
            os.close(self.write)
            self.write = -1

    async def listen(self):
        await asyncio.wait_for(self.channel.listen((CommandSpec("help", "All commands"),), self.handler), PATIENCE)

    def shown(self):
        return self.out.getvalue()


@pytest.fixture
def chat(tmp_path):
    chat = Chat(tmp_path)
    yield chat
    chat.hang_up()
    os.close(chat.read)


async def test_who_types_is_reached_at_the_terminal(chat):
    assert await chat.channel.private_address(Actor(channel="console", user_id=ADDRESS)) == ADDRESS


async def test_lines_are_commands_until_the_input_ends(chat):
    chat.type("/Subscribe  large language model \n\nhelp\n/feed reset\nhttps://arxiv.org/abs/2601.00001 \n")
    chat.hang_up()
    await chat.listen()
    await chat.channel.closed()
    assert [(request.command, request.args) for request in chat.asked] == [
        ("subscribe", "large language model"),
        ("", "help"),
        ("feed", "reset"),
        ("", "https://arxiv.org/abs/2601.00001"),
    ]
    assert chat.asked[0].actor == Actor(channel="console", user_id=ADDRESS, name="Ann")
    assert chat.asked[0].place.kind == "terminal"
    assert chat.asked[0].can_manage
    assert chat.shown().count("answer") == 4


async def test_a_word_split_between_two_reads_and_broken_bytes_arrive_as_one_line(chat):
    listening = asyncio.create_task(chat.listen())
    chat.type(b"/search caf\xc3")
    await asyncio.sleep(0)
    chat.type(b"\xa9 \xff\n")
    chat.hang_up()
    await listening
    assert chat.asked[0].args == "café"


async def test_an_endless_line_is_cut_into_pieces_not_hoarded(chat):
    async def pour():
        for _ in range(40):
            await asyncio.to_thread(chat.type, "x" * 5000)
        chat.hang_up()

    await asyncio.gather(chat.listen(), pour())
    assert len(chat.asked) >= 2
    assert sum(len(request.args) for request in chat.asked) == 200_000


async def test_a_plain_file_is_read_to_its_end(tmp_path):
    script = tmp_path / "script"
    script.write_text("/status\n/help\n")
    with script.open() as file:
        chat = Chat(tmp_path, source=file.fileno())
        await chat.listen()
    assert [request.command for request in chat.asked] == ["status", "help"]


async def test_buttons_are_numbered_and_pressed_by_their_number(chat):
    buttons = ((Button("Save", "save:7"), Button("Why?", "why:7")), (Button("Page", url="https://x.org/p"),))
    await chat.channel.send(ADDRESS, said("one", buttons=buttons))
    assert "[#1 Save]  [#2 Why?]\nPage: https://x.org/p\n" in chat.shown()
    chat.type("#2\n# 01\n#9\n#x\n")
    chat.hang_up()
    await chat.listen()
    assert [request.action or request.args for request in chat.asked] == ["why:7", "save:7", "#x"]
    assert "no button #9" in chat.shown()


async def test_only_the_newest_buttons_can_be_pressed(chat):
    for number in range(600):
        await chat.channel.send(ADDRESS, said("x", buttons=((Button("b", f"save:{number}"),),)))
    chat.type("#100\n#101\n")
    chat.hang_up()
    await chat.listen()
    assert [request.action for request in chat.asked] == ["save:100"]


async def test_numbers_of_buttons_go_on_after_a_restart_and_the_old_ones_can_be_pressed(tmp_path):
    for run in range(3):
        chat = Chat(tmp_path)
        chat.channel.keep_in(tmp_path)
        for number in range(400):
            await chat.channel.send(ADDRESS, said("x", buttons=((Button("b", f"save:{run * 400 + number}"),),)))
        chat.type("#900\n#700\n#650\n#1201\n")
        chat.hang_up()
        await chat.listen()
        os.close(chat.read)
    assert [request.action for request in chat.asked] == ["save:899"]
    assert (tmp_path / "terminal.buttons").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "terminal.buttons").read_text().splitlines()) <= 1000


async def test_what_is_kept_for_the_next_run_goes_with_who_is_forgotten(chat, tmp_path):
    chat.channel.keep_in(tmp_path)
    history, buttons = tmp_path / "terminal.history", tmp_path / "terminal.buttons"
    history.write_text("+/subscribe lora\n")
    await chat.channel.send(ADDRESS, said("x", buttons=((Button("b", "try:lora"),),)))
    chat.reply = Reply(message=said("deleted"), forgets=True)
    chat.type("yes\n#1\n")
    chat.hang_up()
    await chat.listen()
    assert len(chat.asked) == 1
    assert (history.exists(), buttons.read_text()) == (False, "")
    await chat.channel.send(ADDRESS, said("x", buttons=((Button("b", "help:"),),)))
    assert buttons.read_text() == '[2, "help:"]\n'


async def test_numbers_start_again_where_their_file_cannot_be_used(tmp_path):
    (tmp_path / "terminal.buttons").write_bytes(b'[99, "save:1"]\n\xff x\n7\n[100, "sa')
    broken, absent = Chat(tmp_path), Chat(tmp_path)
    broken.channel.keep_in(tmp_path)
    absent.channel.keep_in(tmp_path / "absent")
    for chat, number in ((broken, 100), (absent, 1)):
        await chat.channel.send(ADDRESS, said("x", buttons=((Button("b", "save:7"),),)))
        assert f"[#{number} b]" in chat.shown()
        chat.hang_up()
        os.close(chat.read)


async def test_an_alert_shows_everything_and_nothing_that_moves_the_cursor(chat):
    item = Item(
        "Evil \x1b[31m[bold]title[/bold] :smile:\r\n\u202e",
        "https://arxiv.org/abs/2510.00001",
        ((Span("Ann\x07 Lee"), Span(" at", "italic"), Span("lab", url="https://x.org")),),
        "long " * 1000,
    )
    receipt = await chat.channel.send(ADDRESS, Message(head=((Span("Head"),),), items=(item,), foot=((Span("Foot"),),)))
    assert receipt.message_id == "1"
    lines = chat.shown().split("\n")
    assert lines[:5] == [
        "Head",
        "",
        "Evil [31m[bold]title[/bold] :smile: ",
        "https://arxiv.org/abs/2510.00001",
        "Ann Lee atlab https://x.org",
    ]
    assert len(lines[5]) <= 600
    assert lines[6:] == ["", "Foot", "", ""]


async def test_files_are_written_together_and_never_outside(chat, tmp_path):
    file = Attachment("../saved.bib", "text/plain", b"@misc{}")
    changed = Attachment("saved.bib", "text/plain", b"@book{}")
    chat.reply = Reply(message=Message(), files=(file, changed, file), toast="Two files")
    chat.type("/saved bibtex\n")
    chat.hang_up()
    await chat.listen()
    assert (tmp_path / "saved.bib").read_bytes() == b"@misc{}"
    assert (tmp_path / "saved-2.bib").read_bytes() == b"@book{}"
    assert len(list(tmp_path.iterdir())) == 2
    assert (tmp_path / "saved.bib").stat().st_mode & 0o777 == 0o600
    assert f"Two files\nWritten to {tmp_path / 'saved.bib'}\n" in chat.shown()


async def test_a_file_that_cannot_be_written_is_said(tmp_path):
    chat = Chat(tmp_path / "absent")
    chat.reply = Reply(message=said("here"), files=(Attachment("a.ris", "text/plain", b""),))
    chat.type("/saved ris\n")
    chat.hang_up()
    await chat.listen()
    os.close(chat.read)
    assert "Could not write a.ris: No such file" in chat.shown()


async def test_there_is_no_other_place(chat):
    place, manages = await chat.channel.inspect(ADDRESS, Actor(channel="console", user_id=ADDRESS, name="Ann"))
    assert place.address == ADDRESS
    assert manages
    with pytest.raises(Gone):
        await chat.channel.inspect("elsewhere", Actor(channel="console", user_id="x"))
    with pytest.raises(Gone):
        await chat.channel.send("elsewhere", said("x"))
    assert chat.channel.per_minute("terminal") > 1000
    await chat.channel.close()


async def test_a_closed_output_is_a_place_that_is_gone(chat):
    assert chat.channel.state() == "open"
    chat.out.close()
    with pytest.raises(Gone):
        await chat.channel.send(ADDRESS, said("x"))
    assert chat.channel.state() == "the terminal is closed"


async def test_listening_can_be_cancelled_and_leaves_the_input_alone(chat):
    listening = asyncio.create_task(chat.channel.listen((), chat.handler))
    await asyncio.sleep(0)
    assert "Type /help" in chat.shown()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    chat.type("/late\n")
    assert chat.asked == []
    assert os.read(chat.read, 100) == b"/late\n"


async def test_on_a_terminal_without_a_cursor_an_alert_wipes_the_prompt_and_it_comes_back(tmp_path, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as out:
        chat = Chat(tmp_path, out=out, source=theirs)
        listening = asyncio.create_task(chat.listen())
        screen = await until(ours, "> ")
        assert "Type /help" in screen
        await chat.channel.send(ADDRESS, Message(items=(Item("A paper", "https://x.org", (), "word " * 60),)))
        screen = await until(ours, "> ")
        assert screen.startswith("\r\x1b[K")
        assert "A paper" in screen
        assert max(len(line) for line in screen.split("\r\n")) <= 120  # wrapped, colours included
        os.write(ours, b"/status\n")
        screen = await until(ours, "> ")
        assert "answer" in screen
        assert [request.command for request in chat.asked] == ["status"]
        os.write(ours, b"\x04")  # Ctrl-D
        await listening
    os.close(ours)


async def test_an_input_that_cannot_be_read_ends_the_chat(tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    chat = Chat(tmp_path, source=folder)
    await chat.listen()
    os.close(folder)
    assert chat.asked == []


async def test_a_paper_with_nothing_but_a_title_is_one_line(chat):
    await chat.channel.send(ADDRESS, Message(items=(Item("Bare", ""),)))
    assert chat.shown() == "Bare\n\n"


async def test_a_terminal_that_hangs_up_ends_the_chat(tmp_path):
    ours, theirs = pty.openpty()
    chat = Chat(tmp_path, source=theirs)
    listening = asyncio.create_task(chat.listen())
    await asyncio.sleep(0)
    os.close(ours)
    await listening
    os.close(theirs)
    assert chat.asked == []


async def test_an_empty_answer_prints_nothing(chat):
    chat.reply = Reply(message=Message())
    chat.type("/x\n")
    chat.hang_up()
    await chat.listen()
    assert chat.shown().count("\n") == 1  # the greeting's


async def until(descriptor, ending):
    """What a terminal shows, up to the first text that ends so."""
    seen = ""
    while not seen.endswith(ending):
        seen += (await asyncio.to_thread(os.read, descriptor, 65_536)).decode()
    return seen
