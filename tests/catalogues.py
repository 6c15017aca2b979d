"""What the build knows of catalogues, and which there are."""

import runpy

from babel.messages.pofile import read_po

from pseudo_locale import ROOT

BUILD = runpy.run_path(str(ROOT / "setup.py"))
LOCALE = ROOT / "src" / "paperwire" / "locale"
LANGUAGES = sorted(file.parts[-3] for file in LOCALE.glob("*/LC_MESSAGES/paperwire.po"))


def read(language):
    with (LOCALE / language / "LC_MESSAGES" / "paperwire.po").open("rb") as file:
        return read_po(file, locale=language)
