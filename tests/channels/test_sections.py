"""The sections of a digest, as each channel shows them: once, above the first paper of each."""

import json

from paperwire.channels import console, ntfy, webhook
from paperwire.channels.discord import markup as discord
from paperwire.channels.telegram import markup as telegram
from paperwire.core.messages.message import Item, Message

MESSAGE = Message(
    items=(
        Item("One", "https://arxiv.org/abs/2601.00001", section="RAG <b>*x*</b>"),
        Item("Two", "https://arxiv.org/abs/2601.00002"),
    )
)


def test_telegram_underlines_them():
    assert telegram.render(MESSAGE).startswith("<u>RAG &lt;b&gt;*x*&lt;/\u2060b&gt;</u>\n<b><a")
    plain = telegram._document(MESSAGE, styled=False)
    assert plain.startswith("RAG &lt;b&gt;*x*&lt;/\u2060b&gt;\n<a")


def test_discord_names_them_above_the_title():
    first, second = discord.render(MESSAGE).embeds
    assert first.author.name == "RAG <b>*x*</b>"
    assert second.author.name is None
    long = Message(items=(Item("One", "https://arxiv.org/abs/2601.00001", abstract="x" * 800, section="S" * 40),) * 5)
    plain = Message(items=tuple(Item(one.title, one.url, abstract=one.abstract) for one in long.items))
    assert discord.measure(discord.render(long)) == discord.measure(discord.render(plain)) + 5 * 40


def test_a_terminal_has_a_line_for_them():
    assert next(str(line) for line in console._item(MESSAGE.items[0])) == "RAG <b>*x*</b>"


def test_hooks_get_them():
    (first, second) = webhook.shaped("https://example.org/hook", MESSAGE)["papers"]
    assert first["section"] == "RAG <b>*x*</b>"
    assert "section" not in second
    slack = webhook.shaped("https://hooks.slack.com/x", MESSAGE)
    assert slack["blocks"][0]["elements"][0]["elements"][0]["text"] == "RAG <b>*x*</b>\n"
    mattermost = webhook.shaped("https://example.org/hooks/abcdefghijklmnopqrstuvwxyz", MESSAGE)
    assert mattermost["text"].startswith(r"RAG \<b\>\*x\*")


def test_ntfy_writes_them_in_the_text():
    body = json.loads(ntfy.notification("topic", MESSAGE))
    assert body["message"].startswith("RAG <b>*x*</b>\n\n• One")
