"""A chat as a moving picture: what people type and what they get, one message after the other, as SVG without script.

Widths of letters are those of usual system fonts, near enough for lines to end inside their bubble.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT, HEADER = 440, 560, 44
PAD, LINE, SIZE = 12, 19, 14
BUTTON, GAP = 30, 10
PAUSES = {"person": 1.2, "bot": 3.2}
"""Seconds that a message stands before the next comes."""
REST = 4.0
CENTRED = 'text-anchor="middle" font-size="13"'
NARROW, WIDE = "iljtfr.,:;'|!()[] I/", "mwMWQO@%—✓"


@dataclass(frozen=True)
class Look:
    """The colours of a platform, and whether people stand on the right."""

    page: str
    header: str
    bot: str
    person: str
    text: str
    button: str
    button_text: str
    opposite: bool


LOOKS = {
    "Telegram": Look("#dfe8d6", "#517da2", "#ffffff", "#e3fdc8", "#101418", "#b9c9ae", "#24466b", opposite=True),
    "Discord": Look("#313338", "#2b2d31", "#2b2d31", "#313338", "#e8eaed", "#4e5058", "#ffffff", opposite=False),
}


@dataclass(frozen=True)
class Bubble:
    """One message, laid out: its lines, rows of buttons, and where it begins."""

    who: str
    lines: list[str]
    buttons: list[list[str]]
    width: float

    @property
    def height(self):
        return 2 * PAD + LINE * len(self.lines) + (BUTTON + 4) * len(self.buttons)


def length(text):
    """The width of a line in pixels, about."""
    return sum(SIZE * (0.3 if char in NARROW else 0.82 if char in WIDE else 0.55) for char in text)


def wrapped(text, room):
    """The lines of a paragraph."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and length(longer) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def bubble(who, what):
    """A message of a transcript, whose last lines may be its buttons."""
    text, buttons = what.split("\n"), []
    while text and text[-1].startswith("[") and text[-1].endswith("]"):
        buttons.insert(0, text.pop()[1:-1].split("] ["))
    room = WIDTH - 100
    lines = [line for paragraph in text for line in wrapped(paragraph, room)]
    widest = max([*(length(line) for line in lines), *(length("".join(row)) + 40 * len(row) for row in buttons)])
    return Bubble(who, lines, buttons, min(WIDTH - 60, widest + 2 * PAD))


def moving(title, said):
    """The picture of a transcript's messages on the platform `title`."""
    look, bubbles = LOOKS[title], [bubble(who, what) for who, what in said]
    appear, now = [], 0.4
    for each in bubbles:
        appear.append(now)
        now += PAUSES["bot" if each.who == "Paperwire" else "person"]
    whole = now + REST
    parts, scrolls, top = [], [], GAP
    for number, each in enumerate(bubbles):
        parts.append(f'<g class="m{number}">{_drawn(each, top, look)}</g>')
        top += each.height + GAP
        scrolls.append(min(0.0, HEIGHT - HEADER - top))
    return _PAGE.format(
        width=WIDTH,
        height=HEIGHT,
        header=HEADER,
        page=look.page,
        bar=look.header,
        title=escape(title),
        style=_style(appear, scrolls, whole),
        parts="\n".join(parts),
    )


def _style(appear, scrolls, whole):
    rules = []
    for number, at in enumerate(appear):
        begin = 100 * at / whole
        rules += [
            f"@keyframes a{number}{{0%,{begin:.2f}%{{opacity:0}}{begin + 1:.2f}%,99.5%{{opacity:1}}100%{{opacity:0}}}}",
            f".m{number}{{animation:a{number} {whole:.1f}s infinite}}",
        ]
    steps = ["0%{transform:translateY(0)}"]
    for at, scroll, before in zip(appear, scrolls, [0.0, *scrolls], strict=False):
        begin = 100 * at / whole
        steps += [f"{begin:.2f}%{{transform:translateY({before:.0f}px)}}"]
        steps += [f"{begin + 1:.2f}%{{transform:translateY({scroll:.0f}px)}}"]
    steps.append(f"100%{{transform:translateY({scrolls[-1]:.0f}px)}}")
    rules += [f"@keyframes s{{{''.join(steps)}}}", f".all{{animation:s {whole:.1f}s infinite}}"]
    still = f"*{{animation:none!important}}.all{{transform:translateY({scrolls[-1]:.0f}px)}}"
    return "\n".join([*rules, f"@media(prefers-reduced-motion:reduce){{{still}}}"])


def _drawn(each, top, look):
    is_bot = each.who == "Paperwire"
    left = WIDTH - each.width - 14 if look.opposite and not is_bot else 14
    fill = look.bot if is_bot else look.person
    body = each.height - (BUTTON + 4) * len(each.buttons)
    shapes = [
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{each.width:.0f}" height="{body:.0f}" rx="12" fill="{fill}"/>'
    ]
    for number, line in enumerate(each.lines):
        y = top + PAD + LINE * (number + 0.75)
        weight = ' font-weight="600"' if is_bot and number == 0 else ""
        shapes.append(f'<text x="{left + PAD:.0f}" y="{y:.0f}" fill="{look.text}"{weight}>{escape(line)}</text>')
    for row, labels in enumerate(each.buttons):
        wide = (each.width - 4 * (len(labels) - 1)) / len(labels)
        y = top + body + 4 + row * (BUTTON + 4)
        for column, label in enumerate(labels):
            x = left + column * (wide + 4)
            centre = f'x="{x + wide / 2:.0f}" y="{y + 20:.0f}"'
            shapes += [
                f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{BUTTON}" rx="6" fill="{look.button}"/>',
                f'<text {centre} {CENTRED} fill="{look.button_text}">{escape(label)}</text>',
            ]
    return "".join(shapes)


_PAGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" \
font-family="-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif" font-size="14">
<title>Paperwire on {title}: a query, its preview, and a paper that fits</title>
<style>
{style}
</style>
<clipPath id="frame"><rect width="{width}" height="{height}" rx="14"/></clipPath>
<g clip-path="url(#frame)">
<rect width="{width}" height="{height}" fill="{page}"/>
<g transform="translate(0 {header})"><g class="all">
{parts}
</g></g>
<rect width="{width}" height="{header}" fill="{bar}"/>
<text x="16" y="28" fill="#ffffff" font-weight="600" font-size="15">Paperwire · {title}</text>
</g>
</svg>
"""
