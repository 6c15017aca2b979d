"""Compiles the catalogues that are whole wherever the package is built: wheel, source distribution, image, editable.

All else that setuptools needs stands in pyproject.toml. docs/translating.md says how catalogues are made.
"""

import ast
import re
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from gettext import c2py
from io import StringIO
from pathlib import Path
from typing import IO, Any

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path("src/paperwire/locale")
OWN_NAME = "own_name.txt"
"""Where the name of a language in itself is written next to its compiled catalogue."""
EXTRACT = "pybabel -q extract -F pyproject.toml -c Translators: -k gettext_noop -k pgettext_noop:1c,2"
"""The command that finds all messages; `-o FILE src/paperwire` follows."""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_MARKUP = re.compile(r"<[^>]*>|`|\*\*|(?<![\w/])/[a-z]{3,}\b|%%|\n")
_COUNTED = 201
"""Numbers whose plural forms are tried: all rules repeat after 100."""


def extract(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """The messages of a file, as pyproject.toml asks for them.

    A comment for translators above a table is that of each of its messages without one of its own.
    """
    above = _comments_of_tables(file.read().decode(), tuple(comment_tags))
    file.seek(0)
    for line, function, message, comments in extract_python(file, keywords, comment_tags, options):
        yield line, function, message, comments or above.get(line, [])


def _comments_of_tables(source: str, tags: tuple[str, ...]) -> dict[int, list[str]]:
    """The comment above the table, or the command, that a line is in, by the line's number."""
    lines = source.splitlines()
    comments: dict[int, list[str]] = {}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and (
            isinstance(node.value, ast.Dict | ast.Tuple) or (node in tree.body and isinstance(node.value, ast.Call))
        ):
            begin = node.lineno - 1
            while begin and lines[begin - 1].lstrip().startswith("#"):
                begin -= 1
            comment = [line.strip().removeprefix("#").strip() for line in lines[begin : node.lineno - 1]]
            if comment and comment[0].startswith(tags):
                comments |= dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1), comment)
    return comments


def template() -> Catalog:
    """All messages of the package, as translators are given them."""
    sys.path.append(str(Path(__file__).parent))  # where `setup:extract` is found
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paperwire.pot"
        CommandLineInterface().run([*EXTRACT.split(), "-o", str(file), "src/paperwire"])
        return read_po(StringIO(file.read_text("utf-8")))


def faults(catalogue: Catalog, messages: Catalog) -> Iterator[str]:
    """What a catalogue lacks to be whole, each with its message."""
    for message in messages:
        if message.id:
            given = catalogue.get(message.id, message.context)
            yield from (f"{fault}: {message.id!r}" for fault in _faults(message, given, catalogue))


def _faults(message: Message, given: Message | None, catalogue: Catalog) -> Iterator[str]:
    forms = _forms(given.string) if given else ()
    if not given or not all(forms):
        yield "not translated"
        return
    if given.fuzzy:
        yield "fuzzy"
    english = _forms(message.id)
    if len(forms) != (catalogue.num_plurals if len(english) > 1 else 1):
        yield f"{len(forms)} plural forms"
    for place, form in enumerate(forms):
        needed = _names(english[-1])
        if place == 0 and len(english) > 1 and _is_of_one(catalogue):
            needed = {name for name in needed if name != "num" or name in _names(form) or "num" in _names(english[0])}
        if _names(form) != needed:
            yield f"placeholders {sorted(_names(form) ^ needed)}"
        if sorted(_MARKUP.findall(form)) not in [sorted(_MARKUP.findall(each)) for each in english]:
            yield "commands, markup or lines differ"
        if (form[:1].isspace(), form[-1:].isspace()) != (english[-1][:1].isspace(), english[-1][-1:].isspace()):
            yield "spaces at its ends differ"


def _is_of_one(catalogue: Catalog) -> bool:
    """Whether a language's first form stands for 1, or 0 and 1, alone: then it may say so without the number."""
    form_of = c2py(catalogue.plural_expr)
    return all(form_of(number) for number in range(2, _COUNTED))


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _names(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def compile_catalogues(locale: Path = LOCALE) -> None:
    """Compile the catalogues that are whole; of others there is no compiled one, and so they aren't served."""
    files = sorted(locale.glob("*/LC_MESSAGES/paperwire.po"))
    messages = template() if files else Catalog()
    for file in files:
        catalogue, compiled = read_po(StringIO(file.read_text("utf-8")), locale=file.parts[-3]), file.with_suffix(".mo")
        missing = list(faults(catalogue, messages))
        if missing:
            compiled.unlink(missing_ok=True)
            print(f"{file}: not served, {len(missing)} faults, such as {missing[0]}", file=sys.stderr)  # noqa: T201 -- what a build says
        else:
            with compiled.open("wb") as opened:
                write_mo(opened, catalogue)
            file.with_name(OWN_NAME).write_text(str(Locale.parse(file.parts[-3]).display_name), "utf-8")


if __name__ == "__main__":
    from setuptools import setup
    from setuptools.command.build_py import build_py
    from setuptools.command.sdist import sdist

    class BuildPy(build_py):
        """Builds what wheels and editable installs have."""

        def run(self) -> None:
            compile_catalogues()
            super().run()

    class Sdist(sdist):
        """Makes the source distribution."""

        def run(self) -> None:
            compile_catalogues()
            super().run()

    setup(cmdclass={"build_py": BuildPy, "sdist": Sdist})
