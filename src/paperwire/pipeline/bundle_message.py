"""Writes the message of a bundle: one paper as a card, several as a list or a digest, with what matched.

A message makes a sound only where a burst begins, and none that only silent subscriptions want.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from paperwire.core.days.calendar import holiday_name
from paperwire.core.deliveries.due import Due, Entry, Interest, by_paper
from paperwire.core.messages.agenda import reminder_message
from paperwire.core.messages.bundles import Bundle
from paperwire.core.messages.calmer import MANY_LISTS, calmer_buttons, calmer_lines, fewer_button
from paperwire.core.messages.card import (
    PaperNews,
    brief,
    card,
    card_buttons,
    compact,
    compact_buttons,
    list_buttons,
    shown_abstract,
)
from paperwire.core.messages.digests import already_sent, and_more, heading, subject_line
from paperwire.core.messages.message import Button, Item, Message, Rich, Span
from paperwire.core.messages.plain import plain_words
from paperwire.core.papers.paper import BECOMES_KNOWN, Paper
from paperwire.core.papers.revision import changes
from paperwire.core.query.matched import doc_of, matched_terms
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import known_zone
from paperwire.core.text.clean import clean, cut
from paperwire.pipeline.digests import section_of
from paperwire.pipeline.notice import Leave
from paperwire.pipeline.sounds import Burst, Sounds
from paperwire.texts import Texts, pgettext_noop, texts_in

_LEADS = ("withdrawn", "retracted", "arrival", "version")
"""The kinds of occasions by which a message of several is called, the first first."""
_KEY_LENGTH = 25  # as short as platforms want a nonce
_LONGEST_SECTION = 100
_OPENING = 160  # characters of an abstract in a list by mail: about two lines
_OPENINGS_CACHED = 1_000
_WITHOUT_BUTTONS = frozenset({"mailbox", "address"})  # the kinds of places whose readers press no buttons of ours
_REASONS = {
    # Translators: why arXiv announced nothing; stands in brackets.
    "weekend": pgettext_noop("arXiv announced nothing", "weekend"),
    "closed": pgettext_noop("arXiv announced nothing", "closed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """What a digest says besides its papers: what `page` has all of them, and why arXiv announced nothing, if so.

    `search` gives the page that has what a query finds, empty for one that can't be shown there.
    """

    page: str = ""
    silence: str = ""
    search: Callable[[str], str] = lambda _query: ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWords:
    """Where the page of a digest is, by its place and slot, and why arXiv announced nothing between two instants.

    `search` is where the papers are that a query finds, the latest first. `acts` is where the reader of a mail saves or
    mutes a paper that is sent now.
    """

    page: Callable[[int, str], str] = lambda _place, _slot: ""
    silence: Callable[[datetime, datetime], str] = lambda _since, _until: ""
    search: Callable[[str], str] = lambda _query: ""
    acts: Callable[[StoredPlace, Due, datetime], str] = lambda _place, _delivery, _now: ""


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Writes messages: with a way to `leave`, votes in places with a list, or in all with a `public_list`."""

    leave: Leave
    words: DigestWords
    public_list: bool
    sounds: Sounds = field(default_factory=Sounds)

    def message(self, place: StoredPlace, bundle: Bundle[Due], now: datetime, *, plain: bool) -> Message:
        """The message of a bundle; `plain` where its words are shown to an address that anyone may name."""
        facts, digest = DigestFacts(search=self.words.search), bundle.digest
        if digest is not None and bundle.part == bundle.parts:
            facts = replace(
                facts,
                page=self.words.page(place.number, digest.slot),
                silence=self.words.silence(digest.since, digest.due_at) if digest.since else "",
            )
        wanted_silent = bool(bundle.owed) and all(delivery.silent for delivery in bundle.owed)
        burst = self.sounds.covering(bundle, place.number, now)
        silent = wanted_silent or burst is not None
        votable = place.has_list or self.public_list
        about = {"silent": silent, "votable": votable, "plain": plain}
        message = bundle_message(place, bundle, now, facts=facts, burst=burst, **about)
        if place.kind == "mailbox" and bundle.owed:
            items = zip(message.items, bundle.owed, strict=True)
            message = replace(
                message, items=tuple(replace(item, acts=self.words.acts(place, due, now)) for item, due in items)
            )
        return replace(message, leave=self.leave(place), thread=_thread(place, bundle, message))

    def sent(self, place: StoredPlace, message: Message, now: datetime) -> None:
        """Note that a message went out."""
        if message.silent:
            self.sounds.followed(place.number, len(message.items))
        else:
            self.sounds.heard(place.number, now, len(message.items))


