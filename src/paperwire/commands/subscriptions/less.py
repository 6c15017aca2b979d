"""The button Less like this: what it taught a subscription, with one press to undo it and one to forget all."""

from __future__ import annotations

from paperwire.commands.context import Chat, say
from paperwire.commands.subscriptions.subscription_buttons import revert_action
from paperwire.core.messages.card import shown_title
from paperwire.core.messages.message import FIRST, Button, Span, styled
from paperwire.core.text.clean import clean
from paperwire.ports.requests import Reply, Request
from paperwire.services.papers.papers import stored
from paperwire.services.people import only_managers
from paperwire.services.subscriptions.less import less_like, unlearn
from paperwire.wording.meaning import avoids_line

_LONGEST_TITLE = 80


async def press_less(context: Chat, request: Request, part: str) -> Reply:
    """Fewer papers like one, from one subscription: `less:PAPER:SUBSCRIPTION`."""
    only_managers(request)
    number, _, subscription = part.partition(":")
    paper, texts = await stored(context, number), request.texts
    taught = await less_like(context, request, subscription, paper)
    title = clean(shown_title(paper, texts), _LONGEST_TITLE)
    # Translators: a button: forget all papers that a subscription avoids.
    forget = Button(texts.gettext("Forget all"), f"unlearn:{taught.subscription.number}")
    # Translators: %(title)s is a paper's title; fewer papers like it will come from subscription %(number)s.
    head = texts.gettext("Less like this from #%(number)s: %(title)s", number=taught.subscription.ordinal, title=FIRST)
    return say(
        styled(head, Span(title, "italic"), style="bold"),
        avoids_line(taught.words, texts),
        (Span(taught.subscription.text, "code"),),
        buttons=[
            [
                Button(texts.gettext("Undo"), revert_action(taught.subscription)),
                *([forget] if taught.papers > 1 else []),
            ]
        ],
        aside=True,
    )


async def press_unlearn(context: Chat, request: Request, part: str) -> Reply:
    """Avoid no papers any more: `unlearn:SUBSCRIPTION`."""
    only_managers(request)
    texts = request.texts
    after = (await unlearn(context, request, part)).subscription
    head = texts.gettext("Forgotten. #%(number)s is now: %(query)s", number=after.ordinal, query=FIRST)
    return say(
        styled(head, Span(after.text, "code"), style="bold"),
        buttons=[[Button(texts.gettext("Undo"), revert_action(after))]],
        edit=True,
    )


BUTTONS = {"less": press_less, "unlearn": press_unlearn}
