"""Whom or what papers in a sentence are from: `by Yann LeCun and Yoshua Bengio`, `from Google`, `at NeurIPS 2025`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paperwire.core.query.terms.venue import ANY, accepted_at, names_conference

ORGANISATIONS = frozenset(
    "adobe ai2 alibaba allenai amazon anthropic apple baidu berkeley bytedance cohere deepmind deepseek eleutherai"  # noqa: SIM905 -- words
    " epfl facebook google huawei huggingface ibm intel kaist meta microsoft mistral mit moonshot nvidia openai oxford"
    " princeton qwen salesforce samsung stanford tencent tsinghua uc xai xiaomi".split()
)
"""First words of names of organisations on Hugging Face that no one bears: `papers from DeepMind`."""
PARTICLES = frozenset("al bin da de del della der di du el la le ten ter van von".split())  # noqa: SIM905 -- words
"""Words of authors' names in small letters."""
_ARTICLES = frozenset({"the", "der", "dem", "den", "die", "das", "la", "le", "les"})
_BEFORE_TOPICS = frozenset({"from", "von"})
_OF = frozenset({"de", "di", "статьи", "работы", "публикации", "исследования", "препринты"})
"""What stands before topics, too."""
_ON = frozenset({"sur", "sobre", "su", "sul", "sullo", "sulla", "sull", "sui", "sugli", "sulle"})
_AND = frozenset({"and", "und", "et", "&", "и"})
_OR = frozenset({"or", "oder", "ou", "или"})
_LONGEST_VENUE = 4


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a sentence as typed and folded, without punctuation, and the places of those before a comma.

    `plain` words say nothing of a topic, and `by` stands before authors.
    """

    words: Sequence[str]
    folded: Sequence[str]
    commas: frozenset[int]
    plain: frozenset[str]
    by: frozenset[str]

    def is_capital(self, place: int) -> bool:
        """Whether the word there begins with a capital."""
        return place < len(self.words) and self.words[place][:1].isupper()

    def text(self, places: range) -> str:
        """The words at these places."""
        return " ".join(self.words[place] for place in places)


@dataclass(frozen=True, slots=True)
class Origin:
    """`places` of a sentence, and the query that they stand for."""

    places: range
    query: str


def origins(spoken: Spoken, about: Sequence[int]) -> Iterator[Origin]:
    """The venues that a sentence names, and its authors or organisations; `about` are the places of telling words."""
    venues = next(filter(None, (_venues(spoken, place) for place in about)), None)
    names = next(
        (place for place in about if place and spoken.is_capital(place) and spoken.folded[place - 1] in spoken.by), 0
    )
    is_venue = venues is not None and names in venues.places
    people = _people(spoken, names) if names and not is_venue else None
    yield from filter(None, (people, venues))


def _query(terms: Sequence[str], *, is_either: bool) -> str:
    joined = (" OR " if is_either else " ").join(terms)
    return f"({joined})" if is_either and len(terms) > 1 else joined


# --- venues --------------------------------------------------------------------------------------------------------


def _venues(spoken: Spoken, begin: int) -> Origin | None:
    """The venues from there on, any of them: `NeurIPS 2025`, `ICLR, ICML or NeurIPS`."""
    places = _venue(spoken, begin)
    names: list[range] = []
    while places:
        names.append(places)
        after = places.stop
        joint = after < len(spoken.folded) and spoken.folded[after] in _AND | _OR
        is_list = joint or after - 1 in spoken.commas
        places = _venue(spoken, after + joint, is_first=False) if is_list else range(0)
    terms = [f'venue:"{name}"' if " " in name else f"venue:{name}" for name in map(spoken.text, names)]
    return Origin(range(begin, names[-1].stop), _query(terms, is_either=True)) if names else None


def _venue(spoken: Spoken, begin: int, *, is_first: bool = True) -> range:
    """The places of the longest name of a venue that begins there; the first after a word such as `from` or `at`."""
    before = begin - 2 if spoken.folded[begin - 1 : begin] and spoken.folded[begin - 1] in _ARTICLES else begin - 1
    joint = spoken.folded[before] if before >= 0 else ""
    if is_first and joint not in _BEFORE_VENUES:
        return range(0)
    is_likely = is_first and joint in _SURE and (before == 0 or spoken.folded[before - 1] in spoken.plain)
    for end in range(min(begin + _LONGEST_VENUE, len(spoken.words)), begin, -1):
        name = spoken.text(range(begin, end))
        is_more = spoken.folded[end : end + 1] == ["of"]
        if names_conference(name) or (is_likely and not is_more and spoken.is_capital(begin) and _is_venue(name)):
            return range(begin, end)
    return range(0)


def _is_venue(name: str) -> bool:
    venue = accepted_at(name)
    return bool(venue) and venue.split(" ")[0] != ANY


_SURE = frozenset({"from", "at"})
_BEFORE_VENUES = frozenset(
    {"from", "at", "in", "by", "von", "aus", "auf", "bei", "de", "à", "dans", "en", "em", "del", "dal", "с", "из", "на"}
)


# --- authors and organisations -------------------------------------------------------------------------------------


def _people(spoken: Spoken, begin: int) -> Origin | None:
    """The authors or organisations whose names begin there; None if that may be a topic.

    `de` stands before topics too, so that two words or an organisation make a name, and nothing does after a topic:
    `modèles de Markov`, but `articles de Bengio sur ...`. After a topic, two words make one with `from` and `von`:
    `Paper zu LoRA von Kaiming He`.
    """
    names, is_either = _names(spoken, begin)
    first, joint = names[0], spoken.folded[begin - 1]
    is_after_topic = begin > 1 and spoken.folded[begin - 2] not in spoken.plain
    are_organisations = [_is_organisation(spoken, name) for name in names]
    is_before_topic = not _ON.isdisjoint(spoken.folded[first.stop : first.stop + 1])
    is_short = len(first) == 1 and not are_organisations[0] and not is_before_topic
    is_topic = is_after_topic or is_short if joint in _OF else is_after_topic and is_short and joint in _BEFORE_TOPICS
    are_abbreviations = any(
        spoken.text(name).isupper() and not is_organisation
        for name, is_organisation in zip(names, are_organisations, strict=True)
    )
    if is_topic or are_abbreviations:
        return None
    fields = ["org" if is_organisation else "au" for is_organisation in are_organisations]
    terms = [f'{field}:"{_in_order(spoken, name)}"' for field, name in zip(fields, names, strict=True)]
    return Origin(range(begin, names[-1].stop), _query(terms, is_either=is_either or all(are_organisations)))


def _is_organisation(spoken: Spoken, name: range) -> bool:
    return spoken.folded[name.start] in ORGANISATIONS


def _names(spoken: Spoken, begin: int) -> tuple[list[range], bool]:
    """The places of the names of a list, and whether any of them will do.

    After a comma a single word goes on a list of single words: `by LeCun, Bengio`; initials belong to the name before.
    """
    names, is_either = [_name(spoken, begin)], False
    while True:
        end = names[-1].stop
        joint = spoken.folded[end] if end < len(spoken.folded) else ""
        is_joined = joint in _AND | _OR
        following = _name(spoken, end + is_joined)
        is_after_comma = end - 1 in spoken.commas
        is_single = is_after_comma and not is_joined and len(following) == 1
        if not following or not (is_joined or is_after_comma):
            return names, is_either
        if is_single and len(spoken.text(following)) == 1:
            names[-1] = range(names[-1].start, following.stop)
            continue
        if is_single and len(names[-1]) > 1:
            return names, is_either
        is_either = is_either or joint in _OR
        names.append(following)


def _in_order(spoken: Spoken, name: range) -> str:
    """The name as typed; with the initials first that follow a comma: `LeCun, Y.`."""
    family = next((place + 1 for place in name[:-1] if place in spoken.commas), name.start)
    words = [*range(family, name.stop), *range(name.start, family)]
    return " ".join(spoken.words[place] for place in words)


def _name(spoken: Spoken, begin: int) -> range:
    """The places of the name that begins there, up to a comma; none if nothing there is written as one."""
    end = begin
    while _goes_on(spoken, end):
        end += 1
        if end - 1 in spoken.commas:
            break
    return range(begin, end)


def _goes_on(spoken: Spoken, place: int) -> bool:
    """Whether a name goes on with this word: a capital, or a particle such as `van` before one."""
    if place >= len(spoken.words):
        return False
    if spoken.folded[place] in PARTICLES:
        return spoken.is_capital(place) or _goes_on(spoken, place + 1)
    return spoken.is_capital(place) and spoken.folded[place] not in spoken.plain
