"""A reference: one entry of somebody's library, and which paper it is of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paperwire.core.papers.identity import aliases, is_arxiv, same_work, title_alias
from paperwire.core.papers.names import family_name, folded
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LONGEST_LABEL = 120
_YEARS_APART = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What an entry says of its paper: the canonical `ids` it names, arXiv's first, `title`, `authors` and `year`.

    Authors are "Given Family" in order; `year` is 0 where none is named. `key` is what the file calls the entry.
    """

    ids: tuple[str, ...] = ()
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int = 0
    key: str = ""

    @property
    def label(self) -> str:
        """One line by which its owner knows it again."""
        return clean(self.title or self.key or " ".join(self.ids), _LONGEST_LABEL)

    @property
    def names(self) -> tuple[str, ...]:
        """The aliases under which its paper may be stored: those of its ids, and last that of its title."""
        by_id = [aliases(Paper(id=one, title=""))[0] for one in self.ids]
        title = title_alias(self.title)
        return (*by_id, title) if title else tuple(by_id)

    def is_of(self, paper: Paper) -> bool:
        """Whether a paper that shares no id with it is its paper: by title, first author and year.

        Stricter than `same_work`, whose rules hold too: the first authors' family names are equal, and the years differ
        by one at most. Without author or year nothing is.
        """
        when = paper.published or paper.announced
        if not (self.year and self.authors and paper.authors and when):
            return False
        if abs(when.year - self.year) > _YEARS_APART or _family(self.authors[0]) != _family(paper.authors[0]):
            return False
        as_paper = Paper(id=next(iter(self.ids), ""), title=self.title, authors=self.authors[:1])
        return same_work(replace(as_paper, published=paper.published, announced=paper.announced), paper)

    def found_among(self, papers: Mapping[str, Sequence[Paper]]) -> Paper | None:
        """Its paper among stored ones by their aliases: the one that bears its first id, else the one that it `is_of`.

        None if there is none, or if more than one has its title.
        """
        for name in self.names:
            bearers = papers.get(name, ())
            if not name.startswith("title:"):
                if bearers:
                    return bearers[0]
                continue
            of_it = [paper for paper in bearers if self.is_of(paper)]
            return of_it[0] if len(of_it) == 1 else None
        return None


def arxiv_first(ids: Iterable[str]) -> tuple[str, ...]:
    """At most one id of arXiv's and one other of those that an entry names, in this order."""
    named = list(dict.fromkeys(ids))
    arxiv = [one for one in named if is_arxiv(one)]
    others = [one for one in named if not is_arxiv(one)]
    return (*arxiv[:1], *others[:1])


def _family(name: str) -> str:
    return folded(family_name(name))
