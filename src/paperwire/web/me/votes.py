"""Votes for papers of the public list, cast and withdrawn by the buttons of its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from paperwire.commands.papers import vote
from paperwire.web.site import local_path
from paperwire.web.votes import LIST

if TYPE_CHECKING:
    from paperwire.web.me.visit import Visit


async def answer(visit: Visit) -> Response:
    """`/me/votes`: what a button asks for is done, then the page with the button comes again."""
    answer = await visit.acts({"vote": _vote, "withdraw": _vote}, {})
    if isinstance(answer, Response):
        return answer
    title, text = visit.texts.gettext("Nothing was changed"), answer.text if answer else ""
    return visit.html.fresh(visit.texts, "me_message.html", 400, page="me", title=title, text=text)


async def _vote(visit: Visit) -> Response:
    await vote(visit.context, visit.request, visit.fields.get("paper", ""), stands=visit.fields["do"] == "vote")
    return visit.done(local_path(visit.fields.get("back", "")) or LIST)
