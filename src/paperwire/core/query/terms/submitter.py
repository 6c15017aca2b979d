"""`by:akhaliq`: papers that a person submitted to Hugging Face's daily lists."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from unicodedata import normalize

from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.texts import gettext_noop


def _plain(name: str) -> str:
    """A name or handle regardless of case, spaces and an `@` before it."""
    return " ".join(plain_value(normalize("NFKC", name)).lstrip("@").split())


class Submitter(Value):
    """Who submitted the paper to Hugging Face's daily list (`by:`), by the whole name or handle."""

    names = {"by": "by", "submitter": "by"}  # noqa: RUF012 -- declared in Term
    listed = True
    help = (("by:akhaliq", gettext_noop("submitted to Hugging Face by a person, by name or handle")),)
    # Translators: follows "Papers": %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "by": (
            gettext_noop("submitted to Hugging Face by %(value)s"),
            gettext_noop("not submitted to Hugging Face by %(value)s"),
        ),
    }
    later = True
    usual = 1
    letter = "u"

    @cached_property
    def name(self) -> str:
        return _plain(self.typed)

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        hub = doc.paper.hub
        return filter(None, map(_plain, (hub.submitter, hub.submitter_handle)))
