"""Names to a mailbox, in the next message there, the accounts that an earlier version joined with it by a yes."""

from __future__ import annotations

from dataclasses import replace

from paperwire.core.messages.message import Message, Span
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.text.clean import clean
from paperwire.ports.callers import Actor
from paperwire.store.unit import Store
from paperwire.texts import texts_in

_SHOWN, _LONGEST = 5, 60


class JoinedAccounts:
    """The mailboxes to notify of joined accounts; `url` is where accounts are unlinked."""

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self._url = url
        self._places: set[int] = set()
        self._named: set[int] = set()

    async def look(self, kind: str) -> None:
        """Load the mailboxes of a channel to notify; raises StoreError."""
        async with self._store.read() as unit:
            self._places |= await unit.people.unnamed_places(kind)

    async def added(self, place: StoredPlace, message: Message) -> Message:
        """The next message to a place, which names the accounts if that is still to be done; raises StoreError."""
        if place.number not in self._places:
            return message
        account = _account(place)
        async with self._store.read() as unit:
            others = await unit.people.unnamed(account)
        if not others:
            self._places.discard(place.number)
            return message
        self._named.add(place.number)
        texts = texts_in(place.locale)
        names = texts.join([clean(f"{other.channel}:{other.user_id}", _LONGEST) for other in others[:_SHOWN]])
        # Translators: %(accounts)s is a list of accounts, by name and channel.
        words = texts.gettext(
            "This address is linked with other accounts, which see and change the same subscriptions, saved papers and"
            " feeds: %(accounts)s. If one isn't yours, unlink it:",
            accounts=names,
        )
        # Translators: a button and a link: separate an account from the others of a person.
        unlink = Span(texts.gettext("Unlink"), url=self._url)
        return replace(message, foot=(*message.foot, (Span(words),), (unlink,)))

    async def sent(self, place: StoredPlace) -> None:
        """Write down that a message which named them has gone out; raises StoreError."""
        if place.number in self._named:
            self._named.discard(place.number)
            self._places.discard(place.number)
            async with self._store.write() as unit:
                await unit.people.name_accounts(_account(place))


def _account(place: StoredPlace) -> Actor:
    return Actor(channel=place.channel, user_id=place.address)
