"""Words of a paper's record besides title and abstract: what kinds of terms such as `co:` share."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.index.tree import Ask, Tree, marked
from paperwire.core.query.prepared import RECORD_TEXTS, Doc
from paperwire.core.query.terms.words import Words


@dataclass(frozen=True)
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
