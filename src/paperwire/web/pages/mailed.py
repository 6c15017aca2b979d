"""The page that the links under a paper in a mail lead to: Save, Mute and Why, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from paperwire.errors import CommandError
from paperwire.services.context import Context
from paperwire.services.papers.papers import keep, take_off
from paperwire.services.places.mailed import MAILED_LINK_LASTS, MailedPaper, is_ours, open_link
from paperwire.services.places.mute_choices import mute_choice
from paperwire.services.places.places import unmute
from paperwire.texts import Texts, gettext_noop
from paperwire.web.forms import form_of
from paperwire.web.html import Html
from paperwire.web.http import NOT_INDEXED
from paperwire.web.pages.subscribe import message_page
from paperwire.web.problems import Refused, in_words, not_found
from paperwire.web.views import paper_view

_stale = in_words(gettext_noop("Nothing was changed. Open the link in the mail again and press a button."))


@dataclass(frozen=True, slots=True)
class _Done:
    """What a press did, as people read it, and the fields of the form that undoes it."""

    text: str = ""
    undo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailedPage:
    """GET shows the same whatever was pressed before, as a mail may be passed on; only POST changes anything.

    A press is answered the same, too, whether or not its reader had saved or muted that before.
    """

    context: Context
    html: Html

    async def answer(self, request: Request) -> Response:
        """Show the page of a paper in a mail; after a press with what it did and its undo."""
        texts, token = self.html.texts(request.scope), request.path_params["token"]
        mailed = await open_link(self.context, token, texts)
        if mailed is None:
            return self._gone(token, texts)
        done = _Done()
        if request.method == "POST":
            try:
                done = await self._act(mailed, await form_of(request), texts)
            except CommandError as error:
                return message_page(self.html, texts, texts.gettext("Nothing was changed"), str(error), status=400)
        return self.html.page(
            texts,
            "mailed.html",
            extra=(NOT_INDEXED,),
            cache="no-store",
            title=mailed.paper.title,
            paper=paper_view(mailed.paper, self.html.site.base, texts),
            reasons=[(name, texts.listed(terms)) for name, terms in mailed.reasons()],
            choices=mailed.choices(),
            done=done,
        )

    def _gone(self, token: str, texts: Texts) -> Response:
        if not is_ours(self.context, token):
            raise Refused(404, not_found, headers={"x-robots-tag": "noindex"})
        # Translators: %(days)s is a number.
        text = texts.gettext(
            "This link works for %(days)s days, while papers go to the address it was mailed to. The paper itself is"
            " linked in the mail.",
            days=MAILED_LINK_LASTS.days,
        )
        return message_page(self.html, texts, texts.gettext("This link has expired"), text, status=410)

    async def _act(self, mailed: MailedPaper, fields: Mapping[str, str], texts: Texts) -> _Done:
        """Do what a form asks for; raises CommandError, and Refused for what the page doesn't offer."""
        caller, number = mailed.caller, str(mailed.paper.number)
        match fields.get("do", ""):
            case "save":
                await keep(self.context, caller, number)
                # Translators: what was done, on a page after a button or a link of a mail.
                return _Done(texts.gettext("Saved."), {"do": "unsave"})
            case "unsave":
                await take_off(self.context, caller, number)
                return _Done(texts.gettext("Removed from your saved papers."))
            case "mute" | "unmute" as do if fields.get("what") in {choice.action for choice in mailed.choices()}:
                return await self._mute(mailed, fields["what"], texts, undone=do == "unmute")
        raise Refused(400, _stale, headers={"x-robots-tag": "noindex"})

    async def _mute(self, mailed: MailedPaper, what: str, texts: Texts, *, undone: bool) -> _Done:
        """Mute a choice at the mail's address, or end that."""
        muted = await mute_choice(self.context, mailed.caller, str(mailed.paper.number), what)
        if undone:  # the number by which it is ended comes with muting it, which twice is once
            await unmute(self.context, mailed.caller, str(muted.mute.number))
            return _Done(texts.gettext("No longer muted: %(name)s", name=muted.name))
        return _Done(texts.gettext("Muted: %(name)s", name=muted.name), {"do": "unmute", "what": what})
