"""What is pasted or typed out of habit where a query is read: forms, commands, other databases' lines."""

from __future__ import annotations

import re
from collections.abc import Callable

from paperwire.core.papers.venues import venue_named
from paperwire.core.query import conditions
from paperwire.core.query.repairs import in_brackets
from paperwire.core.query.terms.category import category_named
from paperwire.core.search.references import from_record

_SEVERAL = re.compile(r"\s*[,;，；、]\s*")
_SEMICOLON = re.compile(r"\s*;\s*")


def _terms(field: str, values: str) -> str:
    """Any of the values between commas, each in the field; words without one are phrases."""
    separator = _SEMICOLON if field == "au:" and ";" in values else _SEVERAL
    return " OR ".join(f"{field}{_quoted(value)}" for value in separator.split(values.strip()) if value)


def _quoted(value: str) -> str:
    value = value.strip('"')
    return f'"{value}"' if " " in value else value


# --- commands and forms --------------------------------------------------------------------------------------------

_COMMAND = re.compile(
    r"(?:[/!](?:search|subscribe|preview|add|find|sub|s)(?:@\w+)?\s+|"
    r"(?:search|subscribe|query|q|suche|abonnieren|abonniere|recherche|buscar|搜索|查询|订阅|検索)\s*:\s+|"
    r"(?:query|q|topic|keywords?)\s*=\s*(?!\[)|(?:@\w+\s+)(?:follow|subscribe(?:\s+to)?|search(?:\s+for)?|track|watch|find)\s+|"
    r"(?:track|follow|watch|monitor)\s+(?=\")|(?:abonnieren|suivre|订阅|搜索|検索)\s+)(?P<query>\S.*)",
    re.IGNORECASE,
)
_IN_JSON = re.compile(r"\{\s*\"(?:query|q|search|term)\"\s*:\s*\"(?P<query>[^\"]+)\"\s*\}")
_SAVED_SEARCH = re.compile(
    r"(?:(?:google |semantic )?scholar|scopus|web of science|wos|pubmed|ieee xplore)(?: search| document)? alerts?"
    r"\s*[-:]\s*(?P<query>\S.*)|what's new for '(?P<asked>.+)' in pubmed",
    re.IGNORECASE,
)


def from_command(text: str) -> str | None:
    """`/search lora` and `query: lora` as `lora`, also after the name of an alert; None for anything else."""
    if saved := _SAVED_SEARCH.fullmatch(text.strip()):
        return (saved["query"] or saved["asked"]).strip("[] ")
    command = _COMMAND.fullmatch(text.strip()) or _IN_JSON.fullmatch(text.strip())
    return command["query"] if command else None


_LABELS = {
    "au:": "authors|autoren|auteurs|autores|authors?|作者|著者|автор|авторы|저자",
    "ti:": "überschrift|título|titulo|titolo|标题|題名|タイトル|название|заголовок|제목",
    "abs:": "zusammenfassung|résumé|resume|resumen|resumo|摘要|要旨|аннотация|초록",
    "cat:": "categories|kategorien|catégories?|分类|类别|カテゴリ|категория",
    "": "key ?words?|topics?|tags?|terms|"
    "stichw[oö]rte?r?|schlagw[oö]rte?r?|mots?-clés?|palabras? clave|关键词|キーワード|ключевые слова|키워드",
}
_LABEL = re.compile(
    "|".join(rf"(?P<label{number}>{names})" for number, names in enumerate(_LABELS.values())), re.IGNORECASE
)
_FORM = re.compile(r"(?P<name>[^\s:\"()][^:\"()]{1,15}?)\s*[:：]\s*(?P<values>[^\s\":()][^\":()]*)")


def from_form(text: str) -> str | None:
    """`Autoren: Hinton, LeCun` as `au:Hinton OR au:LeCun`, `标题:扩散模型` as `ti:扩散模型`; None for other labels."""
    form = _FORM.fullmatch(text.strip())
    label = _LABEL.fullmatch(form["name"]) if form else None
    if form is None or label is None:
        return None
    return _terms([*_LABELS][int((label.lastgroup or "")[-1])], form["values"])


_REQUEST = re.compile(
    r"(?:请|麻烦)?(?:给我|我想(?:看|订阅|关注|找)?|查找|搜索|订阅|寻找)?(?:关于|有关|最新的?|最近的?|\s)*+"
    r"(?P<topic>\S.*?)(?:方面|领域|相关)?的?(?:最新|最近)?的?(?:论文|文章|研究|文献)"
    r"|(?:最新の|最近の)?(?P<theme>\S.*?)(?:に関する|について)?の?(?:最新)?(?:論文|研究)"
)


