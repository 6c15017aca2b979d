"""What the fake arXiv holds: papers with the days on which arXiv announced their versions and cross-lists."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
LISTED_VERSIONS = 5  # replacements from version 6 on stand in no feed


@dataclass
class Version:
    """One version: when it came in and the day of the batch that announced it."""

    submitted: datetime
    day: date
    title: str = ""
    abstract: str = ""
    comment: str = ""


@dataclass
class Entry:
    """One paper; `later` are classes that were added on a later day, `touched` days on which its record changed."""

    id: str
    categories: list[str]
    authors: list[str]
    versions: list[Version]
    later: dict[str, date] = field(default_factory=dict)
    touched: list[date] = field(default_factory=list)
    doi: str = ""
    journal_ref: str = ""

    def classes(self, day):
        """The classes it is in on `day`."""
        return [name for name in self.categories if self.later.get(name, day) <= day]

    def at(self, instant):
        """The versions that are public at `instant`: from 20:00 New York time of the evening before their day."""
        local = instant.astimezone(NEW_YORK)
        return [version for version in self.versions if local >= evening(version.day, 20)]

    def stamp(self, instant, late=()):
        """The OAI datestamp at `instant`, if the record is there already (from 22:30 of that evening on).

        What was announced on a day in `late` is there so many hours later.
        """
        days = [version.day for version in self.versions] + list(self.later.values()) + self.touched
        hours = dict(late)
        there = {day: evening(day, 22, 30).astimezone(UTC) + timedelta(hours=hours.get(day, 0)) for day in days}
        return max((day for day, at in there.items() if instant >= at), default=None)


def evening(day, hour, minute=0):
    return datetime.combine(day - timedelta(days=1), time(hour, minute), NEW_YORK)


def working_day_before(day):
    """The morning (New York) of the last working day before: what comes in then is announced for `day`."""
    before = day - timedelta(days=1)
    while before.weekday() > 4:
        before -= timedelta(days=1)
    return datetime.combine(before, time(15), UTC)


class Archive:
    """All papers by id, and what was announced on a day."""

    def __init__(self, entries=()):
        self.entries = {entry.id: entry for entry in entries}
        self._days = -1, {}

    def add(self, paper_id, day, categories=("cs.CL",), title="A made-up paper", **more):
        """A made-up paper, announced on `day`."""
        day = date.fromisoformat(str(day))
        submitted = more.pop("submitted", working_day_before(day))
        texts = {name: more.pop(name) for name in ("abstract", "comment") if name in more}
        version = Version(submitted, day, title, **{"abstract": f"We made up paper {paper_id}.", **texts})
        authors = more.pop("authors", ["Ada Örtel", "Bob Roe"])
        entry = Entry(paper_id, list(categories), authors, [version], **more)
        self.entries[paper_id] = entry
        return entry

    def replace(self, paper_id, day, **texts):
        """A new version, announced on `day`; texts that are not given stay."""
        day = date.fromisoformat(str(day))
        last = self.entries[paper_id].versions[-1]
        kept = {"title": last.title, "abstract": last.abstract, "comment": last.comment}
        self.entries[paper_id].versions.append(Version(working_day_before(day), day, **{**kept, **texts}))

    def comment(self, paper_id, day, text):
        """Another comment of the latest version, of which only its record says something."""
        entry = self.entries[paper_id]
        entry.versions[-1].comment = text
        entry.touched.append(date.fromisoformat(str(day)))

    def cross(self, paper_id, day, name):
        """One more class, announced on `day`."""
        self.entries[paper_id].categories.append(name)
        self.entries[paper_id].later[name] = date.fromisoformat(str(day))

    @classmethod
    def of_corpus(cls, rows):
        """The rows of `paperwire import`'s format: one version each."""
        entries = []
        for row in rows:
            submitted = datetime.fromisoformat(row["published"])
            version = Version(
                submitted,
                date.fromisoformat(row["announced"]),
                row["title"],
                row["abstract"],
                row.get("comment", ""),
            )
            entries.append(Entry(row["id"], row["categories"], row["authors"], [version]))
        return cls(entries)

    def batch(self, day, inside, asked=None):
        """(entry, version number, announce type) of the classes `inside` on that day, in the feed's order.

        The type is relative to all classes that were `asked` for.
        """
        asked = asked or inside
        rows = []
        for entry in self._by_day().get(day, ()):
            if not any(is_asked(name, inside) for name in entry.classes(day)):
                continue
            primary = is_asked(entry.categories[0], asked)
            number = next((n for n, version in enumerate(entry.versions, 1) if version.day == day), 0)
            if number == 1:
                rows.append((entry, 1, "new" if primary else "cross"))
            elif 1 < number <= LISTED_VERSIONS:
                rows.append((entry, number, "replace" if primary else "replace-cross"))
            elif number == 0 and any(on == day and is_asked(name, inside) for name, on in entry.later.items()):
                known = sum(version.day <= day for version in entry.versions)
                rows.append((entry, known, "cross"))
        return in_order(rows)

    def _by_day(self):
        """The entries by the days on which something of them was announced; recalculated after a change."""
        size = sum(len(entry.versions) + len(entry.later) for entry in self.entries.values())
        if self._days[0] != size:
            days = {}
            for entry in self.entries.values():
                for day in {version.day for version in entry.versions} | set(entry.later.values()):
                    days.setdefault(day, []).append(entry)
            self._days = size, days
        return self._days[1]


def in_order(rows):
    """As arXiv sorts a feed before it cuts: new papers last."""
    order = ["replace-cross", "replace", "cross", "new"]
    return sorted(rows, key=lambda row: (order.index(row[2]), row[0].id))


def is_asked(name, asked):
    return any(name.lower() == one.lower() or name.lower().startswith(f"{one.lower()}.") for one in asked)
