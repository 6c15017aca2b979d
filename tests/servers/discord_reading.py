"""What a bot reads of messages in the fake Discord, and changes of them: their buttons and reactions."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from servers.discord_gateway import Gateway
from servers.discord_world import Refusal, Sent, user_json

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from aiohttp import web

MESSAGE = "/channels/{channel}/messages/{message}"


class Reading(Gateway):
    """Messages that are read and edited, and who reacted to them: people by message and emoji.

    `looked_up` are the emojis whose people were asked for.
    """

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.reactions: defaultdict[int, dict[str, list[int]]] = defaultdict(dict)
        self.looked_up: list[str] = []

    def reacted(self, user: int, message: int, emoji: str, *, back: bool) -> None:
        """Keep that `user` reacted to a message, or took that back."""
        users = self.reactions[message].setdefault(emoji, [])
        if back and user in users:
            users.remove(user)
        if not back and user not in users:
            users.append(user)

    def reading_routes(self) -> list[tuple[str, str, str, Callable[..., Coroutine[Any, Any, Any]]]]:
        return [
            ("GET", MESSAGE, "read", self._on_read),
            ("GET", MESSAGE + "/reactions/{emoji}", "reactions", self._on_reactions),
            ("PATCH", MESSAGE, "message", self._on_edit_message),
        ]

    def _replace(self, sent: Sent, data: dict[str, Any], files: dict[str, bytes]) -> None:
        """See `DiscordServer`."""
        raise NotImplementedError

    def _sent(self, request: web.Request) -> Sent:
        sent = self.channels[int(request.match_info["channel"])].sent
        number = int(request.match_info["message"])
        message = next((each for each in sent if each.id == number), None)
        if message is None or message.only_for:
            raise Refusal(404, 10008, "Unknown Message")
        return message

    async def _on_read(self, request: web.Request, *_: Any) -> dict[str, Any]:
        message = self._sent(request)
        counts = {emoji: len(users) for emoji, users in self.reactions[message.id].items() if users}
        about = {"count_details": {"burst": 0, "normal": 1}, "me": False, "me_burst": False, "burst_colors": []}
        shown = [{"emoji": {"id": None, "name": name}, "count": count, **about} for name, count in counts.items()]
        return message.json() | {"reactions": shown}

    async def _on_reactions(self, request: web.Request, *_: Any) -> list[dict[str, Any]]:
        users = sorted(self.reactions[self._sent(request).id].get(request.match_info["emoji"], []))
        self.looked_up.append(request.match_info["emoji"])
        after, limit = int(request.query.get("after", "0")), int(request.query.get("limit", "25"))
        return [user_json(user, "Ann") for user in users if user > after][:limit]

    async def _on_edit_message(self, request: web.Request, body: dict[str, Any], files: dict[str, bytes]) -> Any:
        message = self._sent(request)
        self._replace(message, body, files)
        return message.json()
