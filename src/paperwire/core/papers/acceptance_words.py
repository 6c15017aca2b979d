"""The words of comments that say what became of a paper: the patterns of `acceptance`."""

from __future__ import annotations

import re

CUE = re.compile(
    r"""
    (?P<withdrawn>\b(?:withdrawn|retracted)\b)
    |(?P<other>
        \b(?:extended|expanded|long(?:er)?|journal|enhanced|improved|preliminary|earlier|early|short(?:er|ened)?|conference
            |technical|abridged|condensed|previous|workshop)(?:\s+and\s+\w+)?\s+(?:\w+\s+)?versions?\b
        |\b(?:extension|generali[sz]ation|continuation|follow[- ]?up|sequel|companion|supplement\w*(?:\s+\w+)?|appendix
            |appendices|erratum|corrigendum|addendum|comment|reply|rebuttal|response)\s+(?:of|to|for|on)\b
        |\b(?:extends|extending|builds?\s+(?:up)?on|building\s+on|based\s+on|accompan(?:ies|ying)|complements|replaces)\b
        |\b(?:parts?|portions?|some|most|subset|half)\s+of\s+(?:th(?:is|e|ese)|our|it)\b
        |\b(?:previously|partially|partly)\s+(?:\w+\s+)?(?=accepted|published|appeared|presented)
        |\b(?:template|style\s+file|dataset\s+from|data\s+from|winn(?:er|ing)
            |(?:\d\w+|first|second|third)[- ]place|solution\s+(?:to|for)
            |leaderboard|ranked|baseline|technical\s+report)\b
    )
    |(?P<submitted>
        \b(?:re)?submi(?:tted|ssion|tting|t)\b
        |\b(?:under|in|for|pending|awaiting)\s+(?:\w+[- ]){0,2}(?:re)?
            (?:review(?:ing)?|revision|consideration|preparation|prep|submission)\b
        |\brejected\b|\bpreparing\b|\bunpublished\b|\b(?:not|never)\s+(?:\w+\s+){0,2}
            (?:accepted|published|peer[- ]reviewed)\b(?:\s+(?:or|nor|and)\s+(?:accepted|published)\b)?
    )
    |(?P<pending>
        \b(?:if|once|upon|after|pending|until|when|unless|before|subject\s+to)\s+(?:\w+\s+){0,4}?
            (?:accept(?:ed|ance)|publication|published)\b
    )
    |(?P<published>
        \b(?<!code\s)(?<!data\s)(?<!be\s)(?<!with\s)(?<!of\s)(?<!soon\s)published
            (?=\s*(?:[.,;:)]|$)|\s+(?:\w+ly\s+|online\s+|open\s+access\s+|version\s+|(?:journal\s+|conference\s+)?(?:article|paper)\s+(?!to\b))*
                (?:in|at|by|as|on|to|during|under|online|from|is|appears|available|\(|\d|(?-i:[A-Z])))
            (?!\s+(?:on|to|under|with)\s+(?:the\s+)?(?:arxiv|github|zenodo|hugg|osf|ssrn|medium|researchgate))
            (?![^.;]{0,40}\bblog\b|\s+(?:dataset|data|code|results|work|papers|articles)\b|\s+in\s+(?:the\s+)?(?:literature|cooperation)\b)
        |\bappeared\s+(?:in|at|on|as)\b(?!\s+(?:the\s+)?arXiv)
        |\bversion\s+of\s+record\s+(?:of\s+this\s+\w+\s+)?(?:(?:is|was|has|in|appears)\b|:?\s*\d)|\bjournal\s+ref(?:erence)?\b
        |\bIn\s+Proceedings\s+[\w' -]{2,30},\s+arXiv:
    )
    |(?P<accepted>
        \bac[cept]{3,9}d\b|\bac[cept]{4,8}(?=\s+(?:to|at|by|in|for)\b)|\bacceptance\s+(?:at|by|to|in|from)\b
        |\b(?:to|will|shall)\s+(?:also\s+)?(?:appear|be\s+(?:published|presented|included))\b|\bappear(?:s|ing)\s+(?:in|at)\b|\bappear\s+in\b
        |\b(?:to\s+be|being)\s+published\b
        |\bpresent(?:ed|ation)\s+(?:as\s+(?:an?\s+)?(?:\w+\s+)?(?:talk|poster|paper)\s+|\w+\s+)?(?:at|in|to|during)\b
        |\bin\s+press\b|\bin\s+(?:the\s+)?proceedings\b|\bforthcoming\b|\bcamera[- ]ready\b
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)

WORKSHOP_WORDS = re.compile(
    r"\bworkshops?\b|\bshared\s+tasks?\b|\b(?:spring|summer|fall|autumn)\s+symposi(?:um|a)\b|\bsymposium\s+series\b"
    r"|\bSRW\b|\bstudent\s+research\b|\bdoctoral\s+consortium\b|\b(?:doctoral|student|undergraduate|REU|UGHS)\s+symposium\b"
    r"|\bWS\s?#\s?\d|(?-i:\b[A-Z][\w-]*@[A-Z]\w)|\bbridge\s+program\b"
    r"|\b(?:CVPR|ICCV|ECCV|WACV|ICDM|ICASSP|ICML|NeurIPS|ICME|ICIP|ICRA|IROS|AAAI)[- ]?W(?=\b|\d)",
    re.IGNORECASE,
)
# "ISBI 2026 Some Challenge": a shared task; a mining challenge is a track of its conference.
CHALLENGE = re.compile(r"[^,]*?(?<!mining)\s(?:grand\s+)?challenge\b(?!\s+track)", re.IGNORECASE)
NEXT_TO = re.compile(
    r"\b(?:co-?located|in\s+conjunction|alongside)(?:\s+(?:with|at))?\s+(?:the\s+|\d+\w\w\s+|IEEE\s+|ACM\s+)*$",
    re.IGNORECASE,
)
WORKSHOP_PAPER = re.compile(r"\bworkshop\s+(?:paper|article|abstract)s?\s+$", re.IGNORECASE)
THESIS = re.compile(r"\b(?:thesis|dissertation|habilitation)\b", re.IGNORECASE)
# "Interpretability @ NeurIPS 2025", "at Foo+Bar at ACL"; "accepted @ NeurIPS 2025" is the conference.
AT_PARENT = re.compile(
    r"(?:(?P<sign>\s*@\s*)|(?:^\W*|\b(?:to|at|in|by|for)\s+)(?:the\s+)?(?:\d+\w\w\s+)?(?P<name>[A-Z][\w+&'’-]*(?:\s+[A-Z&][\w+&'’-]*|\s+(?:for|of|on|and|in|the|with|from)\b)*)"
    r"(?:\s+(?:19|20)\d\d)?\s*,?\s+(?:at|in\s+conjunction\s+with|co-?located\s+(?:with|at))\s+(?:the\s+|\d+\w\w\s+|IEEE\s+|ACM\s+)*)$"
)
TRACK = re.compile(
    r"\b(?:accepted|presented|appear|published|oral|poster|spotlight|demo|demonstrations?|track|papers?|findings|main|conference"
    r"|proceedings|session|highlights?|talk)\b\W*$|\bspecial\s+(?:session|issue|track)\b",
    re.IGNORECASE,
)
# "EACL 2026 SIGTURK": another series' acronym after the conference, with nothing after it.
AFTER_PARENT = re.compile(
    r"(?:\s*(?:19|20)\d\d)?\s+(?!(?:D&B|AISI|IAAI|EAAI|ARR|USA|UK|AI|XR|LBR|LBW|TAS|NMI|HCI|LLM|LaTeX|PDF|SI|VIS|IEEE|ACM|JURIX|Main\w*)\b)"
    r"(?P<name>[A-Z]\w*[A-Z]\w*)(?:\s+(?:19|20)\d\d)?\s*(?=[.,;)]|$)"
)
# "ICCV 2025 @ LongVid": what is held there.
AT_AFTER = re.compile(r"\s*(?:19|20)?\d*\s*@\s*[A-Z]")
# "ShapeMI MICCAI 2025": another series' acronym before the conference; capitals alone are often a publisher's.
BEFORE_PARENT = re.compile(r"(?:^|[\s,(])(?P<name>[A-Z](?=\w*[A-Z])(?=\w*[a-z\d])\w+),?\s+$")
OTHER_USE = re.compile(
    r"\b(?:challenges?|competition|data(?!\s*(?:science|mining|engineering|sets?\s*(?:and|&)|bases?|management))(?:sets?)?"
    r"|(?<!and\s)(?<!&\s)benchmarks?|template|style|format(?:ted|ting)?|leaderboard|code|github|review|rebuttal|tutorial|keynote"
    r"|guidelines?|see|our|previous|checklist|kit|course|solution|winner)\b",
    re.IGNORECASE,
)
# A competition at a workshop is no paper of the workshop.
CONTEST = re.compile(r"\b(?:challenge|competition|solution|winner|leaderboard|tutorial)\b", re.IGNORECASE)
# Where what is said of the venue ends: "CVPR 2026 Project page: ..."
ASIDE = re.compile(r"\s[|–—-]\s|\b(?:project|code|website|web\s?page|homepage|https?)\b(?![-\w]*\s*\()", re.IGNORECASE)
# What may stand before a venue that is named alone: its own longer name.
BARE = re.compile(
    r"\W*+(?:(?>[A-Z\d][\w/&'’.:-]*+|(?:in|proc\.?|proceedings?|of|the|at|on|for|and|from|to|annual|conference|main|long"
    r"|short|full|camera[- ]?ready|regular|system|invited|demo|demonstration|industry|contribution|papers?|article"
    r"|preprint|oral|poster|track)\b|[&(\"“:-])[\s:(\"“-]++)*+\W*+"
)
# The name of a meeting that isn't in the table, as in "7th International Conference on Something (SOME 2025)".
MEETING = re.compile(
    r"\W*+(?:(?>(?:[Ii]n|[Pp]roceedings?|of|the|from|for|at|\d+(?:st|nd|rd|th)?|and|on)\b|&|[A-Z][\w/&'-]++)\s++)*"
    r"(?:Conference|Symposium|Congress)(?:\s+(?:on|of|for|in)\s+[A-Z]|\s+(?:Proceedings\s+)?[(\d])"
)
TEMPLATE = re.compile(r"\b(?:template|style\s+files?)\b", re.IGNORECASE)
MADE_FOR = re.compile(r"\b(?:template|style|format(?:ted)?|dataset|code|github)\b", re.IGNORECASE)
# What may follow a venue without year that is named alone.
TAIL = re.compile(
    r"(?:\W*\b(?:conference|papers?|main|track|industry|findings|oral|poster|spotlight|highlight|full|long|short|demo|proceedings"
    r"|workshops?)\b)*\W*",
    re.IGNORECASE,
)
# "The code will be published", "data presented in": nothing that happens to the paper.
OF_OTHERS = re.compile(
    r"\b(?:codes?|data\w*|models?|software|scripts|catalog\w*|materials?|weights|results?|findings|analys[ei]s|methods?|figures?|existing\s+\w+)\b"
    r"[^.;,]{0,30}$",
    re.IGNORECASE,
)
UNLISTED = re.compile(
    r"(?:(?:IEEE|ACM|In|The|Proceedings\s+of)\s+)*[A-Z][\w&/-]{0,16}[A-Z][\w&/-]{0,16}\s?(?:[-'’]?\s?2[0-9]|20[0-3]\d)"
    r"(?:\s*\(?(?:oral|poster|spotlight|conference|paper|main|full\s+paper|short\s+paper|findings|preprint|version|proceedings"
    r"|camera[- ]ready)\)?)*\W*$"
)
# The first part of DOIs of archives and data: arXiv, Zenodo, figshare, OSF, OSF's preprints, ChemRxiv and others.
_ARCHIVES = r"10\.(?:48550|5281|6084|17605|31219|17632|31234|7910|26434)/"
VOLUME = re.compile(
    r"\bvol(?:ume|\.)?\s*\d|\bpp?\.\s*\d|\bpages?\s+\d+\s*[-–]+\s*\d"
    rf"|\b(?!{_ARCHIVES})10\.\d{{4,9}}/\S|\bdoi\b(?!(?:\.org/|\W{{1,3}}(?:https?://(?:dx\.)?doi\.org/)?){_ARCHIVES})",
    re.IGNORECASE,
)
NUMBER_AFTER = re.compile(r"[\s,]*(?:vol\.?\s*)?\d{1,6}\s*[,:(]", re.IGNORECASE)
YEAR_AFTER = re.compile(
    r"[\s\-–—'’`‘(,:/]*(?P<full>(?:19|20)\d\d)(?!\d|[.,]\d)"
    r"|\s?[\-–'’`‘]?\s?(?P<short>[012]\d)(?!\d|[.,:]\d|\s*(?:pages?|pp|p\.|figures?|figs?|tables?|fig)\b)"
)
YEAR = re.compile(r"(?<![\d./:])(?P<full>(?:19|20)\d\d)(?!\d|\.\d)|['’](?P<short>[012]\d)\b")
DOI = re.compile(rf"\b(?!{_ARCHIVES})10\.\d{{4,9}}/\S")
MAIN = re.compile(r"(?:\W*(?:19|20)?\d\d)?\W*main\b", re.IGNORECASE)
# A DOI that stands alone, which is no archive's or data's.
BARE_DOI = re.compile(
    r"(?:^|,)\W*(?:doi\W{1,3})?(?:https?://(?:dx\.)?doi\.org/)?"
    rf"(?P<doi>(?!{_ARCHIVES})10\.\d{{4,9}}/\S+)",
    re.IGNORECASE,
)
YEAR_IN_BRACKETS = re.compile(r"\((?P<full>(?:19|20)\d\d)\)")
INCLUDED = re.compile(r"\bincl\w*\b[^,;]*$", re.IGNORECASE)
CAPITALS = re.compile(r"[A-Z][\w&/-]{0,16}[A-Z][\w&/-]{0,16}\s?(?:[-'’]\s?2[0-9]|20[0-3]\d)")
NOT_YET = re.compile(r"\bto\b|\bwill\b|\bpress\b|\bforthcoming\b|\baccepted\b", re.IGNORECASE)
APART = re.compile(r"(?:[,:(–—]|\s-\s)(?!\s*(?:which|that)\b)")
EXTENDED = re.compile(
    r"\b(?:extended|expanded|enhanced|long(?:er)?)\s+(?:\w+\s+)?version\s+(?:(?:\w+\s+){0,5}|\([^()]*\)\s+)of\b",
    re.IGNORECASE,
)
# "Extended version (with proofs) of": what is in brackets sets nothing apart.
ASIDE_OF = re.compile(r"\s*\([^()]*\)\s+of\b")
# A sentence without a subject of its own: "Accepted by AAAI 2026", "DOI: 10.1000/x".
GOES_ON = re.compile(r"\W*(?:accepted|published|to\s+appear|to\s+be|doi|https?|10\.\d{4})\b", re.IGNORECASE)
LAST_WORD = re.compile(r"\w+$")
ABBREVIATED = re.compile(
    r"vol|no|pp|figs?|vs|al|int|symp|prof|dr|st|eq|sec|eds?|univ|dept|jr|ann|bull|lect|opt|astr|met|syst|engr?|sc|ph|ieee",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[;\n]+|[.!?][\"”’)]*(?=\s)(?!\s+Workshop\b)|(?<=\w)\.(?=[A-Z][a-z]{3})|$")
QUICK = re.compile(
    r"accept|appear|publi|press|submi|review|present|forthcoming|camera|workshop|revision|preparation|withdrawn|reject|proceedings"
    r"|consideration|version of record|journal|\b10\.\d{4}",
    re.IGNORECASE,
)
