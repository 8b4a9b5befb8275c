"""Programs of others that speak SCIM, against a running instance: canaille as a directory, and the command line of scim2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.journeys.instance import Instance, running, set_up

pytestmark = pytest.mark.nightly
PEERS = Path(__file__).resolve().parents[3] / "var" / "peers"
CANAILLE = ("canaille[oidc,scim]==0.3.6", "scim2-client==0.7.5", "scim2-models==0.6.12")
"""It asks for these or newer, and works with none that is newer."""
SCIM2_CLI = ("scim2-cli==0.6.0",)


class Known:
    """An integration of the instance: its address, its token, and what it shows."""

    def __init__(self, instance: Instance, token: str, name: str) -> None:
        wanted = {"name": name, "type": "SCIM"}
        made = instance.call("POST", "/api/v1/acme/security-integrations", wanted, token=token)
        self.token: str = made["token"]
        self.address = f"{instance.url}/api/v1/acme/integrations/{made['id']}/scim/v2"

    def all(self, kind: str) -> dict[str, Any]:
        """By their names."""
        request = Request(f"{self.address}/{kind}?count=100", headers={"Authorization": f"Bearer {self.token}"})
        with urlopen(request, timeout=30) as answer:
            found = json.loads(answer.read())["Resources"]
        return {each.get("userName") or each["displayName"]: each for each in found}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with running(tmp_path_factory.mktemp("instance")) as started:
        yield started


@pytest.fixture(scope="module")
def token(instance: Instance) -> str:
    return set_up(instance)


def interpreter(*packages: str) -> Path:
    """Of a place with these installed; skips where they cannot be had."""
    folder = PEERS / packages[0].replace("==", "-").replace("[", "-").replace("]", "").replace(",", "-")
    python = folder / "bin" / "python"
    held, wanted = folder / "installed", "\n".join(packages)
    if not held.exists() or held.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, timeout=120)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        done = subprocess.run(install, capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            pytest.skip(f"{packages[0]} could not be installed: {done.stderr.strip()[-300:]}")
        held.write_text(wanted)
    return python


def test_canaille_brings_people_and_a_group_and_each_change_once(instance: Instance, token: str):
    known = Known(instance, token, "canaille")
    command = [str(interpreter(*CANAILLE)), str(Path(__file__).with_name("canaille_pushes.py"))]
    process = subprocess.Popen(
        [*command, known.address, known.token], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None

    def after(step: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """What there is when it says so; then it goes on."""
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline().strip() == step
        seen = known.all("Users"), known.all("Groups")
        process.stdin.write("\n")
        process.stdin.flush()
        return seen

    try:
        people, groups = after("people")
        assert (set(people), groups) == ({"ada", "ben"}, {})
        assert people["ada"]["emails"][0]["value"] == "ada@acme.test" and people["ada"]["externalId"]
        ids = {name: each["id"] for name, each in people.items()}
        _, groups = after("group")
        assert {each["value"] for each in groups["crew"]["members"]} == set(ids.values())
        people, _ = after("renamed")
        assert people["ada"]["name"]["familyName"] == "Love"
        assert {name: each["id"] for name, each in people.items()} == ids
        _, groups = after("left")
        assert [each["value"] for each in groups["crew"]["members"]] == [ids["ada"]]
        people, groups = after("deleted")
        assert (set(people), set(groups)) == ({"ada"}, {"crew"})
    finally:
        process.communicate("\n", timeout=60)
    assert process.returncode == 0


def test_the_command_line_of_scim2_reads_writes_and_finds_nothing_wrong(instance: Instance, token: str):
    known = Known(instance, token, "cli")
    program = interpreter(*SCIM2_CLI).with_name("scim2")

    def scim2(*words: str) -> str:
        told = {**os.environ, "SCIM_CLI_URL": known.address, "SCIM_CLI_HEADERS": f"Authorization: Bearer {known.token}"}
        done = subprocess.run([str(program), *words], capture_output=True, text=True, timeout=300, env=told)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    made = json.loads(scim2("create", "user", "--user-name", "carol"))
    assert json.loads(scim2("query", "user", made["id"]))["userName"] == "carol"
    scim2("delete", "user", made["id"])
    assert known.all("Users") == {}
    assert scim2("test").count("SUCCESS") > 50
    assert known.all("Users") == {}, "it takes away what it made"
