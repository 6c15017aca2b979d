"""What Hugging Face says of a paper that was on one of its daily lists."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HubEntry:
    """A paper's entry on Hugging Face; everything is empty for a paper that was never listed there.

    `organisation` and `submitter` are names as Hugging Face shows them ("Google", "AK"), the handles those in its
    addresses ("google", "akhaliq"). `keywords` are made by a model. `media` are addresses of the pictures and films
    that the submitter added, `thumbnail` is that of the card. `models`, `datasets` and `demos` are the linked
    repositories, "owner/name", those that the paper's page shows first; the counts are of all, None if they were never
    looked up. All addresses are valid http or https ones.
    """

    organisation: str = ""
    organisation_handle: str = ""
    submitter: str = ""
    submitter_handle: str = ""
    project_url: str = ""
    keywords: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    thumbnail: str = ""
    comment_count: int | None = None
    models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    demos: tuple[str, ...] = ()
    model_count: int | None = None
    dataset_count: int | None = None
    demo_count: int | None = None

    def updated(self, later: HubEntry) -> HubEntry:
        """This entry after a `later` answer, which may say less: what it does not mention stays.

        A name goes with its handle, and linked repositories with their count: an answer with a count of 0 says that
        none are left.
        """
        changes = {name: value for name in _ALONE if (value := getattr(later, name)) not in _UNSAID}
        for names in _TOGETHER:
            if any(getattr(later, name) not in _UNSAID for name in names):
                changes |= {name: getattr(later, name) for name in names}
        return replace(self, **changes) if changes else self

    def values(self) -> dict[str, Any]:
        """The fields that say something, as JSON takes them; `read` reads them again."""
        stated = {name: value for name in _NAMES if (value := getattr(self, name)) not in _UNSAID}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in stated.items()}

    @classmethod
    def read(cls, values: dict[str, Any]) -> HubEntry:
        stated: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**stated)


_NAMES = tuple(field.name for field in fields(HubEntry))
_UNSAID: tuple[object, ...] = ("", (), None)
_TOGETHER = (
    ("organisation", "organisation_handle"),
    ("submitter", "submitter_handle"),
    ("models", "model_count"),
    ("datasets", "dataset_count"),
    ("demos", "demo_count"),
)
_ALONE = ("project_url", "keywords", "media", "thumbnail", "comment_count")
LINKED = tuple(name for names in _TOGETHER[2:] for name in names)
"""The fields that say what repositories are linked, which take a call of their own."""
NOT_LISTED = HubEntry()
"""The entry of a paper of which Hugging Face said nothing."""
