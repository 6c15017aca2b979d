"""How a paper looks in a message, before any platform's markup: cards, list entries, digest headings and buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from paperwire.core.messages.facts import GRADES, LABELS, quoted_record
from paperwire.core.messages.message import FIRST, SECOND, Button, Item, Line, Span, styled
from paperwire.core.messages.record import notice_line, record_line, without_links
from paperwire.core.papers.categories import is_category
from paperwire.core.papers.identity import canonical_id, code_link, discussion_url, is_arxiv, page_url
from paperwire.core.papers.paper import ARRIVAL, Occasion, Paper
from paperwire.core.papers.revision import Change, Passage
from paperwire.core.text.clean import clean, safe_url
from paperwire.core.text.display import shown_line
from paperwire.texts import Texts, gettext_noop

# Limits of any surface, whatever a source sends (a title of 1 MB, 50,000 authors).
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
_CACHED_LINES = 1_000
# Translators: why a paper comes or what became of it, after its categories, in brackets or in a list after its date.
_LABELS = {
    "new": gettext_noop("new"),
    "cross": gettext_noop("cross-listed"),
    "listed": gettext_noop("on HF Daily Papers"),
    "late": gettext_noop("new, found late"),
    "submitted": gettext_noop("submitted to the list"),
    "withdrawn": gettext_noop("withdrawn"),
    **LABELS,
}
# Translators: what a new version of a paper changed: a part of "Changed: %(fields)s".
_FIELDS = {
    "title": gettext_noop("title"),
    "abstract": gettext_noop("abstract"),
    "authors": gettext_noop("authors"),
    "comment": gettext_noop("comment"),
}


def shown_title(paper: Paper, texts: Texts) -> str:
    """The title for people: TeX reduced, harmless, at most 512 characters, never empty."""
    # Translators: stands where the title of a paper is missing.
    return shown_line(paper.title, TITLE_LIMIT) or texts.gettext("(no title)")


def shown_abstract(paper: Paper) -> str:
    """The abstract for people, harmless and at most 8,000 characters; empty when a paper has none."""
    return shown_line(paper.abstract, ABSTRACT_LIMIT)


def shown_summary(paper: Paper) -> str:
    """Hugging Face's one-sentence summary, as people read it, at most 600 characters; empty if there is none."""
    return shown_line(paper.summary, SUMMARY_LIMIT)


def author_line(authors: Sequence[str], texts: Texts, few: int = _SHOWN_AUTHORS) -> str:
    """The first `few` names and the number of authors: `A. Smith, B. Jones, C. Wu et al. (50,000 authors)`.

    `few` + 1 names are shown in full. Names that are empty once cleaned are left out.
    """
    few = min(few, AUTHORS_LIMIT - 1)
    names = [name for author in authors[: AUTHORS_LIMIT + 1] if (name := clean(author, NAME_LIMIT))]
    if len(authors) <= few + 1 or not names:
        return texts.listed(names)
    first = texts.listed(names[:few])
    return texts.ngettext(
        "%(names)s et al. (%(num)s author)", "%(names)s et al. (%(num)s authors)", len(authors), names=first
    )


def more_names(count: int, texts: Texts) -> str:
    """Stands for `count` authors that are left out."""
    # Translators: stands for authors that are left out, at the end of a list of names.
    return texts.npgettext("authors", "%(num)s more", "%(num)s more", count)


def _more_terms(count: int, texts: Texts) -> str:
    # Translators: stands for words of a query that are left out, at the end of a list.
    return texts.npgettext("words", "%(num)s more", "%(num)s more", count)


def _more_subscriptions(count: int, texts: Texts) -> str:
    # Translators: stands for subscriptions that are left out, at the end of a list.
    return texts.npgettext("subscriptions", "%(num)s more", "%(num)s more", count)


def upvote_count(count: int, texts: Texts) -> str:
    # Translators: a fact of a paper on Hugging Face, in a line with others.
    return texts.ngettext("%(num)s upvote", "%(num)s upvotes", count)


def vote_count(count: int, texts: Texts) -> str:
    # Translators: votes of members of a group for a paper, in a line of facts.
    return texts.ngettext("%(num)s vote", "%(num)s votes", count)


