"""What services write around a query where they show it: headings of results, names of alerts, lines of a history."""

from __future__ import annotations

import re

_SERVICE = (
    r"(?:arxiv|pubmed|medline|(?:google |semantic )?scholar|scopus|web of science|wos|ieee xplore|dblp|inspire|ads|"
    r"europe pmc|openalex)"
)
_COUNT = r"(?:about |of |~)?[\d,.]+ ?k?"
_FIELDS = {
    "title": "ti:",
    "titles": "ti:",
    "abstract": "abs:",
    "abstracts": "abs:",
    "author": "au:",
    "author(s)": "au:",
}
_HEADING = re.compile(
    rf"\s*(?:#\d{{1,3}} (?=\S*[^\W\d])|"
    rf"(?:your |saved |my )?{_SERVICE}(?: advanced)? (?:search|query|alerts?)(?: results?)?(?: for)?\s*[:-]\s*|"
    rf"(?:showing |displaying )?(?:results? )?[\d,.]+ ?(?:-|to) ?[\d,.]+ (?:out )?of {_COUNT} "
    r"(?:results?|entries|papers|hits)(?: for:?)? |"
    rf"{_COUNT} (?:new )?(?:search )?(?:results?|documents?|hits|articles)(?: found)? for:? |"
    r"(?:(?:no|new|search|top|all|your) )+(?:results?|matches|articles|hits)(?: (?:were )?found)? (?:for|matching):? |"
    r"results (?:for|matching):? (?=\S)|you (?:have )?searched (?:for:? |: )|(?:your |this )?search for (?=\")|"
    r"(?:new )?(?:articles|papers|research) related to (?=\")|"
    r"(?:(?:your |my |saved |new |last |recent )*search(?:es)?|search (?:terms?|string|strategy|query)|query)\s*:\s*|"
    r"(?:suchergebnisse für|ergebnisse für|résultats (?:de recherche )?pour|resultados (?:de (?:búsqueda|busca) )?"
    r"(?:para|de)|risultati (?:di ricerca )?per)\s*:?\s+)",
    re.IGNORECASE,
)
_FIELD = re.compile(rf"(?P<field>all(?: fields)?|{'|'.join(map(re.escape, _FIELDS))}):? (?=\S)(?<=: )", re.IGNORECASE)
_FOOTING = re.compile(
    rf"(?:[\s,;.]+(?:sort(?:ed)? by|order(?:ed)? by)\s*:\s.*|[\s,;.]+filters(?: applied)?:\s"
    r"(?:(?:free )?full text|abstract|in the last|from \d|review|clinical|humans|english|meta-|randomi[sz]ed).*|"
    rf"\s+[-|·–—]\s+(?:search results?(?: - pubmed)?|{_SERVICE}(?:\.org| search| e-print (?:archive|repository))?)|"
    r"\s+(?:returned |found |gave )?(?:\(|\[)?[\d,.]+ (?:results?|hits|documents|articles)(?:\)|\])?|"
    r"\s+results?: [\d,.]+|"
    r"\s+[\d,]+ \d\d:\d\d:\d\d)\s*$",
    re.IGNORECASE,
)
_TERMS = re.compile(r"(?:query:\s.*?;\s*)?terms:\s*(?P<terms>\S.*)", re.IGNORECASE)
_TERM = re.compile(r"(?:(?P<joint>AND|OR|NOT)\s+)?(?P<field>[a-z_]+)=(?P<value>\S.*)", re.IGNORECASE)


def from_summary(text: str) -> str | None:
    """`Showing 1-50 of 312 results for title: lora` as `ti:lora`; None without anything around a query."""
    shown = " ".join(text.split())
    if terms := _TERMS.fullmatch(shown):
        return _from_terms(terms["terms"])
    query, field = shown, ""
    while heading := _HEADING.match(query):
        query = query[heading.end() :]
    if query != shown and (named := _FIELD.match(query)):
        query, field = query[named.end() :], _FIELDS.get(named["field"].casefold(), "")
    while footing := _FOOTING.search(query):
        query = query[: footing.start()]
    if query == shown or not any(map(str.isalnum, query)):
        return None
    return _in_field(field, query)


def _from_terms(text: str) -> str | None:
    """`AND title=lora; OR abstract=adapter`, how arXiv sums up an advanced search, as `ti:lora OR abs:adapter`."""
    terms = [_TERM.fullmatch(term.strip()) for term in text.split(";") if term.strip()]
    query = ""
    for term in terms:
        if term is None:
            return None
        joint = (term["joint"] or "AND").upper() if query else ""
        query += f" {joint} " + _in_field(_FIELDS.get(term["field"].casefold(), ""), term["value"])
    return query.strip() or None


def _in_field(field: str, words: str) -> str:
    if not field or " " not in words or re.fullmatch(r'"[^"]*"', words):
        return f"{field}{words}"
    return f'{field}"{words}"' if field == "au:" else f"{field}({words})"
