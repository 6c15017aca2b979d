"""Words of a paper's record besides title and abstract: `co:"15 pages"` of the comment, `org:google`."""

from __future__ import annotations

from paperwire.core.index.tree import Ask, Tree, marked
from paperwire.core.query.prepared import RECORD_TEXTS, Doc
from paperwire.core.query.terms.words import Words
from paperwire.texts import gettext_noop


class RecordWords(Words):
    """A word or a sequence of words in the text of the record that the field names; no other field's words read it.

    A word index has these texts in its column `rest`, each token after the text's mark in `RECORD_TEXTS`.
    """

    later = True

    def holds(self, doc: Doc) -> bool:
        text = doc.record_text(self.field)
        if self.word is not None:
            return self.word in text.words
        return self._needed <= text.words and self._is_in(text)

    @classmethod
    def frequency(cls, field: str, value: str) -> float:  # noqa: ARG003 -- title and abstract say little of these texts
        return 5

    def ask(self) -> Ask:
        """What is asked for words anywhere, by the tokens of this text."""
        ask = super().ask()
        return Ask(self._marked(ask.sure), self._marked(ask.most))

    def _marked(self, tree: Tree) -> Tree:
        return marked(tree, RECORD_TEXTS[self.field].mark)


class Comment(RecordWords):
    """Words or a phrase in the authors' comment (`co:`)."""

    names = {"co": "co", "comment": "co"}  # noqa: RUF012 -- declared in Term
    help = (("co:workshop", gettext_noop("in the authors' comment")),)
    # Translators: follows "Papers": %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "co": (
            gettext_noop("with %(value)s in the authors' comment"),
            gettext_noop("without %(value)s in the authors' comment"),
        ),
    }


class Organisation(RecordWords):
    """Words in the name or the handle of a paper's organisation on Hugging Face (`org:`)."""

    names = {"org": "org", "organisation": "org", "organization": "org"}  # noqa: RUF012 -- declared in Term
    help = (("org:google", gettext_noop("of an organisation, by its name on Hugging Face")),)
    # Translators: follows "Papers": %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "org": (
            gettext_noop("of the organisation %(value)s"),
            gettext_noop("not of the organisation %(value)s"),
        ),
    }
