"""Answers changed in one place or a few, as their structure allows: values, entries and elements, not single bytes."""

import copy
import json

from lxml import etree

VALUES = (
    None, True, 0, -1, 2**31, 2**63, 2**70, 1.5, float("inf"), float("nan"), "", " ", "x", "NA", "\0", "\ud800",
    "\u202e", "a" * 60_000, "$" * 300, "\\'{" * 100, [], {}, [[]], [{}], [None], {"id": 1}, {"name": None},
    "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2031-01-01T00:00:00Z",
    "Fri, 31 Dec 9999 23:59:59 -1200", "2026-02-30", "20260105", "2026-W01-1", "-0001-01-01",
    "oai:arXiv.org:", "2601.00001v99999999999", "hep-th/9901001", "10.1101/x", "https://doi.org/10.1101/x",
)  # fmt: skip
"""What a field may hold that nobody expects there."""
_TEXTS = tuple(value for value in VALUES if isinstance(value, str) and value.isprintable())


def changed_json(answer, rng):
    """`answer`, read from JSON, with up to three places changed, as bytes."""
    answer = [copy.deepcopy(answer)]
    for _ in range(rng.randint(1, 3)):
        place = answer
        key = 0
        while isinstance(place[key], dict | list) and place[key] and rng.random() < 0.85:
            place = place[key]
            key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
        _change(place, key, rng)
        if not answer:
            answer = [None]
    return json.dumps(answer[0]).encode()


def _change(place, key, rng):
    match rng.randrange(4):
        case 0 if isinstance(place, list):
            place.insert(key, copy.deepcopy(rng.choice(VALUES)))
        case 1:
            del place[key]
        case 2 if isinstance(place, dict):
            other = rng.choice(list(place))
            place[other] = place.pop(key)
        case _:
            place[key] = copy.deepcopy(rng.choice(VALUES))


def changed_xml(root, rng):
    """The tree of `root` with up to three elements changed, as bytes."""
    root = copy.deepcopy(root)
    for _ in range(rng.randint(1, 3)):
        element = rng.choice(list(root.iter()))
        parent = element.getparent()
        match rng.randrange(6):
            case 0 if parent is not None:
                parent.remove(element)
            case 1 if parent is not None:
                parent.append(copy.deepcopy(element))
            case 2:
                element.tag = rng.choice(list(root.iter())).tag
            case 3:
                element.attrib.clear()
            case 4:
                element.clear()
            case _:
                element.text = rng.choice(_TEXTS)
    return etree.tostring(root)
