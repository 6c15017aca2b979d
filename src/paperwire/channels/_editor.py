"""A line editor for a terminal: history, completion, and output that leaves alone what is being typed."""

from __future__ import annotations

import logging
import os
import select
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from contextvars import copy_context
from pathlib import Path
from threading import Thread
from typing import Any, TextIO

import structlog
from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.output import Output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.patch_stdout import StdoutProxy

from paperwire.core.papers.categories import CATEGORIES
from paperwire.ports.requests import CommandSpec

log = structlog.get_logger(__name__)

_BUNDLED = 0.05  # seconds for which what is printed is gathered before the line is redrawn
_MENU_ROWS = 6
_CATEGORY = ("cat:", "category:")
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


class Editor:
    """Lines as a person edits them, until they press Ctrl-D or Ctrl-C; `history` is a file that keeps them."""

    def __init__(self, specs: Sequence[CommandSpec], history: Path | None, source: Input, output: Output) -> None:
        self._specs = specs
        self._history = history
        self._source = source
        self._output = output
        self._stack = ExitStack()
        self._session: PromptSession[str] | None = None

    @classmethod
    def of_terminal(cls, specs: Sequence[CommandSpec], history: Path | None, source: int, out: TextIO) -> Editor:
        stdin = os.fdopen(source, closefd=False)
        output = Vt100_Output.from_pty(out, term=os.environ.get("TERM"))
        output.enable_cpr = False  # a terminal that doesn't say where its cursor is would be waited for, and blamed
        return cls(specs, history, _Terminal(stdin), output)

    def begin(self) -> TextIO:
        """Take the terminal over; returns where to write meanwhile."""
        self._stack.enter_context(create_app_session(input=self._source, output=self._output))
        above: Any = self._stack.enter_context(_Above(sleep_between_writes=_BUNDLED, raw=True))
        self._stack.enter_context(redirect_stdout(above))
        self._stack.enter_context(redirect_stderr(above))
        self._stack.enter_context(_logged_above(above))
        self._session = self._new_session()
        out: TextIO = above
        return out

    def forget(self) -> None:
        """Offer none of the lines so far again; their file is gone."""
        self._session = self._new_session()

    def _new_session(self) -> PromptSession[str]:
        return PromptSession(
            "> ",
            history=_history(self._history),
            completer=ScreenWords(self._specs),
            complete_while_typing=False,
            enable_history_search=True,
            reserve_space_for_menu=_MENU_ROWS,
        )

    async def next(self) -> str | None:
        """The next line; None at the end."""
        if self._session is None:
            return None
        try:
            return await self._session.prompt_async(handle_sigint=False)
        except (EOFError, KeyboardInterrupt, OSError):  # the last where the terminal has gone
            return None

    def end(self) -> None:
        """Give the terminal back, with all that was written to it shown."""
        self._session = None
        self._stack.close()


class ScreenWords(Completer):
    """Completes commands, the names of their options and choices, and categories after `cat:`."""

    def __init__(self, specs: Sequence[CommandSpec]) -> None:
        self._specs = {spec.name: spec for spec in specs if spec.is_listed("terminal")}

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        del complete_event
        typed = document.text_before_cursor.lstrip()
        command, space, typed_words = typed.removeprefix("/").partition(" ")
        if not space:
            names = ((name, spec.help) for name, spec in self._specs.items())
            yield from _beginning_so(command, names)
            return
        word = typed_words.rpartition(" ")[2].lstrip("-(")
        field = next((field for field in _CATEGORY if word.casefold().startswith(field)), "")
        if field:
            categories = ((name, category.title) for name, category in CATEGORIES.items())
            yield from _beginning_so(word.removeprefix(word[: len(field)]), categories)
        elif (spec := self._specs.get(command.casefold())) is not None:
            choices = ((choice, "") for argument in spec.args for choice in argument.choices)
            options = ((f"{option.name}:", option.help) for option in spec.options)
            yield from _beginning_so(word, [*choices, *options])


def _beginning_so(word: str, names: Iterable[tuple[str, str]]) -> Iterator[Completion]:
    for name, meaning in names:
        if name.casefold().startswith(word.casefold()):
            yield Completion(name, start_position=-len(word), display_meta=meaning)


class _Above(StdoutProxy):
    """Prints above the line; its thread knows whose line, which the library's own doesn't for a terminal of ours."""

    def _start_write_thread(self) -> Thread:
        thread = Thread(target=copy_context().run, args=(self._write_thread,), name="terminal", daemon=True)
        thread.start()
        return thread


class _Terminal(Vt100Input):
    """A terminal whose end is noticed when it hangs up, not only when it says so."""

    def read_keys(self) -> list[KeyPress]:
        poll = select.poll()
        poll.register(self.fileno(), 0)
        self.stdin_reader.closed |= any(event & _GONE for _, event in poll.poll(0))
        return super().read_keys()


def _history(path: Path | None) -> History:
    """The lines of a file that only its owner reads; without one, or where it can't be written, those of this run."""
    try:
        if path is not None:
            path.touch()
            path.chmod(0o600)
            return FileHistory(str(path))
    except OSError as error:
        log.warning("history not kept", reason=error.strerror)
    return InMemoryHistory()


@contextmanager
def _logged_above(out: TextIO) -> Iterator[None]:
    """Have what is logged to a terminal written where it leaves alone what is being typed."""
    handlers = [candidate for candidate in logging.getLogger().handlers if isinstance(candidate, logging.StreamHandler)]
    streams = [(handler, handler.stream) for handler in handlers if handler.stream.isatty()]
    for handler, _ in streams:
        handler.setStream(out)
    try:
        yield
    finally:
        for handler, stream in streams:
            handler.setStream(stream)
