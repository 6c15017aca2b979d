"""Queries and papers for property tests: small vocabularies, so that they meet often."""

from hypothesis import strategies as st

from paperwire.core.papers.hub import NOT_LISTED, HubEntry
from paperwire.core.papers.paper import Paper

WORDS = [
    "a",
    "b",
    "ab",
    "cats",
    "cat",
    "LLMs",
    "GPs",
    "GPS",
    "C++",
    "C#",
    "losses",
    "Müller",
    "γ",
    "模型",
    "x2",
    "policies",
]
JOINTS = ["-", "_", "^", "'", "–"]
words = st.sampled_from(WORDS)
runs = st.lists(st.tuples(words, st.sampled_from([*JOINTS, "/", "."])), min_size=1, max_size=4).map(
    lambda parts: "".join(word + sign for word, sign in parts[:-1]) + parts[-1][0]
)
texts = st.lists(st.one_of(words, runs), max_size=8).map(" ".join)
names = st.lists(
    st.sampled_from(["Kai", "K.", "He", "Pin-Yu", "Sun", "Jr", "O'Neil", "Müller", "S", "Y."]), min_size=1, max_size=8
)
COMMENTS = [
    "https://github.com/a/b",
    "Accepted at NeurIPS 2025",
    "NeurIPS 2025 Workshop on cats",
    "Submitted to ICLR 2026",
    "Project page: https://a.github.io/b",
]
ENTRIES = [
    NOT_LISTED,
    HubEntry(organisation="Müller cats", organisation_handle="ab-x2", submitter="Kai He", submitter_handle="kai"),
    HubEntry(organisation="模型", model_count=2, media=("https://a.org/a.mp4",)),
]
papers = st.builds(
    Paper,
    id=st.sampled_from(["2510.00001", "hep-th/9901001"]),
    title=texts,
    abstract=texts,
    authors=st.lists(names.map(" ".join), max_size=2).map(tuple),
    categories=st.lists(st.sampled_from(["cs.CV", "cs.SY", "math-ph", "hep-th", "68T50"]), max_size=2).map(tuple),
    comment=st.one_of(texts, st.sampled_from(COMMENTS)),
    journal_ref=st.sampled_from(["", "Phys. Rev. B 100, 1 (2025)"]),
    hub=st.sampled_from(ENTRIES),
)

plain = st.one_of(
    words,
    runs,
    st.tuples(st.sampled_from(["", "="]), st.sampled_from(["ab-x*", "LLM-x2*", "b-GP*", "a-ab*"])).map("".join),
    st.sampled_from(["cat*", "polic*", "f(ab)", "=cats", "=cat", "=a", "=LLMs", "=LLM*", "cats-pol*"]),
)
phrases = st.tuples(st.sampled_from(["", "="]), texts.filter(bool), st.sampled_from(["", "*"])).map(
    lambda parts: f'{parts[0]}"{parts[1]}{parts[2]}"'
)
valued = st.sampled_from(
    [
        "au:he",
        'au:"k he"',
        'au:"kai sun"',
        "au:pinyu",
        "au:pin-yu",
        "au:mull*",
        'au:"h k"',
        'au:"k y he"',
        'au:"k sun he"',
        'au:"pin y sun"',
        'au:"mull* k"',
        "au:pin-y*",
        'au:"kai o-neil s"',
        "cat:cs",
        "cat:cs.*",
        "cat:eess.SY",
        "cat:math",
        "id:arXiv:2510.00001v2",
        "source:arxiv",
        "source:rss",
        "has:code",
        "has:models",
        "has:project",
        "has:video",
        "venue:any",
        "venue:neurips",
        'venue:"nips 2025"',
        "venue:workshop",
        'venue:"phys. rev. b"',
        "org:cat",
        'org:"muller cats"',
        "org:ab-x*",
        "org:=模型",
        "by:@kai",
        'by:"kai he"',
    ]
)
fields = st.sampled_from(["", "", "", "ti:", "abs:", "TITLE:", "all:", "co:", "Comment:", "org:"])
fieldless = st.one_of(plain, phrases)
terms = st.one_of(st.tuples(fields, fieldless).map("".join), valued)


def _grown(inner):
    signs = st.sampled_from([" ", " AND ", " OR ", " -", " NOT ", " ANDNOT ", " and "])
    joined = st.lists(st.tuples(signs, inner), min_size=1, max_size=3).map(
        lambda parts: parts[0][1] + "".join(sign + part for sign, part in parts[1:])
    )
    return st.one_of(joined, joined.map("({})".format), joined.map("-({})".format))


groups = st.tuples(
    st.sampled_from(["ti:", "abs:", "co:", "org:"]), st.lists(fieldless, min_size=1, max_size=3), st.sampled_from(" |")
).map(lambda parts: f"{parts[0]}({(' OR ' if parts[2] == '|' else ' ').join(parts[1])})")
modifiers = st.sampled_from(
    ["", "", "", "", "like:2510.00001", 'like:"cats LLMs"', "like:saved rate:2/Day", "like:saved upvotes>=5"]
)
queries = st.tuples(st.recursive(st.one_of(terms, groups), _grown, max_leaves=6), modifiers).map(
    lambda parts: " ".join(filter(None, parts))
)
