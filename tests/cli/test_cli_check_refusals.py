"""`check` finds what `run` would refuse or leave off, before it does."""

import os
import sys

import pytest
from cli_world import found

from paperwire.cli import main


@pytest.mark.whole
@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"meaning__table": "gone.npz"}, "cannot read the word table gone.npz: No such file or directory"),
        ({"meaning__encoder": "onnx"}, 'setting meaning.folder is needed with encoder = "onnx"'),
        ({"meaning__encoder": "onnx", "meaning__folder": "gone"}, "there is no gone/model.onnx"),
        ({"meaning__encoder": "static", "meaning__folder": "gone"}, "there is no gone/model.safetensors"),
    ],
)
def test_an_encoder_that_cannot_be_built_is_broken(migrated, settings, text):
    migrated.env(sources__arxiv__enabled="false", sources__huggingface__enabled="false", **settings)
    said = migrated("check", "--json")
    level, problem = found(said)["meaning"]
    assert (said.code, level) == (1, "broken")
    assert text in problem
    said = migrated("run", "--once")
    assert said.code == 2
    assert text in said.err


def test_an_encoder_without_its_packages_is_broken(migrated, monkeypatch):
    migrated.env(meaning__encoder="onnx", meaning__folder="model")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert found(migrated("check", "--json"))["meaning"] == (
        "broken",
        "this encoder needs onnxruntime and tokenizers: run pip install '.[onnx]' in a clone of Paperwire",
    )


@pytest.mark.parametrize("encoder", ["table", "off"])
def test_an_encoder_that_can_be_built_is_named(migrated, encoder):
    migrated.env(meaning__encoder=encoder)
    assert found(migrated("check", "--json"))["meaning"] == ("ok", encoder)


@pytest.mark.parametrize("content", [b"", b"\xff"])
def test_a_key_that_cannot_be_used_is_broken(migrated, content):
    migrated.env(secret_key="")
    (migrated.folder / "secret.key").write_bytes(content)
    level, problem = found(migrated("check", "--json"))["secret_key"]
    assert level == "broken"
    said = migrated("run", "--once")
    assert said.code == 2
    assert problem in said.err


@pytest.mark.parametrize(("source", "key"), [("rss", "urls"), ("jsonl", "files")])
def test_a_source_without_what_it_reads_is_off(migrated, source, key):
    migrated.env(**{f"sources__{source}__enabled": "true"})
    assert found(migrated("check", "--json"))[source] == ("warning", f"off: sources.{source}.{key} is not set")


def test_files_that_are_missing_are_named(migrated):
    migrated.file("here.jsonl", "")
    migrated.env(sources__jsonl__files='["here.jsonl", "gone.jsonl"]')
    told = [(one["level"], one["text"]) for one in migrated("check", "--json").json if one["subject"] == "jsonl"]
    assert told == [("warning", "there is no file gone.jsonl"), ("ok", "never read yet")]


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"meaning__dimensions": "-1"}, "setting 'meaning.dimensions' (PAPERWIRE_MEANING__DIMENSIONS)"),
        ({"contact": "Ann"}, "setting 'contact' (PAPERWIRE_CONTACT): must be a mail address"),
        ({"network__ca_file": "gone.pem"}, "setting 'network.ca_file': cannot read gone.pem"),
        (
            {"secret_key_file": "gone.key"},
            "setting 'secret_key_file' (PAPERWIRE_SECRET_KEY_FILE): cannot read its file: ",
        ),
    ],
)
def test_settings_that_are_refused_are_refused_here_too(shell, setting, text):
    shell.env(**setting)
    for command in (["check"], ["run", "--once"]):
        said = shell(*command)
        assert said.code == 2
        assert text in said.err


def test_windows_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(SystemExit) as end:
        main()
    monkeypatch.undo()
    assert end.value.code == ("paperwire: Windows isn't supported; run it on Linux or macOS, in WSL or in a container")
