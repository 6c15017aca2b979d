"""How a paper looks in a message, before any platform's markup: cards, list entries, digest headings and buttons."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from paperwire.core.messages.message import Button, Item, Span
from paperwire.core.papers.categories import is_class
from paperwire.core.papers.identity import canonical_id, code_link, is_arxiv, page_url
from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.text.clean import clean, safe_url
from paperwire.core.text.display import shown_line
from paperwire.wording import messages as words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from paperwire.core.messages.message import Line, Rich
    from paperwire.core.papers.paper import Occasion, Paper
    from paperwire.core.papers.revision import Change, Passage

# The most that any surface shows of a text, whatever a source sends (a title of 1 MB, 50,000 authors).
TITLE_LIMIT = 512
AUTHORS_LIMIT = 20
NAME_LIMIT = 80
ABSTRACT_LIMIT = 8000
SUMMARY_LIMIT = 600
_SHOWN_AUTHORS = 4
_SHOWN_CATEGORIES = 4
_READ_CATEGORIES = 100
_SHOWN_TERMS = 8
_SHOWN_NAMES = 3
_BUTTONS_A_ROW = 5
_KEPT = 1_000


def shown_title(paper: Paper) -> str:
    """The title for people: TeX reduced, harmless, at most 512 characters, never empty."""
    return shown_line(paper.title, TITLE_LIMIT) or words.UNTITLED


def shown_abstract(paper: Paper) -> str:
    """The abstract for people, harmless and at most 8,000 characters; empty when a paper has none."""
    return shown_line(paper.abstract, ABSTRACT_LIMIT)


def shown_summary(paper: Paper) -> str:
    """What Hugging Face says of the paper in a sentence, harmless and at most 600 characters; empty if it has none."""
    return clean(paper.summary, SUMMARY_LIMIT)


def author_line(authors: Sequence[str], few: int = _SHOWN_AUTHORS) -> str:
    """The first `few` names and how many there are: `A. Smith, B. Jones, C. Wu et al. (50,000 authors)`.

    One name more than `few` is simply shown. Names that are empty once cleaned are left out.
    """
    few = min(few, AUTHORS_LIMIT - 1)
    names = [name for author in authors[: AUTHORS_LIMIT + 1] if (name := clean(author, NAME_LIMIT))]
    if len(authors) <= few + 1:
        return words.COMMA.join(names)
    return words.COMMA.join(names[:few]) + words.et_al(len(authors)) if names else ""


def card(  # noqa: PLR0913 - what is told of a paper beside itself, each named
    paper: Paper,
    *,
    occasion: Occasion = ARRIVAL,
    label: str = "",
    matched: Sequence[str] = (),
    names: Sequence[str] = (),
    changed: Sequence[Change] | None = None,
) -> Item:
    """A paper in full: authors, categories and why it is news, what matched and for whom, and the abstract.

    `label` is the word of the event that brought an arrival (`new`, `cross`, `listed`, `late`), `matched` the terms of
    the queries found in the paper, `names` what the subscriptions that matched are called, `changed` what is not as in
    the version that was sent before (None: not known).
    """
    known = _of_all(paper, occasion, label)
    lines = [*known.lines, *_changed(changed), *_matched(matched, names)]
    if summary := shown_summary(paper):
        lines.append((Span(f"{words.SUMMARY}: ", "bold"), Span(summary)))
    return Item(known.title, known.url, tuple(lines), shown_abstract(paper))


def brief(  # noqa: PLR0913 - the same
    paper: Paper,
    *,
    occasion: Occasion = ARRIVAL,
    label: str = "",
    matched: Sequence[str] = (),
    names: Sequence[str] = (),
    changed: Sequence[Change] | None = None,
) -> Item:
    """A paper in a list: its title, then one line of two authors and classes, and one of what matched; no abstract."""
    known = _of_all(paper, occasion, label)
    lines = (*known.line, *_changed_fields(changed), *_matched(matched, names))
    return Item(known.title, known.url, lines)


class _OfAll(NamedTuple):
    """What a paper's message says at every place: title and link, the first lines of a card, the one of a list."""

    title: str
    url: str
    lines: tuple[Line, ...]
    line: tuple[Line, ...]


@lru_cache(maxsize=_KEPT)
def _of_all(paper: Paper, occasion: Occasion, label: str) -> _OfAll:
    """Kept for some papers, as a day's go to many places."""
    about = _about(paper, occasion, label)
    authors, few = author_line(paper.authors), author_line(paper.authors, few=2)
    first = ((Span(few),) if few else ()) + ((Span(words.DOT),) if few and about else ())
    line = first + (about[0] if about else ())
    return _OfAll(
        shown_title(paper),
        safe_url(page_url(paper)),
        (((Span(authors),),) if authors else ()) + tuple(about),
        (line,) if line else (),
    )


def why_news(occasion: Occasion, label: str) -> str:
    """Why a paper is news, in a word or two: `cross-listed`, `updated to v2`, `passed 50 upvotes`."""
    if occasion.kind == "version":
        return words.replaced(occasion.code)
    if occasion.kind == "upvotes":
        return words.reached(int(str(occasion).rpartition("=")[2]))
    word = label if occasion == ARRIVAL else occasion.kind
    return words.LABELS.get(word) or clean(word, NAME_LIMIT)


