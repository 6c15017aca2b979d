"""`list:here`: papers that people submit to a list; it stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.term import Value
from paperwire.errors import QueryError, Refusal
from paperwire.texts import Texts, gettext_noop

HERE = "here"
PUBLIC_NAME = "public"


def _drop_lists(text: str, _error: QueryError) -> str:
    return re.sub(r"\blist:\s*(?:here\b|public\b)?", " ", text, flags=re.IGNORECASE)


class OnList(Value):
    """The list of where it is typed (`list:here`), or the instance's (`list:public`).

    No paper has it by its text: what is submitted matches those who follow the list.
    """

    names = {"list": "list"}  # noqa: RUF012 -- declared in Term
    help = (("list:here", gettext_noop("what people submit to the list here; or list:public; alone")),)
    # Translators: follows "Papers": %(value)s is "the public list" or "the list of this chat".
    described = {"list": (gettext_noop("submitted to %(value)s"),)}  # noqa: RUF012 -- declared in Term
    unknown = Refusal(
        "list: without here or public",
        gettext_noop("list: needs here or public"),
        gettext_noop("list:here is the list of this server, group or channel, list:public the public one"),
        _drop_lists,
        example="list:there",
    )
    mixed = Refusal(
        "list: with other terms",
        gettext_noop("list: can't be combined"),
        gettext_noop("Subscribe to list:here or list:public alone"),
        _drop_lists,
        example="lora list:here",
    )
    usual = 0.01

    def is_something(self) -> bool:
        return self.name in {HERE, PUBLIC_NAME}

    def value(self, texts: Texts) -> str:
        if self.name == PUBLIC_NAME:
            # Translators: %(value)s of "submitted to %(value)s".
            return texts.gettext("the public list")
        # Translators: %(value)s of "submitted to %(value)s".
        return texts.gettext("the list of this chat")

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:  # noqa: ARG003 -- a paper doesn't say on which lists it is
        return ()
