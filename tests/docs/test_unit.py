"""The units for systemd start what the page installs, and are read by systemd where that is."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from paperwire.cli.app import COMMANDS
from paperwire.cli.run import LONGEST_STOP

CONTRIB = Path(__file__).resolve().parents[2] / "contrib"
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "running.md").read_text()
UNIT = (CONTRIB / "paperwire.service").read_text()
CONTROL = (CONTRIB / "paperwirectl").read_text()


def service():
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(UNIT)
    return parser["Service"]


def test_the_unit_starts_what_is_installed_by_the_page():
    program, command = service()["ExecStart"].split()
    assert f"{Path(program).parent}/pip install ." in PAGE
    assert command in COMMANDS
    assert f"{service()['EnvironmentFile'].removeprefix('-')} " in PAGE


def test_other_commands_run_as_the_service_does():
    unit = service()
    asked = dict(setting.split("=", 1) for setting in re.findall(r"--property=(\S+)", CONTROL))
    assert asked.pop("User") == "paperwire"
    assert asked.pop("StateDirectory") == unit["StateDirectory"].split()[0]
    assert asked == {name: unit[name] for name in asked}
    assert f'{unit["ExecStart"].split()[0]} "$@"' in CONTROL
    assert os.access(CONTRIB / "paperwirectl", os.X_OK)
    command = re.search(r"sudo paperwirectl (\w+)", PAGE)[1]
    assert command in COMMANDS


def test_wrong_settings_are_not_tried_again_and_messages_may_finish():
    assert service()["RestartPreventExitStatus"] == "2"
    assert service()["Type"] == "notify"
    assert int(service()["WatchdogSec"]) > 0
    assert int(service()["TimeoutStopSec"]) > LONGEST_STOP


def test_systemd_reads_the_unit(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here (on Debian the package systemd)")
    unit = tmp_path / "paperwire.service"
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT))
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert "paperwire.service" not in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["paperwire-dump.service", "paperwire-dump.timer"])
def test_systemd_reads_the_timer_of_copies(tmp_path, name):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here (on Debian the package systemd)")
    for unit in (CONTRIB / "paperwire-dump.service", CONTRIB / "paperwire-dump.timer"):
        shutil.copy(unit, tmp_path)
    done = subprocess.run([analyze, "verify", tmp_path / name], capture_output=True, text=True, check=False)
    assert "paperwire-dump" not in done.stderr, done.stderr


def test_the_copies_of_postgresql_are_whole_files_in_a_private_folder(tmp_path):
    lines = configparser.ConfigParser(strict=False, interpolation=None)
    lines.optionxform = str
    lines.read_string((CONTRIB / "paperwire-dump.service").read_text().replace("\\\n", ""))
    assert lines["Service"]["UMask"] == "0077"
    program = re.search(r"ExecStart=/bin/sh -c '(.*?)'\n", (CONTRIB / "paperwire-dump.service").read_text(), re.DOTALL)[
        1
    ]
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "pg_dump").write_text('#!/bin/sh\ncase "$2" in --file=*) echo dump > "${2#--file=}";; esac\n')
    (tools / "pg_dump").chmod(0o755)
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "STATE_DIRECTORY": str(tmp_path)}
    subprocess.run(["/bin/sh", "-c", program.replace("%%", "%")], env=environment, check=True)
    assert [path.suffix for path in tmp_path.glob("paperwire-*")] == [".dump"]
