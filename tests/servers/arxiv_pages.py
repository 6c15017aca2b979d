"""How arXiv writes its answers: feeds, lists, OAI-PMH in two formats, and the API's two writers."""

from email.utils import format_datetime
from html import escape

from paperwire.core.papers.categories import CATEGORIES
from servers.arxiv_archive import NEW_YORK

NAMESPACES = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
LICENCE = "http://creativecommons.org/licenses/by/4.0/"


def rss(asked, rows, rendered):
    midnight = format_datetime(rendered.astimezone(NEW_YORK).replace(hour=0, minute=0, second=0, microsecond=0))
    items = "".join(
        f"<item><title>{_t(version.title)}</title><link>https://arxiv.org/abs/{entry.id}</link>"
        f"<description>{_description(entry, number, kind)}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{entry.id}v{number}</guid>'
        + "".join(f"<category>{name}</category>" for name in entry.classes(rendered.astimezone(NEW_YORK).date()))
        + f"<pubDate>{midnight}</pubDate>{_extras(entry, kind)}</item>"
        for entry, number, kind in rows
        for version in [entry.versions[number - 1]]
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<rss {NAMESPACES} version=\"2.0\"><channel>"
        f"<title>{', '.join(asked)} updates on arXiv.org</title><link>http://rss.arxiv.org/rss/{'+'.join(asked)}</link>"
        f"<description>updates</description><lastBuildDate>{format_datetime(rendered)}</lastBuildDate>"
        f"<pubDate>{midnight}</pubDate><skipDays><day>Sunday</day><day>Saturday</day></skipDays>"
        f"{items}</channel></rss>"
    ).encode()


def atom(asked, rows, rendered):
    entries = "".join(
        f"<entry><id>oai:arXiv.org:{entry.id}v{number}</id><title>{_t(entry.versions[number - 1].title)}</title>"
        f"<updated>{rendered.isoformat()}</updated>"
        f'<link href="https://arxiv.org/abs/{entry.id}" rel="alternate" type="text/html"/>'
        f"<summary>{_description(entry, number, kind)}</summary>"
        + "".join(f'<category term="{name}"/>' for name in entry.classes(rendered.astimezone(NEW_YORK).date()))
        + f"<published>{rendered.isoformat()}</published>{_extras(entry, kind)}</entry>"
        for entry, number, kind in rows
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {NAMESPACES} xmlns=\"http://www.w3.org/2005/Atom\">"
        f"<id>http://rss.arxiv.org/atom/{'+'.join(asked)}</id><title>{', '.join(asked)} updates on arXiv.org</title>"
        f"<updated>{rendered.isoformat()}</updated>{entries}</feed>"
    ).encode()


def _description(entry, number, kind):
    return f"arXiv:{entry.id}v{number} Announce Type: {kind} \nAbstract: {_t(entry.versions[number - 1].abstract)}"


def _extras(entry, kind):
    doi = f"<arxiv:DOI>{_t(entry.doi)}</arxiv:DOI>" if entry.doi else ""
    journal = f"<arxiv:journal_reference>{_t(entry.journal_ref)}</arxiv:journal_reference>" if entry.journal_ref else ""
    return (
        f"<arxiv:announce_type>{kind}</arxiv:announce_type><dc:rights>{LICENCE}</dc:rights>"
        f"{journal}{doi}<dc:creator>{_t(', '.join(entry.authors))}</dc:creator>"
    )


SECTIONS = {"new": "New", "cross": "Cross", "replace": "Replacement", "replace-cross": "Replacement"}


def listing(name, day, rows, shown, *, miscounted=False):
    """`/list/NAME/new` as the templates of arXiv/arxiv-browse (`list/new.html`, `list_macros.html`) write it.

    The headings are those of September 2026: `New submissions (showing 83 of 83 entries)`.
    """
    sections, written, start = {}, "", 0
    for row in rows:
        sections.setdefault(SECTIONS[row[2]], []).append(row)
    for heading in ("New", "Cross", "Replacement"):
        inside = sections.get(heading, [])
        here = inside[: max(shown - start, 0)]
        first = "first " if len(here) < len(inside) else ""
        if here:
            items = "".join(_listed(start + n, *row) for n, row in enumerate(here[miscounted:], 1 + miscounted))
            counted = f"{heading} submissions (showing {first}{len(here)} of {len(inside)} entries)"
            written += f"<dl id='articles'>\n    <h3>{counted}</h3>\n{items}</dl>\n"
        start += len(inside)
    paging = f"<div class='paging'>Total of {len(rows)} entries \n    </div>" if rows else ""
    return (
        f"<!DOCTYPE html>\n<html lang='en'>\n<head><title>{_t(name)}</title>\n<meta charset='utf-8'/></head>\n<body>"
        f"<div id='content-inner'><div id='dlpage'>\n  <h1>{_t(CATEGORIES[name].title)}</h1>\n"
        f"<h3>Showing new listings for {day:%A}, {day.day} {day:%B %Y}</h3>\n{paging}\n"
        f"{written or '<p>No updates today.</p>'}\n{paging}</div></div></body></html>"
    ).encode()


