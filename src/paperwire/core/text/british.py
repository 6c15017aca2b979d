"""The American form of words that the British spell otherwise: rules, and `british.tsv` for words that have none.

Words whose American form is also another word are no pair: cheque, draught, kerb and storey stay as they are.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_OUR = (
    "ard|arm|behavi|cand|clam|col|demean|endeav|fav|ferv|flav|harb|hon|hum|lab|neighb|od|parl|ranc|rig|rum|sav|savi"
    "|splend|succ|tum|val|vap|vig"
)
_ELL = (
    "barrel|bevel|cancel|channel|chisel|counsel|dial|duel|equal|fuel|funnel|grovel|initial|jewel|kernel|label|level"
    "|libel|marshal|model|panel|parallel|pedal|pencil|pummel|quarrel|revel|rival|shovel|shrivel|signal|spiral|stencil"
    "|swivel|total|travel|tunnel|unravel"
)

_INSIDE = [
    (part, re.compile(british), form)
    for part, british, form in (
        ("our", rf"({_OUR})our", r"\1or"),
        ("ae", r"ae(?=mi[ac])|(?<=h)ae(?=ma[gnt]|mo[cdglprst])|(?<=an|in|yn|ar)ae(?=sthe[st])|(?<=p)ae(?=d)", "e"),
        ("ae", r"(?<=gyn)ae(?=c)|(?<=^f)ae(?=c(?:al|es))|(?<=pal)ae(?=o)|(?<=medi)ae(?=val)|^ae(?=tiolog)", "e"),
        ("ae", r"(?<=c)ae(?=sium|sarean)|(?<=n)ae(?=v[iu])", "e"),
        ("oe", r"^oe(?=sophag|str|dem)|(?<=rrh)oe(?=a)|(?<=pn)oe(?=a)|(?<=c)oe(?=liac)|(?<=f)oe(?=t[aiu])", "e"),
        ("oeuvr", r"noeuvr(?=[aei])", "neuver"),
        ("ntre", r"(cent)re(?=like|line|piece|of)", r"\1er"),
        ("ulph", r"sulph", "sulf"),
        ("tefact", r"artefact", "artifact"),
        ("cept", r"^sceptic", "skeptic"),
        ("eolog", r"archeolog", "archaeolog"),
        ("esth", r"^esthet", "aesthet"),
        ("ocyt", r"leucocyt", "leukocyt"),
        ("oul", r"moul(?=d)", "mol"),
        ("oug", r"plough", "plow"),
        ("gem", r"(judg|knowledg)ement", r"\1ment"),
        ("grey", r"^grey(?=$|body|box|ish|level|matter|scale|wolf)", "gray"),
        ("metres", r"metre(?=scale)", "meter"),
    )
]
"""A part that a word must have, which is found much faster than the pattern; what is replaced; by what."""

_ENDINGS: dict[str, list[tuple[re.Pattern[str], str]]] = {}
for _ends, _british, _form in (
    ("ed ng er or le ty", rf"({_ELL})l(ed|ing|er|or|able|ability)$", r"\1\2"),
    ("re", r"(calib|cent|fib|lit|met|somb|theat|^tit)re$", r"\1er"),
    ("re", r"neuvere$", "neuver"),
    ("ed ng", r"(calib|cent|fib)r(ed|ing)$", r"\1er\2"),
    ("ce", r"(def|off)ence$", r"\1ense"),
    ("ce ed", r"licence(d?)$", r"license\1"),
    ("se ed ng", r"practis(e|ed|ing)$", r"practic\1"),
    ("ue ed er ng", r"(anal|catal|homol|isotopol|orthol|paral)ogu(?:e$|(ed|er|ing)$)", r"\1og\2"),
    ("og", r"dialog$", "dialogue"),
    ("me", r"(kilo|pro|^)gramme$", r"\1gram"),
    ("sc", r"(^|[a-z]{3})disc$", r"\1disk"),
    ("ed ng ss", r"(focus|bias)s(ed|ing|)$", r"\1\2"),
    ("ed ng", r"(benefit|combat)t(ed|ing)$", r"\1\2"),
    ("se ze ed ng on", r"(crys|me)tali[sz](e|ed|ing|ation)$", r"\1talliz\2"),
    ("se ed er ng le", r"(?<=..l)ys(e|ed|er|ing|able)$", r"yz\1"),
):
    for _end in _ends.split():
        _ENDINGS.setdefault(_end, []).append((re.compile(_british), _form))

# -ise: no suffix of verbs in stems that end so, nor after most vowels (noise, otherwise).
_ISE = re.compile(r"is(e|ed|er|ing|able|ability|ation|ational|ationally)$")
_NO_SUFFIX = (
    *("a", "e", "o", "u", "w"),
    *("adv", "dev", "improv", "prev", "rev", "superv", "telev"),
    *("circumc", "conc", "exc", "exerc", "inc", "prec"),
    *("advert", "chast", "expert", "pract", "treat"),
    *("chem", "dem", "prem", "prom", "surm"),
    *("desp", "franch", "merchand", "parad"),
    *("hr", "nr", "pr", "owr"),
)


@cache
def _words() -> dict[str, str]:
    """Words that no rule holds for, and their American form."""
    lines = files("paperwire.core.text").joinpath("british.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines[1:])


def american(word: str) -> str:
    """The American form of a word of small letters, in the singular; itself where there is no other."""
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    if (listed := _words().get(word)) is not None:
        return listed
    for part, british, form in _INSIDE:
        if part in word:
            word = british.sub(form, word)
    for british, form in _ENDINGS.get(word[-2:], ()):
        word = british.sub(form, word)
    if "is" in word and (ise := _ISE.search(word)) is not None:
        stem = word[: ise.start()]
        return word if len(stem) < 3 or stem.endswith(_NO_SUFFIX) else f"{stem}iz{ise[1]}"
    return word
