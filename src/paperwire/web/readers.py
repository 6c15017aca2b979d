"""What who is signed in may do on pages of papers: save, vote, find more like one, mute, and subscribe to the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.messages.card import shown_title
from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parsed
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.core.text.clean import clean
from paperwire.errors import LikeError, StoreBusy
from paperwire.services.context import Context
from paperwire.services.papers.meaning import like_query
from paperwire.services.subscriptions.less import avoided_words
from paperwire.store.unit import Unit
from paperwire.texts import Texts, gettext_noop
from paperwire.web.forms import Auth, SignedIn
from paperwire.web.html import Html
from paperwire.web.site import local_path
from paperwire.web.views import search_path
from paperwire.wording.meaning import avoids_line
from paperwire.wording.places import full_place_name

BY_COOKIE = (b"vary", b"cookie")
"""The header of a page that looks otherwise to who is signed in."""
DONE = "done"
NUMBER = "n"
"""The options of a page's address that say what was just done there, and to which paper or subscription."""
# Translators: what was done, on a page after a button.
_PAPER_DONE = {
    "saved": gettext_noop("Saved."),
    "unsaved": gettext_noop("No longer saved."),
    "voted": gettext_noop("You voted for it."),
    "withdrawn": gettext_noop("Your vote is withdrawn."),
}
TAUGHT = ("less", "more", "unlearned")
"""What was done to what a subscription by meaning learned of a paper."""
# Translators: what was done, on a page after a button or a link of a mail.
_FOLLOW_DONE = {
    "subscribed": gettext_noop("Subscribed."),
    "there": gettext_noop("You're already subscribed to this."),
    "unsubscribed": gettext_noop("Unsubscribed."),
    "restored": gettext_noop("Subscribed again."),
}
_UNDO = {"subscribed": "unsubscribe", "restored": "unsubscribe", "unsubscribed": "restore"}
_LONGEST_NUMBER = 9  # digits, all of which fit into an integer of PostgreSQL


