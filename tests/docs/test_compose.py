"""The image and the compose files run commands that are there, with known settings, as a user without rights."""

import json
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from paperwire import config
from paperwire.cli.app import COMMANDS, app

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
FILES = ["compose.yaml", "compose.postgres.yaml"]
PAGE = (ROOT / "docs" / "running.md").read_text()
ROLES = ("collect", "match", "deliver", "web")
VALUES = {"POSTGRES_PASSWORD": "secret", "SECRET_KEY": "k" * 64}
"""What .env has."""


def read(name):
    """A compose file with the variables put in."""
    text = (ROOT / name).read_text()
    return yaml.safe_load(re.sub(r"\$\{(\w+)(?::[-?][^}]*)?\}", lambda found: VALUES.get(found[1], ""), text))


SERVICES = [
    pytest.param(body, id=f"{name}-{service}")
    for name in FILES
    for service, body in read(name)["services"].items()
    if "build" in body
]
"""Each that runs Paperwire."""


def understood(monkeypatch, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return config.load(None)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("service", SERVICES)
def test_settings_of_a_service_are_known(monkeypatch, service):
    settings = understood(monkeypatch, service.get("environment", {}))
    kind = "postgresql" if "depends_on" in service else "sqlite"
    assert settings.database.url.get_secret_value().startswith(kind)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_a_command_that_is_there(service):
    command = service.get("command", ["run"])
    assert command[0] in COMMANDS
    assert CliRunner().invoke(app, [*command, "--help"]).exit_code == 0
    assert set(command[2].split(",") if command[1:] else ()) <= {*config.modules("channels"), *ROLES}


def test_every_role_runs_twice():
    processes = Counter()
    for service in read("compose.postgres.yaml")["services"].values():
        for role in service["command"][2].split(",") if "build" in service else ():
            processes[role] += service["deploy"]["replicas"]
    assert processes == dict.fromkeys([*ROLES, "telegram", "discord"], 2)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_no_rights_and_time_to_stop(service):
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["stop_grace_period"] == "15s"


@pytest.mark.parametrize("name", FILES)
def test_every_volume_that_is_used_is_declared(name):
    said = read(name)
    used = {volume.partition(":")[0] for body in said["services"].values() for volume in body["volumes"]}
    assert {volume for volume in used if not volume.startswith(".")} == said["volumes"].keys()


def test_the_variables_that_the_file_needs_are_made_on_the_page():
    needed = set(re.findall(r"\$\{(\w+):\?", (ROOT / "compose.postgres.yaml").read_text()))
    made = {word.partition("=")[0] for word in re.findall(r"[A-Z_]+=\$\(openssl", PAGE)}
    assert needed == made == VALUES.keys()


def test_settings_on_the_page_are_known(monkeypatch, tmp_path):
    part = PAGE.partition("## In a container")[2].partition("\n## ")[0]
    secret = tmp_path / "telegram"
    secret.write_text("123456:ABC")
    named = dict(re.findall(r"(PAPERWIRE_\w+)=([^\s\\]+)", part))
    settings = understood(monkeypatch, {k: v.replace("/run/secrets/telegram", str(secret)) for k, v in named.items()})
    assert settings.channels.telegram.token.get_secret_value() == "123456:ABC"


def test_commands_on_the_page_are_there():
    part = PAGE.partition("## In a container")[2].partition("\n## ")[0]
    commands = re.findall(r"(?:exec \w+ paperwire|run --rm paperwire|`paperwire) (\w+)", part)
    assert {"status", "backup", "restore", "outbox", "health"} <= set(commands)
    assert set(commands) <= COMMANDS.keys()


def test_settings_of_the_image_are_known(monkeypatch):
    words = [shlex.split(line) for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line.startswith("ENV ")]
    named = dict(word.split("=", 1) for line in words for word in line[1:])
    settings = understood(monkeypatch, {name: value for name, value in named.items() if name.startswith("PAPERWIRE_")})
    assert settings.database.url.get_secret_value() == "sqlite+aiosqlite:////data/paperwire.db"


def test_the_image_asks_for_its_health_and_has_a_number_for_a_user():
    check = json.loads(re.findall(r"^HEALTHCHECK .*CMD (.*)$", DOCKERFILE, re.MULTILINE)[0])
    assert check == ["paperwire", "health"]
    assert check[1] in COMMANDS
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_no_base_is_named_by_a_digest_that_someone_wrote():
    assert re.findall(r"^(?:ARG BASE=|FROM )(.*?)(?: AS \w+)?$", DOCKERFILE, re.MULTILINE) == [
        "python:3.13-slim",
        "${BASE}",
        "${BASE}",
    ]
    assert not any("sha256:" in (ROOT / name).read_text() for name in ("Dockerfile", *FILES))
