"""`/status`: whether papers come here and when, what was sent of each subscription, and what waits."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.places.pause import paused_line
from paperwire.core.messages.message import Line, Span, row, with_link
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.core.subscriptions.wallclock import zone_name
from paperwire.core.text.clean import clean
from paperwire.ports.channels import channel_label
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services.places.places import muted_here
from paperwire.services.running.status import Status, missed_line, status_here
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import cadence_words
from paperwire.wording.places import no_subscriptions
from paperwire.wording.times import local

# Translators: of /status: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "status",
    gettext_noop("Show whether papers come here, what was sent, and what waits"),
    topic="settings",
    shareable=True,
    examples=(
        ("/status", gettext_noop("this chat: what was sent, what waits, what is missing")),
        ("/why 2510.00001", gettext_noop("why one paper came, or didn't")),
    ),
)

_MOST_SUBSCRIPTIONS = 20
_LONGEST_NAME = 80


async def answer(context: Chat, request: Request) -> Reply:
    """`/status`."""
    texts = request.texts
    now = await status_here(context, request)
    title = (Span(texts.gettext("Status of this chat"), "bold"),)
    page = f"{context.public_url.rstrip('/')}/status"
    whole = with_link(texts.gettext("The whole service: %(url)s", url=page), page)
    if now is None:
        return say(title, no_subscriptions(request.place, texts), foot=[whole])
    problem = request.place.problem
    return say(
        title,
        texts.gettext("⚠ Can't post here: %(problem)s.", problem=problem) if problem else "",
        await missed_line(context, now.subscriptions, texts),
        *_state_lines(now, texts),
        *(
            _subscription_lines(now, await muted_here(context, request), texts)
            or [no_subscriptions(request.place, texts)]
        ),
        foot=[whole],
    )


def _state_lines(now: Status, texts: Texts) -> list[str]:
    """Whether papers come, how often, what waits and what was sent last."""
    place, counts, zone = now.place, now.counts, now.place.zone
    # Translators: a line of the state of a chat.
    lines = [paused_line(place.paused, texts) if place.paused else texts.gettext("Not paused.")]
    when = cadence_words(place.cadence, zone, texts)
    lines.append(texts.gettext("New papers come here %(when)s. Time zone: %(zone)s.", when=when, zone=zone_name(zone)))
    if place.quiet:
        # Translators: %(hours)s are two times such as 22:00-07:00, between which nothing is sent.
        lines.append(texts.gettext("Quiet hours: %(hours)s (%(zone)s).", hours=place.quiet, zone=zone_name(zone)))
    lines.append(_waiting_line(now, texts))
    if counts.last_sent_at is None:
        lines.append(texts.gettext("Nothing has been sent here yet."))
    else:
        lines.append(texts.gettext("Last sent on %(when)s.", when=local(counts.last_sent_at, zone, texts)))
    return lines


def _waiting_line(now: Status, texts: Texts) -> str:
    counts, zone = now.counts, now.place.zone
    if counts.next_at is None:
        return texts.gettext("Nothing is waiting to be sent.")
    if now.place.paused:
        # Translators: papers that are sent after the command /resume.
        return texts.ngettext("%(num)s paper waits for /resume.", "%(num)s papers wait for /resume.", counts.owed)
    if now.held_since is not None:
        return texts.ngettext(
            "⚠ %(num)s paper waits; all deliveries have been on hold since %(when)s.",
            "⚠ %(num)s papers wait; all deliveries have been on hold since %(when)s.",
            counts.owed,
            when=local(now.held_since, zone, texts),
        )
    next_at = local(max(counts.next_at, now.down_until or counts.next_at), zone, texts)
    if now.down_until is not None:
        # Translators: %(channel)s is Telegram or the like.
        return texts.ngettext(
            "⚠ %(num)s paper waits; %(channel)s isn't working, next try on %(when)s.",
            "⚠ %(num)s papers wait; %(channel)s isn't working, next try on %(when)s.",
            counts.owed,
            channel=channel_label(now.place.channel),
            when=next_at,
        )
    return texts.ngettext(
        "%(num)s paper waits, due on %(when)s.", "%(num)s papers wait, due on %(when)s.", counts.owed, when=next_at
    )


def _subscription_lines(now: Status, muted: frozenset[int], texts: Texts) -> list[str | Line]:
    if not now.subscriptions:
        return []
    count = len(now.subscriptions)
    head = texts.ngettext(
        "%(num)s subscription, with the papers sent here in the last 7 days:",
        "%(num)s subscriptions, with the papers sent here in the last 7 days:",
        count,
    )
    lines: list[str | Line] = [
        head,
        *(
            _row(subscription, now.sent.get(subscription.query, 0), now.place.zone, muted, texts)
            for subscription in now.subscriptions[:_MOST_SUBSCRIPTIONS]
        ),
    ]
    if count > _MOST_SUBSCRIPTIONS:
        # Translators: the end of a list: how many others there are.
        lines.append(
            texts.npgettext("subscriptions", "and %(num)s more", "and %(num)s more", count - _MOST_SUBSCRIPTIONS)
        )
    return lines


def _row(subscription: Subscription, sent: int, zone: str, muted: frozenset[int], texts: Texts) -> Line:
    """One with the papers that were sent, and when it comes where it has times of its own."""
    when = cadence_words(subscription.cadence, zone, texts) if subscription.cadence else ""
    # Translators: states of a subscription, in a list.
    off = [texts.gettext("paused")] if subscription.paused else []
    # Translators: a state of a subscription in a list, after its query.
    off += [texts.gettext("muted")] if subscription.number in muted else []
    text = texts.listed(filter(None, [texts.number(sent), when]))
    name = Span(clean(subscription.name or subscription.text, _LONGEST_NAME), "code")
    # Translators: %(text)s is how many papers a subscription sent and when it comes, %(states)s "paused" or "muted".
    text = texts.gettext("%(text)s (%(states)s)", text=text, states=texts.listed(off)) if off else text
    return row((Span(f"#{subscription.ordinal} "), name), text, texts)


COMMANDS = (Command(SPEC, answer),)
