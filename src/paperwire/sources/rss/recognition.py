"""Which entries of a feed were there before, though their links or guids may have changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from paperwire.core.papers.paper import Paper
from paperwire.sources.rss.entries import MADE, MAX_ENTRIES, SourceEntry, digest


@dataclass(frozen=True, slots=True)
class Mark:
    """What is remembered of an entry: digests of all it says, of its title and of its place, and its day."""

    content: str
    title: str = ""
    place: str = ""
    day: str = ""

    def is_same(self, other: Mark, *, has_guid: bool) -> bool:
        """Whether two entries of two looks are one: by title and day, by all they say where they have no day.

        Where the feed gives guids, these may differ in their query or fragment alone.
        """
        if has_guid and self.place != other.place:
            return False
        has_changed = not self.day and self.content != other.content
        return (self.title, self.day) == (other.title, other.day) and not has_changed


def mark_of(entry: SourceEntry) -> Mark:
    paper = entry.paper
    day = str(paper.published.date()) if paper.published else ""
    content = digest(f"{paper.title}\0{paper.abstract}\0{paper.authors}", 6)
    return Mark(content, digest(paper.title, 6), digest(entry.place, 6), day)


def recognised(entries: Sequence[SourceEntry], marks_by_id: Mapping[str, Mark]) -> dict[str, tuple[Paper, Mark]]:
    """The papers by their ids: those that they had before, one for each entry, else their own.

    What is in the feed twice, the day and all, is one paper.
    """
    marks = [mark_of(entry) for entry in entries]
    ids = _ids_of(entries, marks, marks_by_id)
    missing: dict[str, list[str]] = defaultdict(list)
    present = set(ids)
    for paper_id, mark in marks_by_id.items():
        if paper_id not in present:
            missing[mark.title].append(paper_id)
    papers: dict[str, tuple[Paper, Mark]] = {}
    read = set()
    for entry, mark, own_id in zip(entries, marks, ids, strict=True):
        if own_id in read:
            continue
        read.add(own_id)
        paper_id = own_id
        if own_id not in marks_by_id and not entry.fixed:
            candidates = missing[mark.title]
            same = (paper_id for paper_id in candidates if marks_by_id[paper_id].is_same(mark, has_guid=entry.has_guid))
            paper_id = next(same, own_id)
            if paper_id != own_id:
                candidates.remove(paper_id)
        papers[paper_id] = replace(entry.paper, id=paper_id), mark
    return papers


def remembered(papers: Mapping[str, tuple[Paper, Mark]], marks_by_id: Mapping[str, Mark]) -> dict[str, Mark]:
    """What to know at the next look: the entries of this one and, as a feed may be empty once, some of earlier ones."""
    marks = {paper_id: mark for paper_id, (_, mark) in papers.items()}
    earlier = {name: mark for name, mark in marks_by_id.items() if name not in marks and name.startswith(MADE)}
    return {**marks, **dict(list(earlier.items())[: max(MAX_ENTRIES - len(marks), 0)])}


def _ids_of(entries: Sequence[SourceEntry], marks: Sequence[Mark], marks_by_id: Mapping[str, Mark]) -> list[str]:
    """An id for each: that of its guid or link, with a digest of what it says where several entries share that."""
    differences = [_difference(entry, mark) for entry, mark in zip(entries, marks, strict=True)]
    identities = {(entry.own_id, difference) for entry, difference in zip(entries, differences, strict=True)}
    shared = {own_id for own_id, count in Counter(own_id for own_id, _ in identities).items() if count > 1}
    shared |= {name.partition(".")[0] for name in marks_by_id if name.startswith(MADE) and "." in name}
    shared |= {
        entry.own_id for entry, mark in zip(entries, marks, strict=True) if _is_another(entry, mark, marks_by_id)
    }
    holders: dict[str, str] = {}
    ids = []
    for entry, difference in zip(entries, differences, strict=True):
        own_id, before = entry.own_id, marks_by_id.get(entry.own_id)
        holder = holders.setdefault(own_id, _difference(entry, before) if before and before.title else difference)
        if entry.paper.id != own_id and not before:
            ids.append(entry.paper.id)
        else:
            ids.append(own_id if own_id not in shared or holder == difference else f"{own_id}.{difference}")
    return ids


def _is_another(entry: SourceEntry, mark: Mark, marks_by_id: Mapping[str, Mark]) -> bool:
    """Whether an entry bears only the link of an earlier one: neither title nor day are its."""
    before = marks_by_id.get(entry.own_id)
    if entry.has_guid or before is None or not before.title:
        return False
    return before.title != mark.title and before.day != mark.day


def _difference(entry: SourceEntry, mark: Mark) -> str:
    return digest(f"{mark.title} {mark.day} {'' if entry.has_guid else mark.content}", 4)