def from_request(text: str) -> str | None:
    """`关于扩散模型的最新论文` as `扩散模型`; None if papers aren't asked for so."""
    request = _REQUEST.fullmatch(text.strip("。？！ "))
    return request["topic"] or request["theme"] if request else None


# --- alerts and lists -------------------------------------------------------------------------------------------------

_ALERT = re.compile(r"\[? ?(.+?) ?\]? - (new (?:articles|citations|results|related research))", re.IGNORECASE)
_SUBJECT = re.compile(r"[^();]+ \((?P<name>[a-z-]+(?:\.[A-Za-z-]+)?)\)")
_OF_LISTS = frozenset(
    "all arxiv daily every day everything feed in just latest list listing mailing new only papers please recent rss"  # noqa: SIM905 -- words
    " submissions weekly".split()
)
"""Words that say nothing else of papers of a category."""
_LISTED_ITEM = r"(?:\"[^\"]+\"|'[^']+')"
_LIST = re.compile(rf"(?:\w+ ?[:=] ?)?\[\s*{_LISTED_ITEM}(?:\s*,\s*{_LISTED_ITEM})*\s*,?\s*\]")


def from_alert(text: str) -> str | None:
    """`"graph network" - new results`, the subject of an alert, as its query; None if it is none."""
    alert = _ALERT.fullmatch(" ".join(text.split()))  # in a long run of spaces it would begin again at each
    if alert is None:
        return None
    is_person = alert[2].casefold() != "new results" and '"' not in alert[1]
    return f'au:"{alert[1]}"' if is_person else alert[1]


def from_listing(text: str) -> str | None:
    """`cs.RO daily`, `Robotics (cs.RO); Systems and Control (eess.SY)` as categories; None where more is said."""
    subjects = [_SUBJECT.fullmatch(subject.strip()) for subject in text.split(";")]
    names = [subject["name"] for subject in subjects if subject]
    if len(names) < len(subjects):
        words = re.sub(conditions.WHEN, " ", text).split()
        names = [word for word in words if category_named(word) and not word.isalpha()]
        if any(word not in {*names, "and", "or", "&"} and word.casefold() not in _OF_LISTS for word in words):
            return None
    categories = [category_named(name) for name in names]
    return " OR ".join(f"cat:{name}" for name in categories) if all(categories) and categories else None


_WANTED = r"(?:includes?|any|must|keywords?|allow|accept|keep|match|whitelist)"
_UNWANTED = r"(?:excludes?|not|none|without|block|deny|reject|drop|mute|blacklist)"
_INCLUDED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WANTED}:\s*(?P<any>[^:;]+?)[\s;,]+{_UNWANTED}:\s*(?P<none>[^:;]+)",
        rf"{_UNWANTED}:\s*(?P<none>[^:;]+?)[\s;,]+{_WANTED}:\s*(?P<any>[^:;]+)",
    )
)


def from_included(text: str) -> str | None:
    """`include: lora, qlora; exclude: survey`, the settings of a filter, as `(lora OR qlora) -survey`."""
    lists = next(filter(None, (pattern.fullmatch(text.strip()) for pattern in _INCLUDED)), None)
    if lists is None:
        return None
    excluded = " ".join(f"-{_quoted(item)}" for item in _SEVERAL.split(lists["none"].strip()) if item)
    return f"({_terms('', lists['any'])}) {excluded}"


def from_list(text: str) -> str | None:
    """`["lora", "qlora"]`, out of a program or its settings, as `"lora" OR "qlora"`; None if it is no such list."""
    if not _LIST.fullmatch(text.strip()):
        return None
    return " OR ".join(f'"{item[1:-1]}"' for item in re.findall(_LISTED_ITEM, text[text.index("[") :]))


# --- other databases -----------------------------------------------------------------------------------------------

_OVID = re.compile(
    r"(?P<words>[^:.]*[^\s:.])(?:\.(?P<tags>(?:ti|ab|tw|mp|kw|kf|sh)(?:,(?:ti|ab|kw|kf))*)\."
    r"|:(?P<embase>(?:ti|ab|kw)(?:,(?:ti|ab|kw))*))"
)
_NEAR = re.compile(r"(?<!\S)(?:(?i:near|adj|n|w|next|pre)/?\d{1,2}|NEAR|SAME|ADJ|NEXT)(?!\S)")
_SEARCHED = re.compile(
    r"(?:filter=)?(?P<field>default|title|abstract|title_and_abstract|display_name)\.search:(?P<words>[^:]+)"
)