def _about(paper: Paper, occasion: Occasion, label: str) -> list[Line]:
    # A source may send thousands; ACM and MSC terms stand behind the classes.
    own = filter(is_class, paper.categories[:_READ_CATEGORIES])
    classes = [clean(name, NAME_LIMIT) for name in islice(own, _SHOWN_CATEGORIES)]
    news = why_news(occasion, label)
    if occasion == ARRIVAL and label == "late" and paper.announced is not None:
        news = words.found_late(words.day(paper.announced))
    shown = " ".join(name for name in classes if name)
    told = [news, words.upvotes(paper.upvotes) if paper.upvotes else ""]
    rest = words.DOT.join(part for part in told if part)
    # As code, for chats take `cs.AI` for the address of a site.
    line = (Span(shown, "code"),) * bool(shown) + (Span((words.DOT if shown else "") + rest),) * bool(rest)
    return [line] if line else []


def _changed_fields(changed: Sequence[Change] | None) -> list[Line]:
    """Which texts changed, in one line."""
    if changed is None:
        return []
    named = words.COMMA.join(words.FIELDS[change.field] for change in changed)
    return [(Span(words.CHANGED + named if named else words.UNCHANGED, "italic"),)]


def _changed(changed: Sequence[Change] | None) -> list[Line]:
    """What changed, field by field."""
    if changed is None:
        return []
    return [line for change in changed for line in _change(change)] or [(Span(words.UNCHANGED, "italic"),)]


def _change(change: Change) -> list[Line]:
    match change.field:
        case "title":
            return [(Span(words.TITLE_WAS), Span(shown_line(change.before, TITLE_LIMIT), "italic"))]
        case "comment":
            return [(Span(words.COMMENT_NOW), Span(shown_line(change.after, TITLE_LIMIT), "italic"))]
        case "authors":
            come, gone = (_some(names, _SHOWN_AUTHORS) for names in (change.come, change.gone))
            return [(Span(words.authors_changed(come, gone)),)]
        case _:
            head: Line = (Span(words.abstract_changed(change.added, change.removed)),)
            return [head, *(_passage(passage) for passage in change.passages)]


def _passage(passage: Passage) -> Line:
    before, after = (clean(text, TITLE_LIMIT) for text in (passage.before, passage.after))
    return (Span(before, "italic"), Span(words.BECAME), Span(after, "italic"))


def _matched(matched: Sequence[str], names: Sequence[str]) -> list[Line]:
    terms = _some(matched, _SHOWN_TERMS)
    labels = _some(names, _SHOWN_NAMES)
    line: list[Span] = []
    if terms:
        line += [Span(words.MATCHED), Span(words.COMMA.join(terms), "bold")]
    if labels:
        line += [Span(f" {words.IN_SUBSCRIPTION}" if terms else words.IN_SUBSCRIPTION)]
        line += [Span(words.COMMA.join(labels), "italic")]
    return [tuple(line)] if line else []


def _some(texts: Sequence[str], few: int) -> list[str]:
    """The first few texts, cleaned, without repeats, and how many more there are."""
    cleaned = [text for raw in texts[: few * 4] if (text := clean(raw, NAME_LIMIT))]
    distinct = list(dict.fromkeys(cleaned))
    rest = len(distinct) - few + max(len(texts) - few * 4, 0)
    return distinct[:few] + ([words.more(rest)] if rest > 0 else [])


def heading(count: int, *, since: datetime | None = None, until: datetime | None = None, zone: str = "UTC") -> Rich:
    """The head of a list message; with `since` and `until` (aware) the window that a digest covers, in `zone`."""
    line: Line = (Span(words.new_papers(count), "bold"),)
    if since is not None and until is not None:
        local = ZoneInfo(zone)
        line += (Span(words.DOT + words.window(since.astimezone(local), until.astimezone(local))),)
    return (line,)


def already_sent(count: int) -> Rich:
    """The foot of a digest some of whose papers went out at once; no line at all for none."""
    return ((Span(words.already_sent(count), "italic"),),) if count else ()


def card_buttons(paper: Paper) -> tuple[tuple[Button, ...], ...]:
    """The buttons under one stored paper: where to read it, then save, mute, more like this, why."""
    links = tuple(Button(label, url=url) for label, url in _links(paper))
    first = Button(words.SAVE, f"save:{paper.number}"), Button(words.MUTE, f"mute:{paper.number}")
    second = Button(words.MORE, f"more:{paper.number}"), Button(words.WHY, f"why:{paper.number}")
    return (links, first, second) if links else (first, second)


def _links(paper: Paper) -> list[tuple[str, str]]:
    """Where a paper can be read and discussed, besides its source page, which its title links."""
    own = canonical_id(paper.id) or paper.id
    arxiv = is_arxiv(own)
    listed = arxiv and (paper.upvotes is not None or paper.source == "huggingface")
    links = [
        (words.PDF, f"https://arxiv.org/pdf/{own}" if arxiv else ""),
        (words.CODE, code_link(paper)),
        (words.HUGGING_FACE, f"https://huggingface.co/papers/{own}" if listed else ""),
        (words.DISCUSSION, f"https://www.alphaxiv.org/abs/{own}" if arxiv else ""),
    ]
    return [(label, url) for label, url in links if safe_url(url)]


def list_buttons(papers: Sequence[Paper], first: int = 1) -> tuple[tuple[Button, ...], ...]:
    """A numbered button for each stored paper of a list, five a row; it opens the paper's card.

    `first` is the number of the first one, for a list that goes on from another message.
    """
    numbered = [Button(str(first + place), f"open:{paper.number}") for place, paper in enumerate(papers)]
    return tuple(tuple(numbered[start : start + _BUTTONS_A_ROW]) for start in range(0, len(numbered), _BUTTONS_A_ROW))
