"""Which parts of a formula belong together, read twice: from the text that people see, and from MathML.

Nothing here is the writer's: a script is known by its decomposition in Unicode's own table, a fraction by its slash.
A sequence is a list of items: a character, `("br", sequence)` for round brackets, `("sup", sequence)`,
`("sub", sequence)`, `("frac", above, below)` and `("root", index, sequence)`.
"""

import re
import unicodedata
from itertools import takewhile

SAME = str.maketrans({"−": "-", "∗": "*", "∣": "|", "∘": "°", "\ufe00": None, "\ufe01": None})
INVISIBLE = re.compile(r"[\s\u2061-\u2063]+|[\u0300-\u036f\u20d0-\u20ff]")
RAISED = "′″‴†‡°"
ACCENT = "⌢"
NAMED_ACCENT = re.compile(r"(?:hat|tilde|bar|overline|vec)(?=\()")


def of_text(text):
    """The grouping of a formula as people read it."""
    plain = INVISIBLE.sub("", unicodedata.normalize("NFD", NAMED_ACCENT.sub(ACCENT, text)))
    return grouped(list(plain.translate(SAME)))


def of_mathml(element):
    """The grouping of a MathML element (of lxml)."""
    return grouped(items_of(element))


# --- text and MathML alike -------------------------------------------------------------------------------------------


def grouped(flat):
    """Brackets matched, scripts, roots and fractions found; brackets around a whole part are no part of it."""
    return fractions(roots(scripts(brackets(flat))))


def brackets(flat):
    sequence, begun = [], []
    for item in flat:
        if item == "(":
            begun.append(sequence)
            sequence = []
        elif item == ")" and begun:
            inner = grouped(sequence)
            sequence = begun.pop()
            sequence.append(inner[0] if len(inner) == 1 and inner[0][0] in {"frac", "root"} else ("br", inner))
        else:
            sequence.append(item)
    while begun:  # never closed, as in `[0, 1)`
        sequence = [*begun.pop(), "(", *sequence]
    return sequence


def part(sequence):
    """A part of something greater; brackets that enclose all of it only hold it together."""
    return sequence[0][1] if len(sequence) == 1 and sequence[0][0] == "br" else sequence


def scripts(sequence):
    """Scripts as tuples; several of one kind in a row are one."""
    found, place = [], 0
    while place < len(sequence):
        item = sequence[place]
        place += 1
        script = item if isinstance(item, tuple) and item[0] in {"sup", "sub"} else None
        if isinstance(item, str) and item in "^_" and place < len(sequence):
            script = ("sup" if item == "^" else "sub", part([sequence[place]]))
            place += 1
        elif isinstance(item, str) and (kind := raised(item)):
            run = list(takewhile(lambda one: isinstance(one, str) and raised(one) == kind, sequence[place:]))
            script = (kind, part(grouped([plain(char) for char in (item, *run)])))
            place += len(run)
        if script and found and isinstance(found[-1], tuple) and found[-1][0] == script[0]:
            found[-1] = (script[0], found[-1][1] + script[1])
        else:
            found.append(script or item)
    return found


def raised(char):
    """Whether Unicode has this character as a script: `sup`, `sub` or nothing."""
    return {"<super>": "sup", "<sub>": "sub"}.get(unicodedata.decomposition(char).partition(" ")[0], "")


def plain(char):
    return chr(int(unicodedata.decomposition(char).partition(" ")[2], 16)).translate(SAME)


def roots(sequence):
    """`√` takes the word, number or brackets after it; a script before it that has no base is its index."""
    found, place = [], 0
    while place < len(sequence):
        if sequence[place] != "√":
            found.append(sequence[place])
            place += 1
            continue
        end = place + 1
        while end < len(sequence) and is_word(sequence[end]):
            end += 1
        end = max(end, place + 2)
        index = []
        if found and found[-1][0] == "sup" and (len(found) == 1 or not is_tight(found[-2])):
            index = found.pop()[1]
        found.append(("root", index, part(sequence[place + 1 : end])))
        place = end
    return found