def _thread(place: StoredPlace, bundle: Bundle[Due], message: Message) -> str:
    """What the thread of an announcement is called, where its place wants one: several messages of one have one."""
    if place.threads != "on" or not bundle.owed or bundle.part > 1:
        return ""
    line = message.head[0] if message.head else (Span(message.items[0].title),)
    return "".join(span.text for span in line)


def bundle_message(  # noqa: PLR0913 -- what a message depends on, each named
    place: StoredPlace,
    bundle: Bundle[Due],
    now: datetime,
    *,
    facts: DigestFacts = DigestFacts(),
    burst: Burst | None = None,
    silent: bool = False,
    votable: bool = False,
    plain: bool = False,
) -> Message:
    """The message for a bundle; equal bundles for a place have equal keys, whenever they are sent.

    It may go on with a `burst`; `silent` asks for no sound. Where a paper is `votable` it has a button for that. To an
    address that anyone may name, `plain` shows no text of who named it but the words of queries.
    """
    texts = texts_in(place.locale)
    if bundle.reminder is not None:
        return replace(reminder_message(bundle.reminder, texts, is_shared=place.is_shared), locale=texts.language)
    if plain:
        bundle = replace(bundle, owed=tuple(map(_plain, bundle.owed)))
    slot = bundle.digest.slot if bundle.digest else ""
    key, mention = _key(place, bundle), _mention(bundle.owed)
    message = Message(key=key, silent=silent, mention=mention, slot=slot, locale=texts.language)
    if bundle.form == "single":
        single = _single(message, bundle.owed, texts, compactly=place.style == "compact", votes=0 if votable else None)
        return replace(single, foot=_beyond(bundle, facts, texts))
    papers = [entry[0].paper for entry in by_paper(bundle.owed)]
    calmer, buttons = _calmer(place, bundle, burst, texts)
    items = _sections(bundle, texts, plain=plain, opened=place.kind == "mailbox")
    return replace(
        message,
        subject=_subject(bundle, items, texts, plain=plain),
        head=_head(place, bundle, now, texts),
        items=items,
        foot=(*_foot(place, bundle, facts, texts), *_beyond(bundle, facts, texts), *calmer),
        buttons=(*list_buttons(papers, bundle.first), *buttons),
    )


def _single(message: Message, entry: Entry, texts: Texts, *, compactly: bool, votes: int | None) -> Message:
    """The message with one paper, and the buttons under it."""
    form, below = (compact, compact_buttons) if compactly else (card, card_buttons)
    *rows, last = below(entry[0].paper, texts, votes=votes)
    less = _less(_leading(entry), texts)
    return replace(message, items=(_item(form, entry, texts),), buttons=(*rows, (*last, *less)))


def _less(delivery: Due, texts: Texts) -> tuple[Button, ...]:
    """The button that teaches the first subscription by meaning which brought a paper; none without one."""
    taught = next((each.number for each in delivery.subscriptions if "like:" in each.text.casefold()), None)
    if taught is None:
        return ()
    return (Button(texts.gettext("Less like this"), f"less:{delivery.paper.number}:{taught}"),)