def from_ovid(text: str) -> str | None:
    """`(lora adj3 quantization).ti.` as `ti:(lora quantization)`, `'lora':ti,ab` as `lora`; None for other lines."""
    line = _OVID.fullmatch(text.strip())
    if line is None:
        return None
    words = " ".join(_NEAR.sub(" ", line["words"]).replace("'", '"').split())
    if (line["tags"] or line["embase"]) != "ti":
        return words
    return f"ti:{words}" if " " not in words or words[0] in '("' else f"ti:({words})"


def from_distance(text: str) -> str | None:
    """`lora near/3 quantization` as `lora quantization`; None without a distance between words."""
    words = " ".join(_NEAR.sub(" ", text).split())
    return words if words != " ".join(text.split()) and len(words.split()) > 1 else None


def from_catalogue_api(text: str) -> str | None:
    """`title.search:lora` as `ti:lora`; None for anything else."""
    searched = _SEARCHED.fullmatch(text.strip())
    if searched is None:
        return None
    field = {"title": "ti:", "display_name": "ti:", "abstract": "abs:"}.get(searched["field"], "")
    words = searched["words"].strip()
    return f"{field}({words})" if field and " " in words else f"{field}{words}"


_SQL = re.compile(
    r"\s*SELECT\s.+?\sFROM\s+\S+\s+WHERE\s+(?P<where>.+?)(?:\s+(?:ORDER|GROUP|LIMIT)\s.*)?;?\s*", re.IGNORECASE
)
_COMPARED = re.compile(
    r"(?P<column>\w+)\s*(?P<differs>NOT\s+)?(?:I?LIKE|=|(?P<unequal><>|!=))\s*'%?(?P<value>[^'%]+)%?'", re.IGNORECASE
)
_DATED = re.compile(r"(?:\s+(?:AND|OR)\s+)?\b\w+\s*(?:[<>]=?|=)\s*'?\d[\d-]*'?", re.IGNORECASE)
_COLUMNS = {
    "title": "ti:",
    "abstract": "abs:",
    "summary": "abs:",
    "author": "au:",
    "authors": "au:",
    "category": "cat:",
}


def from_sql(text: str) -> str | None:
    """`SELECT * FROM papers WHERE title LIKE '%lora%'` as `ti:lora`; None for anything else."""
    statement = _SQL.fullmatch(text)
    if statement is None or not _COMPARED.search(statement["where"]):
        return None
    query = _COMPARED.sub(_compared, _DATED.sub(" ", statement["where"]))
    return re.sub(r"\b(?:and|or|not)\b", lambda operator: operator[0].upper(), query)


def _compared(match: re.Match[str]) -> str:
    sign = "-" if match["differs"] or match["unequal"] else ""
    return f"{sign}{_COLUMNS.get(match['column'].casefold(), '')}{_quoted(match['value'].strip())}"


_EQUALS = re.compile(
    r"(?<![\w:-])(?P<name>title|abstract|conference|journal|venue|org|co|has|rate|like|upvotes)=(?=[\w(\"])",
    re.IGNORECASE,
)
_FIELDS = {"title": "ti", "abstract": "abs", "conference": "venue", "journal": "venue"}


def from_equals(text: str) -> str | None:
    """`venue=NeurIPS` as `venue:NeurIPS`; None without such a field."""
    renamed = _EQUALS.sub(lambda name: f"{_FIELDS.get(name['name'].casefold(), name['name'].casefold())}:", text)
    return renamed if renamed != text else None


# --- operators and marks in words ----------------------------------------------------------------------------------

