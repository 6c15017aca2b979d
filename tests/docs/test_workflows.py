"""The workflows and forms are valid, run what is there, and say of versions what the project says."""

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".github"
WORKFLOWS = {path.stem: path.read_text() for path in sorted((PLACE / "workflows").glob("*.yml"))}
SCHEMAS = {
    **dict.fromkeys(sorted((PLACE / "workflows").glob("*.yml")), "github-workflows"),
    ROOT / "examples" / "github-actions" / "papers.yml": "github-workflows",
    PLACE / "dependabot.yml": "dependabot",
    **dict.fromkeys(sorted((PLACE / "ISSUE_TEMPLATE").glob("[!c]*.yml")), "github-issue-forms"),
    PLACE / "ISSUE_TEMPLATE" / "config.yml": "github-issue-config",
    ROOT / "compose.yaml": "compose-spec",
    ROOT / "compose.postgres.yaml": "compose-spec",
    ROOT / "CITATION.cff": "citation-file-format",
}


class Words(yaml.SafeLoader):
    """YAML whose `on` is a word and whose days are text, as JSON has neither."""


Words.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in pairs if not tag.endswith((":bool", ":timestamp"))]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"])


def read(text):
    return yaml.load(text, Loader=Words)  # noqa: S506 -- it is a safe loader


def steps(workflow):
    """Each step of a workflow, with the name of its job."""
    for name, job in read(WORKFLOWS[workflow])["jobs"].items():
        for step in job.get("steps", ()):
            yield name, step


def commands(workflow):
    return "\n".join(step["run"] for _, step in steps(workflow) if "run" in step)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_file_is_what_its_schema_says(path):
    place = files("check_jsonschema").joinpath(f"builtin_schemas/vendor/{SCHEMAS[path]}.json")
    schema = json.loads(place.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    assert [error.message for error in validator(schema).iter_errors(read(path.read_text()))] == []


def test_the_tests_run_on_every_python_that_the_package_names():
    matrix = read(WORKFLOWS["tests"])["jobs"]["tests"]["strategy"]["matrix"]
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    assert [f"Programming Language :: Python :: {version}" for version in matrix["python"]] == [
        name for name in named if re.search(r":: 3\.\d+$", name)
    ]
    assert matrix["database"] == ["sqlite", "postgresql"]


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_runs_files_that_are_there(workflow):
    named = re.findall(
        r"(?:(?<=\s)|^)(\.ci/[\w.]+|compose[\w.]*\.yaml|requirements[\w-]*\.lock)", commands(workflow), re.MULTILINE
    )
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_may_do_little_and_ends(workflow):
    said = read(WORKFLOWS[workflow])
    assert said["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job or "uses" in job for job in said["jobs"].values())
    assert "${{" not in commands(workflow), "what a stranger may write stands in `env`, never in a command"


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_an_action_is_named_by_its_major_version(workflow):
    used = [step["uses"] for _, step in steps(workflow) if "uses" in step]
    assert used
    assert [name for name in used if not re.search(r"@(?:v\d+|release/v\d+)$", name)] == []


def test_nothing_is_published_before_the_tests_and_a_trial():
    jobs = read(WORKFLOWS["release"])["jobs"]
    assert {name for name, job in jobs.items() if job.get("needs") == ["tests", "build", "try"]} == {
        "index",
        "image",
        "release",
        "site",
    }


def test_what_is_compiled_is_compiled_in_one_place():
    assert ".ci/lock --upgrade" in commands("dependencies")
    assert ".ci/lock" in (ROOT / "CONTRIBUTING.md").read_text()


def test_the_base_that_a_release_resolves_is_the_one_of_the_image():
    script = next(step["run"] for _, step in steps("release") if step.get("id") == "base")
    pattern = re.findall(r"sed -n 's/\^(.*)//p' Dockerfile", script)
    assert pattern == ["ARG BASE="]
    assert re.findall("^ARG BASE=(.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE) == ["python:3.13-slim"]
