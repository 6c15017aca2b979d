"""A Bot API on loopback: real HTTP, TDLib's parser, Telegram's limits, and faults on demand."""

from __future__ import annotations

import asyncio
import json
import random
import re
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from aiohttp import web

from servers.loopback import PATIENCE
from servers.telegram_faults import Fault, misbehave
from servers.telegram_inline import InlineQueries
from servers.telegram_limits import Limits, checked_menu, checked_toast
from servers.telegram_people import BOT_ID
from servers.telegram_world import Chat, Refusal, Sent, check_keyboard, entity_json, member, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.outage import Outage

TOKEN = "42:AAtest-token"
SENDS = frozenset({"sendMessage", "sendDocument", "editMessageText"})
"""What people see of the bot; an outage of sends hits these."""


class TelegramServer(InlineQueries):
    """`async with TelegramServer() as telegram:` listens at `telegram.url` for the bot with `telegram.token`.

    `scale` makes the limits' minutes shorter; `clock` tells the limits the time, in seconds, and without one it is the
    loop's. Each request takes `latency` seconds, half of them on its way there, and holds up no other. An `outage`
    lasts until it is set to None. A text that TDLib's parser does not take, or that breaks a limit, ends up in
    `invalid` and fails the test.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "paperwire_bot",
        scale: float = 1.0,
        latency: float = 0.0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(username)
        self.latency = latency
        self.clock = clock or (lambda: asyncio.get_running_loop().time())
        self.token = token
        self.scale = scale
        self.url = ""
        self.limits = Limits()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.toasts: list[dict[str, Any]] = []
        self.menus: dict[str, list[dict[str, str]]] = {}
        self.actions: list[dict[str, Any]] = []
        self.webhook: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.invalid: list[str] = []
        self.outage: Outage | None = None
        self.offset = 0
        self.random = random.Random(7)
        self._allowed: list[str] = []
        self._poll = 0
        self._runner: web.AppRunner | None = None
        self._posting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        await self.stop()
        if kind is None:
            assert self.invalid == []

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=60 * 2**20)
        app.router.add_get("/file/bot{token}/{path}", self._serve_file)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._posting = asyncio.create_task(self._post_updates())

    async def stop(self) -> None:
        if self._posting:
            self._posting.cancel()
        self._notify()
        if self._runner:
            await self._runner.cleanup()

    def fail(self, kind: str, chat: int | None = None, **rest: Any) -> None:
        """Let the next call fail; `rest`: `method`, `left` (how many times), `value` (seconds, or the new chat)."""
        self.faults.append(Fault(kind, chat, **rest))

    # --- what people see -----------------------------------------------------------------------------------------

    def messages(self, chat: int, thread: int | None = None) -> list[Sent]:
        """What the bot wrote into a chat (into one topic of it), in order."""
        sent = self.chats[chat].sent if chat in self.chats else []
        return [message for message in sent if thread is None or message.thread == thread]

    async def wait(self, chat: int, count: int = 1) -> list[Sent]:
        """Return the chat's messages once there are `count`."""
        await self.until(lambda: len(self.messages(chat)) >= count)
        return self.messages(chat)

    async def until(self, ready: Callable[[], bool], *, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 -- for tests
        """Return once `ready()`, looked at whenever anything happens here."""
        async with asyncio.timeout(timeout):
            while not ready():
                await self._changed.wait()

    async def ask(self, user: int, text: str, chat: int | None = None, thread: int | None = None) -> Sent:
        """`user` types a command; returns the bot's next message in that chat."""
        place = user if chat is None else chat
        before = len(self.messages(place))
        self.say(user, text, chat, thread)
        return (await self.wait(place, before + 1))[before]

    def confirmed(self) -> bool:
        """Whether the bot has said that it dealt with every update."""
        return not self._pending()

    @property
    def violations(self) -> list[str]:
        return self.limits.violations

    # --- the Bot API ---------------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        values = await _values(request)
        self.calls.append((method, values))
        self._notify()
        fault = self._fault(method, values)
        await asyncio.sleep(self.latency / 2)
        try:
            return await self._answer(request, method, values, fault)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.code)
        finally:
            self._notify()
            await asyncio.sleep(self.latency / 2)

    async def _answer(
        self, request: web.Request, method: str, values: dict[str, Any], fault: Fault | None
    ) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            raise Refusal(401, "Unauthorized")
        if fault and not fault.kind.endswith("_after"):
            return await misbehave(fault, request)
        handle = getattr(self, "_on_" + re.sub("(?=[A-Z])", "_", method).lower(), None)
        if handle is None:
            raise Refusal(404, "Not Found")
        result = await handle(values)
        if fault:
            self._notify()
            return await misbehave(fault, request)
        return web.json_response({"ok": True, "result": result})

    def _fault(self, method: str, values: dict[str, Any]) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and fault.chat in {None, values.get("chat_id")}:
                fault.left -= 1
                if fault.left <= 0:
                    self.faults.remove(fault)
                return fault
        if self.outage is None:
            return None
        part = "send" if method in SENDS else "probe" if method == "getMe" else "other"
        kind_now = self.outage.kind(part)
        return Fault(kind_now, method=method, value=int(self.outage.value)) if kind_now else None

    async def _on_get_me(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"id": BOT_ID, "is_bot": True, "first_name": "Paperwire", "username": self.username}

    async def _on_delete_message(self, values: dict[str, Any]) -> bool:
        self.deleted.append((int(values["chat_id"]), int(values["message_id"])))
        return True

    async def _on_get_file(self, values: dict[str, Any]) -> dict[str, Any]:
        name = values["file_id"]
        if name not in self.files:
            raise Refusal(400, "Bad Request: invalid file_id")
        return {"file_id": name, "file_unique_id": name, "file_size": len(self.files[name]), "file_path": name}

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            raise web.HTTPNotFound
        return web.Response(body=self.files[request.match_info["path"]])

    async def _on_get_updates(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poll += 1
        mine = self._poll
        self._notify()
        self.offset = max(self.offset, int(values.get("offset", 0)))
        self._allowed = json.loads(values.get("allowed_updates", "[]")) or self._allowed
        end = asyncio.get_running_loop().time() + float(values.get("timeout", 0))
        while not (ready := self._pending()):
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                return []
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return []
            if mine != self._poll:
                raise Refusal(409, "Conflict: terminated by other getUpdates request; make sure only one is running")
        return ready[: int(values.get("limit", 100))]

    def _pending(self) -> list[dict[str, Any]]:
        self._updates = [update for update in self._updates if update["update_id"] >= self.offset]
        return [u for u in self._updates if not self._allowed or any(kind in u for kind in self._allowed)]

    async def _on_set_webhook(self, values: dict[str, Any]) -> bool:
        self.webhook = values
        self._allowed = json.loads(values.get("allowed_updates", "[]"))
        self._notify()
        return True

    async def _on_delete_webhook(self, values: dict[str, Any]) -> bool:
        self.webhook = {}
        return True

    async def _post_updates(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                await self._changed.wait()
                while self.webhook and (ready := self._pending()):
                    headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
                    try:
                        async with session.post(self.webhook["url"], json=ready[0], headers=headers) as answer:
                            answered = answer.status == 200
                    except aiohttp.ClientError:
                        answered = False
                    if answered:
                        self.offset = ready[0]["update_id"] + 1
                        self._notify()
                    else:
                        await asyncio.sleep(0.05)

    async def _on_send_message(self, values: dict[str, Any]) -> dict[str, Any]:
        chat, thread = self._writable(values)
        text, entities, rows = self._content(values)
        answers = json.loads(values.get("reply_parameters", "{}")).get("message_id")
        sent = Sent(chat.id, self._number("message"), values["text"], text, entities, thread, rows)
        sent.silent, sent.reply_to, sent.raw = values.get("disable_notification") == "true", answers, values
        chat.sent.append(sent)
        return self._shown(sent)

    async def _on_create_forum_topic(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(values)
        if not chat.forum:
            raise Refusal(400, "Bad Request: the chat is not a forum")
        if not chat.may_open:
            raise Refusal(400, "Bad Request: not enough rights to create a topic")
        if not 1 <= len(values["name"]) <= 128:
            raise Refusal(400, "Bad Request: TOPIC_TITLE_EMPTY")
        number = self._number("message")
        chat.topics[number] = values["name"]
        return {"message_thread_id": number, "name": values["name"], "icon_color": 7322096}

    async def _on_send_document(self, values: dict[str, Any]) -> dict[str, Any]:
        chat, thread = self._writable(values)
        sent = Sent(chat.id, self._number("message"), "", "", [], thread, document=values["document"], raw=values)
        chat.sent.append(sent)
        return self._shown(sent)

    async def _on_edit_message_reply_markup(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(values)
        if chat.id < 0:
            self._count(chat)
        sent = next((m for m in chat.sent if m.id == values["message_id"]), None)
        if sent is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        rows = json.loads(values["reply_markup"])["inline_keyboard"]
        if rows == sent.keyboard:
            raise Refusal(400, "Bad Request: message is not modified: specified new message content is the same")
        sent.keyboard, sent.edits = rows, sent.edits + 1
        return self._shown(sent)

    async def _on_edit_message_text(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(values)
        if chat.id < 0:  # in shared chats an edit counts like a message
            self._count(chat)
        sent = next((m for m in chat.sent if m.id == values["message_id"]), None)
        if sent is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        text, entities, rows = self._content(values)
        if (text, entities, rows) == (sent.text, sent.entities, sent.keyboard):
            raise Refusal(400, "Bad Request: message is not modified: specified new message content is the same")
        sent.text, sent.entities, sent.keyboard, sent.html = text, entities, rows, values["text"]
        sent.edits += 1
        return self._shown(sent)

    async def _on_answer_callback_query(self, values: dict[str, Any]) -> bool:
        self.toasts.append(checked_toast(values))
        return True

    async def _on_get_chat(self, values: dict[str, Any]) -> dict[str, Any]:
        return self._chat(values).full()

    async def _on_get_chat_member(self, values: dict[str, Any]) -> dict[str, Any]:
        return self._member(self._chat(values), int(values["user_id"]))

    async def _on_get_chat_administrators(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        chat = self._chat(values)
        if chat.bot in {"left", "kicked"}:
            raise Refusal(403, f"Forbidden: bot is not a member of the {chat.type} chat")
        return [self._member(chat, user) for user in sorted(chat.admins)]

    async def _on_set_my_commands(self, values: dict[str, Any]) -> bool:
        self.menus[_menu(values)] = checked_menu(values)
        return True

    async def _on_send_chat_action(self, values: dict[str, Any]) -> bool:
        self._chat(values)
        self.actions.append(values)
        return True

    async def _on_get_my_commands(self, values: dict[str, Any]) -> list[dict[str, str]]:
        return self.menus.get(_menu(values), [])

    def _member(self, chat: Chat, user: int) -> dict[str, Any]:
        if user == BOT_ID:
            bot = {"id": user, "is_bot": True, "first_name": "Paperwire"}
            rights = {"administrator": ["can_post_messages"], "restricted": ["can_send_messages"]}.get(chat.bot, [])
            return member(chat.bot, bot, **dict.fromkeys(rights, chat.may_post))
        person = self.people.get(user, {"id": user, "is_bot": False, "first_name": "?"})
        return member("administrator" if user in chat.admins else "member", person)

    def _chat(self, values: dict[str, Any]) -> Chat:
        named = values.get("chat_id")
        chat = self.chats.get(named) if isinstance(named, int) else None
        if isinstance(named, str):
            chat = next((c for c in self.chats.values() if c.username and f"@{c.username}" == named), None)
        if chat is None:
            raise Refusal(400, "Bad Request: chat not found")
        return chat

    def _writable(self, values: dict[str, Any]) -> tuple[Chat, int | None]:
        chat = self._chat(values)
        thread = values.get("message_thread_id")
        self._count(chat)
        chat.check(thread)
        return chat, thread

    def _count(self, chat: Chat) -> None:
        after = self.limits.wait(chat.id, self.clock() * self.scale)
        if after:
            raise Refusal(429, f"Too Many Requests: retry after {after}", retry_after=after)

    def _content(self, values: dict[str, Any]) -> tuple[str, list[dict[str, Any]], list[list[dict[str, str]]]]:
        """A message's text, what takes effect in it, and its buttons; refused as Telegram refuses it."""
        try:
            text, entities = parse(values.get("text", ""), values.get("parse_mode", ""))
            rows = json.loads(values.get("reply_markup", "{}")).get("inline_keyboard", [])
            check_keyboard(rows)
        except Refusal as refusal:
            self.invalid.append(f"{refusal}: {values}")
            raise
        return text, entities, rows

    def _shown(self, sent: Sent) -> dict[str, Any]:
        chat = self.chats[sent.chat].json()
        entities = [entity_json(entity) for entity in sent.entities]
        return {"message_id": sent.id, "date": 1_700_000_000, "chat": chat, "text": sent.text, "entities": entities}


def _menu(values: dict[str, Any]) -> str:
    """The scope of a menu, and its language where it isn't everyone's."""
    return f"{_scope(values)} {values.get('language_code') or ''}".strip()


def _scope(values: dict[str, Any]) -> str:
    return str(json.loads(values.get("scope", "{}")).get("type", "default"))


async def _values(request: web.Request) -> dict[str, Any]:
    values: dict[str, Any] = dict(request.query)
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            with value.file as file:
                values[name] = (value.filename, file.read())
        else:
            values[name] = value
    for name in ("chat_id", "message_id", "message_thread_id"):
        if str(values.get(name, "")).lstrip("-").isdigit():
            values[name] = int(values[name])
    return values
