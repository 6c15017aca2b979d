"""Tells places once a month at most which of their subscriptions went quiet, never matched or bring too much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from paperwire.core.messages.message import FIRST, Button, Line, Message, Span, styled
from paperwire.core.subscriptions.checkup import COUNTED, Activity, SubscriptionTrouble
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.errors import Gone, Rejected, SendError, Unknown
from paperwire.pipeline.hold import Hold
from paperwire.ports.channels import Channel, Conversation
from paperwire.store.unit import Store
from paperwire.texts import Texts, texts_in

_log = structlog.get_logger(__name__)

_PLACES_PER_TRANSACTION = 100
_SHOWN = 5
_LONGEST_QUERY = 100


class CheckupNotes:
    """Looks at the places whose month is over, and sends a note where a subscription needs a change.

    Each place is noted as looked at before its note goes out, so that no process and no crash sends it twice; one that
    can't be reached now, or in its quiet hours, is due again. `down_until` says until when a channel is left alone.
    """

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], *, down_until: Callable[[str], datetime | None]
    ) -> None:
        self._store = store
        self._channels = {kind: channel for kind, channel in channels.items() if isinstance(channel, Conversation)}
        self._down_until = down_until
        self._hold = Hold(store)

    async def run(self) -> int:
        """Look at all places that are due; how many notes were sent."""
        sent, after = 0, 0
        up = [kind for kind in self._channels if self._down_until(kind) is None]
        while not await self._hold.is_on():
            async with self._store.read() as unit:
                due = await unit.checkups.due(up, _PLACES_PER_TRANSACTION, after)
            if not due:
                break
            after = max(due)
            sent += await self._look(due)
        if sent:
            _log.info("notified of subscriptions that need a change", places=sent)
        return sent

    async def _look(self, due: Mapping[int, datetime | None]) -> int:
        """Look at places, with when each was looked at before; how many notes were sent."""
        notes = list[tuple[StoredPlace, datetime | None, Message]]()
        async with self._store.write() as unit:
            places = await unit.places.get_many(list(due))
            activities = await unit.checkups.activity(list(due))
            for number, place in places.items():
                if place.quiet_until(unit.now):
                    continue
                for activity in activities[number]:
                    if activity.expected is None and unit.now - activity.began_at >= COUNTED:
                        await unit.checkups.expect(activity.number, activity.a_day)
                note = checkup_note(activities[number], unit.now, texts_in(place.locale))
                if await unit.checkups.claim(number, due[number]) and note is not None:
                    notes.append((place, due[number], note))
        return sum([await self._send(place, before, note) for place, before, note in notes])

    async def _send(self, place: StoredPlace, before: datetime | None, note: Message) -> bool:
        channel = self._channels[place.channel]
        try:
            await channel.wait_for_slot(place.address)
            await channel.send(place.address, replace(note, key=f"checkup{place.number}:{before}", silent=True))
        except Gone as error:
            async with self._store.write() as unit:
                await unit.places.pause(place.number, error.why)
        except (Rejected, Unknown) as error:  # it would be refused again, or may have arrived
            _log.warning("note on subscriptions perhaps not sent", place=place.number, problem=str(error))
        except SendError as error:
            _log.info("note on subscriptions put off", place=place.number, problem=str(error))
            async with self._store.write() as unit:
                await unit.checkups.put_back(place.number, before)
        else:
            return True
        return False


# --- what it says ------------------------------------------------------------------------------------------------


def checkup_note(activities: Sequence[Activity], now: datetime, texts: Texts) -> Message | None:
    """What subscriptions need a change, with buttons for it; None if none does."""
    troubles = [(each, trouble) for each in activities if (trouble := each.trouble(now))]
    if not troubles:
        return None
    title = texts.ngettext(
        "%(num)s subscription here may need a change:", "%(num)s subscriptions here may need a change:", len(troubles)
    )
    lines = [_line(activity, trouble, texts) for activity, trouble in troubles[:_SHOWN]]
    more = len(troubles) - _SHOWN
    if more > 0:
        # Translators: subscriptions that are left out of a list; the command shows all.
        text = texts.ngettext("and %(num)s more: /checkup", "and %(num)s more: /checkup", more)
        lines.append((Span(text),))
    buttons = [tuple(_fixes(activity, trouble, texts)) for activity, trouble in troubles[:_SHOWN]]
    stop = Button(texts.gettext("Don't tell me again"), "checkups:off")
    return Message(head=((Span(title, "bold"),), *lines), buttons=(*buttons, (stop,)), locale=texts.language)


def _line(activity: Activity, trouble: SubscriptionTrouble, texts: Texts) -> Line:
    text = activity.text if len(activity.text) <= _LONGEST_QUERY else f"{activity.text[:_LONGEST_QUERY]}…"
    name = f"{activity.name}: " if activity.name else ""
    # Translators: %(subscription)s is a subscription's number, name and query.
    match trouble:
        case SubscriptionTrouble.NEVER:
            line = texts.gettext("%(subscription)s has never matched a paper.", subscription=FIRST)
        case SubscriptionTrouble.QUIET:
            line = texts.gettext("%(subscription)s hasn't matched a paper for 60 days.", subscription=FIRST)
        case SubscriptionTrouble.LOUD:
            # Translators: %(before)s is a number of papers a day.
            line = texts.ngettext(
                "%(subscription)s matches about %(num)s paper a day, %(before)s were expected.",
                "%(subscription)s matches about %(num)s papers a day, %(before)s were expected.",
                round(activity.a_day),
                before=texts.number(round(activity.expected or 0)),
                subscription=FIRST,
            )
    return styled(line, (Span(f"#{activity.ordinal} {name}"), Span(text, "code")))


def _fixes(activity: Activity, trouble: SubscriptionTrouble, texts: Texts) -> list[Button]:
    number, ordinal = activity.number, activity.ordinal
    # Translators: buttons; %(number)s is the number of a subscription.
    delete = Button(texts.gettext("Delete #%(number)s", number=ordinal), f"tidy:del:{number}")
    if trouble is SubscriptionTrouble.LOUD:
        return [
            # Translators: a button: narrower or wider queries for subscription %(number)s.
            Button(texts.gettext("Narrow #%(number)s…", number=ordinal), f"narrow:{number}"),
            Button(texts.gettext("Daily digest"), f"tidy:daily:{number}"),
            delete,
        ]
    # Translators: a button: narrower or wider queries for subscription %(number)s.
    return [Button(texts.gettext("Widen #%(number)s…", number=ordinal), f"widen:{number}"), delete]
