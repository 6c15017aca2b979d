"""Inline mode of the fake Telegram: people type after the bot's name in any chat, and post what it offers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from servers.telegram_people import People
from servers.telegram_world import Refusal, Sent, check_keyboard, parse


@dataclass
class Listed:
    """What the bot answered to one inline query."""

    results: list[dict[str, Any]]
    personal: bool
    cached: int
    button: dict[str, str] | None
    following: str = ""

    @property
    def titles(self) -> list[str]:
        return [result["title"] for result in self.results]


class InlineQueries(People):
    """What people type after the bot's name, and the answers, by the numbers of the queries."""

    invalid: list[str]

    def __init__(self, username: str) -> None:
        super().__init__(username)
        self.listed: dict[str, Listed] = {}

    async def until(self, ready: Any) -> None:
        """See `TelegramServer`."""
        raise NotImplementedError

    async def type_inline(self, user: int, text: str, offset: str = "") -> Listed:
        """`user` types `text` after the bot's name, or scrolls on; returns what is listed above the keyboard."""
        if user not in self.people:
            self.person(user)
        number = str(self._number("query"))
        query = {"id": number, "from": self.people[user], "query": text, "offset": offset, "chat_type": "supergroup"}
        self.push({"inline_query": query})
        await self.until(lambda: number in self.listed)
        return self.listed[number]

    def choose(self, user: int, result: dict[str, Any], chat: int) -> Sent:
        """`user` posts a result into a chat, where the bot need not be."""
        content = result["input_message_content"]
        text, entities = parse(content["message_text"], content.get("parse_mode", ""))
        rows = result.get("reply_markup", {}).get("inline_keyboard", [])
        sent = Sent(chat, self._number("message"), content["message_text"], text, entities, keyboard=rows, raw=content)
        self.chats[chat].sent.append(sent)
        return sent

    async def _on_answer_inline_query(self, values: dict[str, Any]) -> bool:
        results, button = json.loads(values["results"]), json.loads(values.get("button", "null"))
        try:
            _check(results, button)
        except Refusal as refusal:
            self.invalid.append(f"{refusal}: {values}")
            raise
        personal = values.get("is_personal") == "true"
        following = values.get("next_offset", "")
        cached = int(values.get("cache_time", 300))
        self.listed[values["inline_query_id"]] = Listed(results, personal, cached, button, following)
        return True


def _check(results: list[dict[str, Any]], button: dict[str, str] | None) -> None:
    """Raise Refusal for an answer that the Bot API would not take."""
    names = [result["id"] for result in results]
    if len(names) > 50 or len(set(names)) < len(names) or not all(1 <= len(name.encode()) <= 64 for name in names):
        raise Refusal(400, "Bad Request: RESULT_ID_INVALID")
    for result in results:
        parse(result["input_message_content"]["message_text"], result["input_message_content"].get("parse_mode", ""))
        rows = result.get("reply_markup", {}).get("inline_keyboard", [])
        check_keyboard(rows)
        if any("callback_data" in key for row in rows for key in row):
            raise Refusal(400, "a press there would come without a message")
    if button is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", button.get("start_parameter", "")):
        raise Refusal(400, "Bad Request: START_PARAM_INVALID")