_BUT_NOT = re.compile(
    r"(?<=\S)[\s,]+(?:but\s+(?:not?|NOT)|BUT\s+NOT|AND-NOT|except\s+for|aber\s+(?:keine?n?|nicht)|(?:und|et|aber)\s+"
    r"(?:nicht|pas)|mais\s+pas|pas\s+de|不要|不包括|除了|非)\s+(?=\w)"
)
_EITHER = re.compile(r"(?<=\w)\s+(?:oder|또는|или|veya)\s+(?=\w)")
_ANY_OF_LIST = re.compile(r"[\w-]+(?:, [\w-]+)+,? or [\w-]+")
_ONE_OF = re.compile(r"\b(?:either|one of|any of) (?=[^()\"]* (?:or|OR) )", re.IGNORECASE)
SLIP = re.compile(
    r"(?<![^\s(-])(?P<field>ti|abs|au|cat|id|venue|title|author|abstract)(?:;|::|:;|;:)(?=[\w\"])", re.IGNORECASE
)
"""Matches a field with another sign for its colon."""
_GLUED = re.compile(r"(?<=[\w\")] )(?:AND|OR|NOT|ANDNOT)(?=[a-z]{3}|[(\"])")
_MARKUP = re.compile(r"\s*(?P<mark>\*\*|__|~~|_)(?P<words>[^*_~]*\w)(?P=mark)\s*")
_BRACKETED = re.compile(r"\s*[《「『〈](?P<words>[^《》「」『』〈〉]*)[》」』〉]\s*")
_PER = re.compile(
    r"(?<![\w:=])(?P<count>\d{1,3})\s*(?:(?:papers?\s+)?(?:per|a)\s+|/\s*)(?P<span>day|week|month)(?!\w)", re.IGNORECASE
)
_AUTHORS = re.compile(r'(?:au|author):(?:"(?P<quoted>[^"]+)"|(?P<bare>[^\s":()][^":()]*))', re.IGNORECASE)
_VENUE = re.compile(
    r"(?:venue|conference|conf|booktitle|proceedings|journal)\s*[:=]\s*(?P<name>[^:=()]+)", re.IGNORECASE
)


def from_words(text: str) -> str | None:
    """`lora but not surveys` as `lora -surveys`, `lora oder qlora` with OR; None without such words."""
    plain = re.sub(r",? or |, ", " OR ", text) if _ANY_OF_LIST.fullmatch(text) else _ONE_OF.sub("", text, count=1)
    if without := _BUT_NOT.search(plain):
        plain = f"{in_brackets(plain[: without.start()])} -{_BUT_NOT.sub(' -', plain[without.end() :])}"
    translated = _EITHER.sub(" OR ", plain)
    return translated if translated != text else None


def from_markup(text: str) -> str | None:
    """`**lora**` as `lora`, `《Attention is all you need》` as a phrase; None without such marks."""
    if title := _BRACKETED.fullmatch(text):
        return f'"{title["words"].strip()}"'
    marked = _MARKUP.fullmatch(text)
    return marked["words"] if marked else None


def from_slip(text: str) -> str | None:
    """`au;hinton` as `au:hinton`, `lora ORqlora` as `lora OR qlora`; None without such typing errors."""
    mended = SLIP.sub(lambda name: f"{name['field']}:", text)
    mended = _GLUED.sub(lambda operator: f"{operator[0]} ", mended)
    return mended if mended != text else None


def from_rate(text: str) -> str | None:
    """`5 per week like:saved` as `rate:5/week like:saved`; None unless it is by meaning."""
    rated = _PER.sub(lambda rate: f"rate:{rate['count']}/{rate['span'].casefold()}", text)
    return rated if "like:" in text and rated != text else None


def from_several_authors(text: str) -> str | None:
    """`au:"Yann LeCun, Yoshua Bengio"` as any of both; None unless each has two words or more."""
    value = _AUTHORS.fullmatch(text.strip())
    names = _SEVERAL.split(value["quoted"] or value["bare"]) if value else []
    are_names = len(names) > 1 and all(len(name.split()) > 1 for name in names)
    return " OR ".join(f'au:"{name}"' for name in names) if are_names else None


def from_venue(text: str) -> str | None:
    """`conference:ICLR` and `venue: ICLR` as `venue:ICLR`; None if that is no venue."""
    named = _VENUE.fullmatch(text.strip())
    return f"venue:{_quoted(named['name'])}" if named and venue_named(named["name"].strip('"')) else None


PASTED: tuple[Callable[[str], str | None], ...] = (
    from_command,
    from_form,
    from_alert,
    from_list,
    from_included,
    from_listing,
    from_record,
    from_ovid,
    from_catalogue_api,
    from_sql,
    from_venue,
    from_equals,
    from_rate,
    from_several_authors,
    from_markup,
    from_request,
    from_words,
    from_slip,
    from_distance,
)
"""All translations, each None for a text of another kind."""
