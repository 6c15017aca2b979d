"""Hostile text made harmless: invisible or direction-changing letters, stacked marks, endless length, odd spaces."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

ELLIPSIS = "…"
MAX_MARKS = 4  # combining marks on one base; more only pile up over neighbouring lines
_MAX_URL = 2048

# What a reader cannot see but what reorders, hides or fakes text: controls, soft hyphen, zero-width and direction
# characters (joiners apart), invisible operators, fillers, interlinear anchors, tags, surrogates and noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ufdd0-\ufdef\ud800-\udfff"
    "\U000e0000-\U000e0fff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
)
# A joiner or non-joiner is seen only by its effect: between letters of scripts that join (Arabic, Syriac, N'Ko, the
# Indic ones, Mongolian) it decides how they look, between two emoji it makes one of them. Anywhere else it hides.
_JOINERS = re.compile("[\u200c\u200d]+")
_JOINING = re.compile(
    "[\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u07f5\u0840-\u085b\u0860-\u0dff\u0f40-\u0fbc\u1000-\u109f\u1780-\u17d3"
    "\u1820-\u18aa\u1b00-\u1b4b\ua840-\ua873\ua8e0-\ua8ff\ua980-\ua9c0\ufb50-\ufdfb\ufe70-\ufefc]"
)
_BEFORE_IN_EMOJI = re.compile("[\u2194-\u2bff\ufe0f\U0001f000-\U0001faff]")
_AFTER_IN_EMOJI = re.compile("[\u2194-\u2bff\U0001f000-\U0001faff]")
_SPACES = re.compile(r"\s+")
_BEYOND_LATIN = re.compile(f"[^\x00-\u02ff]{{{MAX_MARKS + 1},}}")
# RFC 3986, of the schemes a browser opens: no user before the host, brackets only around an IPv6 address, `%` only
# before two hexadecimal digits.
_PATH = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2}"
_URI = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9_\-]|\.(?=[A-Za-z0-9_\-]))*\.?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
    rf"(?:/(?:{_PATH})*+)?(?:\?(?:{_PATH}|\?)*+)?(?:\#(?:{_PATH}|\?)*+)?"
)
# Characters looked at for each one asked for: hostile text may hide its letters between a few invisible ones, but
# the time spent on it stays bound to the limit.
_SLACK = 8


def clean(text: str, limit: int) -> str:
    """`text` as one line of at most `limit` characters: spaces single, nothing invisible, at most four marks a base.

    A longer text is cut, at a space where one is near, and ends in an ellipsis. Takes time by `limit`, not by the
    text's length; never raises; cleaning twice changes nothing.
    """
    window = limit * _SLACK + 4096
    return cut(single_line(text[:window]), limit, more=len(text) > window)


def single_line(text: str) -> str:
    """The whole `text` as one line: what `visible` leaves, with single spaces and none at its ends."""
    seen = visible(text)
    # No white space but " " is printable; most texts are done with here, twenty times sooner than by the regex.
    plain = seen if seen.isprintable() and "  " not in seen else _SPACES.sub(" ", seen)
    return plain.strip(" ")


def visible(text: str) -> str:
    """The whole `text` less what is invisible and marks beyond four a base; its spaces and lines stay."""
    if text.isascii() and text.isprintable():
        return text
    seen = _INVISIBLE.sub("", text)
    if seen.isascii():
        return seen
    seen = _JOINERS.sub(_kept_joiner, seen)
    return _BEYOND_LATIN.sub(lambda run: _few_marks(run[0]), seen)


def encodable(text: str) -> str:
    """`text` without what no request can carry: lone surrogates and the null character."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def cut(line: str, limit: int, *, more: bool = False) -> str:
    """`line` itself if it has at most `limit` characters, else its beginning and an ellipsis, within the limit.

    Nothing is cut between a base and its marks, and no word where a space is near, nor an address after other words.
    `more` says that `line` is already the beginning of something longer.
    """
    if limit <= 0:
        return ""
    if len(line) <= limit and not more:
        return line
    end = min(limit - 1, len(line))
    while 0 < end < len(line) and (_clings(line[end]) or _JOINERS.match(line[end - 1])):
        end -= 1
    space = line.rfind(" ", 0, end + 1)
    if space < end - end // 6 and "://" not in line[space + 1 :].partition(" ")[0]:
        space = -1
    return line[: space if space > 0 else end].rstrip(" ") + ELLIPSIS


def safe_url(url: str) -> str:
    """`url` if it is a valid http or https address (RFC 3986) of sane length and without a user name, else nothing.

    All that is shown or linked anywhere goes through here.
    """
    if len(url) > _MAX_URL or not _URI.fullmatch(url):
        return ""
    try:
        parts = urlsplit(url)
        return url if parts.port != 0 else ""  # reading it raises where it is no port at all
    except ValueError:
        return ""


def _kept_joiner(match: re.Match[str]) -> str:
    """The first of a run of joiners where its neighbours need one, else nothing."""
    text = match.string
    before, after, joiner = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1], match[0][0]
    if _JOINING.match(before) and _JOINING.match(after):
        return joiner
    in_emoji = joiner == "\u200d" and _BEFORE_IN_EMOJI.match(before) and _AFTER_IN_EMOJI.match(after)
    return joiner if in_emoji else ""


def _few_marks(run: str) -> str:
    letters: list[str] = []
    marks = 0
    for letter in run:
        marks = marks + 1 if unicodedata.category(letter)[0] == "M" else 0
        if marks <= MAX_MARKS:
            letters.append(letter)
    return "".join(letters)


_CLINGING = frozenset("\u200c\u200d")


def _clings(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M" or letter in _CLINGING or "\U0001f3fb" <= letter <= "\U0001f3ff"


# PostgreSQL refuses NUL, and a lone half of a surrogate pair (JSON can spell one) has no UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


# The longest real abstract has 3,500 characters; PostgreSQL indexes no text of a megabyte.
_LONGEST_LINE = 50_000


def one_line(text: str) -> str:
    """`text` with every run of white space as one space, none at the ends, and without NUL and lone surrogates.

    What exceeds 50,000 characters is dropped.
    """
    line = " ".join(text[:_LONGEST_LINE].split())
    return line if line.isascii() and "\0" not in line else " ".join(_UNSTORABLE.sub("", line).split())