def _listed(number, entry, version, kind):
    said = {"cross": f"(cross-list from {entry.categories[0]})", "replace": "(replaced)"}
    text = entry.versions[version - 1]
    return (
        f"<dt>\n<a name='item{number}'>[{number}]</a>\n"
        f'<a href ="/abs/{entry.id}" title="Abstract" id="{entry.id}">\n        arXiv:{entry.id}\n      </a>\n'
        f"{said.get(kind.removesuffix('-cross') if kind != 'cross' else kind, '')}\n"
        f'[<a href="/pdf/{entry.id}" title="Download PDF" id="pdf-{entry.id}">pdf</a>]</dt>\n'
        f"<dd><div class='meta'>\n<div class='list-title mathjax'><span class='descriptor'>Title:</span>\n"
        f"{_t(text.title)}\n</div><div class='list-authors'>{_t(', '.join(entry.authors))}</div>"
        f"<div class='list-subjects'><span class='descriptor'>Subjects:</span>\n"
        f'<span class="primary-subject">{entry.categories[0]}</span></div>\n'
        f"<p class='mathjax'>\n{_t(text.abstract)}\n</p></div>\n</dd>\n"
    )


def oai(content, now):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{now:%Y-%m-%dT%H:%M:%SZ}</responseDate>"
        f"<request>http://oaipmh.arxiv.org/oai</request>{content}</OAI-PMH>"
    ).encode()


def oai_error(code, reason, now):
    return oai(f"<error code='{code}'>{_t(reason)}</error>", now)


def header(entry, stamp):
    known = [name for name in entry.classes(stamp) if name in CATEGORIES]
    sets = "".join(f"<setSpec>{CATEGORIES[name].set_spec}</setSpec>" for name in known)
    identifier = f"<identifier>oai:arXiv.org:{entry.id}</identifier>"
    return f"<header>{identifier}<datestamp>{stamp}</datestamp>{sets}</header>"


def record(entry, stamp, style, now):
    return f"<record>{header(entry, stamp)}<metadata>{_metadata(entry, style, stamp, now)}</metadata></record>"


def _metadata(entry, style, stamp, now):
    known = entry.at(now)
    last = known[-1]
    categories = " ".join(entry.classes(stamp))
    common = (
        f"<title>{_t(last.title)}</title><categories>{categories}</categories>"
        + (f"<comments>{_t(last.comment)}</comments>" if last.comment else "")
        + (f"<doi>{_t(entry.doi)}</doi>" if entry.doi else "")
        + f"<license>{LICENCE}</license><abstract>  {_t(last.abstract)}\n</abstract>"
    )
    if style == "arXivRaw":
        versions = "".join(
            f'<version version="v{n}"><date>{format_datetime(version.submitted, usegmt=True)}</date></version>'
            for n, version in enumerate(known, 1)
        )
        names = _t(", ".join(entry.authors[:-1]) + " and " * (len(entry.authors) > 1) + (entry.authors or [""])[-1])
        return (
            f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{entry.id}</id><submitter>X</submitter>{versions}'
            f"<authors>{names}</authors>{common}</arXivRaw>"
        )
    # Since 2025 `created` is the day of the latest version (seen in every record of the server's own test database).
    updated = f"<updated>{last.submitted:%Y-%m-%d}</updated>" if len(known) > 1 else ""
    authors = "".join(
        f"<author><keyname>{_t(family)}</keyname>"
        + (f"<forenames>{_t(given)}</forenames>" if given else "")
        + "</author>"
        for given, _, family in (name.rpartition(" ") for name in entry.authors)
    )
    return (
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{entry.id}</id>'
        f"<created>{last.submitted:%Y-%m-%d}</created>{updated}<authors>{authors}</authors>{common}</arXiv>"
    )


def api(papers, now, *, old=False):
    arxiv = ' xmlns:arxiv="http://arxiv.org/schemas/atom"'
    search = ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
    entries = "".join(_api_entry(entry, known, arxiv if old else "") for entry, known in papers)
    root = "" if old else arxiv + search
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed{root} xmlns=\"http://www.w3.org/2005/Atom\">"
        f"<title>arXiv Query: </title><updated>{now:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f"<opensearch:totalResults{search if old else ''}>{len(papers)}</opensearch:totalResults>{entries}</feed>"
    ).encode()


def _api_entry(entry, known, arxiv):
    last, break_line = known[-1], "\n  " if arxiv else " "
    return (
        f"<entry><id>http://arxiv.org/abs/{entry.id}v{len(known)}</id>"
        f"<title>{_t(last.title).replace(' ', break_line, 1)}</title>"
        f"<updated>{last.submitted:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f"<published>{known[0].submitted:%Y-%m-%dT%H:%M:%SZ}</published>"
        f"<summary>  {_t(last.abstract)}\n</summary>"
        + "".join(f"<author><name>{_t(name)}</name></author>" for name in entry.authors)
        + (f"<arxiv:comment{arxiv}>{_t(last.comment)}</arxiv:comment>" if last.comment else "")
        + f'<arxiv:primary_category{arxiv} term="{entry.categories[0]}"/>'
        + "".join(f'<category term="{name}" scheme="http://arxiv.org/schemas/atom"/>' for name in entry.categories)
        + "</entry>"
    )


def api_error(reason, now):
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns="http://www.w3.org/2005/Atom">'
        f"<updated>{now:%Y-%m-%dT%H:%M:%SZ}</updated><opensearch:totalResults>1</opensearch:totalResults>"
        f"<entry><id>https://arxiv.org/api/errors#x</id><title>Error</title><summary>{_t(reason)}</summary></entry></feed>"
    ).encode()


def _t(text):
    return escape(text, quote=False)