@dataclass(frozen=True, slots=True)
class Deed:
    """What was just done to the paper or subscription with a number, by its code; empty for nothing."""

    code: str = ""
    number: int = 0

    @classmethod
    def of(cls, code: str, number: str) -> Deed:
        """Read it from a page's address; what no page of ours says is nothing."""
        is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
        is_code = code in _PAPER_DONE or code in _FOLLOW_DONE or code in TAUGHT
        return cls(code, int(number)) if is_code and is_number else cls()

    def still_holds(
        self, saved: Collection[int], voted: Collection[int], avoided: Collection[int], *, is_subscribed: bool
    ) -> bool:
        """Whether it is so: a page may be loaded again after another tab or a chat undid what was done there."""
        match self.code:
            case "saved" | "unsaved":
                return (self.number in saved) == (self.code == "saved")
            case "voted" | "withdrawn":
                return (self.number in voted) == (self.code == "voted")
            case "less" | "more" | "unlearned":
                return (self.number in avoided) == (self.code == "less")
            case _:
                return is_subscribed == (self.code != "unsubscribed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A signed-in person at a page of papers.

    `form` is the token of the page's form, `back` the page's path; `saved` and `voted` are those of its papers that
    they keep and vote for, and `votes` all votes on the public list. `like` has the addresses of searches for papers
    like one, `taught` what subscriptions by meaning learn of them. `query` is what the page's papers are found by,
    empty where one can't subscribe to them, `subscription` the number of theirs that asks for the same, 0 for none, and
    `places` are where they may go, by number and name.
    """

    person: int
    form: str
    back: str
    saved: frozenset[int]
    voted: frozenset[int]
    votes: Mapping[int, int]
    can_vote: bool
    like: Mapping[int, str]
    taught: Teaching
    query: str
    subscription: int
    places: Sequence[tuple[int, str]]
    deed: Deed
    texts: Texts = field(repr=False)

    def done_to(self, paper: int) -> str:
        """What was just done to a paper, as people read it."""
        if self.deed.number == paper and self.deed.code in TAUGHT:
            return self.taught.learned
        is_it = self.deed.number == paper and self.deed.code in _PAPER_DONE
        return self.texts.gettext(_PAPER_DONE[self.deed.code]) if is_it else ""

    @property
    def followed(self) -> str:
        """What was just done to the subscription that the page makes, or that it is there."""
        code = self.deed.code if self.deed.code in _FOLLOW_DONE else "there" if self.subscription else ""
        return self.texts.gettext(_FOLLOW_DONE[code]) if code else ""

    @property
    def may_follow(self) -> bool:
        """Whether they can subscribe to what the page shows, though it may go to one of their places already."""
        return not self.followed or (bool(self.subscription) and not self.undo and len(self.places) > 1)

    @property
    def undo(self) -> str:
        """The press that undoes that, empty for none."""
        verb = _UNDO.get(self.deed.code)
        return f"{verb}:{self.deed.number}" if verb else ""


@dataclass(frozen=True, slots=True)
class Readers:
    """Makes the readers of pages, and the pages with what they may do."""

    context: Context
    html: Html
    auth: Auth

    async def of(
        self, request: Request, papers: Sequence[Paper], query: str = "", who: SignedIn | None = None
    ) -> Reader | None:
        """Who reads a page with these papers, which are found by a query; None for who isn't signed in.

        `who` is who is known to send the request.
        """
        who = who or await self.auth.who(request)
        if who is None:
            return None
        options = request.query_params
        kept_options = urlencode([(name, value) for name, value in options.multi_items() if name not in {DONE, NUMBER}])
        path = quote(request.scope["path"], safe="/:.-_~()")
        back = local_path(f"{path}?{kept_options}" if kept_options else path) or path
        deed = Deed.of(options.get(DONE, ""), options.get(NUMBER, ""))
        return await self.reader(who, self.html.texts(request.scope), papers, query, back, deed)

    async def reader(  # noqa: PLR0913, PLR0917 -- all that a page with buttons is made of
        self, who: SignedIn, texts: Texts, papers: Sequence[Paper], query: str, back: str, deed: Deed
    ) -> Reader:
        """A signed-in person at the page `back`."""
        person, numbers = who.session.person, [paper.number for paper in papers]
        can_vote = self.context.public_list
        async with self.context.store.read() as unit:
            places = [place for place in await unit.places.of_person(person) if place.owner == person] if query else []
            shared = await unit.places.shared_places(person) if query else []
            saved = frozenset(await unit.people.saved_among(person, numbers))
            voted = frozenset(await unit.lists.voted_for(PUBLIC, person, numbers) if can_vote else ())
            taught = await taught_by(unit, person, papers if self.context.nearness else ())
            subscription = await unit.subscriptions.get(deed.number) if deed.code in _FOLLOW_DONE else None
            if subscription and subscription.person != person:
                subscription = subscription if subscription.place in {each.place.number for each in shared} else None
            still = deed.still_holds(saved, voted, taught.avoided, is_subscribed=subscription is not None)
            reader = Reader(
                person=person,
                form=who.form,
                back=back,
                saved=saved,
                voted=voted,
                votes=await unit.lists.votes(PUBLIC, numbers) if can_vote else {},
                can_vote=can_vote,
                like=self._like(papers),
                taught=taught,
                query=query,
                subscription=subscription.number if subscription else await _subscription_to(unit, person, query),
                places=[
                    (place.number, full_place_name(place, texts))
                    for place in [*filter(lambda place: not place.is_shared, places), *(each.place for each in shared)]
                ],
                deed=deed if still else Deed(),
                texts=texts,
            )
        return await self._with_words(reader, papers)

    async def _with_words(self, reader: Reader, papers: Sequence[Paper]) -> Reader:
        """The reader with what a press on one of these papers taught."""
        paper = next((paper for paper in papers if paper.number == reader.deed.number), None)
        if paper is None or reader.deed.code not in TAUGHT:
            return reader
        learned = await words_learned(self.context, reader.taught, reader.deed.code, paper, reader.texts)
        return replace(reader, taught=replace(reader.taught, learned=learned))

    def _like(self, papers: Sequence[Paper]) -> dict[int, str]:
        if self.context.nearness is None:
            return {}
        base = self.html.site.base
        return {paper.number: base + search_path(like_query(paper)) for paper in papers}

    def page(
        self,
        texts: Texts,
        template: str,
        reader: Reader | None,
        *,
        status: int = 200,
        extra: Iterable[tuple[bytes, bytes]] = (),
        **values: Any,
    ) -> Response:
        """A page: never cached with a person's form in it, otherwise the same for all and cached like any other."""
        if reader is None:
            return self.html.page(texts, template, status=status, extra=(BY_COOKIE, *extra), **values)
        return self.html.fresh(texts, template, status, reader=reader, **values)


async def _subscription_to(unit: Unit, person: int, typed: str) -> int:
    """The number of a person's own subscription that asks for the same as a query, 0 for none."""
    query = parsed(typed) if typed else None
    if query is None:
        return 0
    its = await unit.subscriptions.of_person(person)
    return next((each.number for each in its if each.text == typed or each.key == query.key), 0)


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
