"""Hostile text made harmless for display: invisible or direction-changing letters, stacked marks, endless length."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

ELLIPSIS = "…"
MAX_MARKS = 4  # combining marks on one base; more only pile up over neighbouring lines
_MAX_URL = 2048

# What a reader cannot see but what reorders, hides or fakes text: controls, soft hyphen, zero-width and direction
# characters, invisible operators, fillers, interlinear anchors, tags, surrogates and noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ufdd0-\ufdef\ud800-\udfff"
    "\U000e0000-\U000e0fff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
)
_BLANKS = re.compile(r"[\s\u0085\u2028\u2029]+")
_BEYOND_LATIN = re.compile(f"[^\x00-\u02ff]{{{MAX_MARKS + 1},}}")
_SAFE_URL = re.compile(r"https?://[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+", re.ASCII)
# Characters looked at for each one asked for: hostile text may hide its letters between a few invisible ones, but
# the time spent on it stays bound to the limit.
_SLACK = 8


def clean(text: str, limit: int) -> str:
    """`text` as one line of at most `limit` characters: blanks single, nothing invisible, at most four marks a base.

    A longer text is cut, at a blank where one is near, and ends in an ellipsis. Takes time by `limit`, not by the
    text's length; never raises; cleaning twice changes nothing.
    """
    window = limit * _SLACK + 4096
    return cut(_BLANKS.sub(" ", visible(text[:window])).strip(" "), limit, more=len(text) > window)


def visible(text: str) -> str:
    """`text` in its whole length less what nobody sees and marks beyond four a base; its blanks and lines stay."""
    seen = _INVISIBLE.sub("", text)
    if seen.isascii():
        return seen
    return _BEYOND_LATIN.sub(lambda run: _few_marks(run[0]), seen)


def cut(line: str, limit: int, *, more: bool = False) -> str:
    """`line` itself if it has at most `limit` characters, else its beginning and an ellipsis, within the limit.

    Nothing is cut between a base and its marks, and no word where a blank is near. `more` says that `line` is
    already the beginning of something longer.
    """
    if limit <= 0:
        return ""
    if len(line) <= limit and not more:
        return line
    end = min(limit - 1, len(line))
    while 0 < end < len(line) and _clings(line[end]):
        end -= 1
    blank = line.rfind(" ", end - end // 6, end + 1)
    return line[: blank if blank > 0 else end].rstrip(" ") + ELLIPSIS


def safe_url(url: str) -> str:
    """`url` if it is a plain http or https address of sane length that markup cannot break out of, else nothing."""
    if len(url) > _MAX_URL or not _SAFE_URL.fullmatch(url):
        return ""
    try:
        return url if urlsplit(url).hostname else ""
    except ValueError:
        return ""


def _few_marks(run: str) -> str:
    kept: list[str] = []
    marks = 0
    for letter in run:
        marks = marks + 1 if unicodedata.category(letter)[0] == "M" else 0
        if marks <= MAX_MARKS:
            kept.append(letter)
    return "".join(kept)


def _clings(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "M" or "\U0001f3fb" <= letter <= "\U0001f3ff"
