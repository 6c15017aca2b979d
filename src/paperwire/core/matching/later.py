"""What became true of a paper only after it was news: its record grew, and with it what queries see of it."""

from __future__ import annotations

from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.paper import Occasion, Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.nodes import terms_of
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.term import Term, Value
from paperwire.errors import QueryError

_NAMED = {"org": "organisation", "by": "submitter"}


def occasion_of(query: Query, before: Doc, after: Doc) -> Occasion | None:
    """The occasion of what a query asks for and the record says only now; None if it matches for another reason."""
    for term, is_wanted in terms_of(query.root):
        if is_wanted and term.later and term.holds(after) and not term.holds(before):
            return _occasion(term, after)
    return None


def still_holds(text: str, paper: Paper) -> bool:
    """Whether a paper's record says still what the query of a subscription waited for; a query of before can't tell."""
    try:
        query = parse(text)
    except QueryError:
        return True
    doc = Doc.of(paper)
    later = [term for term, is_wanted in terms_of(query.root) if is_wanted and term.later]
    return not later or any(term.holds(doc) for term in later)


def _occasion(term: Term, doc: Doc) -> Occasion:
    if term.field == "co":
        return Occasion.comment(doc.paper.comment)
    if term.field == "venue" and (acceptance := acceptance_of(doc.paper)) is not None:
        return Occasion.named(acceptance.status)
    return Occasion.named(_NAMED.get(term.field) or (term.name if isinstance(term, Value) else "code"))