def vote_label(count: int, texts: Texts) -> str:
    """What the button that votes for a paper says: the votes so far, if there are any."""
    # Translators: a button, after a thumb up.
    label = texts.number(count) if count else texts.gettext("Upvote")
    return f"👍 {label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperNews:
    """Why a paper is news, and for whom.

    `label` is the word of the event that brought an arrival (`new`, `cross`, `listed`, `late`), `matched` the terms of
    the queries found in the paper, `names` the names of the subscriptions that matched, `changed` the changes since
    the version that was sent before (None: not known), `also` what else is news of it.
    """

    occasion: Occasion = ARRIVAL
    label: str = ""
    matched: Sequence[str] = ()
    names: Sequence[str] = ()
    changed: Sequence[Change] | None = None
    also: tuple[Occasion, ...] = ()


_NO_NEWS = PaperNews()


def card(paper: Paper, texts: Texts, news: PaperNews = _NO_NEWS) -> Item:
    """A paper in full: authors, categories and why it is news, its record, what matched and for whom, the abstract."""
    parts = _shared_parts(paper, (news.occasion, *news.also), news.label, texts)
    lines = [*filter(None, parts.lines), *change_lines(news.changed, texts), *_matched(news, texts)]
    if summary := shown_summary(paper):
        # Translators: %(summary)s is the summary of a paper in one sentence, in English.
        text = texts.gettext("TL;DR (Hugging Face): %(summary)s", summary=FIRST)
        lines.append(styled(text, Span(summary), style="bold"))
    # Translators: a button that shows the whole abstract.
    more = Button(texts.gettext("More"), f"whole:{paper.number}") if paper.number else None
    return Item(parts.title, parts.url, tuple(lines), shown_abstract(paper), more, image=safe_url(paper.hub.thumbnail))


def brief(paper: Paper, texts: Texts, news: PaperNews = _NO_NEWS) -> Item:
    """A paper in a list: title, two authors and the categories, its record, and what matched; no abstract."""
    parts = _shared_parts(paper, (news.occasion, *news.also), news.label, texts)
    lines = (*parts.entry, parts.record, *_changed_fields(news.changed, texts), *_matched(news, texts))
    return Item(parts.title, parts.url, tuple(filter(None, lines)))


def compact(paper: Paper, texts: Texts, news: PaperNews = _NO_NEWS) -> Item:
    """A paper as in a list, with a line of links instead of its record; its abstract comes by a button."""
    parts = _shared_parts(paper, (news.occasion, *news.also), news.label, texts)
    links = [Span(label, url=url) for label, url in _links(paper, texts)]
    last = tuple(span for link in links for span in (Span(" · "), link))[1:]
    lines = (*parts.entry, *_changed_fields(news.changed, texts), *_matched(news, texts), last)
    return Item(parts.title, parts.url, tuple(filter(None, lines)))


class _SharedParts(NamedTuple):
    """What messages share: title, link, the first lines of a card and in a list, some empty, and a list's record."""

    title: str
    url: str
    lines: tuple[Line, ...]
    entry: tuple[Line, ...]
    record: Line


@lru_cache(maxsize=_CACHED_LINES)
def _shared_parts(paper: Paper, occasions: tuple[Occasion, ...], label: str, texts: Texts) -> _SharedParts:
    """Cached, as a day's papers go to many destinations."""
    about = _about(paper, occasions, label, texts)
    authors, few = author_line(paper.authors, texts), author_line(paper.authors, texts, few=2)
    first = ((Span(few),) if few else ()) + ((Span(" · "),) if few and about else ())
    line = first + (about[0] if about else ())
    quoted = len(about) > 1 and any(occasion.kind in GRADES for occasion in occasions)
    record = record_line(paper, texts, quoted=quoted)
    notice = notice_line(paper, texts)
    return _SharedParts(
        shown_title(paper, texts),
        safe_url(page_url(paper)),
        ((Span(authors),) if authors else (), *about, *notice, without_links(record)),
        (line, *about[1:], *notice),
        record,
    )


def why_news(occasion: Occasion, label: str, texts: Texts) -> str:
    """Why a paper is news, in a word or two: `cross-listed`, `updated to v2`, `passed 50 upvotes`."""
    if occasion.kind == "version":
        # Translators: why a paper is sent: %(version)s is the number of its version.
        return texts.gettext("updated to v%(version)s", version=occasion.code)
    if occasion.kind == "upvotes":
        threshold = int(str(occasion).rpartition("=")[2])
        # Translators: why a paper is sent: it has this many upvotes now.
        return texts.ngettext("passed %(num)s upvote", "passed %(num)s upvotes", threshold)
    word = label if occasion == ARRIVAL else occasion.kind
    return texts.gettext(_LABELS[word]) if word in _LABELS else clean(word, NAME_LIMIT)


