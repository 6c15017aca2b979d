"""What was typed and read in one chat, as text and as a picture for the docs."""

import re
from io import StringIO

from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from servers.discord_people import plain

_COMMAND, _MARKS = re.compile(r"</(\w+):\d+>"), re.compile(r"\*\*|`")
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # they would be loaded from elsewhere
WIDTH = 88
"""Columns of a picture."""


class Transcript:
    """The lines of one chat, in order: what people do, and what the bot shows."""

    def __init__(self, title):
        self.title = title
        self.said = []

    def does(self, who, what):
        """Somebody types or presses something."""
        self.said.append((who, what))

    def telegram(self, sent):
        """A message of the bot on Telegram."""
        self._shows(sent.text, [[key["text"] for key in row] for row in sent.keyboard])

    def discord(self, sent):
        """The same on Discord, where links and bold letters are markup."""
        self._shows(_MARKS.sub("", _COMMAND.sub(r"/\1", plain(sent.text))), sent.labels)

    def terminal(self, text):
        """The same in the terminal."""
        self.said.append(("Paperwire", text.strip("\n")))

    def _shows(self, text, rows):
        buttons = [" ".join(f"[{label}]" for label in row) for row in rows]
        self.said.append(("Paperwire", "\n".join([text.strip("\n"), *buttons])))

    def markdown(self):
        """The chat as a part of a page."""
        lines = [f"## {self.title}", "", f"![{self.title}]({self.picture})", "", "```text"]
        for who, what in self.said:
            first, *rest = what.split("\n")
            lines += [f"{who}: {first}", *(f"    {line}".rstrip() for line in rest), ""]
        return "\n".join([*lines[:-1], "```", ""])

    @property
    def picture(self):
        """The picture's file, from docs/."""
        return f"images/first-{self.title.lower().replace(' ', '-')}.svg"

    def svg(self):
        """The chat as a picture, the same for the same chat."""
        console = Console(record=True, width=WIDTH, file=StringIO(), theme=Theme({}), color_system="truecolor")
        for who, what in self.said:
            style = "bold cyan" if who != "Paperwire" else "bold magenta"
            console.print(Text.assemble((who, style), "  ", what, "\n"))
        return _FONTS.sub("", console.export_svg(title=self.title, unique_id="first")) + "\n"
