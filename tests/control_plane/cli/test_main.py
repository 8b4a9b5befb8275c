import errno
import os
import socket
import subprocess
import sys

import pytest

from control_plane.cli import command
from control_plane.cli import main as cli
from control_plane.kernel import config as knobs


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Nothing of this process's configuration: the command reads it anew."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(knobs, "_current", None)
    return monkeypatch


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([name.replace("_", "-"), "--help"])
    assert ended.value.code == 0
    assert "usage: orrery" in capsys.readouterr().out


def test_a_wrong_setting_is_named_and_nothing_starts(environment, capsys):
    environment.setenv("ORRERY_WEB_PORT", "eighty")
    assert cli.main(["doctor"]) == 2
    assert capsys.readouterr().err.startswith("ORRERY_WEB_PORT: Input should be a valid integer")


def test_a_server_without_its_settings_names_all_of_them(environment, capsys):
    assert cli.main(["server", "web"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"ORRERY_{name}: is needed here" for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ENCRYPTION_KEY")
    ]


@pytest.fixture
def servers_named(environment):
    for name in ("SECRET_KEY", "ENCRYPTION_KEY"):
        environment.setenv(f"ORRERY_{name}", "k" * 40)
    environment.setenv("ORRERY_DATABASE_URL", "postgresql://orrery_app@127.0.0.1:1/orrery")
    environment.setenv("ORRERY_REDIS_URL", "redis://127.0.0.1:1/0")
    return environment


def test_a_port_that_is_taken_is_named_before_anything_is_loaded(servers_named, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        servers_named.setenv("ORRERY_WEB_PORT", str(other.getsockname()[1]))
        assert cli.main(["server", "web"]) == 2
    assert capsys.readouterr().err.startswith("ORRERY_WEB_PORT: cannot listen on 127.0.0.1 port")


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machines_is_named(servers_named, capsys, host):
    servers_named.setenv("ORRERY_WEB_HOST", host)
    assert cli.main(["server", "web"]) == 2
    assert capsys.readouterr().err.startswith(f"ORRERY_WEB_HOST: cannot listen on {host}")


@pytest.mark.parametrize("words", [["up"], ["users", "create", "a@b.example"]])
def test_a_data_folder_that_cannot_be_one_is_named(environment, capsys, tmp_path, words):
    (tmp_path / "file").touch()
    environment.setenv("ORRERY_DATA_DIR", str(tmp_path / "file"))
    assert cli.main(words) == 2
    assert capsys.readouterr().err.startswith("ORRERY_DATA_DIR: ")


def test_a_full_disk_is_told_with_the_folders_key(environment, capsys, monkeypatch, tmp_path):
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(command, "NamedTemporaryFile", full)
    environment.setenv("ORRERY_DATA_DIR", str(tmp_path / "var"))
    assert cli.main(["up"]) == 2
    assert capsys.readouterr().err.endswith("cannot be written: No space left on device\n")


def test_an_address_that_no_worker_can_ask_is_refused(environment, capsys, tmp_path):
    (tmp_path / "token").write_text("orw_x")
    assert cli.main(["server", "worker", "--server", "flows.example", "--token-file", str(tmp_path / "token")]) == 2
    assert capsys.readouterr().err.startswith("--server: flows.example is no address")


@pytest.mark.parametrize("role", ["web", "scheduler", "worker"])
def test_a_server_refuses_to_know_the_owner(environment, capsys, role):
    environment.setenv("ORRERY_OWNER_DATABASE_URL", "postgresql://owner@h/d")
    assert cli.main(["server", role]) == 2
    assert "a server must not know it" in capsys.readouterr().err


def test_a_worker_takes_its_token_from_a_file_or_a_pipe_alone(environment, capsys):
    assert cli.main(["server", "worker"]) == 2
    assert "--token-file or --token-fd" in capsys.readouterr().err


@pytest.mark.parametrize(("content", "problem"), [(None, "cannot be read"), ("\n", "is empty")])
def test_a_token_that_is_not_there_is_told_in_one_line(environment, capsys, tmp_path, content, problem):
    if content is not None:
        (tmp_path / "token").write_text(content)
    assert cli.main(["server", "worker", "--token-file", str(tmp_path / "token")]) == 2
    assert problem in capsys.readouterr().err


def test_a_token_is_read_from_standard_input_and_nothing_leads_to_it_afterwards(tmp_path):
    (tmp_path / "token").write_text("orw_secret\n")
    program = (
        "import argparse, os; from control_plane.cli.server import _token;"
        "print(_token(argparse.Namespace(token_fd=0, token_file=None)), os.readlink('/proc/self/fd/0'))"
    )
    with (tmp_path / "token").open() as file:
        done = subprocess.run([sys.executable, "-c", program], stdin=file, capture_output=True, text=True, check=True)
    assert done.stdout == "orw_secret /dev/null\n"


def test_migrations_need_the_owner(environment, capsys):
    assert cli.main(["migrate"]) == 2
    assert capsys.readouterr().err.strip() == "ORRERY_OWNER_DATABASE_URL: is needed here"


def test_a_server_ends_when_its_parent_is_gone_already(environment, capsys):
    assert cli.main(["server", "web", "--supervised-by", "1"]) == 2
    assert "the parent is gone already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["users", "create", "a@b.example"],
        ["tenants", "create", "a", "--admin", "a@b.example"],
        ["worker-token", "default"],
    ],
)
def test_where_no_instance_runs_a_command_says_what_helps(environment, capsys, command):
    assert cli.main(command) == 2
    assert capsys.readouterr().err.startswith("no instance runs here: start one with `orrery up`")


def test_settings_that_do_not_go_together_are_named_and_nothing_starts(environment, capsys):
    for name, value in {
        "DATABASE_URL": "postgresql://orrery_app:x@localhost:1/x",
        "REDIS_URL": "redis://localhost:1/0",
        "SECRET_KEY": "a key that is long enough for anything",
        "ENCRYPTION_KEY": "a key that is long enough for anything",
        "SESSIONS_IDLE": "P8D",
    }.items():
        environment.setenv(f"ORRERY_{name}", value)
    assert cli.main(["server", "scheduler"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["ORRERY_ENCRYPTION_KEY", "ORRERY_SESSIONS_IDLE"]
    assert told[0].endswith("(kernel.E001)") and told[1].endswith("(iam.E001)")
