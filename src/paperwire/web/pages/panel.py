"""The panel "Get these papers" of a page: each way by which its papers come to people who have no account."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

from paperwire.errors import CommandError
from paperwire.ports.channels import AddressInvitation, ChatInvitation, Inviting
from paperwire.services.accounts.share import short_code, trending_code
from paperwire.services.context import Context
from paperwire.services.papers.trending import trending_query
from paperwire.texts import Texts
from paperwire.web.views import FeedLinks


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get papers: `href` leads there; where `typed` isn't empty, it is a query to send in a chat."""

    name: str
    href: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """The ways that a page offers, its feeds, and the query that finds its papers, empty where none can be followed."""

    query: str
    ways: tuple[Way, ...]
    feed: FeedLinks


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a page shows: its query, the fields that fill in a form, and what a link into a chat carries, if it fits."""

    query: str
    fields: dict[str, str]
    code: str


@dataclass(frozen=True, slots=True)
class Panels:
    """Makes the panels of pages below `base`."""

    context: Context
    base: str

    async def of_query(self, query: str, feed: FeedLinks, texts: Texts) -> Panel:
        """The panel of a page that shows what a query finds; the query can be read."""
        subject = _Subject(query, {"what": "papers", "topic": query}, short_code(self.context, query))
        return Panel(subject.query, await self._ways(subject, texts), feed)

    async def of_trending(self, window: str, typed: str, feed: FeedLinks, texts: Texts) -> Panel:
        """The panel of the trending papers of a window: each day's, or each week's for a longer one.

        Those that match, if a query is typed.
        """
        every = "day" if window == "day" else "week"
        if typed:
            try:
                query, _ = trending_query(typed, every, texts)
            except CommandError:  # what is asked about places and meaning has no trending papers
                return Panel("", (), feed)
            return await self.of_query(query, feed, texts)
        query, _ = trending_query("", every, texts)
        subject = _Subject(query, {"what": "trending", "every": every}, trending_code(every))
        return Panel(subject.query, await self._ways(subject, texts), feed)

    async def invitations(self, texts: Texts) -> tuple[Way, ...]:
        """Where each way to get papers begins, whatever the papers."""
        return tuple(
            Way(
                invitation.name,
                invitation.url if isinstance(invitation, ChatInvitation) else f"{self.base}/subscribe?to={kind}",
            )
            for kind, invitation in await self._invitations(texts)
        )

    async def _ways(self, subject: _Subject, texts: Texts) -> tuple[Way, ...]:
        ways = []
        for kind, invitation in await self._invitations(texts):
            match invitation:
                case ChatInvitation(name=name, url=url, start_url=""):
                    ways.append(Way(name, url, subject.query))
                case ChatInvitation(name=name, start_url=start_url) if subject.code:
                    ways.append(Way(name, f"{start_url}{subject.code}"))
                case ChatInvitation(name=name) | AddressInvitation(name=name):
                    fields = urlencode({"to": kind, **subject.fields})
                    ways.append(Way(name, f"{self.base}/subscribe?{fields}"))
        return tuple(ways)

    async def _invitations(self, texts: Texts) -> list[tuple[str, ChatInvitation | AddressInvitation]]:
        """What channels offer now, by their kinds."""
        inviting = {kind: channel for kind, channel in self.context.channels.items() if isinstance(channel, Inviting)}
        invitations = await asyncio.gather(*(channel.invitation(texts) for channel in inviting.values()))
        return [(kind, invitation) for kind, invitation in zip(inviting, invitations, strict=True) if invitation]
