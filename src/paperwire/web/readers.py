"""What who is signed in may do on pages of papers: save, vote, find more like one, mute, and subscribe to the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import Paper
from paperwire.services.context import Context
from paperwire.services.papers.meaning import like_query
from paperwire.texts import Texts, gettext_noop
from paperwire.web.forms import Auth, SignedIn
from paperwire.web.html import Html
from paperwire.web.site import local_path
from paperwire.web.taught import Teaching, taught_by, words_learned
from paperwire.web.views import search_path
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
    empty where one can't subscribe to them, and `places` are where they may go, by number and name.
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
        """What was just done to the subscription that the page makes."""
        return self.texts.gettext(_FOLLOW_DONE[self.deed.code]) if self.deed.code in _FOLLOW_DONE else ""

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
            is_theirs = subscription is not None and (
                subscription.person == person or subscription.place in {each.place.number for each in shared}
            )
            still = deed.still_holds(saved, voted, taught.avoided, is_subscribed=is_theirs)
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
