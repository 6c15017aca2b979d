"""The words of comments that say what became of a paper: the patterns of `acceptance`."""

from __future__ import annotations

import re

CUE = re.compile(
    r"""
    (?P<withdrawn>\b(?:withdrawn|retracted)\b)
    |(?P<other>
        \b(?:thesis|dissertation|habilitation)\b
        |\b(?:extended|expanded|long(?:er)?|journal|enhanced|improved|preliminary|earlier|early|short(?:er)?|conference
            |abridged|condensed|previous|workshop)(?:\s+and\s+\w+)?\s+(?:\w+\s+)?(?:versions?|abstracts?)\b
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
            (?:accepted|published|peer[- ]reviewed)\b
        |\b(?:if|once|upon|after|pending|until|when|unless|before|subject\s+to)\s+(?:\w+\s+){0,2}
            (?:accept(?:ed|ance)|publication|published)\b
    )
    |(?P<published>
        \b(?<!code\s)(?<!data\s)(?<!be\s)published\b(?!\s+(?:on|to|under|with)\s+(?:the\s+)?(?:arxiv|github|zenodo|hugg|osf|ssrn|medium|researchgate))
            (?!\s+(?:dataset|data|code|results|work|papers|articles)\b)
        |\bappeared\s+(?:in|at|on|as)\b
        |\b(?:version\s+of\s+record|journal\s+ref(?:erence)?)\b
        |\bIn\s+Proceedings\s+[\w' -]{2,30},\s+arXiv:
    )
    |(?P<accepted>
        \baccepted\b|\baccept(?=\s+(?:to|at|by|in|for)\b)|\bacceptance\s+(?:at|by|to|in|from)\b
        |\b(?:to|will|shall)\s+(?:also\s+)?(?:appear|be\s+(?:published|presented|included))\b|\bappear(?:s|ing)\s+(?:in|at)\b|\bappear\s+in\b
        |\b(?:to\s+be|being)\s+published\b
        |\bpresent(?:ed|ation)\s+(?:\w+\s+)?(?:at|in)\b
        |\bin\s+press\b|\bforthcoming\b|\bcamera[- ]ready\b
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)

WORKSHOP = re.compile(
    r"\bworkshops?\b|\bshared\s+tasks?\b|\b(?:spring|summer|fall|autumn)\s+symposi(?:um|a)\b|\bsymposium\s+series\b"
    r"|\bSRW\b|\bstudent\s+research\b|\bdoctoral\s+(?:consortium|symposium)\b"
    r"|\b(?:CVPR|ICCV|ECCV|WACV|ICDM|ICASSP|ICML|NeurIPS|ICME)[- ]?W\b|\bICCVW\b|\bCVPRW\b",
    re.IGNORECASE,
)
# "Interpretability @ NeurIPS 2025"; "accepted @ NeurIPS 2025" is the conference.
AT_PARENT = re.compile(r"(?P<before>[\w)\"'”’.]+)\s*@\s*$")
TRACK = re.compile(r"(?:accepted|presented|appear|published|oral|poster|spotlight|demo|track|paper)$", re.IGNORECASE)
OTHER_USE = re.compile(
    r"\b(?:challenges?|competition|data(?:sets?)?|benchmarks?|template|style|format(?:ted|ting)?|leaderboard|code|github|http"
    r"|www|review|rebuttal|tutorial|keynote|guidelines?|see|our|previous|checklist|kit)\b",
    re.IGNORECASE,
)
BARE = re.compile(
    r"(?:in\s+|proc(?:eedings|\.)?\s+|of\s+|the\s+|at\s+|\d+(?:st|nd|rd|th)\s+|IEEE[/\w]*\s+|ACM[/\w]*\s+|annual\s+|conference\s+|on\s+|\d{4}\s+"
    r"|findings\s+(?:of\s+)?|main\s+|camera[- ]?ready\s*|[\s:(-])*$",
    re.IGNORECASE,
)
UNLISTED = re.compile(
    r"(?:(?:IEEE|ACM|In|The|Proceedings\s+of)\s+)*[A-Z][\w&/-]*[A-Z][\w&/-]*\s?(?:[-'’]?\s?2[0-9]|20[0-3]\d)"
    r"(?:\s*(?:\(?(?:oral|poster|spotlight|conference|paper|main|full\s+paper|short\s+paper|findings"
    r"|camera[- ]ready)\)?))*\W*$"
)
VOLUME = re.compile(
    r"\bvol(?:ume|\.)?\s*\d|\bpp?\.\s*\d|\bpages?\s+\d+\s*[-–]+\s*\d|\b10\.\d{4,9}/\S|\bdoi\b", re.IGNORECASE
)
NUMBER_AFTER = re.compile(r"[\s,]*(?:vol\.?\s*)?\d{1,6}\s*[,:(]", re.IGNORECASE)
YEAR_AFTER = re.compile(
    r"[\s\-–—'’`‘(,:/]*(?P<full>(?:19|20)\d\d)(?!\d|[.,]\d)"
    r"|\s?[\-–'’`‘]?\s?(?P<short>[012]\d)(?!\d|[.,:]\d|\s*(?:pages?|pp|p\.|figures?|figs?|tables?|fig)\b)"
)
YEAR = re.compile(r"(?<![\d./:])(?:19|20)\d\d(?!\d|\.\d)")
CAPITALS = re.compile(r"[A-Z][\w&/-]*[A-Z][\w&/-]*\s?(?:[-'’]\s?2[0-9]|20[0-3]\d)")
NOT_YET = re.compile(r"\bto\b|\bwill\b|\bpress\b|\bforthcoming\b|\baccepted\b", re.IGNORECASE)
APART = re.compile(r"[,:(–—]|\s-\s")
LAST_WORD = re.compile(r"\w+$")
ABBREVIATED = frozenset(
    {
        "vol",
        "no",
        "pp",
        "fig",
        "figs",
        "vs",
        "al",
        "int",
        "symp",
        "prof",
        "dr",
        "st",
        "eq",
        "sec",
        "ed",
        "eds",
        "univ",
        "dept",
        "jr",
        "ann",
        "bull",
        "lect",
        "opt",
        "astr",
        "met",
        "syst",
        "engr",
        "eng",
        "sc",
        "ph",
        "ieee",
    }
)
SENTENCE_END = re.compile(r"[;\n]+|[.!?][\"”’)]*(?=\s)|(?<=\w)\.(?=[A-Z][a-z]{3})|$")
QUICK = re.compile(
    r"accept|appear|publi|press|submi|review|present|forthcoming|camera|workshop|revision|preparation|withdrawn|reject|proceedings"
    r"|consideration|version of record|journal",
    re.IGNORECASE,
)