def fractions(sequence):
    """What stands tightly before and after a slash belongs to it, from the left."""
    found, run, above = [], [], None
    for item in [*sequence, None]:
        if item == "/" and run:
            above = [("frac", part(above), part(run))] if above else run
            run = []
        elif item is not None and is_tight(item):
            run.append(item)
        else:
            found += [("frac", part(above), part(run))] if above and run else (above or []) + ["/"] * bool(above) + run
            found += [item] * (item is not None)
            run, above = [], None
    return found


def is_word(item):
    return isinstance(item, str) and (item.isalnum() or item == ".")


def is_tight(item):
    return isinstance(item, tuple) or item.isalnum() or item in "!.%√∂∞∇∅"


# --- MathML ----------------------------------------------------------------------------------------------------------


def items_of(element):
    """The items of an element, brackets and slashes not yet understood."""
    tag = element.tag
    if tag in {"mi", "mn", "mo", "mtext", "merror"}:
        text = "".join(element.itertext()).replace("--", "–").lstrip("\\" if tag == "merror" else "")
        return list(INVISIBLE.sub("", unicodedata.normalize("NFD", text)).translate(SAME))
    read = {"mfrac": of_fraction, "msqrt": of_root, "mroot": of_root, "mtable": of_table, "mphantom": lambda _: []}
    if tag in read:
        return read[tag](element)
    if tag in {"msub", "msup", "msubsup", "munder", "mover", "munderover"}:
        return of_scripted(element)
    return [item for child in element for item in items_of(child)]


def of_fraction(element):
    above, below = (items_of(child) for child in element)
    if element.get("linethickness") == "0":
        return [*above, *"choose", *below]
    return [("frac", part(grouped(above)), part(grouped(below)))]


def of_root(element):
    children = list(element)
    index = children.pop() if element.tag == "mroot" else None
    radicand = [item for child in children for item in items_of(child)]
    return [("root", part(grouped(items_of(index))) if index is not None else [], part(grouped(radicand)))]


def of_table(element):
    items = []
    for number, row in enumerate(element):
        items += [";"] * bool(number)
        cells = [cell for cell in map(items_of, row) if cell]
        for place, cell in enumerate(cells):
            items += [","] * (place > 0 and cell[0] not in set("=<>≤≥≈≡∼→")) + cell
    return items


def of_scripted(element):
    base, *above = element
    whole = items_of(base)
    if element.get("accent") or element.get("accentunder"):
        return of_accented(whole, "".join(above[0].itertext()))
    if len(whole) > 1 and not are_words(whole):
        inner = grouped(whole)
        fenced = whole[0] in list("[{⟨|‖") and whole[-1] in list("]}⟩|‖")
        whole = inner if len(inner) == 1 or fenced else [("br", inner)]
    kinds = {"msub": ["sub"], "munder": ["sub"], "msup": ["sup"], "mover": ["sup"]}.get(element.tag, ["sub", "sup"])
    for kind, child in zip(kinds, above, strict=True):
        items = items_of(child)
        while (
            kind == "sup" and items and isinstance(items[0], str) and items[0] in RAISED
        ):  # a prime stands as high by itself
            whole = [*whole, items.pop(0)]
        whole = [*whole, (kind, part(grouped(items)))] if items else whole
    return whole


def are_words(items):
    """Whether these are words and scripts alone, which nobody sees as one base."""
    return all(is_word(item) or item[0] in {"sup", "sub"} or str(item) in RAISED for item in items)


def of_accented(items, accent):
    if accent in "⏞⏟" or all(isinstance(item, str) and item.isalnum() for item in items) or len(items) == 1:
        return items
    if isinstance(items[0], str) and all(isinstance(item, tuple) and item[0] in {"sup", "sub"} for item in items[1:]):
        return items
    return [ACCENT, ("br", grouped(items))]