def _about(paper: Paper, occasions: tuple[Occasion, ...], label: str, texts: Texts) -> list[Line]:
    # A source may send thousands; ACM and MSC terms come after the categories.
    own = filter(is_category, paper.categories[:_READ_CATEGORIES])
    categories = [clean(name, NAME_LIMIT) for name in islice(own, _SHOWN_CATEGORIES)]
    words = [why_news(occasion, label, texts) for occasion in occasions]
    if occasions[0] == ARRIVAL and label == "late" and paper.announced is not None:
        words[0] = texts.gettext("announced %(day)s, found late", day=texts.day(paper.announced))
    news = texts.listed(words)
    shown = " ".join(name for name in categories if name)
    facts = [clean(paper.feed, NAME_LIMIT), news, upvote_count(paper.upvotes, texts) if paper.upvotes else ""]
    details = " · ".join(fact for fact in facts if fact)
    # As code, because chats make links of names like `cs.AI`.
    line = (Span(shown, "code"),) * bool(shown) + (Span((" · " if shown else "") + details),) * bool(details)
    quotes = [quote for occasion in occasions for quote in quoted_record(paper, occasion, texts)]
    return [*([line] if line else []), *quotes]


def _changed_fields(changed: Sequence[Change] | None, texts: Texts) -> list[Line]:
    if not changed:
        return change_lines(changed, texts)
    fields = texts.listed(texts.gettext(_FIELDS[change.field]) for change in changed)
    # Translators: %(fields)s is a list such as "title, abstract".
    return [(Span(texts.gettext("Changed: %(fields)s", fields=fields), "italic"),)]


def change_lines(changed: Sequence[Change] | None, texts: Texts) -> list[Line]:
    """What a version changes; nothing where the one before isn't known."""
    if changed is None:
        return []
    if not changed:
        return [(Span(texts.gettext("Title, abstract, authors and comment are unchanged"), "italic"),)]
    return [line for change in changed for line in _change(change, texts)]


def _change(change: Change, texts: Texts) -> list[Line]:
    match change.field:
        case "title":
            before = Span(shown_line(change.before, TITLE_LIMIT), "italic")
            # Translators: %(title)s is the title of a paper before its new version.
            return [styled(texts.gettext("Title was %(title)s", title=FIRST), before)]
        case "comment":
            after = Span(shown_line(change.after, TITLE_LIMIT), "italic")
            # Translators: %(comment)s is what authors said of a paper, such as its pages.
            return [styled(texts.gettext("Comment: %(comment)s", comment=FIRST), after)]
        case "authors":
            return [(Span(_authors_changed(change, texts)),)]
        case _:
            # Translators: a part of "Abstract: 3 words added, 2 words removed".
            added = texts.ngettext("%(num)s word added", "%(num)s words added", change.added)
            # Translators: a part of "Abstract: 3 words added, 2 words removed".
            removed = texts.ngettext("%(num)s word removed", "%(num)s words removed", change.removed)
            # Translators: %(added)s is "3 words added", %(removed)s "2 words removed".
            head = texts.gettext("Abstract: %(added)s, %(removed)s", added=added, removed=removed)
            return [(Span(head),), *(_passage(passage) for passage in change.passages)]


def _authors_changed(change: Change, texts: Texts) -> str:
    come, gone = (
        texts.listed(_first_few(names, _SHOWN_AUTHORS, more_names, texts)) for names in (change.come, change.gone)
    )
    if not come and not gone:
        return texts.gettext("Authors in a different order")
    changes = [f"+ {come}"] * bool(come) + [f"− {gone}"] * bool(gone)
    # Translators: %(changes)s is a list of names with + and −.
    return texts.gettext("Authors: %(changes)s", changes=texts.clauses(*changes))


def _passage(passage: Passage) -> Line:
    before, after = (clean(text, TITLE_LIMIT) for text in (passage.before, passage.after))
    return (Span(before, "italic"), Span(" → "), Span(after, "italic"))


