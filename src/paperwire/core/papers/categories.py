"""arXiv's classes: which exist, which a person means, and how they are grouped when they are asked for."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from paperwire.wording import categories as wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Category:
    """One class: `name` as arXiv spells it, its English `title`, its OAI-PMH `set_spec`.

    `items` is how many entries its announcement feed has on a busy day, replacements included (our estimate, on the
    safe side; a feed ends at 2,000). `part` is the group of classes that are asked for together, at most about 1,000
    entries; groups never depend on the settings, so that following one more class moves no other.
    """

    name: str
    title: str
    set_spec: str
    items: int
    part: str


def _load() -> dict[str, Category]:
    """The classes of arXiv's own list of sets (OAI-PMH ListSets of 2026): 155."""
    lines = resources.files("paperwire.core.papers").joinpath("arxiv_categories.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines[1:])
    return {name: Category(name, title, spec, int(items), part) for name, title, spec, items, part in rows}


CATEGORIES = _load()
"""Every class by its name."""

ARCHIVES = frozenset(name.split(".")[0] for name in CATEGORIES)
"""The names above the dot: `cs`, `math`, `astro-ph`; some (`hep-th`, `quant-ph`) are classes themselves."""

_TWINS = (
    ("cs.SY", "eess.SY"),
    ("cs.IT", "math.IT"),
    ("cs.NA", "math.NA"),
    ("math-ph", "math.MP"),
    ("math.ST", "stat.TH"),
    ("econ.GN", "q-fin.EC"),
)
TWIN = {one: other for pair in _TWINS for one, other in (pair, pair[::-1])}
"""Two names of one class: a paper in one of them is in both."""

_ACM = re.compile(r"[A-K]\.m\b")
"""The miscellaneous of ACM's top groups."""

_SPELLING = {name.lower(): name for name in (*ARCHIVES, *CATEGORIES)}


def is_class(name: str) -> bool:
    """Whether a category is a class; ACM and MSC terms, which arXiv lists beside them, have digits or are `K.m`."""
    return not any(map(str.isdigit, name)) and not _ACM.match(name)


def known_categories() -> tuple[str, ...]:
    """The names of all classes, in order."""
    return tuple(CATEGORIES)


def expand(name: str) -> tuple[str, ...]:
    """The classes meant by `cs.CV`, `cs`, `cs.*` or `*`, in any case.

    Raises:
        ValueError: there is no such class or archive; the text names the nearest one.
    """
    if name.strip() == "*":
        return tuple(CATEGORIES)
    bare = _SPELLING.get(name.strip().lower().removesuffix(".*"))
    if bare is None or (name.strip().endswith(".*") and bare not in ARCHIVES):
        raise ValueError(wording.unknown(name, nearest(name)))
    if bare in CATEGORIES:
        return (bare,)
    return tuple(found for found in CATEGORIES if found.startswith(f"{bare}."))


def select(names: Iterable[str]) -> tuple[str, ...]:
    """The classes meant by all of `names`, each once, in arXiv's order; raises ValueError as `expand` does."""
    wanted = {found for name in names for found in expand(name)}
    return tuple(name for name in CATEGORIES if name in wanted)


def nearest(name: str) -> str:
    """The class or archive whose name is most like `name`, empty if none is."""
    key = name.strip().lower().removesuffix(".*")
    if found := difflib.get_close_matches(key, _SPELLING, n=9, cutoff=0.75):
        # Of those that are as like, one in which the last letter alone is another: `cs.cy` for `cs.cx`, not `cs.sc`.
        return _SPELLING[max(found, key=lambda one: (_likeness(one, key), one.startswith(key[:-1])))]
    titles = {category.title.lower(): category.name for category in reversed(CATEGORIES.values())}
    if found := difflib.get_close_matches(key, titles, n=1, cutoff=0.7):
        return titles[found[0]]
    return _SPELLING.get(key.split(".")[0], "")


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def uncollected(wanted: Iterable[str], followed: Sequence[str]) -> tuple[str, ...]:
    """Those of the `wanted` categories of a query (`cs.CV`, `cs`, `cs.*`) that no followed class belongs to."""
    held = {name.lower() for name in followed} | {TWIN[name].lower() for name in followed if name in TWIN}
    return tuple(name for name in wanted if not _covered(name.lower().removesuffix(".*"), held))


def _covered(name: str, held: set[str]) -> bool:
    return name in held or any(one.startswith(f"{name}.") for one in held)


def grouped(classes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """`classes` by the part they are asked for in."""
    parts: dict[str, tuple[str, ...]] = {}
    for name in classes:
        part = CATEGORIES[name].part
        parts[part] = (*parts.get(part, ()), name)
    return parts
