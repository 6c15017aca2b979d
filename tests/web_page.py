"""A page as its reader gets it, checked on the way."""

import json
import re
from html.parser import HTMLParser

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
VOID = {"meta", "link", "img", "input", "br"}


class Checked(HTMLParser):
    """Parses a page strictly: every tag closed, no inline script or style, ids unique."""

    def __init__(self, text, base=""):
        super().__init__()
        self.base = base
        self.open, self.links, self.ids, self.text, self.inputs, self.forms = [], [], [], [], [], []
        self.pressed = {}  # what buttons say, by their names
        self.images = []  # teaser pictures
        self.metas = {}  # by name or property
        self.work = {}  # as schema.org has it
        self.turns = {}  # by "prev" and "next"
        self.feed(text)
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        ours = (f"{self.base}/static/", f"{self.base}/pictures/")
        is_program = told.get("type") != "application/ld+json"  # what other programs read is none
        assert (
            not is_program
            or tag not in {"script", "style", "iframe", "object", "base", "img"}
            or told.get("src", "").startswith(ours)
        )
        self.images += [told] if tag == "img" and told["src"].startswith(ours[1]) else []
        assert not [name for name in told if name == "style" or name.startswith("on")]
        self.metas |= {told.get("name") or told.get("property"): told.get("content")} if tag == "meta" else {}
        self.ids += [told["id"]] if "id" in told else []
        self.links += [told["href"]] if "href" in told else []
        self.turns |= {told["rel"]: told["href"]} if told.get("rel") in {"prev", "next"} else {}
        self.inputs += [told] if tag == "input" else []
        self.forms += [told] if tag == "form" else []
        if tag == "button" and "name" in told:
            self.pressed.setdefault(told["name"], []).append(told["value"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.work = json.loads(data)
            return
        self.text.append(data)

    @property
    def presses(self):
        """What the buttons of a page of papers say."""
        return self.pressed.get("do", [])

    @property
    def words(self):
        return re.sub(r"\s+", " ", "".join(self.text))
