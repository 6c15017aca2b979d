"""The page that the links under a paper in a mail lead to: Save, Mute and Why, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.errors import CommandError
from paperwire.services.context import Context
from paperwire.services.papers.papers import keep, take_off
from paperwire.services.places.mailed import MAILED_LINK_LASTS, MailedPaper, is_ours, open_link
from paperwire.services.places.mute_choices import mute_choice
from paperwire.services.places.places import unmute
from paperwire.texts import Texts, gettext_noop
from paperwire.web.forms import form_of
from paperwire.web.html import FRESH, Html
from paperwire.web.http import NOT_INDEXED
from paperwire.web.pages.subscribe import message_page
from paperwire.web.problems import Refused, in_words, not_found
from paperwire.web.views import paper_view

_stale = in_words(gettext_noop("Nothing was changed. Open the link in the mail again and press a button."))


@dataclass(frozen=True, slots=True)
class _Done:
    """What a press did, as people read it, and the fields of the form that undoes it; empty for no press."""

    text: str = ""
    undo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailedPage:
    """GET shows the same whatever was pressed before, as a mail may be passed on; only POST changes anything.

    A press leads to an address that says what was pressed, and not whether its reader has saved or muted it.
    """

    context: Context
    html: Html

    async def answer(self, request: Request) -> Response:
        """Show the page of a paper in a mail; do what its buttons ask for, and lead on to the page with the undo."""
        texts, token = self.html.texts(request.scope), request.path_params["token"]
        mailed = await open_link(self.context, token, texts)
        if mailed is None:
            return self._gone(token, texts)
        path = f"{self.html.site.base}/mailed/{token}"
        if request.method == "POST":
            try:
                pressed = await self._act(mailed, await form_of(request))
            except CommandError as error:
                return message_page(self.html, texts, texts.gettext("Nothing was changed"), str(error), status=400)
            return RedirectResponse(f"{path}?{urlencode(pressed)}#done", 303, FRESH)
        return self.html.page(
            texts,
            "mailed.html",
            extra=(NOT_INDEXED,),
            cache="no-store",
            title=mailed.paper.title,
            path=path,
            paper=paper_view(mailed.paper, self.html.site.base, texts),
            reasons=[(name, texts.listed(terms)) for name, terms in mailed.reasons()],
            choices=mailed.choices(),
            done=_done(mailed, request.query_params, texts),
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

    async def _act(self, mailed: MailedPaper, fields: Mapping[str, str]) -> dict[str, str]:
        """Do what a form asks for: the fields that did; raises CommandError, and Refused for what isn't offered."""
        caller, number = mailed.caller, str(mailed.paper.number)
        match fields.get("do", ""):
            case "save":
                await keep(self.context, caller, number)
                return {"done": "save"}
            case "unsave":
                await take_off(self.context, caller, number)
                return {"done": "unsave"}
            case "mute" | "unmute" as do if fields.get("what") in {choice.action for choice in mailed.choices()}:
                muted = await mute_choice(self.context, caller, number, fields["what"])
                if do == "unmute":  # the number by which it is ended comes with muting it, which twice is once
                    await unmute(self.context, caller, str(muted.mute.number))
                return {"done": do, "what": fields["what"]}
        raise Refused(400, _stale, headers={"x-robots-tag": "noindex"})


def _done(mailed: MailedPaper, parameters: Mapping[str, str], texts: Texts) -> _Done:
    """What the page's address says was pressed."""
    what = parameters.get("what", "")
    name = next((choice.label for choice in mailed.choices() if choice.action == what), "")
    match parameters.get("done", ""):
        case "save":
            # Translators: what was done, on a page after a button or a link of a mail.
            return _Done(texts.gettext("Saved."), {"do": "unsave"})
        case "unsave":
            return _Done(texts.gettext("Removed from your saved papers."))
        case "mute" if name:
            return _Done(texts.gettext("Muted: %(name)s", name=name), {"do": "unmute", "what": what})
        case "unmute" if name:
            return _Done(texts.gettext("No longer muted: %(name)s", name=name))
    return _Done()
