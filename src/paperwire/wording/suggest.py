"""Describes what suggested queries find."""

from __future__ import annotations

from paperwire.core.search.examples import MOST_EXAMPLES
from paperwire.core.search.preview import Preview, Suggested
from paperwire.core.text.clean import clean
from paperwire.texts import Texts
from paperwire.wording.rates import rate_words


def found_line(count: int, given: int, preview: Preview, texts: Texts) -> str:
    """How many of the given papers a query finds, and its rate where that is known."""
    finds = texts.ngettext("Finds %(found)s of %(num)s paper", "Finds %(found)s of %(num)s papers", given, found=count)
    if not preview.is_final:
        return f"{finds}."
    rate = rate_words(preview.total, preview.days, texts)
    return texts.gettext("%(finds)s, about %(rate)s.", finds=finds, rate=rate)


def foot_lines(result: Suggested, texts: Texts) -> list[str]:
    """What to expect of the queries, and what was left out."""
    expected = result.offers.expected
    lines = []
    if not result.offers.queries:
        lines.append(texts.gettext("No words set these papers apart from others. Try more papers, or different ones."))
    elif not result.offers.words_will_do:
        lines.append(
            texts.gettext("⚠ Keywords aren't enough here: queries like these miss more than half of similar papers.")
        )
    elif expected is not None:
        lines.append(texts.gettext("Expect them to find about %(share)s of similar papers.", share=f"{expected:.0%}"))
    if result.unknown:
        names = ", ".join(clean(name, 60) for name in result.unknown[:5])
        lines.append(texts.gettext("Not known here: %(names)s", names=names))
    if result.left_out:
        lines.append(texts.gettext("Only the first %(limit)s papers were taken.", limit=MOST_EXAMPLES))
    return lines
