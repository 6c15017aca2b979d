"""Builds the source distribution, holds it against what git knows, and runs tests out of it: `.ci/sdist.py PYTHON`.

`PYTHON` is one that has all that tests need. The backend is installed into an environment of its own, as pip does.
A wheel built out of it, where no tag is, has the version that the source distribution was given.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

TESTS = ("tests/docs", "tests/test_texts.py", "tests/test_sdist.py", "tests/core/test_cadence.py", "tests/worker")
"""A few that read docs, the example, data files and a database; the whole suite is run elsewhere."""
_MADE = {"PKG-INFO", "setup.cfg"}
_GIVEN = "1.2.3"
"""The version that the tag would give."""
_MADE_UP = ("eo", "eu")
"""Languages with a catalogue of English, the first of them whole."""
_CATALOGUES = f"""
import runpy
from pathlib import Path
from babel.messages.pofile import write_po
messages = runpy.run_path("setup.py")["template"]()
for number, language in enumerate({_MADE_UP}):
    messages.locale = language
    for message in list(messages)[number + 1:]:
        message.string = message.id
    file = Path(f"src/paperwire/locale/{{language}}/LC_MESSAGES/paperwire.po")
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_po(opened, messages)
    for message in messages:
        message.string = ("", "") if message.pluralizable else ""
"""
_BUILD = "import sys; from setuptools.build_meta import build_sdist; print(build_sdist(sys.argv[1]))"


def build(python: str, into: Path) -> Path:
    """Unpack what the backend builds from the files of the last commit and those added since; its folder."""
    source, environment = into / "source", into / "environment"
    for name in _tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, source / name)  # with its mode
    _said(python, "-m", "venv", environment)
    backend = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    _said(environment / "bin" / "pip", "install", "--quiet", *backend)
    tag = {"SETUPTOOLS_SCM_PRETEND_VERSION_FOR_PAPERWIRE": _GIVEN}
    name = _said(environment / "bin" / "python", "-c", _BUILD, into, cwd=source, **tag).splitlines()[-1]
    with tarfile.open(into / name) as archive:
        archive.extractall(into / "unpacked", filter="data")
    return into / "unpacked" / name.removesuffix(".tar.gz")


def compare(unpacked: Path) -> None:
    """End with a complaint if a file is missing, or stands there unexpectedly; the build makes catalogues."""
    inside = {str(file.relative_to(unpacked)) for file in unpacked.rglob("*") if file.is_file()}
    inside = {
        name
        for name in inside
        if name not in _MADE and ".egg-info/" not in name and not name.endswith((".mo", "/own_name.txt"))
    }
    if inside != _tracked():
        sys.exit(f"sdist: missing {sorted(_tracked() - inside)}, not ours {sorted(inside - _tracked())}")


def keep_version(unpacked: Path, into: Path) -> None:
    """End with a complaint if a wheel made of the source distribution has another version."""
    pip = into / "environment" / "bin" / "pip"
    _said(pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", into, unpacked)
    made = [file.name for file in into.glob("*.whl")]
    if made != [f"paperwire-{_GIVEN}-py3-none-any.whl"]:
        sys.exit(f"sdist: of version {_GIVEN} came {made}")


def keep_catalogues(unpacked: Path, into: Path) -> None:
    """End with a complaint unless a whole catalogue, and no other, is compiled for wheels and editable installs."""
    python = into / "environment" / "bin" / "python"
    _said(python, "-c", _CATALOGUES, cwd=unpacked)
    pip = (python, "-m", "pip", "--quiet")
    _said(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", into / "translated", unpacked)
    (wheel,) = (into / "translated").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = [name for name in archive.namelist() if name.endswith(".mo")]
    for file in (unpacked / "src").rglob("*.mo"):
        file.unlink()
    _said(*pip, "install", "--no-deps", "--no-build-isolation", "--editable", unpacked)
    editable = [str(file.relative_to(unpacked / "src")) for file in (unpacked / "src").rglob("*.mo")]
    for made, where in ((inside, "wheel"), (editable, "editable install")):
        if {_MADE_UP[0]} != {language for language in _MADE_UP if any(f"/{language}/" in name for name in made)}:
            sys.exit(f"sdist: the {where} has the catalogues {made}")


def _tracked() -> set[str]:
    return set(filter(None, _said("git", "ls-files", "-z").split("\0")))


def _said(*command: str | Path, cwd: Path | None = None, **more: str) -> str:
    """What a command says; whatever fails ends all."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PAPERWIRE_", "PYTHON"))}
    ended = subprocess.run(command, cwd=cwd, env=clean | more, capture_output=True, text=True, check=False)  # noqa: S603 -- ours
    if ended.returncode:
        sys.exit(f"sdist: {' '.join(map(str, command))} ended with {ended.returncode}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


if __name__ == "__main__":
    testing = Path(sys.argv[1]).absolute()  # not resolved: an environment is found by where its Python lies
    with tempfile.TemporaryDirectory(prefix="paperwire-sdist-") as made:
        folder = build(str(testing), Path(made))
        compare(folder)
        keep_version(folder, Path(made))
        print(_said(testing, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS, cwd=folder, PYTHONPATH="src"))
        keep_catalogues(folder, Path(made))
