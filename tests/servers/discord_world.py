"""The servers, channels and people of the fake Discord, what they see there, and what the API takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

BOT_ID = 4200
APP_ID = 4201

VIEW, SEND, EMBED, THREADS = 1 << 10, 1 << 11, 1 << 14, 1 << 38
MANAGE_CHANNELS, MANAGE_GUILD, ADMINISTRATOR, MANAGE_THREADS = 1 << 4, 1 << 5, 1 << 3, 1 << 34
OPEN_THREADS = 1 << 35
USUAL = VIEW | SEND | EMBED | THREADS | OPEN_THREADS

TEXT, DM, VOICE, GROUP_DM, CATEGORY, NEWS, THREAD, FORUM = 0, 1, 2, 3, 4, 5, 11, 15
EPHEMERAL, SILENT = 64, 4096


class Refusal(Exception):
    """An answer that is an error; `code` 0 and `message` are what the API says without one."""

    def __init__(
        self, status: int, code: int = 0, message: str = "", *, headers: dict[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(message)
        self.headers = headers or {}
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code, **extra}


ROW, BUTTON, SECTION, TEXT_DISPLAY, LABEL = 1, 2, 9, 10, 18
"""The kinds of components that the bot uses besides buttons."""
IN_COMPONENTS = 1 << 15
"""The flag of a message that is made of components alone."""
TITLE = re.compile(r"\*\*[^\n]*\]\(<([^>]+)>\)\*\*$", re.MULTILINE)


def _walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in components:
        yield part
        yield from _walk(part.get("components") or [])
        if "accessory" in part:
            yield part["accessory"]


@dataclass
class Sent:
    """A message of the bot as its readers see it; `only_for` is who alone sees it, `thinking` that it is to come.

    It `answers` the press of a button under the message with that id.
    """

    channel: int
    id: int
    body: dict[str, Any]
    only_for: int | None = None
    thinking: bool = False
    edits: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    answers: int = 0

    @property
    def content(self) -> str:
        return str(self.body.get("content") or "")

    @property
    def embeds(self) -> list[dict[str, Any]]:
        return self.body.get("embeds") or []

    @property
    def parts(self) -> list[dict[str, Any]]:
        """All components, those within others after them."""
        return list(_walk(self.body.get("components") or []))

    @property
    def text(self) -> str:
        parts = [self.content, *(part["content"] for part in self.parts if part["type"] == TEXT_DISPLAY)]
        for embed in self.embeds:
            parts += [str(embed.get("title") or ""), str(embed.get("description") or "")]
        return "\n".join(part for part in parts if part)

    @property
    def links(self) -> list[str]:
        titles = [TITLE.findall(part["content"]) for part in self.parts if part["type"] == TEXT_DISPLAY]
        return [*(embed["url"] for embed in self.embeds if embed.get("url")), *(url for urls in titles for url in urls)]

    @property
    def rows(self) -> list[list[dict[str, Any]]]:
        """The buttons in rows; those next to a section are one each."""
        holders = [part for part in self.parts if part["type"] in {ROW, SECTION}]
        return [[part["accessory"]] if part["type"] == SECTION else part["components"] for part in holders]

    @property
    def labels(self) -> list[list[str]]:
        return [[button["label"] for button in row] for row in self.rows]

    def button(self, label: str) -> dict[str, Any]:
        return next(button for row in self.rows for button in row if button["label"] == label)

    def json(self) -> dict[str, Any]:
        flags = int(self.body.get("flags") or 0) | (EPHEMERAL if self.only_for else 0)
        pressed = {"id": "1", "type": 3, "user": user_json(self.only_for or 1, "Ann"), "name": ""}
        pressed |= {"authorizing_integration_owners": {}, "interacted_message_id": str(self.answers)}
        return ({"interaction_metadata": pressed} if self.answers else {}) | {
            "id": str(self.id),
            "channel_id": str(self.channel),
            "author": user_json(BOT_ID, "Paperwire", bot=True),
            "content": self.content,
            "timestamp": "2026-01-05T08:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [{"type": "rich"} | embed for embed in self.embeds],
            "pinned": False,
            "type": 0,
            "components": self.body.get("components") or [],
            "flags": flags,
            "nonce": self.body.get("nonce"),
        }


@dataclass
class Guild:
    """A server: `members` are the roles of each person in it, `roles` the permissions of each."""

    id: int
    name: str = "Lab"
    owner: int = 1
    roles: dict[int, int] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)
    installed: bool = True
    system: int | None = None
    locale: str = "en-US"

    def json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner),
            "system_channel_id": str(self.system) if self.system else None,
            "preferred_locale": self.locale,
            "roles": [
                {"id": str(role), "name": f"role {role}", "permissions": str(rights), "position": place}
                | {"color": 0, "colors": {"primary_color": 0}, "hoist": False, "managed": False, "mentionable": True}
                | {"flags": 0}
                for place, (role, rights) in enumerate({self.id: USUAL, **self.roles}.items())
            ],
            "emojis": [],
            "features": [],
            "stickers": [],
        }


@dataclass
class Channel:
    """A channel, thread, forum or private chat; `denied` is what the bot may not do in it, `slow` how it answers."""

    id: int
    type: int = TEXT
    guild: Guild | None = None
    name: str = "papers"
    parent: Channel | None = None
    archived: bool = False
    locked: bool = False
    denied: int = 0
    denied_all: int = 0
    recipient: int = 0
    closed: bool = False
    deleted: bool = False
    sent: list[Sent] = field(default_factory=list)

    def rights(self, user: int) -> int:
        """What `user` may do here, as Discord computes it."""
        home = self.parent or self
        if self.guild is None:
            return USUAL
        if user == self.guild.owner:
            return -1 & ((1 << 53) - 1)
        rights = USUAL
        for role in self.guild.members.get(user, set()):
            rights |= self.guild.roles[role]
        if rights & ADMINISTRATOR:
            return -1 & ((1 << 53) - 1)
        rights &= ~home.denied_all
        return rights & ~home.denied if user == BOT_ID else rights

    def check(self) -> None:
        """Raise what the API answers when the bot may not write here."""
        if self.deleted:
            raise Refusal(404, 10003, "Unknown Channel")
        if self.closed:
            raise Refusal(403, 50007, "Cannot send messages to this user")
        if self.guild and BOT_ID not in self.guild.members:
            raise Refusal(403, 50001, "Missing Access")
        rights = self.rights(BOT_ID)
        if not rights & VIEW:
            raise Refusal(403, 50001, "Missing Access")
        if not rights & (THREADS if self.type == THREAD else SEND):
            raise Refusal(403, 50013, "Missing Permissions")
        if self.type in {CATEGORY, FORUM}:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        if self.archived and self.locked:
            raise Refusal(400, 50083, "Thread is archived")

    def json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": str(self.id), "type": self.type, "flags": 0, "last_message_id": None}
        if self.guild is None:
            return shown | {"recipients": [user_json(self.recipient, "Ann")]}
        shown |= {"guild_id": str(self.guild.id), "name": self.name, "position": 0, "nsfw": False, "topic": None}
        shown |= {"parent_id": str(self.parent.id) if self.parent else None, "rate_limit_per_user": 0}
        if self.type == THREAD:
            when = {"archive_timestamp": "2026-01-05T08:00:00+00:00", "auto_archive_duration": 1440}
            shown |= {"thread_metadata": {"archived": self.archived, "locked": self.locked, **when}}
            shown |= {"owner_id": "1", "message_count": 1, "member_count": 1}
        else:
            denied = [(self.guild.id, 0, self.denied_all), (BOT_ID, 1, self.denied)]
            shown["permission_overwrites"] = [
                {"id": str(who), "type": kind, "allow": "0", "deny": str(deny)} for who, kind, deny in denied
            ]
        if self.type in {VOICE, FORUM}:
            shown |= {"bitrate": 64000, "user_limit": 0, "available_tags": []}
        return shown


def user_json(number: int, name: str, *, bot: bool = False) -> dict[str, Any]:
    names = {"username": name.lower(), "global_name": name, "discriminator": "0", "avatar": None}
    return {"id": str(number), "bot": bot, "public_flags": 0, **names}


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_url(url: Any) -> bool:
    try:
        parts = urlsplit(str(url))
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in {"http", "https"} and "." in host.strip(".") and port != 0 and " " not in str(url)


def faults_of(body: dict[str, Any]) -> list[str]:
    """What Discord would refuse in a message, by its documented limits; lengths are in UTF-16 units."""
    embeds = body.get("embeds") or []
    found = [f"content: {units(body.get('content') or '')}"] if units(body.get("content") or "") > 2000 else []
    if len(embeds) > 10:
        found.append(f"embeds: {len(embeds)}")
    total = 0
    for place, embed in enumerate(embeds):
        for key, most in (("title", 256), ("description", 4096)):
            size = units(embed.get(key) or "")
            total += size
            if size > most:
                found.append(f"embeds.{place}.{key}: {size}")
        if embed.get("url") and not (_is_url(embed["url"]) and len(embed["url"]) <= 2048):
            found.append(f"embeds.{place}.url: not well formed")
        if not (embed.get("title") or embed.get("description")):
            found.append(f"embeds.{place}: empty")
    if total > 6000:
        found.append(f"embeds: {total} in all")
    urls = [embed["url"] for embed in embeds if embed.get("url")]
    if len(urls) > len(set(urls)):
        found.append("embeds: equal addresses, which merge")
    if body.get("nonce") is not None and len(str(body["nonce"])) > 25:
        found.append("nonce: too long")
    return found + _faults_of_parts(body)


def _faults_of_parts(body: dict[str, Any]) -> list[str]:
    parts = list(_walk(body.get("components") or []))
    rows, buttons = ([part for part in parts if part["type"] == kind] for kind in (ROW, BUTTON))
    if int(body.get("flags") or 0) & IN_COMPONENTS:
        return _faults_of_components(body, parts) + _faults_of_buttons(rows, buttons)
    found = [f"components: {len(rows)} rows"] if len(rows) > 5 else []
    found += [f"components: {part['type']}" for part in parts if part["type"] not in {ROW, BUTTON}]
    return found + _faults_of_buttons(rows, buttons)


def _faults_of_components(body: dict[str, Any], parts: list[dict[str, Any]]) -> list[str]:
    found = [f"components: {len(parts)} in all"] if len(parts) > 40 else []
    found += [f"{key}: next to components" for key in ("content", "embeds") if body.get(key)]
    texts = [part["content"] for part in parts if part["type"] == TEXT_DISPLAY]
    found += [f"components: {sum(map(units, texts))} units of text"] if sum(map(units, texts)) > 4000 else []
    found += ["components: empty text" for text in texts if not text.strip()]
    sections = [part for part in parts if part["type"] == SECTION]
    return found + ["components: section" for part in sections if not 1 <= len(part["components"]) <= 3]


def _faults_of_buttons(rows: list[dict[str, Any]], buttons: list[dict[str, Any]]) -> list[str]:
    found = [f"components: {len(row['components'])} in a row" for row in rows if not 1 <= len(row["components"]) <= 5]
    ids = [button["custom_id"] for button in buttons if "custom_id" in button]
    if len(ids) > len(set(ids)):
        found.append("components: custom id duplicated")
    for button in buttons:
        if not 1 <= units(button.get("label") or "") <= 80:
            found.append("components: label")
        if "custom_id" in button and not 1 <= units(button["custom_id"]) <= 100:
            found.append("components: custom_id")
        if "url" in button and not (_is_url(button["url"]) and len(button["url"]) <= 512):
            found.append("components: url")
    return found


LOCALES = {
    *("id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR"),
    *("ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko"),
}
"""The languages that Discord has."""


def check_commands(commands: list[dict[str, Any]]) -> None:
    """Raise what the API answers to commands that it does not take."""
    for command in commands:
        options = command.get("options") or []
        names = [command["name"], *(option["name"] for option in options)]
        described = [command, *options]
        localised = [each.get("description_localizations", {}) for each in described]
        helps = [each["description"] for each in described] + [text for each in localised for text in each.values()]
        locales = {locale for each in localised for locale in each}
        required = [bool(option.get("required")) for option in options]
        sound = (
            all(re.fullmatch(r"[-_'\w]{1,32}", name) and name == name.lower() for name in names)
            and all(1 <= len(text) <= 100 for text in helps)
            and locales <= LOCALES
            and len(options) <= 25
            and required == sorted(required, reverse=True)
        )
        if not sound:
            raise Refusal(400, 50035, f"Invalid Form Body: {command['name']}")


def check_form(form: dict[str, Any]) -> None:
    """Raise what the API answers to a form that it does not take: its title and labels, and what its fields hold."""
    labels = [part for part in form["components"] if part["type"] == LABEL]
    sound = (
        1 <= units(form["title"]) <= 45
        and all(1 <= units(part["label"]) <= 45 for part in labels)
        and all(units(part.get("description") or "") <= 100 for part in labels)
        and all(units(part["component"].get("placeholder") or "") <= 100 for part in labels)
    )
    if not sound:
        raise Refusal(400, 50035, "Invalid Form Body")
