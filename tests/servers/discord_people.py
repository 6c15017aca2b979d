"""What people do in the fake Discord: use commands, press buttons, write to the bot."""

from __future__ import annotations

import asyncio
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from servers.discord_reading import Reading
from servers.discord_world import APP_ID, BOT_ID, DM, TEXT, THREAD, Channel, Guild, Sent, user_json
from servers.loopback import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Interaction:
    """A command or a press, and how far its answer is: `original` is the message that answers it first."""

    id: int
    token: str
    user: int
    channel: Channel
    began: float
    source: Sent | None = None
    answered: bool = False
    original: Sent | None = None
    removed: bool = False
    replies: int = 0
    form: dict[str, Any] | None = None
    choices: list[dict[str, str]] | None = None


class People(Reading):
    """Servers, channels and people, and the interactions that come of what they do.

    `answer_within` is how many seconds the bot has for a first answer: forever but in a test of that limit, as a busy
    machine may need more than Discord's three.
    """

    def __init__(self, token: str, clock: Callable[[], float] | None = None) -> None:
        super().__init__(token)
        self.clock = clock or (lambda: asyncio.get_running_loop().time())
        self.names: dict[int, str] = {}
        self.locale = "en-US"  # of all people
        self.interactions: dict[str, Interaction] = {}
        self.answer_within = math.inf
        self._next = 10_000
        self.commands: list[dict[str, Any]] = []

    def guild(self, number: int, name: str = "Lab", *, managers: tuple[int, ...] = (), **rest: Any) -> Guild:
        """A server with the bot in it; `managers` have a role that may manage it."""
        guild = Guild(number, name, roles={number + 1: 1 << 5}, **rest)
        guild.members[BOT_ID] = set()
        for user in managers:
            guild.members[user] = {number + 1}
        self.guilds[number] = guild
        return guild

    def channel(self, number: int, guild: Guild, name: str = "papers", type: int = TEXT, **rest: Any) -> Channel:  # noqa: A002 -- Discord's word
        self.channels[number] = Channel(number, type, guild, name, **rest)
        return self.channels[number]

    def thread(self, number: int, parent: Channel, name: str = "a post", **rest: Any) -> Channel:
        return self.channel(number, parent.guild, name, THREAD, parent=parent, **rest)  # type: ignore[arg-type]  # what is given on

    def dm(self, user: int) -> Channel:
        """The private chat of `user` with the bot."""
        found = next((one for one in self.channels.values() if one.type == DM and one.recipient == user), None)
        return found or self.channels.setdefault(number := self._number(), Channel(number, DM, recipient=user))

    async def command(
        self, user: int, text: str, channel: int | None = None, *, options: dict[str, str] | None = None, **rest: Any
    ) -> Interaction:
        """`user` uses `/name words`, in private or in `channel`; `rest` goes into the payload."""
        name, _, words = text.removeprefix("/").partition(" ")
        given = ({"query": words} if words else {}) | (options or {})
        data = {
            "id": "77",
            "name": name,
            "type": 1,
            "options": [self._given(name, key, value) for key, value in given.items()],
        }
        if attached := [one["value"] for one in data["options"] if one["type"] == 11]:
            data["resolved"] = {
                "attachments": {number: self._attachment(number, options["file"]) for number in attached}
            }
        return await self._interact(user, channel, {"type": 2, "data": data, **rest})

    def _given(self, command: str, option: str, value: str) -> dict[str, Any]:
        """An option as it comes: what is picked from a list, where the bot has one, by its id alone."""
        known = [one for each in self.commands if each["name"] == command for one in each["options"]]
        picked = {one["name"]: one["type"] for one in known if one["type"] in {7, 8}}
        if option in picked and value.startswith("<"):
            return {"name": option, "type": picked[option], "value": value.strip("<#@&>")}
        if {"name": option, "type": 11}.items() <= next((one for one in known if one["name"] == option), {}).items():
            return {"name": option, "type": 11, "value": str(self._number())}
        return {"name": option, "type": 3, "value": value}

    def _attachment(self, number: str, name: str) -> dict[str, Any]:
        """A file that somebody sends, which Discord serves from a machine of its own."""
        url = f"{self.url.removesuffix('/api/v10')}/files/{name}"
        size = len(self.files.get(name, b"x"))
        return {"id": number, "filename": name, "size": size, "url": url, "proxy_url": url}

    async def complete(
        self, user: int, name: str, typed: str, channel: int | None = None, *, option: str = "query"
    ) -> dict[str, str]:
        """What `user` is offered while typing an option: the texts by how they are shown."""
        focused = {"name": option, "type": 3, "value": typed, "focused": True}
        made = await self._interact(
            user, channel, {"type": 4, "data": {"id": "77", "name": name, "type": 1, "options": [focused]}}
        )
        await self.until(lambda: made.choices is not None)
        return {choice["name"]: choice["value"] for choice in made.choices or []}

    async def say(self, user: int, text: str, *, files: tuple[str, ...] = (), **rest: Any) -> dict[str, Any]:
        """`user` writes to the bot in private; `rest` goes into the message, which is returned."""
        place = self.dm(user)
        said = Sent(place.id, self._number(), {"content": text}).json()
        attached = [self._attachment(str(self._number()), name) for name in files]
        said |= {"author": user_json(user, self.names.get(user, "Ann")), "attachments": attached, **rest}
        await self.until(lambda: self.session is not None)
        await self.dispatch("MESSAGE_CREATE", said)
        return said

    async def forward(self, user: int, text: str, *, embeds: tuple[dict[str, Any], ...] = ()) -> None:
        """`user` forwards a post to the bot."""
        when = {"timestamp": "2026-01-05T08:00:00+00:00", "edited_timestamp": None}
        shown = {"content": text, "embeds": list(embeds), "mentions": [], "mention_roles": [], "attachments": []}
        post = shown | when | {"type": 0, "flags": 0, "sticker_items": [], "components": []}
        await self.say(user, "", message_snapshots=[{"message": post}])

    async def edit(self, said: dict[str, Any], text: str, *, after: int | None = 5) -> None:
        """Someone changes their message some seconds after it was sent, or Discord what it shows of it (None).

        The id of a message says when it was sent: milliseconds since 2015.
        """
        sent = datetime.fromtimestamp(1_420_070_400 + (int(said["id"]) >> 22) / 1000, UTC)
        edited = None if after is None else (sent + timedelta(seconds=after)).isoformat()
        await self.dispatch("MESSAGE_UPDATE", said | {"content": text, "edited_timestamp": edited})

    async def press(self, user: int, sent: Sent, label: str, **rest: Any) -> Interaction:
        """`user` presses a button."""
        data = {"custom_id": sent.button(label)["custom_id"], "component_type": 2}
        payload = {"type": 3, "data": data, "message": sent.json(), **rest}
        return await self._interact(user, sent.channel, payload, source=sent)

    async def react(self, user: int, sent: Sent, emoji: str = "👍", *, back: bool = False, bot: bool = False) -> None:
        """`user` reacts to a message, or takes that back."""
        place = self.channels[sent.channel]
        about: dict[str, Any] = {
            "user_id": str(user),
            "channel_id": str(place.id),
            "message_id": str(sent.id),
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        if place.guild is not None:
            about["guild_id"] = str(place.guild.id)
            if not back:
                person = user_json(user, self.names.get(user, "Ann")) | {"bot": bot}
                member = {"user": person, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00"}
                about |= {"member": member | {"deaf": False, "mute": False, "flags": 0}}
        if not back:
            about["message_author_id"] = str(BOT_ID)
        self.reacted(user, sent.id, emoji, back=back)
        await self.until(lambda: self.session is not None)
        await self.dispatch("MESSAGE_REACTION_REMOVE" if back else "MESSAGE_REACTION_ADD", about)

    async def fill(self, user: int, made: Interaction, words: str) -> Interaction:
        """`user` fills in the form that an interaction was answered with, and sends it."""
        await self.until(lambda: made.form is not None)
        assert made.form is not None
        *texts, label = made.form["components"]
        field = {"type": 4, "id": 2, "custom_id": label["component"]["custom_id"], "value": words}
        data = {"custom_id": made.form["custom_id"], "components": [*texts, {"type": 18, "id": 1, "component": field}]}
        return await self._interact(user, made.channel.id, {"type": 5, "data": data})

    async def _interact(
        self, user: int, number: int | None, payload: dict[str, Any], source: Sent | None = None
    ) -> Interaction:
        place = self.dm(user) if number is None else self.channels[number]
        made = Interaction(self._number(), f"secret-{self._next}", user, place, self._now(), source)
        self.interactions[made.token] = made
        whole = {
            "id": str(made.id),
            "application_id": str(APP_ID),
            "token": made.token,
            "version": 1,
            "channel_id": str(place.id),
            "channel": place.json(),
            "locale": self.locale,
            "entitlements": [],
            "attachment_size_limit": 10 * 2**20,
        }
        whole |= self._where(user, place)
        await self.until(lambda: self.session is not None)
        await self.dispatch("INTERACTION_CREATE", whole | payload)
        self._notify()
        return made

    def _where(self, user: int, place: Channel) -> dict[str, Any]:
        person = user_json(user, self.names.get(user, "Ann"))
        if place.guild is None:
            ours = {"app_permissions": "0", "authorizing_integration_owners": {"0": "0"}}
            return {"user": person, "context": 1 if place.type == DM else 2, **ours}
        guild = place.guild
        guild.members.setdefault(user, set())
        rights = str(place.rights(user))
        member = {"user": person, "roles": [str(role) for role in guild.members[user]], "permissions": rights}
        member |= {"joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0}
        installed = {"0": str(guild.id)} if guild.installed else {"1": str(user)}
        return {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": member,
            "context": 0,
            "app_permissions": str(place.rights(BOT_ID)),
            "authorizing_integration_owners": installed,
        }

    # --- what people see -----------------------------------------------------------------------------------------

    def messages(self, channel: int, by: int | None = None) -> list[Sent]:
        """What the bot wrote into a channel, in order: what all see, and what `by` alone sees."""
        sent = self.channels[channel].sent if channel in self.channels else []
        return [one for one in sent if not one.thinking and (one.only_for is None or one.only_for == by)]

    async def wait(self, channel: int, count: int = 1, *, by: int | None = None) -> list[Sent]:
        """Return the channel's messages once there are `count`."""
        await self.until(lambda: len(self.messages(channel, by)) >= count)
        return self.messages(channel, by)

    async def ask(
        self, user: int, text: str, channel: int | None = None, *, options: dict[str, str] | None = None, **rest: Any
    ) -> Sent:
        """`user` uses a command; returns the bot's answer."""
        made = await self.command(user, text, channel, options=options, **rest)
        return await self.answer(made)

    async def answer(self, made: Interaction) -> Sent:
        """The message that answers an interaction, once it is there."""
        await self.until(lambda: made.original is not None and not made.original.thinking)
        assert made.original is not None
        return made.original

    async def until(self, ready: Any) -> None:
        """Return once `ready()`, looked at whenever anything happens here."""
        async with asyncio.timeout(PATIENCE):
            while not ready():
                await self._changed.wait()

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _now(self) -> float:
        return self.clock()


PLAIN = re.compile(r"\\([^0-9A-Za-z\s])")


def plain(text: str) -> str:
    """`text` as a reader sees it: without the backslashes that kept it from becoming markup."""
    return PLAIN.sub(r"\1", text)
