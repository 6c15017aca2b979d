"""One request of a signed-in person: who they are to the commands, and which places are theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, cast
from urllib.parse import urlencode

from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response

from paperwire.core.subscriptions.subscription import Person, StoredPlace
from paperwire.errors import CommandError, TooMany
from paperwire.ports.callers import Actor, Caller, Place
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.limits import Limits
from paperwire.services.typed import QueryRefused, StaleButton, action_number
from paperwire.texts import Texts, gettext_noop
from paperwire.web.forms import LONGEST_FORM, Auth, FieldError, SignedIn
from paperwire.web.html import FRESH, Html
from paperwire.web.views import ErrorView
from paperwire.wording.places import full_place_name

_STALE = gettext_noop("This page was out of date. Check it, then try again.")
_NO_PLACE = gettext_noop("This place isn't yours to change.")


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a form was refused: which one (`do`), the field to look at, and what to say; `query` marks a wrong query.

    `error` is what refused it, for an answer that says when to try again.
    """

    do: str
    field: str
    text: str
    query: ErrorView | None = None
    error: CommandError | None = None


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """A place and the request that stands for its owner or manager there."""

    place: StoredPlace
    request: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request; `fields` are those of the form that it posts, and `accounts` begin with the one it signed in by.

    `complaint` is why that form was refused, while the page is shown again.
    """

    http: HttpRequest
    context: Context
    html: Html
    auth: Auth
    limits: Limits
    texts: Texts
    who: SignedIn
    person: Person
    accounts: Sequence[Actor]
    fields: Mapping[str, str] = field(default_factory=dict)
    complaint: Complaint | None = None

    # --- to the commands -------------------------------------------------------------------------------------------

    @property
    def request(self) -> Caller:
        """They ask from no place in particular, as if in private."""
        return self.on("")

    def on(self, channel: str) -> Caller:
        """They ask with their account on a channel, if they have one there."""
        actor = next((account for account in self.accounts if account.channel == channel), self.accounts[0])
        return Caller(
            actor=replace(actor, name=self.person.name),
            place=Place(channel="web", address=str(self.person.number), kind="web"),
            can_manage=True,
            locale=str(self.texts.locale),
            person=self.person.number,
        )

    async def places(self) -> list[StoredPlace]:
        """The places that are theirs alone."""
        async with self.context.store.read() as unit:
            places = await people.places_here(unit, self.request)
        return [place for place in places if place.owner == self.person.number]

    async def all_places(self) -> list[StoredPlace]:
        """Those, and the shared ones where they added something."""
        async with self.context.store.read() as unit:
            shared = await unit.places.shared_places(self.person.number)
        return [*await self.places(), *(membership.place for membership in shared)]

    async def at(self, part: str) -> OwnPlace:
        """The place with this number, if it is theirs or a shared one they manage now; raises CommandError."""
        number = action_number(part)
        async with self.context.store.read() as unit:
            place = await unit.places.get(number)
        if place is None or (not place.is_shared and place.owner != self.person.number):
            raise CommandError(self.texts.gettext(_NO_PLACE))
        request = self.on(place.channel)
        if place.is_shared:
            place = await people.managed(self.context, request, part)
        kind: Any = place.kind
        there = Place(channel=place.channel, address=place.address, kind=kind, title=place.title)
        return OwnPlace(place, replace(request, place=there))

    async def to_subscription(self, part: str) -> Caller:
        """They ask with their account on the channel of a subscription's shared place, which knows its managers."""
        number = action_number(part)
        async with self.context.store.read() as unit:
            subscription = await unit.subscriptions.get(number, deleted=True)
            place = await unit.places.get(subscription.place) if subscription and subscription.place else None
        return self.on(place.channel if place else "")

    # --- to the browser --------------------------------------------------------------------------------------------

    async def acts(self, page: MePage) -> Response | Complaint | None:
        """Do what a form of a page asks for: the answer, or why it is refused; None if no form was sent.

        Its `do` may have a `part` after a colon.
        """
        if self.http.method != "POST":
            return None
        do = self.fields.get("do", "").partition(":")[0]
        about, actions = page.fields.get(do, ""), page.actions
        try:
            words = [text for name, text in self.fields.items() if name not in page.long_fields]
            self.limits.check(self.request, words, self.context.now(), reads=do in page.of_reading)
            return await actions[do](self) if do in actions else Complaint(do, about, self.texts.gettext(_STALE))
        except QueryRefused as refused:
            return Complaint(do, about, str(refused), ErrorView.of(refused.error, self.typed(about), self.texts))
        except FieldError as error:
            return Complaint(do, error.field, error.text)
        except StaleButton:
            return Complaint(do, about, self.texts.gettext(_STALE))
        except CommandError as error:
            return Complaint(do, about, str(error), error=error)

    def page(self, template: str, *, tab: str, title: str, **values: Any) -> Response:
        """A page of theirs; with a complaint, 400 and the form as it was typed."""
        complaint = self.complaint
        shown = self.texts.gettext("Error: %(title)s", title=title) if complaint else title
        common = {"form": self.who.form, "page": "me", "tab": tab, "heading": title, "title": shown}
        typed = defaultdict(str, self.fields if complaint else {})
        values = {"notice": None, **common, **values, "complaint": complaint, "typed": typed}
        return self.html.fresh(self.texts, template, 400 if complaint else 200, **values)

    def refused(self, error: CommandError) -> Response:
        """The page of something that isn't there, or isn't theirs to see."""
        text = self.texts.gettext(_STALE) if isinstance(error, StaleButton) else str(error)
        # Translators: the title of a page that says why a request was refused.
        title = self.texts.gettext("Not found")
        return self.html.fresh(self.texts, "me_message.html", 404, page="me", title=title, text=text, back="")

    def done(self, path: str, code: str = "", **values: str | int) -> Response:
        """Lead on after a form: the page says what was done, and loading it again does nothing."""
        query = urlencode({"done": code, **values}) if code else ""
        return RedirectResponse(f"{self.html.site.base}{path}{'?' if query else ''}{query}", 303, FRESH)

    def typed(self, name: str) -> str:
        """What was typed into a field of the form, as commands read it: one line with single spaces."""
        return " ".join(self.fields.get(name, "").split())

    def noticed(self, texts: Mapping[str, str]) -> str:
        """Which of `texts` says what was just done, as the page's address says; empty for none."""
        code = self.parameters.get("done", "")
        return code if code in texts else ""

    @property
    def parameters(self) -> Mapping[str, str]:
        return cast("Mapping[str, str]", self.http.query_params)

    def place_name(self, place: StoredPlace) -> str:
        return full_place_name(place, self.texts)

    @property
    def part(self) -> str:
        """What a form's action is about, where its button says that: `save:12`."""
        return self.fields.get("do", "").partition(":")[2]


def with_wait(response: Response, error: CommandError | None) -> Response:
    """The answer to what was refused; to what was too much, with the time of the next try."""
    if isinstance(error, TooMany):
        response.status_code = 429
        response.headers["retry-after"] = str(round(error.wait.total_seconds()))
    return response


Act: TypeAlias = "Callable[[Visit], Awaitable[Response]]"


@dataclass(frozen=True, slots=True)
class MePage:
    """One page: what shows it, what its forms may ask for (`do`), and the field each of these is about.

    Forms have at most `longest` bytes; `long_fields` are those whose length their action checks. Actions `of_reading`
    are pressed often, as a reader goes through a day.
    """

    show: Act
    actions: Mapping[str, Act] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_FORM
    long_fields: Collection[str] = ()
    of_reading: Collection[str] = ()

    async def answer(self, visit: Visit) -> Response:
        """Do what a form asks for; without one, or where that is refused, the page."""
        answer = await visit.acts(self) if self.actions else None
        if isinstance(answer, Response):
            return answer
        response = await self.show(replace(visit, complaint=answer))
        return with_wait(response, answer.error) if answer is not None else response
