"""What is said to anyone in a chat: a greeting, thanks, or that one wants to stop. No query is made of it."""

from __future__ import annotations

import re
from dataclasses import replace

from paperwire.commands.accounts.start import greeting
from paperwire.commands.buttons import page_of
from paperwire.commands.context import Answer, Chat, say
from paperwire.commands.subscriptions import subscriptions
from paperwire.commands.subscriptions.calmer import offer_fewer
from paperwire.commands.subscriptions.unsubscribe import deletions, offer_nearest
from paperwire.commands.talk.help import press as show_help
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.ports.requests import Reply, Request
from paperwire.services import people
from paperwire.services.people import only_managers
from paperwire.services.typed import unquoted
from paperwire.texts import gettext_noop

_END = re.compile(r"(?:please )?(?:stop|unsubscribe|cancel|quit|end|exit)(?: (?:it|me|all|everything|now|please))*")
_ENDED = re.compile(r"(?:please )?(?P<verb>stop|unsubscribe|cancel|end) (?:from )?(?P<what>.+)")
_UNSUBSCRIBED = re.compile(r"(?:please )?unsubscribe .+")
_HELLO = re.compile(r"(?:hello|hi|hey|good (?:morning|afternoon|evening))(?: (?:there|all|everyone|bot|paperwire))*")
_HELP = re.compile(r"(?:please )?help(?: (?:me|please))*|what (?:can|do) you do|how does (?:this|it) work|")
_THANKS = re.compile(
    r"(?:(?:ok|okay|great|perfect|many) )*(?:thanks|thank you|thx|cheers)(?: (?:a lot|so much|very much|again|all))*"
)
_YES = re.compile(r"(?:yes|yep|yeah|yup|sure)(?: (?:please|sure|do it|of course))*|do it|of course")
_NO = re.compile(r"(?:no|nope|nah)(?: (?:thanks|thank you|please|no))*|don't|never mind|nevermind")
_FINE = re.compile(r"ok|okay|fine|good|great|cool|nice|alright|all right|got it")
_BYE = re.compile(r"(?:good ?bye|bye|see you|ciao|good night)(?: (?:bye|all|bot|paperwire|then|later))*")
_UNDO = re.compile(r"(?:please )?(?:undo|take (?:it|that) back|revert)(?: (?:it|that|this|please))*")
_FEWER = re.compile(
    r"(?:please )?(?:(?:send )?(?:me )?(?:fewer|less)(?: (?:papers|messages|mails?|of them|please))*"
    r"|(?:way )?too (?:many|much)(?: (?:papers|messages))?)"
)
_MINE = re.compile(r"(?:(?:show|list) )?(?:me )?my (?:subscriptions|queries)|what am i subscribed to")
_PUNCTUATION = re.compile(r"[!?.,…]+")


def spoken(text: str) -> str:
    """A text without capitals and marks, as these words are looked for."""
    return " ".join(_PUNCTUATION.sub(" ", text.casefold()).split())


def is_end(text: str) -> bool:
    """Whether someone wants to stop, without saying what."""
    return _END.fullmatch(spoken(text)) is not None


def is_yes(text: str) -> bool:
    """Whether someone agrees."""
    return _YES.fullmatch(spoken(text)) is not None


def is_no(text: str) -> bool:
    """Whether someone declines."""
    return _NO.fullmatch(spoken(text)) is not None


def is_fine(text: str) -> bool:
    """Whether someone took note, which may be a yes or not."""
    return _FINE.fullmatch(spoken(text)) is not None


def is_undo(text: str) -> bool:
    """Whether someone wants back what was before."""
    return _UNDO.fullmatch(spoken(text)) is not None


def is_said(text: str) -> bool:
    """Whether a text is said to someone, and no answer to a question of ours."""
    patterns = (_END, _UNSUBSCRIBED, _HELLO, _HELP, _THANKS, _YES, _NO, _FINE, _BYE, _UNDO, _FEWER, _MINE)
    return bool(text) and any(pattern.fullmatch(spoken(text)) for pattern in patterns)


async def answer(context: Chat, request: Request) -> Reply | None:
    """The answer to such words; None to any others."""
    text = unquoted(request.args)
    words, texts = spoken(text), request.texts
    if not text:
        return None
    for pattern, reply_text in _SAID:
        if pattern.fullmatch(words):
            return say(texts.gettext(reply_text))
    for pattern, does in _DOES:
        if pattern.fullmatch(words):
            return await does(context, request)
    return await _ended(context, request, text)


async def _greet(context: Chat, request: Request) -> Reply:
    return greeting(context, request.place, request.texts)


async def _help(context: Chat, request: Request) -> Reply:
    return await show_help(context, request, "")


async def _list(context: Chat, request: Request) -> Reply:
    return await subscriptions.answer(context, replace(request, args=""))


async def _ended(context: Chat, request: Request, text: str) -> Reply | None:
    """The answer to `unsubscribe lora`, or to `stop lora` where there is such a subscription."""
    ended = _ENDED.fullmatch(text.casefold())
    if ended is None:
        return None
    stored = await people.subscriptions_here(context, request)
    what = ended["what"].strip("!?., ")
    meant = [each for each in stored if what in {each.text.casefold(), each.name.casefold(), f"#{each.ordinal}"}]
    if meant:
        return await ask_what_to_end(context, request, meant)
    return await offer_nearest(context, request, what) if ended["verb"] == "unsubscribe" else None


async def ask_what_to_end(context: Chat, request: Request, meant: list[Subscription] | None = None) -> Reply:
    """What there is to stop here, as buttons; nothing stops before one is pressed."""
    only_managers(request)
    texts = request.texts
    stored = meant or await people.subscriptions_here(context, request)
    page, pager = page_of(stored, "unsubs", 0, texts)
    pause = Button(texts.gettext("Pause everything here"), "run:pause")
    forget = Button(texts.gettext("Delete everything about me…"), "run:forget")
    return say(
        texts.gettext("What do you want to stop?"),
        texts.gettext("Nothing changes until you press a button."),
        buttons=[[pause], *deletions(page), pager, [] if request.place.is_shared else [forget]],
    )


_SAID = (
    (_THANKS, gettext_noop("You're welcome. Happy reading!")),
    (_YES, gettext_noop("No question is open here. /help lists all commands.")),
    (_NO, gettext_noop("OK. Nothing was changed. /help lists all commands.")),
    (_FINE, gettext_noop("👍 /help lists what else you can do.")),
    (_BYE, gettext_noop("Bye! Papers keep coming. To end that, send: stop")),
)
"""What is answered to words that ask for nothing."""
_DOES: tuple[tuple[re.Pattern[str], Answer], ...] = (
    (_HELLO, _greet),
    (_HELP, _help),
    (_FEWER, offer_fewer),
    (_MINE, _list),
    (_END, ask_what_to_end),
)
