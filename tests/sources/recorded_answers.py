"""Recorded answers of each source in ../shared/data, cut to a few entries each, so that many are changed and read."""

import copy
import gzip
import json

from lxml import etree

FILES = {
    "arxiv feed": ("arxiv_rss/recorded/*.xml", "arxiv_rss/serializer_generated/*.xml.gz"),
    "arxiv oai": ("oai_pmh/**/*.xml",),
    "arxiv api": ("arxiv_api/**/*.xml",),
    "rss": ("feeds_odd/**/*.xml", "arxiv_rss/recorded/*.xml"),
    "huggingface": ("hf_daily/samples/*.json",),
    "biorxiv": ("other_apis/biorxiv_medrxiv/*details*.json",),
    "crossref": ("other_apis/crossref/*.json",),
    "jsonl corpus": ("arxiv_corpus/one_day_2025-10-01.jsonl.gz",),
}
_ENTRY = {"item", "entry", "record"}
_ENTRIES, _OF_A_FILE = 2, 30


def recorded(folder, source):
    """What there is of a source: trees of XML, or values of JSON; nothing for sources that nobody recorded."""
    files = sorted(file for pattern in FILES.get(source, ()) for file in folder.glob(pattern))
    return [answer for file in files for answer in _answers(file)]


def _answers(file):
    body = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    if ".jsonl" in file.name:
        return [json.loads(line) for line in body.splitlines()]
    if file.suffix == ".json":
        return list(_cut_json(json.loads(body)))
    safe = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(body, safe)
    return [] if root is None else list(_cut_xml(root))


def _cut_json(answer):
    rows = answer.get("collection") or answer.get("data") if isinstance(answer, dict) else answer
    if rows is None:  # of Crossref, in a list of works or alone
        yield answer if "items" in answer["message"] else answer | {"message": as_list(answer["message"])}
        return
    for first in range(0, len(rows), _ENTRIES):
        some = rows[first : first + _ENTRIES]
        yield some if rows is answer else answer | {name: some for name, value in answer.items() if value is rows}


def as_list(work):
    """A work of Crossref's alone as a list of works."""
    return {"items": [work], "total-results": 1, "next-cursor": "x"}


def _cut_xml(root):
    """The tree with a few of its entries at a time; as it is if it has none."""
    entries = [element for element in root.iterdescendants() if etree.QName(element).localname in _ENTRY]
    if not entries:
        yield root
        return
    place = entries[0].getparent()
    path = root.getroottree().getelementpath(place)
    for entry in place.findall(entries[0].tag):
        place.remove(entry)
    for first in range(0, min(len(entries), _OF_A_FILE * _ENTRIES), _ENTRIES):
        answer = copy.deepcopy(root)
        (answer if place is root else answer.find(path)).extend(copy.deepcopy(entries[first : first + _ENTRIES]))
        yield answer
