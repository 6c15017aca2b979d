"""`/save` and `/saved`: one's list of papers, page by page or as a citation file."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.buttons import page_of, page_start
from paperwire.commands.context import FILE, Chat, Command, say
from paperwire.commands.papers.library import IMPORT, import_any, is_import
from paperwire.core.messages.card import brief, list_buttons, save_button, shown_title
from paperwire.core.messages.message import Button, Span
from paperwire.core.papers.paper import Paper
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.papers.papers import FILES, citation_file, find_paper, keep, save, saved, take_off
from paperwire.services.typed import action_number, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.why import not_stored

# Translators: of /save: what it does and takes (at most 100 characters; typed words stay English), examples.
SAVE = CommandSpec(
    "save",
    gettext_noop("Save a paper to your list"),
    (Argument("query", gettext_noop("paper: arXiv id, DOI or address"), completes="paper id"),),
    topic="find",
    examples=(
        ("/save 2510.00001", gettext_noop("by its arXiv id")),
        ("/save 10.48550/arXiv.2510.00001", gettext_noop("by its DOI")),
    ),
)

# Translators: of /saved: what it does and takes (at most 100 characters; typed words stay English), examples.
SAVED = CommandSpec(
    "saved",
    gettext_noop("Your saved papers, a BibTeX or RIS file of them, or add those of a library"),
    (Argument("query", gettext_noop("what: bibtex, ris, or import and papers"), required=False, completes="saved"),),
    options=(FILE,),
    private=True,
    topic="find",
    examples=(
        ("/saved bibtex", gettext_noop("a file for LaTeX")),
        ("/saved import 2510.00001 2510.00002", gettext_noop("adds these papers")),
    ),
)


async def answer_save(context: Chat, request: Request) -> Reply:
    """`/save PAPER`."""
    texts = request.texts
    paper = await find_paper(context, unquoted(request.args), texts)
    if not paper.number:
        # Translators: %(id)s is the id of a paper.
        refused = texts.gettext("%(id)s isn't stored, so it can't be saved.", id=paper.id)
        raise CommandError(f"{refused}\n{not_stored(context.followed, paper, texts)}")
    is_new = await save(context, request, paper)
    reply = replace(_saved(paper, texts, is_new=is_new), toast="")
    has_undo = is_new and not request.place.is_shared
    return reply if has_undo else replace(reply, message=replace(reply.message, buttons=()))


def _saved(paper: Paper, texts: Texts, *, is_new: bool) -> Reply:
    title = shown_title(paper, texts)
    if is_new:
        # Translators: the answer to a button or command about a paper: %(title)s is its title.
        text, toast = texts.gettext("Saved: %(title)s", title=title), texts.gettext("Saved. /saved shows your list.")
        undo = texts.gettext("Undo")
    else:
        # Translators: the answer to a button or command about a paper: %(title)s is its title.
        text = texts.gettext("Already saved: %(title)s", title=title)
        toast = texts.gettext("Already saved. /saved shows your list.")
        # Translators: a button that takes a paper off the saved ones.
        undo = texts.gettext("Remove")
    return say(text, buttons=[[Button(undo, f"unsave:{paper.number}")]], aside=True, toast=toast)


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The button under a paper: `save:PAPER`. In private it says from then on that the paper is saved."""
    paper, is_new = await keep(context, request, part)
    reply = _saved(paper, request.texts, is_new=is_new)
    if request.place.is_shared:
        return reply
    key = save_button(paper.number, request.texts, is_saved=True)
    return replace(say(toast=reply.toast), keys={request.action: (key,)})


async def unsave(context: Chat, request: Request, part: str) -> Reply:
    """Take a paper off one's list: `unsave:PAPER` under an answer, `unsave:PAPER:card` under the paper itself."""
    texts = request.texts
    number, _, card = part.partition(":")
    paper, was_saved = await take_off(context, request, number)
    title = shown_title(paper, texts)
    if card:
        # Translators: the answer to a button under a paper.
        toast = texts.gettext("Not saved.") if not was_saved else texts.gettext("No longer saved.")
        return replace(say(toast=toast), keys={request.action: (save_button(paper.number, texts, is_saved=False),)})
    if not was_saved:
        # Translators: the answer to a button or command about a paper: %(title)s is its title.
        return say(texts.gettext("Not saved: %(title)s", title=title), edit=True)
    return say(texts.gettext("No longer saved: %(title)s", title=title), edit=True)


async def answer_saved(context: Chat, request: Request) -> Reply:
    """`/saved [bibtex|ris]`, or `/saved import`; a file alone is imported too."""
    if request.attached or is_import(request):
        return await import_any(context, request)
    form = unquoted(request.args).casefold()
    if form and form not in FILES:
        raise CommandError(
            # Translators: %(choices)s is a list of words to type, which are never translated.
            request.texts.gettext("Use one of: %(choices)s.", choices=request.texts.listed([*FILES, IMPORT]))
        )
    return await turn_page(context, request, form) if form else await _list(context, request, 0)


async def turn_page(context: Chat, request: Request, part: str) -> Reply:
    """Another page of the list, or it as a file: `saved:OFFSET`, `saved:bibtex`."""
    if part not in FILES:
        return await _list(context, request, action_number(part), edit=True)
    papers = await saved(context, request)
    if not papers:
        return _nothing_saved(request)
    return say(_count(request, papers), files=[citation_file(papers, part)], private=True)


async def _list(context: Chat, request: Request, offset: int, *, edit: bool = False) -> Reply:
    papers = await saved(context, request)
    offset = page_start(offset, len(papers))
    page, pager = page_of(papers, "saved", offset, request.texts)
    if not page:
        return _nothing_saved(request, edit=edit)
    files = [Button("BibTeX", "saved:bibtex"), Button("RIS", "saved:ris")]
    return say(
        (Span(_count(request, papers), "bold"),),
        items=[brief(paper, request.texts) for paper in page],
        buttons=[*list_buttons(page, offset + 1), [*files, *pager]],
        private=True,
        edit=edit,
    )


def _count(request: Request, papers: list[Paper]) -> str:
    # Translators: a heading over a list of papers.
    return request.texts.ngettext("%(num)s saved paper", "%(num)s saved papers", len(papers))


def _nothing_saved(request: Request, *, edit: bool = False) -> Reply:
    text = request.texts.gettext(
        "You haven't saved any papers yet. Use the Save button under a paper, or /save and its id."
    )
    return say(text, private=True, edit=edit)


COMMANDS = (
    Command(SAVE, answer_save, {"save": press, "unsave": unsave}),
    Command(SAVED, answer_saved, {"saved": turn_page}),
)
