"""What a place gets of a meeting: its agenda with who presents what, reminders, and buttons to present a paper."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from paperwire.core.messages.card import NAME_LIMIT, brief, vote_count
from paperwire.core.messages.message import FIRST, Button, Item, Line, Message, Rich, Span, styled
from paperwire.core.subscriptions.meeting import Meeting, Reminder, ReminderKind, Talk
from paperwire.core.subscriptions.wallclock import clock_of, zone_name
from paperwire.core.text.clean import clean
from paperwire.texts import Texts, gettext_noop

_ROWS = 4  # rows of buttons for papers: the fifth that a message may have is the calendar's
# Translators: the title of a message before a meeting.
_HEADS = {
    ReminderKind.DAY_BEFORE: gettext_noop("Reminder: journal club on %(when)s"),
    ReminderKind.HOUR_BEFORE: gettext_noop("Soon: journal club on %(when)s"),
}
_LONGEST_CLUB = 60
_PRIVATE_HEADS = {
    # Translators: To a presenter in private; %(club)s is the name of the group or channel that meets.
    ReminderKind.DAY_BEFORE: gettext_noop("Reminder: you present at the journal club of %(club)s on %(when)s"),
    # Translators: a message before a meeting: %(club)s is the name of a group.
    ReminderKind.HOUR_BEFORE: gettext_noop("Soon: you present at the journal club of %(club)s on %(when)s"),
}


def meeting_time(meeting: Meeting, texts: Texts) -> str:
    """When a meeting begins: `Friday, 4 December 2026, 15:00 (Europe/Berlin)`."""
    return time_in_zone(meeting.begins_at, meeting.zone, texts)


def time_in_zone(at: datetime, zone: str, texts: Texts) -> str:
    """An instant by the clock of a zone, in full."""
    local = at.astimezone(clock_of(zone))
    # Translators: a time in full: %(day)s is "Wednesday, 12 August 2026", %(zone)s a time zone.
    return texts.gettext(
        "%(day)s, %(time)s (%(zone)s)", day=texts.full_day(local.date()), time=texts.time(local), zone=zone_name(zone)
    )


def presenter_name(talk: Talk, texts: Texts) -> str:
    """Who presents a paper, harmless and never empty."""
    return clean(talk.name, NAME_LIMIT) or texts.gettext("someone without a name")


def agenda_message(meeting: Meeting, texts: Texts, *, is_shared: bool = True) -> Message:
    """The agenda of a meeting as it is, with buttons: in a shared place one to be reminded in private, too."""
    head = texts.gettext("Journal club on %(when)s", when=meeting_time(meeting, texts))
    return Message(
        head=((Span(head, "bold"),), *_missing(meeting, texts)),
        items=tuple(talk_item(talk, texts) for talk in meeting.talks),
        foot=_foot(meeting, texts),
        buttons=_buttons(meeting, texts, is_shared=is_shared),
    )


def reminder_message(reminder: Reminder, texts: Texts, *, is_shared: bool = True) -> Message:
    """A reminder of a meeting; the same one has the same key, whenever it is sent."""
    meeting = reminder.meeting
    about = f"meeting {meeting.number} {reminder.kind} {meeting.begins_at.isoformat()}"
    about += f" {reminder.place}" * bool(reminder.club)
    key = hashlib.sha256(about.encode()).hexdigest()
    if reminder.kind is ReminderKind.OVER:
        return replace(_over_message(meeting, texts), key=key)
    when = Span(meeting_time(meeting, texts), "bold", at=meeting.begins_at)
    if reminder.club:
        return replace(_private_message(reminder, when, texts), key=key)
    head = styled(texts.gettext(_HEADS[reminder.kind], when=FIRST), when, style="bold")
    message = agenda_message(meeting, texts, is_shared=is_shared)
    return replace(
        message,
        head=(head, *message.head[1:]),
        items=tuple(talk_item(talk, texts, notifies=True) for talk in meeting.talks),
        key=key,
    )


def _private_message(reminder: Reminder, when: Span, texts: Texts) -> Message:
    club = clean(reminder.club, _LONGEST_CLUB)
    return Message(
        head=(styled(texts.gettext(_PRIVATE_HEADS[reminder.kind], club=club, when=FIRST), when, style="bold"),),
        items=tuple(brief(talk.paper, texts) for talk in reminder.meeting.talks),
        buttons=((stop_private_button(reminder.meeting, texts),),),
    )


def stop_private_button(meeting: Meeting, texts: Texts) -> Button:
    return Button(texts.gettext("No private reminders"), f"private:{meeting.number}:off")


def _over_message(meeting: Meeting, texts: Texts) -> Message:
    when = Span(meeting_time(meeting, texts), "bold", at=meeting.begins_at)
    ask = texts.gettext("Are there notes or a link to keep? Press the button, or send /agenda notes and the text.")
    return Message(
        head=(
            styled(texts.gettext("The journal club on %(when)s is over.", when=FIRST), when, style="bold"),
            (Span(ask),),
        ),
        # Translators: a button under the note that a meeting is over.
        buttons=((Button(texts.gettext("Add notes"), f"notes:{meeting.number}"),),),
    )


def talk_item(talk: Talk, texts: Texts, *, notifies: bool = False) -> Item:
    """A paper on an agenda, with its votes and who presents it; the message may notify them of it."""
    item = brief(talk.paper, texts)
    votes = vote_count(talk.votes, texts)
    user = talk.user_id if notifies else ""
    return replace(item, lines=(*item.lines, (Span(f"{votes} · "), *_presented(talk, user, texts))))


def _presented(talk: Talk, user: str, texts: Texts) -> Line:
    if not talk.presenter:
        return (Span(texts.gettext("no presenter yet"), "bold"),)
    name = Span(presenter_name(talk, texts), "bold", user=user)
    # Translators: after the title of a paper of a meeting: %(name)s is a person.
    return styled(texts.gettext("presented by %(name)s", name=FIRST), name, style="bold")


def _missing(meeting: Meeting, texts: Texts) -> Rich:
    """How many papers have no presenter, or that there are none."""
    if not meeting.talks:
        return ((Span(texts.gettext("No paper was submitted or got votes here in the last week.")),),)
    missing = sum(not talk.presenter for talk in meeting.talks)
    if not missing:
        return ()
    text = texts.ngettext("%(num)s paper has no presenter yet.", "%(num)s papers have no presenter yet.", missing)
    return ((Span(text),),)


def _foot(meeting: Meeting, texts: Texts) -> Rich:
    if meeting.is_frozen or not meeting.talks:
        return ()
    # A meeting may be set, or moved, when the reminder a day before it is already over.
    text = texts.gettext("Papers without a presenter follow the votes until the next reminder.")
    line: Line = (Span(text, "italic"),)
    return (line,)


def _buttons(meeting: Meeting, texts: Texts, *, is_shared: bool) -> tuple[tuple[Button, ...], ...]:
    """A button for each paper, to present it or to give that back, and those for the calendar and for presenters."""
    several = len(meeting.talks) > 1
    buttons = [_button(meeting, talk, number * several, texts) for number, talk in enumerate(meeting.talks, 1)]
    per_row = -(-len(buttons) // _ROWS) or 1
    rows = [tuple(buttons[start : start + per_row]) for start in range(0, len(buttons), per_row)]
    calendar = Button(texts.gettext("Add to calendar"), f"agenda:calendar:{meeting.place}")
    if not is_shared or not any(talk.presenter for talk in meeting.talks):
        return (*rows, (calendar,))
    # Translators: a button for presenters, who get a reminder in their private chat, too.
    return (*rows, (calendar, Button(texts.gettext("Remind me privately"), f"private:{meeting.number}")))


def _button(meeting: Meeting, talk: Talk, number: int, texts: Texts) -> Button:
    """`number` tells the papers of a message apart, 0 where there is one."""
    about = f"{meeting.number}:{talk.paper.number}"
    if talk.presenter:
        # Translators: a button of a presenter who no longer presents a paper.
        label, action = texts.gettext("Release"), f"release:{about}:{talk.presenter}"
    else:
        label, action = texts.gettext("I present this"), f"present:{about}"
    return Button(f"{texts.number(number)}. {label}" if number else label, action)
