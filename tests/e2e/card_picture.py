"""A paper's card as each platform shows what goes over the wire, as one picture for the docs, side by side."""

import json
from xml.sax.saxutils import escape

from moving import BUTTON, GAP, LINE, LOOKS, PAD, WIDTH, wrapped

from servers.discord_markup import read

ROOM = WIDTH - 2 * GAP - 2 * PAD
PICTURE = round(ROOM * 190 / 352)
LINKS = {"Telegram": "#168acd", "Discord": "#00a8fc"}
TINT = "#8a8f98"


def of_discord(sent):
    """Title, lines, whether there is a picture, and rows of buttons of a message with one embed."""
    (embed,) = sent.embeds
    lines, _ = read(embed["description"])
    return embed["title"], lines.split("\n"), "image" in embed, sent.labels


def of_telegram(sent):
    """The same of a message on Telegram, whose preview is its picture."""
    title, *lines = sent.text.split("\n")
    preview = json.loads(sent.raw["link_preview_options"])
    return title, lines, bool(preview.get("url")), [[key["text"] for key in row] for row in sent.keyboard]


def cards(**shown):
    """The picture of a card by platform, each as `of_discord` and `of_telegram` give it."""
    columns = [_column(name, *card) for name, card in shown.items()]
    height = max(tall for _, tall in columns)
    parts = [
        f'<g transform="translate({place * WIDTH} 0)">'
        f'<rect width="{WIDTH}" height="{height}" fill="{LOOKS[name].page}"/>{drawn}</g>'
        for place, (name, (drawn, _)) in enumerate(zip(shown, columns, strict=True))
    ]
    return _PAGE.format(width=WIDTH * len(columns), height=height, parts="\n".join(parts))


def _column(name, title, lines, has_picture, rows):
    look, left, y = LOOKS[name], GAP + PAD, GAP + PAD
    texts = []
    for line in wrapped(title, ROOM - 60):
        y += LINE
        texts.append(f'<text x="{left}" y="{y - 5}" font-weight="600" fill="{LINKS[name]}">{escape(line)}</text>')
    for line in (line for paragraph in lines for line in wrapped(paragraph, ROOM)):
        y += LINE
        texts.append(f'<text x="{left}" y="{y - 5}" fill="{look.text}">{escape(line)}</text>')
    if has_picture:
        y += GAP
        box = f'x="{left}" y="{y}" width="{ROOM}" height="{PICTURE}" rx="6" fill="{TINT}"'
        note = f'x="{left + ROOM / 2:.0f}" y="{y + PICTURE / 2:.0f}" text-anchor="middle" fill="#ffffff"'
        texts += [f"<rect {box}/>", f"<text {note}>the paper’s picture on Hugging Face</text>"]
        y += PICTURE
    bubble = f'<rect x="{GAP}" y="{GAP}" width="{WIDTH - 2 * GAP}" height="{y + PAD - GAP}" rx="12" fill="{look.bot}"/>'
    y += PAD
    for labels in rows:
        y += 4
        texts += _buttons(labels, y, look)
        y += BUTTON
    return "".join([bubble, *texts]), y + GAP


def _buttons(labels, y, look):
    wide = (WIDTH - 2 * GAP - 4 * (len(labels) - 1)) / len(labels)
    for place, label in enumerate(labels):
        x = GAP + place * (wide + 4)
        yield f'<rect x="{x:.0f}" y="{y}" width="{wide:.0f}" height="{BUTTON}" rx="6" fill="{look.button}"/>'
        middle = f'x="{x + wide / 2:.0f}" y="{y + 20}" text-anchor="middle" font-size="13"'
        yield f'<text {middle} fill="{look.button_text}">{escape(label)}</text>'


_PAGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" \
font-family="-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif" font-size="14">
<title>A paper that was accepted after it appeared, on Telegram and on Discord</title>
{parts}
</svg>
"""
