"""What a release needs besides a build, for the workflow and by hand.

`.ci/release.py prepare VERSION URL` holds the version against the changelog, the citation, where counting goes on
without a tag and the databases for upgrades. Then it writes the project's addresses into pyproject.toml, and makes
README's links whole, as a package index shows it away from its repository. Not to be committed: the addresses are
those of the publisher.
`.ci/release.py constraints FILE` writes the versions of requirements.lock without hashes, which `pip install -c` takes.
`.ci/release.py notes VERSION` prints what the changelog says of a version.
"""

import re
import sys
from pathlib import Path

_LINK = re.compile(r"(!?)(\[[^\]]*\]\()(?!https?:|#)([^)]+)\)")
_HASHES = re.compile(r"( \\)?\n    --hash=sha256:[0-9a-f]{64}")


def problems(version: str, root: Path) -> list[str]:
    """Where the files speak of another version than the tag, a sentence each."""
    found = []
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", _read(root / "CHANGELOG.md"), re.MULTILINE):
        found.append(f"CHANGELOG.md has no dated part about {version}")
    if f"\nversion: {version}\n" not in _read(root / "CITATION.cff"):
        found.append(f"CITATION.cff has another version than {version}")
    counted = re.findall(r'^fallback_version = "([\d.]+)\.dev0"$', _read(root / "pyproject.toml"), re.MULTILINE)
    if counted != [version]:
        found.append(f"fallback_version in pyproject.toml is not {version}.dev0")
    found += [
        f"tests/e2e/releases has no {version}.{kind}.sql.gz"
        for kind in ("sqlite", "postgresql")
        if not (root / "tests" / "e2e" / "releases" / f"{version}.{kind}.sql.gz").is_file()
    ]
    return found


def with_addresses(settings: str, url: str) -> str:
    """The text of pyproject.toml with the addresses of the project."""
    pages = {
        "Homepage": url,
        "Documentation": f"{url}/tree/HEAD/docs",
        "Changelog": f"{url}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{url}/issues",
        "Source": url,
    }
    lines = "".join(f'{name} = "{address}"\n' for name, address in pages.items())
    before, mark, after = settings.partition("[project.scripts]\n")
    return f"{before}[project.urls]\n{lines}\n{mark}{after}"


def with_whole_links(page: str, version: str, url: str) -> str:
    """The text of a page with links that lead into the repository from anywhere."""

    def whole(link: re.Match[str]) -> str:
        kind = "raw" if link[1] else "blob"
        return f"{link[1]}{link[2]}{url}/{kind}/v{version}/{link[3]})"

    return _LINK.sub(whole, page)


def constraints(lock: str) -> str:
    """The versions of a lock without hashes: with them pip would ask a hash of Paperwire, too."""
    return _HASHES.sub("", lock)


def notes(changelog: str, version: str) -> str:
    """What the changelog says of a version."""
    part = changelog.partition(f"\n## [{version}]")[2].partition("\n## ")[0]
    return part.partition("\n")[2].strip() + "\n"


def prepare(version: str, url: str, root: Path) -> None:
    """Make the files ready for a build; ends with a complaint where they speak of another version."""
    if found := problems(version, root):
        sys.exit("release: " + "; ".join(found))
    if not re.fullmatch(r"https://[\w.-]+(/[\w.-]+)+", url):
        sys.exit(f"release: {url} is not the address of a repository")
    for name, text in (
        ("pyproject.toml", with_addresses(_read(root / "pyproject.toml"), url)),
        ("README.md", with_whole_links(_read(root / "README.md"), version, url)),
    ):
        (root / name).write_text(text, encoding="utf-8")


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", version, url]:
            prepare(version, url, Path())
        case ["constraints", file]:
            Path(file).write_text(constraints(_read(Path("requirements.lock"))), encoding="utf-8")
        case ["notes", version]:
            print(notes(_read(Path("CHANGELOG.md")), version), end="")
        case _:
            sys.exit(__doc__)
