"""The languages that texts are served in: which have a catalogue, their own names, and which one a reader gets.

Below `locale` in this package lies a folder for each language, named as Babel names it (`zh_Hans`), with its catalogue,
glossary and tables. The build compiles a catalogue that is whole, and writes the language's own name next to it; only a
compiled one is served.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel import Locale, UnknownLocaleError
from babel.core import get_global

CATALOGUE = "LC_MESSAGES/paperwire.mo"
"""Where a compiled catalogue lies in the folder of its language."""
OWN_NAME = "LC_MESSAGES/own_name.txt"
"""Where the name of a language in itself lies there; Babel knows it too, for 1 MB of memory a language."""
_LONGEST_TAG = 35
_ENGLISH = "en"
_LIKELY = get_global("likely_subtags")


def folder() -> Traversable:
    """The folder of all languages."""
    return files("paperwire").joinpath("locale")


def translated() -> list[str]:
    """The languages that have a whole catalogue, as Babel names them; English stands in the code."""
    if not folder().is_dir():
        return []
    return sorted(entry.name for entry in folder().iterdir() if entry.joinpath(CATALOGUE).is_file())


def served() -> dict[str, str]:
    """The own name of each language that texts are served in, by its tag (BCP 47): `pt-BR`, `português (Brasil)`."""
    return {tag_of(name): _own_name(name) for name in (_ENGLISH, *translated())}


def _own_name(language: str) -> str:
    written = folder().joinpath(language, OWN_NAME)
    return written.read_text("utf-8") if written.is_file() else str(Locale.parse(language).display_name)


def tag_of(language: str) -> str:
    """The tag (BCP 47) of a language as Babel names it: `zh-Hans`."""
    return language.replace("_", "-")


def locale_of(tag: str) -> Locale | None:
    """The locale that a platform or browser names (`pt-BR`, `zh_Hans_CN`), or its language alone; None for neither."""
    parts = tag[:_LONGEST_TAG].replace("-", "_")
    for name in (parts, parts.partition("_")[0]):
        try:
            return Locale.parse(name)
        except (ValueError, UnknownLocaleError):
            continue
    return None


def closest(tag: str, languages: Iterable[str]) -> str:
    """Which of these languages someone reads whose language is `tag`: that one, else one of its script; else none.

    So `zh-CN` reads `zh_Hans`, `pt` reads `pt_BR`, and `zh-TW`, which has another script, neither.
    """
    locale = locale_of(tag)
    if locale is None:
        return ""
    alike = [name for name in languages if _written(Locale.parse(name)) == _written(locale)]
    return str(locale) if str(locale) in alike else next(iter(alike), "")


def first_served(tags: Iterable[str]) -> str:
    """The tag of the first of these that texts are served in, English among them; English if none is."""
    languages = [_ENGLISH, *translated()]
    return tag_of(next(filter(None, (closest(tag, languages) for tag in tags)), _ENGLISH))


def _written(locale: Locale) -> tuple[str, str]:
    """A language and its script, the usual one where none is named."""
    likely = _LIKELY.get(str(locale)) or _LIKELY.get(locale.language, "")
    return locale.language, locale.script or "".join(str(likely).split("_")[1:2])
