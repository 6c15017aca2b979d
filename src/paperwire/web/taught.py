"""What subscriptions by meaning learn on pages: Less like this, in words, with the ways back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from paperwire.core.messages.card import shown_title
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parsed
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.core.text.clean import clean
from paperwire.errors import LikeError, StoreBusy
from paperwire.services.context import Context
from paperwire.services.subscriptions.less import avoided_words
from paperwire.store.unit import Unit
from paperwire.texts import Texts
from paperwire.wording.meaning import avoids_line

_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Teaching:
    """The subscriptions of a person that brought papers by meaning, and those that avoid papers, by their numbers.

    `learned` says in words what the last press taught.
    """

    person: int
    brought: Mapping[int, Subscription]
    avoided: Mapping[int, Subscription]
    learned: str = ""

    def parts(self, paper: int, code: str) -> list[tuple[str, str]]:
        """The presses for a paper, as verb and what it is about: less, or after that back and forget all."""
        if code == "less" and (subscription := self.avoided.get(paper)) is not None:
            second = int(subscription.edited_at.timestamp()) if subscription.edited_at else 0
            presses = [("more", f"{paper}:{subscription.number}:{second}")]
            return [*presses, ("unlearn", f"{paper}:{subscription.number}")] if _avoids(subscription) > 1 else presses
        taught = self.brought.get(paper)
        return [("less", f"{paper}:{taught.number}")] if taught is not None and paper not in self.avoided else []


async def taught_by(unit: Unit, person: int, papers: Sequence[Paper]) -> Teaching:
    """What a person's own subscriptions by meaning brought and avoid of these papers."""
    its = await unit.subscriptions.of_person(person) if papers else []
    by_meaning = [(each, query) for each in its if (query := _by_meaning(each)) is not None]
    pairs = {(each.number, paper.number) for each, _ in by_meaning for paper in papers}
    near = await unit.meanings.nearness(pairs) if pairs else {}
    return Teaching(
        person,
        {
            paper.number: each
            for each, _ in reversed(by_meaning)
            for paper in papers
            if (each.number, paper.number) in near
        },
        {
            paper.number: each
            for each, query in by_meaning
            for paper in papers
            if query.unlike is not None and paper.id in query.unlike.ids
        },
    )


def _by_meaning(subscription: Subscription) -> Query | None:
    query = parsed(subscription.text) if "like:" in subscription.text.casefold() else None
    return query if query is not None and query.like is not None else None


def _avoids(subscription: Subscription) -> int:
    query = parsed(subscription.text)
    return len(query.unlike.ids) if query is not None and query.unlike is not None else 0


async def words_learned(context: Context, taught: Teaching, code: str, paper: Paper, texts: Texts) -> str:
    """What a press on a paper taught, by its code; empty where nothing is known of it."""
    if code == "more":
        return texts.gettext("The query was changed back.")
    avoiding, bringing = taught.avoided.get(paper.number), taught.brought.get(paper.number)
    if code == "unlearned" and bringing is not None:
        return texts.gettext("Forgotten. #%(number)s is now: %(query)s", number=bringing.ordinal, query=bringing.text)
    query = _by_meaning(avoiding) if code == "less" and avoiding is not None else None
    if query is None or avoiding is None:
        return ""
    words: tuple[str, ...] = ()
    with suppress(LikeError, StoreBusy):
        words = await avoided_words(context, query.of(taught.person), paper)
    title = clean(shown_title(paper, texts), _LONGEST_TITLE)
    # Translators: %(title)s is a paper's title; fewer papers like it will come from subscription %(number)s.
    head = texts.gettext("Less like this from #%(number)s: %(title)s", number=avoiding.ordinal, title=title)
    return texts.row(head, avoids_line(words, texts)) if words else head