def _calmer(
    place: StoredPlace, bundle: Bundle[Due], burst: Burst | None, texts: Texts
) -> tuple[Rich, tuple[tuple[Button, ...], ...]]:
    """What a list of a burst offers to whom it is too much, the last of many in words; nothing where no one can press.

    Other digests have no subscriptions that brought them at once.
    """
    whole = _whole(bundle)
    if whole < 2 or not bundle.brought_by or place.kind in _WITHOUT_BUTTONS:
        return (), ()
    messages = max(bundle.parts, burst.messages + 1 if burst else 0)
    if messages > MANY_LISTS and bundle.part == bundle.parts:
        papers = max(whole, burst.papers + len(bundle.owed) if burst else 0)
        return calmer_lines(papers, messages, bundle.size, texts), calmer_buttons(bundle.brought_by, texts)
    return (), ((fewer_button(bundle.brought_by, texts),),)


def _head(place: StoredPlace, bundle: Bundle[Due], now: datetime, texts: Texts) -> Rich:
    """How many papers the message and those with it tell of, new ones or others of which more is known now."""
    whole, window = _whole(bundle), _window(bundle, now)
    return heading(whole, texts, facts=bundle.facts, zone=place.zone, part=bundle.part, parts=bundle.parts, **window)


def _whole(bundle: Bundle[Due]) -> int:
    """How many papers a message and those with it tell of."""
    return bundle.digest.papers if bundle.digest else max(bundle.whole, len(by_paper(bundle.owed)))


def _subject(bundle: Bundle[Due], items: Sequence[Item], texts: Texts, *, plain: bool) -> str:
    """What a mail is called: the subscription that wanted its first paper, and the title; empty without papers."""
    if not items:
        return ""
    topic = _section(bundle.owed[0])
    topic = plain_words(topic) if plain else topic
    parts = {"part": bundle.part, "parts": bundle.parts}
    return subject_line(topic, items[0].title, texts, count=_whole(bundle), **parts)


@lru_cache(maxsize=_OPENINGS_CACHED)
def _opening(paper: Paper) -> str:
    """How an abstract begins; cached, as a day's papers go to many mailboxes."""
    return cut(shown_abstract(paper), _OPENING)


def _window(bundle: Bundle[Due], now: datetime) -> dict[str, datetime]:
    """What a digest covers: from the one before it to its slot, or from its first paper to now."""
    # A paper announced during an outage is due from then on, and was seen only afterwards.
    # One whose record says more now may have been seen months ago.
    fresh = [due for due in bundle.owed if due.occasion.kind not in BECOMES_KNOWN]
    seen = [min(due.paper.seen_at, due.due_at) for due in fresh if due.paper.seen_at is not None]
    if bundle.digest is not None and bundle.digest.since is not None:
        seen.append(bundle.digest.since)
    if bundle.form != "digest" or not seen:
        return {}
    return {"since": min(seen), "until": bundle.digest.due_at if bundle.digest else now}


def _sections(bundle: Bundle[Due], texts: Texts, *, plain: bool, opened: bool) -> tuple[Item, ...]:
    """The papers, those of a digest under the subscriptions that wanted them, if these are several.

    If `opened`, each shows how its abstract begins.
    """
    entries = by_paper(bundle.owed)
    items = [_item(brief, entry, texts) for entry in entries]
    if opened:
        items = [replace(item, abstract=_opening(due.paper)) for item, (due, *_) in zip(items, entries, strict=True)]
    if not bundle.sectioned:
        return tuple(items)
    sections = [_section(entry[0]) for entry in entries]
    if plain:
        sections = [plain_words(section) for section in sections]
    before = ["", *sections]
    return tuple(
        replace(item, section=section) if section != last else item
        for item, section, last in zip(items, sections, before, strict=False)
    )


def _plain(delivery: Due) -> Due:
    """A delivery whose subscriptions have no names."""
    return replace(
        delivery, subscriptions=tuple(replace(subscription, name="") for subscription in delivery.subscriptions)
    )


def _section(delivery: Due) -> str:
    """The name of the subscription under which a digest lists a paper, or its query."""
    number = section_of(delivery)
    texts = (
        subscription.name or subscription.text
        for subscription in delivery.subscriptions
        if subscription.number == number
    )
    return clean(next(texts, ""), _LONGEST_SECTION)