def _matched(news: PaperNews, texts: Texts) -> list[Line]:
    terms = Span(texts.listed(_first_few(news.matched, _SHOWN_TERMS, _more_terms, texts)), "bold")
    subscriptions = Span(texts.listed(_first_few(news.names, _SHOWN_NAMES, _more_subscriptions, texts)), "italic")
    if terms.text and subscriptions.text:
        # Translators: %(terms)s are words of the paper, %(subscriptions)s names or queries of subscriptions.
        text = texts.gettext("Matched %(terms)s for %(subscriptions)s", terms=FIRST, subscriptions=SECOND)
        return [styled(text, terms, subscriptions)]
    if terms.text:
        # Translators: %(terms)s are words and fields of a query that a paper has.
        return [styled(texts.gettext("Matched %(terms)s", terms=FIRST), terms)]
    if subscriptions.text:
        # Translators: which subscriptions brought a paper, by name or query.
        return [styled(texts.gettext("For %(subscriptions)s", subscriptions=FIRST), subscriptions)]
    return []


def _first_few(names: Sequence[str], few: int, more: Callable[[int, Texts], str], texts: Texts) -> list[str]:
    """The first few names, cleaned, without repeats, and how many more there are."""
    cleaned = [name for raw in names[: few * 4] if (name := clean(raw, NAME_LIMIT))]
    distinct = list(dict.fromkeys(cleaned))
    left_out = len(distinct) - few + max(len(names) - few * 4, 0)
    return distinct[:few] + ([more(left_out, texts)] if left_out > 0 else [])


def vote_button(paper: int, votes: int, texts: Texts) -> Button:
    return Button(vote_label(votes, texts), f"vote:{paper}")


def save_button(paper: int, texts: Texts, *, is_saved: bool) -> Button:
    """The button that saves a paper by its number, or, where its reader alone sees it, takes that back."""
    if is_saved:
        # Translators: a button of a paper that is saved; pressing it takes the paper off the list.
        return Button(texts.gettext("Saved ✓"), f"unsave:{paper}:card")
    return Button(texts.gettext("Save"), f"save:{paper}")


def card_buttons(
    paper: Paper, texts: Texts, *, votes: int | None = None, is_saved: bool = False
) -> tuple[tuple[Button, ...], ...]:
    """The buttons under one stored paper: where to read it, then save, vote, mute, more like this, why.

    `votes` are those it has on the list of where it is shown, None where there is none to vote on.
    """
    links = tuple(Button(label, url=url) for label, url in _links(paper, texts))
    vote = () if votes is None else (vote_button(paper.number, votes, texts),)
    first = (
        save_button(paper.number, texts, is_saved=is_saved),
        *vote,
        Button(texts.gettext("Mute…"), f"mute:{paper.number}"),
    )
    second = (
        Button(texts.gettext("More like this"), f"more:{paper.number}"),
        Button(texts.gettext("Why?"), f"why:{paper.number}"),
    )
    return (links, first, second) if links else (first, second)


def compact_buttons(
    paper: Paper, texts: Texts, *, votes: int | None = None, is_saved: bool = False
) -> tuple[tuple[Button, ...], ...]:
    """The row under a compact card: its abstract, if there is one, then what a card's first row does."""
    *_, first, _ = card_buttons(paper, texts, votes=votes, is_saved=is_saved)
    # Translators: a button that shows the abstract of a paper.
    abstract = Button(texts.gettext("Abstract"), f"whole:{paper.number}")
    return ((abstract, *first) if shown_abstract(paper) else first,)


def _links(paper: Paper, texts: Texts) -> list[tuple[str, str]]:
    """Where a paper can be read and discussed, besides its source page, which its title links."""
    own = canonical_id(paper.id) or paper.id
    arxiv = is_arxiv(own)
    links = [
        ("PDF", f"https://arxiv.org/pdf/{own}" if arxiv else ""),
        # Translators: a link to the code of a paper.
        (texts.gettext("Code"), code_link(paper)),
        ("Hugging Face", discussion_url(paper)),
        ("alphaXiv", f"https://www.alphaxiv.org/abs/{own}" if arxiv else ""),
    ]
    return [(label, url) for label, url in links if safe_url(url)]


def list_buttons(papers: Sequence[Paper], first: int = 1) -> tuple[tuple[Button, ...], ...]:
    """A numbered button for each stored paper of a list, five a row; it opens the paper's card.

    `first` is the number of the first button, for a list that continues another message.
    """
    numbered = [Button(str(number), f"open:{paper.number}") for number, paper in enumerate(papers, first)]
    return tuple(tuple(numbered[start : start + _BUTTONS_A_ROW]) for start in range(0, len(numbered), _BUTTONS_A_ROW))
