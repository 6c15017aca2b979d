"""`/import`: a list of queries and feeds becomes subscriptions, after a preview of all of them."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.buttons import offered
from paperwire.commands.context import Chat, Command, explained, say
from paperwire.core.messages.message import FIRST, Attachment, Button, Line, Span, styled
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Question, Reply, Request
from paperwire.services.people import only_managers
from paperwire.services.subscriptions.import_lists import MOST_LINES
from paperwire.services.subscriptions.imports import (
    Importable,
    ImportPlan,
    import_list,
    list_line,
    plan_import,
    take_back_import,
)
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.imports import counted_lines, expected_lines

# Translators: of /import: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "import",
    gettext_noop("Subscribe to a list of queries and feeds, or to an OPML file"),
    (Argument("query", gettext_noop("list: queries or addresses of feeds, one a line"), required=False),),
    (Argument("file", gettext_noop("a list as text, or an OPML file"), required=False, kind="file"),),
    who="manager",
    topic="follow",
    examples=(
        ("/import cat:cs.CL", gettext_noop("subscribes to the query in each line")),
        ("/import https://rss.arxiv.org/rss/cs.LG", gettext_noop("the query that a feed stands for")),
    ),
)
_EXAMPLE = "cat:cs.CL\nhttps://rss.arxiv.org/rss/cs.LG"
_SHOWN = 10  # entries that an answer shows of each kind; a file has all that can't be subscribed


async def answer(context: Chat, request: Request) -> Reply:
    """`/import`, with the list as its words or a file; without one it asks for it."""
    text = "\n".join(part for part in (request.attached, request.args) if part.strip())
    if request.unread:
        raise CommandError(
            request.texts.gettext(
                "%(file)s can't be read. Send a text or OPML file of at most 4 MB.", file=clean(request.unread, 60)
            )
        )
    return await previewed_import(context, request, text) if text else _ask(request, request.texts)


def _ask(request: Request, texts: Texts) -> Reply:
    how = (
        texts.gettext("Reply to this message with one query or feed address per line, for example:")
        if request.place.is_shared
        else texts.gettext("Send one query or feed address per line as your next message, for example:")
    )
    reply = say(
        # Translators: a question that is answered with a list of queries or a file.
        (Span(texts.gettext("Which list?"), "bold"),),
        how,
        *((Span(line, "code"),) for line in _EXAMPLE.split("\n")),
        texts.gettext(
            "Or send /import with a text or OPML file, as feed readers export it: at most %(limit)s entries.",
            limit=texts.number(MOST_LINES),
        ),
        texts.gettext("To stop, send: cancel"),
    )
    label = texts.gettext("One query or feed a line")
    return replace(
        reply,
        question=Question(
            SPEC.name,
            label,
            _EXAMPLE,
            is_long=True,
            explanation=explained(texts.gettext("Queries as typed after /subscribe, or addresses of arXiv's feeds.")),
        ),
    )


async def previewed_import(context: Chat, request: Request, text: str) -> Reply:
    """What importing a list would do here, with the button that does it."""
    only_managers(request)
    texts = request.texts
    plan = await plan_import(context, request, text)
    label = texts.ngettext("Subscribe to %(num)s", "Subscribe to all %(num)s", len(plan.new))
    confirm = [Button(label, context.long_texts.action("import:", plan.text))] if plan.new else []
    nothing_yet = texts.gettext("Nothing is subscribed yet.") if plan.new else ""
    first, *counts = counted_lines(len(plan.new), plan.there, plan.repeated, texts)
    return say(
        (Span(first, "bold"),),
        *counts,
        *_entries(plan.new, texts),
        *expected_lines(len(plan.new), plan.papers, plan.days, texts),
        *_refused(plan, texts),
        nothing_yet,
        files=_files(plan),
        buttons=[confirm],
    )


def _entries(new: tuple[Importable, ...], texts: Texts) -> list[str | Line]:
    """The queries, each with the source that brings it where it was the address of a feed."""
    lines: list[str | Line] = []
    for each in new[:_SHOWN]:
        options = f" {each.draft.options}" if each.draft.options else ""
        query = Span(f"{each.draft.text}{options}", "code")
        # Translators: %(query)s came from the address of a feed of %(source)s, such as arXiv.
        text = texts.gettext("• %(query)s (from %(source)s)", query=FIRST, source=each.source) if each.source else ""
        lines.append(styled(text, query) if text else (Span("• "), query))
    return [*lines, *_more(len(new), texts)]


def _refused(plan: ImportPlan, texts: Texts) -> list[str | Line]:
    """Those that can't be subscribed, by line, and why."""
    if not plan.refused:
        return []
    head = texts.ngettext("%(num)s can't be subscribed:", "%(num)s can't be subscribed:", len(plan.refused))
    lines: list[Line] = [
        styled(
            # Translators: a line of a list that can't be subscribed: what it has, and why not.
            texts.gettext("Line %(line)s: %(text)s – %(why)s", line=refused.entry.line, text=FIRST, why=refused.why),
            Span(refused.entry.label, "code"),
        )
        for refused in plan.refused[:_SHOWN]
    ]
    return [(Span(head, "bold"),), *lines, *_more(len(plan.refused), texts)]


def _more(count: int, texts: Texts) -> list[str]:
    if count <= _SHOWN:
        return []
    return [texts.npgettext("subscriptions", "and %(num)s more", "and %(num)s more", count - _SHOWN)]


def _files(plan: ImportPlan) -> list[Attachment]:
    """All that can't be subscribed, if the answer shows only some."""
    if len(plan.refused) <= _SHOWN:
        return []
    rows = (f"{refused.entry.line}: {refused.entry.text}\n    {refused.why}\n" for refused in plan.refused)
    return [Attachment("not-subscribed.txt", "text/plain", "".join(rows).encode())]


async def press(context: Chat, request: Request, part: str) -> Reply:
    """Subscribe to the list that was previewed: `import:LIST`; what is subscribed by then is left as it is."""
    only_managers(request)
    texts = request.texts
    plan, added = await import_list(context, request, offered(context, part))
    if not added and not plan.refused:
        return say(toast=texts.gettext("Already subscribed to all of these."))
    numbers = " ".join(str(subscription.number) for subscription in added)
    undo = [Button(texts.gettext("Undo"), context.long_texts.action("unimport:", numbers))] if added else []
    # Translators: the answer to an import: how many subscriptions were made.
    count = texts.ngettext("Subscribed to %(num)s.", "Subscribed to %(num)s.", len(added))
    return say(
        (Span(count, "bold"),),
        texts.gettext("To see or change them: /subscriptions"),
        *_refused(plan, texts),
        buttons=[undo],
        edit=True,
    )


async def take_back(context: Chat, request: Request, part: str) -> Reply:
    """Delete what an import added, and nothing else: `unimport:N N …`."""
    only_managers(request)
    texts = request.texts
    gone = await take_back_import(context, request, offered(context, part).split())
    if not gone:
        return say(toast=texts.gettext("There was nothing left to undo."))
    count = texts.ngettext("%(num)s subscription taken back.", "%(num)s subscriptions taken back.", len(gone))
    text = "\n".join(list_line(subscription) for subscription in gone)
    # Translators: a button that takes back an undo.
    again = Button(texts.gettext("Subscribe again"), context.long_texts.action("import:", text))
    return say((Span(count, "bold"),), buttons=[[again]], edit=True)


COMMANDS = (Command(SPEC, answer, {"import": press, "unimport": take_back}),)