def _foot(place: StoredPlace, bundle: Bundle[Due], facts: DigestFacts, texts: Texts) -> Rich:
    """What the last message of a digest says below its papers."""
    digest = bundle.digest
    if digest is None or bundle.part < bundle.parts:
        return ()
    foot = [*and_more(digest.papers - digest.listed(place.digest_max), facts.page, texts)]
    foot += already_sent(digest.already, texts)
    if facts.silence and not digest.papers:
        named = _REASONS.get(facts.silence)
        reason = texts.pgettext(*named) if named else holiday_name(facts.silence, texts)
        foot.append((Span(texts.gettext("arXiv announced nothing (%(reason)s).", reason=reason)),))
    if known_zone(place.zone) is None:
        text = texts.gettext(
            "The time zone %(zone)s doesn't exist any more: times are in UTC. Choose another with /digest.",
            zone=clean(place.zone, _LONGEST_SECTION),
        )
        foot.append((Span(text),))
    return tuple(foot)


def _beyond(bundle: Bundle[Due], facts: DigestFacts, texts: Texts) -> Rich:
    """A line for each subscription by meaning that a week brought far more than its rate: how many, and where."""
    counts = Counter(section_of(delivery) for delivery in bundle.left_out)
    interests = {interest.number: interest for delivery in bundle.left_out for interest in delivery.subscriptions}
    return tuple(_beyond_line(interests[number], count, facts, texts) for number, count in sorted(counts.items()))


def _beyond_line(interest: Interest, count: int, facts: DigestFacts, texts: Texts) -> tuple[Span, ...]:
    name = clean(interest.name or interest.text, _LONGEST_SECTION)
    # Translators: %(name)s is the name of a subscription, or its query.
    line = texts.ngettext(
        "%(num)s more paper this week: %(name)s", "%(num)s more papers this week: %(name)s", count, name=name
    )
    if url := facts.search(interest.text):
        return (Span(line, url=url),)
    return (Span(line), Span(" · "), Span(f"/search {interest.text}", "code"))


def _mention(owed: Sequence[Due]) -> str:
    """The role to ping: the first one that a subscription names, as a message has at most one ping."""
    mentions = (subscription.mention for delivery in owed for subscription in delivery.subscriptions)
    return next((mention for mention in mentions if mention), "")


def _leading(entry: Entry) -> Due:
    """The delivery of a paper that its message is called by, with all subscriptions that wanted any."""
    ranks = {kind: rank for rank, kind in enumerate(_LEADS)}
    first = min(entry, key=lambda due: ranks.get(due.occasion.kind, len(ranks)))
    interests = {interest.number: interest for due in entry for interest in due.subscriptions}
    return replace(first, subscriptions=tuple(interests.values())) if len(entry) > 1 else first


def _item(form: Callable[[Paper, Texts, PaperNews], Item], entry: Entry, texts: Texts) -> Item:
    """A paper with all that is news of it, the terms that matched and the names of the subscriptions they belong to."""
    delivery = _leading(entry)
    doc = doc_of(delivery.paper)
    terms = [term for subscription in delivery.subscriptions for term in matched_terms(subscription.text, doc)]
    news = PaperNews(
        occasion=delivery.occasion,
        label=delivery.label,
        matched=tuple(dict.fromkeys(terms)),
        names=[subscription.name for subscription in delivery.subscriptions if subscription.name],
        changed=changes(delivery.before, delivery.paper) if delivery.before else None,
        also=tuple(due.occasion for due in entry if due.key != delivery.key),
    )
    return form(delivery.paper, texts, news)


def _key(place: StoredPlace, bundle: Bundle[Due]) -> str:
    keys = sorted(f"{delivery.paper.number}:{delivery.occasion.code}" for delivery in bundle.owed)
    keys += [bundle.digest.slot] if bundle.digest and not keys else []
    return hashlib.sha256(f"{place.number} {' '.join(keys)}".encode()).hexdigest()[:_KEY_LENGTH]
