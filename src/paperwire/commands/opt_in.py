"""Papers for an address of a channel whose addresses have to be confirmed: a request, a message with a link, a yes.

The address gets what was asked for and belongs to who reads there. Who asked sees and changes nothing of it, and the
message shows no text of theirs but the plain words of their queries.
"""

from __future__ import annotations

from paperwire.commands.context import Chat, say
from paperwire.ports.callers import Place
from paperwire.ports.requests import Reply, Request
from paperwire.services.opt_in import Wish, ask, goes_line


async def ask_from_chat(context: Chat, request: Request, place: Place, wish: Wish) -> Reply:
    """Ask the reader of an address for a chat; the answer says what would go there."""
    texts = request.texts
    client = f"{request.actor.channel}:{request.actor.user_id}"
    await ask(context, place, wish, client=client, locale=request.locale, caller=request)
    return say(
        texts.gettext(
            "A mail is on its way to %(address)s. Open the link in it within 24 hours.", address=place.address
        ),
        context.access.hint(texts),
        goes_line(place, wish, texts),
        texts.gettext("What you change here later doesn't change what goes there, unless you /link the address."),
        private=True,
    )


# --- the answer --------------------------------------------------------------------------------------------------
