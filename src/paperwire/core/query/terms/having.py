"""`has:code`, `has:model`: papers with a repository, a model, a dataset, a demo, a project page, a video."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cached_property

from paperwire.core.papers.links import linked
from paperwire.core.query.prepared import Doc
from paperwire.core.query.repairs import renamed
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.errors import Refusal
from paperwire.texts import Texts, gettext_noop, pgettext_noop

_FREQUENCIES = {"code": 100.0, "project": 35.0}
_OTHER_WORDS = {
    "repo": "code", "repository": "code", "github": "code", "implementation": "code", "weights": "model",
    "checkpoint": "model", "data": "dataset", "benchmark": "dataset", "space": "demo", "page": "project",
    "website": "project", "homepage": "project", "youtube": "video", "film": "video",
}  # fmt: skip
# Translators: what papers have or lack, alone or in a list: %(value)s of "with %(value)s" and "without %(value)s".
_PARTS = {
    "code": pgettext_noop("has", "code"),
    "model": pgettext_noop("has", "a model"),
    "dataset": pgettext_noop("has", "a dataset"),
    "demo": pgettext_noop("has", "a demo"),
    "project": pgettext_noop("has", "a project page"),
    "video": pgettext_noop("has", "a video"),
}


def _part_meant(typed: str) -> str:
    """What is meant by another word, code by most."""
    word = plain_value(typed).removesuffix("s")
    similar = difflib.get_close_matches(word, (*_PARTS, *_OTHER_WORDS), n=1)
    return _OTHER_WORDS.get(similar[0], similar[0]) if similar else "code"


class Having(Value):
    """A paper with a repository (`has:code`), or one of the other things that it may link; plurals are the same."""

    names = {"has": "has"}  # noqa: RUF012 -- declared in Term
    listed = True
    help = (
        ("has:code", gettext_noop("with a code repository")),
        ("has:model", gettext_noop("with a model; or has:dataset, has:demo, has:project, has:video")),
    )
    # Translators: follows "Papers" or stands in a list of such parts: %(value)s is "code", "a video" or a list.
    described = {  # noqa: RUF012 -- declared in Term
        "has": (
            gettext_noop("with %(value)s"),
            gettext_noop("without %(value)s"),
        ),
    }
    unknown = Refusal(
        "has: without code, model, dataset, demo, project or video",
        gettext_noop("has: only takes code, model, dataset, demo, project or video"),
        gettext_noop("Type has:code, for example"),
        renamed(_part_meant),
        example="lora has:pdf",
    )
    later = True
    usual = 5

    @classmethod
    def stored_name(cls) -> str:
        return "HasCode"

    def is_something(self) -> bool:
        return self.name in _PARTS

    @cached_property
    def name(self) -> str:
        return plain_value(self.typed).removesuffix("s")

    def value(self, texts: Texts) -> str:
        return texts.pgettext(*_PARTS[self.name])

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        return (*linked(doc.paper), "code") if doc.has_code else linked(doc.paper)

    @classmethod
    def frequency(cls, field: str, value: str) -> float:  # noqa: ARG003 -- there is one field
        """As in a year of arXiv."""
        return _FREQUENCIES.get(value, cls.usual)

    def normal(self) -> str:
        return f"has:{self.name}"
