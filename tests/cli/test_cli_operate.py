"""`init`, `migrate`, `status`, the hold, `export`, `forget`, and what holds for every command."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from paperwire import __version__
from paperwire.cli.app import COMMANDS

# --- every command -----------------------------------------------------------------------------------------------


def test_the_version(shell):
    assert shell("--version").out == f"paperwire {__version__}\n"


def test_the_module_is_the_program():
    done = subprocess.run([sys.executable, "-m", "paperwire", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"paperwire {__version__}\n"


def test_without_a_command_the_commands_are_told(shell):
    said = shell()
    assert said.code == 2
    for command in ("run", "demo", "init", "check", "collect", "import", "search", "preview", "why", "trending",
                    "status", "health", "outbox", "migrate", "backup", "restore", "move", "export",
                    "forget"):  # fmt: skip
        assert f" {command} " in said.out + said.err


def test_the_help_of_no_command_is_cut(shell, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    shown = " ".join(shell("--help").out.split())
    assert [text for _, text in COMMANDS.values() if text not in shown] == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("w", ["web"]),
        ("collect,m", ["collect,match"]),
        ("collect,match,d", ["collect,match,deliver", "collect,match,discord"]),
    ],
)
@pytest.mark.whole
def test_parts_of_a_service_are_completed(typed, offered):
    line = f"paperwire run --only {typed}"
    asked = {"_PAPERWIRE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": "3"}
    program = "import sys; sys.argv = ['paperwire']; from paperwire.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == offered


def test_a_command_that_is_none_and_an_option_that_is_none(shell):
    said = shell("serach", "x")
    assert said.code == 2
    assert "serach" in said.err
    assert shell("status", "--jsno").code == 2


def test_a_level_of_logs_that_is_none(shell):
    said = shell("--log-level", "loud", "status")
    assert said.code == 2
    assert "'warning'" in said.err


@pytest.mark.parametrize(
    "command", [["status"], ["search", "x"], ["outbox"], ["migrate"], ["check"], ["run"], ["collect"], ["backup", "x"]]
)
def test_wrong_settings_are_told_by_every_command(shell, command):
    shell.env(web_port="1")
    said = shell(*command)
    assert said.code == 2
    assert "'web.port' (PAPERWIRE_WEB__PORT)" in said.err
    assert "Traceback" not in said.err


def test_a_settings_file_by_option(shell):
    shell.file("other.toml", "nonsense = 1")
    assert "unknown setting 'nonsense'" in shell("--config", "other.toml", "status").err
    assert "no settings file at gone.toml" in shell("--config", "gone.toml", "status").err


@pytest.mark.parametrize("url", ["nonsense", "mysql://u:canary@h/d", "postgresql://u:canary@h:port/d", "sqlite://"])
def test_an_address_of_no_database_is_a_wrong_setting(shell, url):
    shell.env(database__url=url)
    said = shell("status")
    assert said.code == 2
    assert "setting 'database.url' (PAPERWIRE_DATABASE__URL): " in said.err
    assert "canary" not in said.err
    shell.env(database__url="")
    shell.file("other.toml", f'database.url = "{url}"')
    assert "setting 'database.url' (other.toml): " in shell("--config", "other.toml", "status").err


def test_a_database_that_does_not_answer(shell):
    shell.env(database__url="postgresql+psycopg://u:canary@127.0.0.1:9/d")
    said = shell("status")
    assert said.code == 1
    assert "127.0.0.1" in said.err
    assert "canary" not in said.err
    assert "Traceback" not in said.err


def test_a_time_that_is_none(shell):
    for now in ("yesterday", "2026-01-05T07:59:50"):
        shell.env(now=now)
        said = shell("status")
        assert said.code == 2
        assert f"PAPERWIRE_NOW is '{now}'" in said.err


def test_a_database_that_is_not_there_yet(shell):
    for command in (["status"], ["search", "x"], ["outbox"], ["export", "1"]):
        said = shell(*command)
        assert said.code == 1
        assert "there is no database paperwire.db yet" in said.err
    assert not (shell.folder / "paperwire.db").exists()


def test_a_folder_that_cannot_be_written(shell):
    shell.file("folder", "")
    shell.env(database__url=f"sqlite+aiosqlite:///{shell.folder}/folder/paperwire.db")
    said = shell("migrate")
    assert said.code == 1
    assert "cannot write" in said.err
    shell.env(database__url=f"sqlite+aiosqlite:///{shell.folder}/missing/paperwire.db")
    said = shell("migrate")
    assert said.code == 1
    assert "No such file or directory" in said.err


def test_the_shell_can_complete_commands(shell):
    done = subprocess.run(
        [Path(sys.executable).with_name("paperwire")],
        env={"_PAPERWIRE_COMPLETE": "complete_bash", "COMP_WORDS": "paperwire tre", "COMP_CWORD": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["trending"]


# --- single commands ---------------------------------------------------------------------------------------------


def test_init_writes_a_private_file_once(shell):
    said = shell("init")
    assert (said.code, said.out) == (0, "wrote config.toml\n")
    path = shell.folder / "config.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "[sources.arxiv]" in path.read_text()
    path.write_text("mine")
    said = shell("init")
    assert said.code == 1
    assert "config.toml is there already" in said.err
    assert path.read_text() == "mine"


def test_init_where_nothing_can_be_written(shell):
    said = shell("init", "missing/config.toml")
    assert said.code == 1
    assert "cannot write missing/config.toml: No such file or directory" in said.err


def test_migrate_makes_a_private_database(shell):
    said = shell("migrate")
    assert (said.code, said.out) == (0, "the database paperwire.db is up to date\n")
    assert stat.S_IMODE((shell.folder / "paperwire.db").stat().st_mode) == 0o600
    assert shell("migrate").code == 0


def test_status_for_people_and_for_machines(stocked):
    said = stocked("status")
    assert said.code == 0
    assert "3 papers" in said.out
    found = stocked("status", "--json").json
    assert (found["papers"], found["first_day"], found["subscriptions"]) == (3, "2026-01-05", 0)
    assert [source["name"] for source in found["sources"]][:2] == ["arxiv", "huggingface"]


def test_status_tells_of_a_hold(stocked):
    assert stocked("outbox", "--hold").out == "deliveries are on hold from now on\n"
    assert "Deliveries have been on hold since" in stocked("status").out
    assert stocked("status", "--json").json["held_since"].startswith("2026-01-06T12:00:0")


def test_a_hold_is_ended_where_there_is_one(stocked):
    assert stocked("outbox", "--release").out == "deliveries are not on hold\n"
    stocked("outbox", "--hold")
    assert "`paperwire outbox --release`" in stocked("outbox").err
    assert stocked("outbox", "--release").out == "deliveries go out again\n"
    assert stocked("outbox").err == ""


def test_a_person_is_banned_and_let_in_again(stocked, ada):
    assert stocked("forget", "telegram:7", "--unban").code == 1
    said = stocked("forget", ada, "--ban", "--yes")
    assert said.out == "forgotten\nbanned: telegram:7\n"
    again = stocked("forget", "telegram:7", "--ban", typed="y\n")  # who left already
    assert "Nothing is stored about telegram:7." in again.out
    assert again.out.endswith("banned: telegram:7\n")
    assert stocked("forget", "telegram:7", "--unban").out == "telegram:7 is not banned any more\n"
    said = stocked("forget", "telegram:7", "--unban")
    assert (said.code, "telegram:7 is not banned" in said.err) == (1, True)
    assert "is no account" in stocked("forget", ada, "--unban").err
    assert "exclude each other" in stocked("forget", "telegram:7", "--ban", "--unban").err
    assert "there is no person" in stocked("forget", "999", "--ban", "--yes").err


def test_export_and_forget_by_number_and_by_account(stocked, ada):
    for name in (ada, "telegram:7"):
        found = stocked("export", name).json
        assert found["subscriptions"][0]["text"] == "diffusion"
    said = stocked("forget", "telegram:7", typed="n\n")
    assert said.code == 1
    assert "nothing was deleted" in said.out
    assert "This will be deleted:" in said.out
    assert "• name, accounts, settings and feed links" in said.out
    assert stocked("export", ada).code == 0
    assert "forgotten" in stocked("forget", "telegram:7", typed="y\n").out
    for command in (["export", "telegram:7"], ["export", ada], ["forget", ada, "--yes"], ["export", "Ada"]):
        said = stocked(*command)
        assert said.code == 1
        assert "there is no person" in said.err
