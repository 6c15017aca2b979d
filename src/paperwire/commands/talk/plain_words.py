"""What is said to anyone in a chat: a greeting, thanks, or that one wants to stop. No query is made of it."""

from __future__ import annotations

import re

from paperwire.commands.accounts.start import greeting
from paperwire.commands.buttons import page_of
from paperwire.commands.context import Chat, say
from paperwire.commands.subscriptions.unsubscribe import deletions, offer_nearest
from paperwire.commands.talk.help import press as show_help
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.ports.requests import Reply, Request
from paperwire.services import people
from paperwire.services.people import only_managers
from paperwire.services.typed import unquoted

_END = re.compile(r"(?:please )?(?:stop|unsubscribe|cancel|quit|end|exit)(?: (?:it|me|all|everything|now|please))*")
_ENDED = re.compile(r"(?:please )?(?P<verb>stop|unsubscribe|cancel|end) (?:from )?(?P<what>.+)")
_UNSUBSCRIBED = re.compile(r"(?:please )?unsubscribe .+")
_HELLO = re.compile(r"(?:hello|hi|hey|good (?:morning|afternoon|evening))(?: (?:there|all|everyone|bot|paperwire))*")
_HELP = re.compile(r"(?:please )?help(?: (?:me|please))*|what (?:can|do) you do|how does (?:this|it) work|")
_THANKS = re.compile(
    r"(?:(?:ok|okay|great|perfect|many) )*(?:thanks|thank you|thx|cheers)(?: (?:a lot|so much|very much|again|all))*"
)
_PUNCTUATION = re.compile(r"[!?.,…]+")


def spoken(text: str) -> str:
    """A text without capitals and marks, as these words are looked for."""
    return " ".join(_PUNCTUATION.sub(" ", text.casefold()).split())


def is_end(text: str) -> bool:
    """Whether someone wants to stop, without saying what."""
    return _END.fullmatch(spoken(text)) is not None


def is_said(text: str) -> bool:
    """Whether a text is said to someone, and no answer to a question of ours."""
    patterns = (_END, _UNSUBSCRIBED, _HELLO, _HELP, _THANKS)
    return bool(text) and any(pattern.fullmatch(spoken(text)) for pattern in patterns)


async def answer(context: Chat, request: Request) -> Reply | None:
    """The answer to such words; None to any others."""
    text = unquoted(request.args)
    words, texts = spoken(text), request.texts
    if text and _THANKS.fullmatch(words):
        return say(texts.gettext("You're welcome. Happy reading!"))
    if text and _HELLO.fullmatch(words):
        return greeting(context, request.place, texts)
    if text and _HELP.fullmatch(words):
        return await show_help(context, request, "")
    if is_end(text):
        return await ask_what_to_end(context, request)
    return await _ended(context, request, text)


async def _ended(context: Chat, request: Request, text: str) -> Reply | None:
    """The answer to `unsubscribe lora`, or to `stop lora` where there is such a subscription."""
    ended = _ENDED.fullmatch(text.casefold())
    if ended is None:
        return None
    subscriptions = await people.subscriptions_here(context, request)
    what = ended["what"].strip("!?., ")
    meant = [each for each in subscriptions if what in {each.text.casefold(), each.name.casefold(), f"#{each.ordinal}"}]
    if meant:
        return await ask_what_to_end(context, request, meant)
    return await offer_nearest(context, request, what) if ended["verb"] == "unsubscribe" else None


async def ask_what_to_end(context: Chat, request: Request, meant: list[Subscription] | None = None) -> Reply:
    """What there is to stop here, as buttons; nothing stops before one is pressed."""
    only_managers(request)
    texts = request.texts
    subscriptions = meant or await people.subscriptions_here(context, request)
    page, turns = page_of(subscriptions, "unsubs", 0, texts)
    pause = Button(texts.gettext("Pause everything here"), "run:pause")
    forget = Button(texts.gettext("Delete everything about me…"), "run:forget")
    return say(
        texts.gettext("What do you want to stop?"),
        texts.gettext("Nothing changes until you press a button."),
        buttons=[[pause], *deletions(page), turns, [] if request.place.is_shared else [forget]],
    )
