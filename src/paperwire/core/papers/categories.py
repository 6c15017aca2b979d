"""arXiv's categories: which exist, which a name means, and how they are grouped for requests."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Category:
    """One category: `name` as arXiv spells it, its English `title`, its OAI-PMH `set_spec`.

    `items` is the number of entries in its announcement feed on a busy day, replacements included (our estimate, on the
    safe side; a feed ends at 2,000). `part` is the group of categories requested together, at most about 1,000
    entries; groups never depend on the settings, so that adding a category moves no other.
    """

    name: str
    title: str
    set_spec: str
    items: int
    part: str


def _load() -> dict[str, Category]:
    """The 155 categories of arXiv's own list of sets (OAI-PMH ListSets of 2026)."""
    lines = resources.files("paperwire.core.papers").joinpath("arxiv_categories.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines[1:])
    return {name: Category(name, title, spec, int(items), part) for name, title, spec, items, part in rows}


CATEGORIES = _load()
"""Every category by its name."""

ARCHIVES = frozenset(name.split(".")[0] for name in CATEGORIES)
"""The names above the dot: `cs`, `math`, `astro-ph`; some (`hep-th`, `quant-ph`) are categories themselves."""

_ARCHIVE_TITLES = {
    "astro-ph": "Astrophysics",
    "cond-mat": "Condensed Matter",
    "cs": "Computer Science",
    "econ": "Economics",
    "eess": "Electrical Engineering and Systems Science",
    "math": "Mathematics",
    "nlin": "Nonlinear Sciences",
    "physics": "Physics",
    "q-bio": "Quantitative Biology",
    "q-fin": "Quantitative Finance",
    "stat": "Statistics",
}
"""arXiv's own names of the archives that are no categories themselves (https://arxiv.org/category_taxonomy)."""

_TWINS = (
    ("cs.SY", "eess.SY"),
    ("cs.IT", "math.IT"),
    ("cs.NA", "math.NA"),
    ("math-ph", "math.MP"),
    ("math.ST", "stat.TH"),
    ("econ.GN", "q-fin.EC"),
)
TWIN = {name: twin for pair in _TWINS for name, twin in (pair, pair[::-1])}
"""The two names of one category: a paper in one of them is in both."""

_ACM = re.compile(r"[A-K]\.m\b")  # the miscellaneous classes of ACM's top groups

SPELLING = {name.lower(): name for name in (*ARCHIVES, *CATEGORIES)}
"""Every category and archive as arXiv spells it, by its name in small letters."""


def is_category(name: str) -> bool:
    """Whether a name is a category's; the ACM and MSC terms that arXiv lists with them have digits or are `K.m`."""
    return not any(map(str.isdigit, name)) and not _ACM.match(name)


def archive_of(name: str) -> str:
    """The archive of a category, `cs` of `cs.CV`; a name that no archive has is its own."""
    archive = name.partition(".")[0]
    return archive if archive in ARCHIVES else name


def archive_title(archive: str) -> str:
    """What arXiv calls an archive, in English; empty for an unknown name."""
    return _ARCHIVE_TITLES.get(archive) or (CATEGORIES[archive].title if archive in CATEGORIES else "")


def expand(name: str) -> tuple[str, ...]:
    """The categories meant by `cs.CV`, `cs`, `cs.*` or `*`, in any case.

    Raises:
        ValueError: no category or archive has this name; the text, for operators, names the nearest one.
    """
    if name.strip() == "*":
        return tuple(CATEGORIES)
    bare = SPELLING.get(name.strip().lower().removesuffix(".*"))
    if bare is None or (name.strip().endswith(".*") and bare not in ARCHIVES):
        hint = f"; did you mean {similar!r}?" if (similar := nearest_category(name)) else ""
        raise ValueError(f"arXiv has no category {name!r}{hint}")
    if bare in CATEGORIES:
        return (bare,)
    return tuple(category for category in CATEGORIES if category.startswith(f"{bare}."))


def select(names: Iterable[str]) -> tuple[str, ...]:
    """The categories meant by all of `names`, each once, in arXiv's order; raises ValueError as `expand` does."""
    names_meant = {category for name in names for category in expand(name)}
    return tuple(name for name in CATEGORIES if name in names_meant)


def nearest_category(name: str) -> str:
    """The category or archive whose name is most like `name`, empty if none is."""
    key = name.strip().lower().removesuffix(".*")
    if below := SPELLING.get(key.partition(".")[2]):
        return below
    if similar := difflib.get_close_matches(key, SPELLING, n=40, cutoff=0.75):
        # Among the most similar, prefer one in which only the last letter differs: `cs.cy` for `cs.cx`, not `cs.sc`.
        return SPELLING[max(similar, key=lambda name: (_similarity(name, key), name.startswith(key[:-1])))]
    titles = {category.title.lower(): category.name for category in reversed(CATEGORIES.values())}
    if similar := difflib.get_close_matches(key, titles, n=1, cutoff=0.7):
        return titles[similar[0]]
    lower = next((category for category in CATEGORIES if category.lower().endswith(f".{key}")), "")
    return lower or SPELLING.get(key.split(".")[0], "")


_SUBJECTS = {
    "computational linguistics": ("cs.CL",), "natural language processing": ("cs.CL",), "deep learning": ("cs.LG",),
    "particle physics": ("hep-ph", "hep-ex"), "general relativity": ("gr-qc",),
}  # fmt: skip
"""What people call categories that bear another title."""
_BETWEEN_PARTS = re.compile(r",? and |, | - ")


def titled(subject: str) -> tuple[str, ...]:
    """The categories or archives with this title, or with it as a part of theirs; none for other words.

    `machine learning` is cs.LG and stat.ML, `computer vision` cs.CV.
    """
    key = " ".join(subject.lower().split())
    if key in _SUBJECTS:
        return _SUBJECTS[key]
    titles = {name: category.title.lower() for name, category in CATEGORIES.items()}
    titles |= {archive: title.lower() for archive, title in _ARCHIVE_TITLES.items()}
    if names := tuple(name for name, title in titles.items() if title == key):
        return names
    parts = {name: _BETWEEN_PARTS.split(title) for name, title in titles.items()}
    first = tuple(name for name, title in parts.items() if title[0] == key)
    return first or tuple(name for name, title in parts.items() if key in title)


def _similarity(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, name, other).ratio()


def uncollected(names: Iterable[str], followed: Sequence[str]) -> tuple[str, ...]:
    """The `wanted` categories of a query (`cs.CV`, `cs`, `cs.*`) that no followed category belongs to."""
    collected = {name.lower() for name in followed} | {TWIN[name].lower() for name in followed if name in TWIN}
    return tuple(name for name in names if not _covers(collected, name.lower().removesuffix(".*")))


def _covers(collected: set[str], name: str) -> bool:
    return name in collected or any(category.startswith(f"{name}.") for category in collected)


def grouped(categories: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """`categories` by the part they are requested in."""
    parts: dict[str, tuple[str, ...]] = {}
    for name in categories:
        part = CATEGORIES[name].part
        parts[part] = (*parts.get(part, ()), name)
    return parts
