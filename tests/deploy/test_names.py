"""What files under deploy/ and pages under docs/ name must exist: settings, commands, paths, addresses, ports."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from django.urls import resolve

from control_plane.cli.main import command_line
from control_plane.kernel.config import OUTSIDE, Config, environment_names, load_config
from tests.deploy import files

PAGES = sorted((files.ROOT / "docs").rglob("*.md"))
SETTING = re.compile(r"\bORRERY_[A-Z0-9_]*[A-Z0-9](?![A-Z0-9_*])")


def told(variables: dict[str, str], folder: Path) -> Config:
    """The configuration that a process with these variables has; files that they name hold something plausible."""
    given = dict(variables)
    for key in [key for key in given if key.endswith("_FILE")]:
        held = Path(given.pop(key)).name
        scheme = "postgresql" if "database" in held else "redis"
        plausible = f"{scheme}://user:password@host/0" if held.endswith("_url") else f"{held} of thirty-two characters"
        given[key.removesuffix("_FILE")] = plausible
    return load_config({**given, "ORRERY_CONFIG": os.devnull})


@pytest.mark.parametrize("path", [*files.FILES, *PAGES, files.ROOT / "README.md"], ids=files.name)
def test_every_setting_is_one(path):
    known = set(environment_names()) | OUTSIDE
    strange = {key for key in SETTING.findall(path.read_text()) if key.removesuffix("_FILE") not in known}
    # Said of a service that Kubernetes would tell of, in the comment that says why it must not.
    assert strange <= {"ORRERY_PORT"}


@pytest.mark.parametrize(("where", "arguments"), list(files.commands()), ids=str)
def test_every_call_of_the_command_is_understood(where, arguments):
    command_line().parse_args(arguments)


@pytest.mark.parametrize("path", files.ENVIRONMENTS, ids=files.name)
def test_every_environment_file_is_a_configuration(path, tmp_path):
    told(files.environment_file(path), tmp_path)


@pytest.mark.parametrize("path", files.UNITS, ids=files.name)
def test_a_unit_gives_its_process_what_it_needs(path, tmp_path):
    unit = files.unit(path)
    variables = dict(value.split("=", 1) for value in unit.get("Environment", []))
    for file in unit["EnvironmentFile"]:
        variables |= files.environment_file(files.DEPLOY / "systemd" / Path(file).name)
    credentials = {value.split(":")[0] for value in unit.get("LoadCredential", [])}
    assert {value.removeprefix("%d/") for value in variables.values() if value.startswith("%d/")} == credentials
    assert_enough_for(unit["ExecStart"][0].split(), told(variables, tmp_path))


@pytest.mark.parametrize("pod", list(files.pods()), ids=lambda pod: pod["containers"][0]["name"])
def test_a_container_of_a_pod_gets_what_it_needs(pod, tmp_path):
    kustomization = yaml.safe_load((files.DEPLOY / "kubernetes/kustomization.yaml").read_text())
    literals = kustomization["configMapGenerator"][0]["literals"]
    secrets = {manifest["metadata"]["name"]: manifest for manifest in files.manifests() if manifest["kind"] == "Secret"}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    for container in files.containers(pod):
        variables = {entry["name"]: entry["value"] for entry in container["env"]}
        if "envFrom" in container:
            variables |= dict(literal.split("=", 1) for literal in literals)
        mounted = {
            f"{mount['mountPath']}/{key}"
            for mount in container["volumeMounts"]
            if "secret" in volumes[mount["name"]]
            for key in secrets[volumes[mount["name"]]["secret"]["secretName"]]["stringData"]
        }
        named = {value for key, value in variables.items() if key.endswith("_FILE")}
        named |= {word for word in container["args"] if word.startswith("/run/secrets/")}
        assert named <= mounted
        assert_enough_for(container["args"], told(variables, tmp_path))


@pytest.mark.parametrize("service", [key for key, value in files.compose()["services"].items() if "build" in value])
def test_a_service_of_the_compose_file_gets_what_it_needs(service, tmp_path):
    given = files.compose()["services"][service]
    variables = given["environment"]
    secrets = {f"/run/secrets/{name}" for name in given.get("secrets", [])}
    assert {value for key, value in variables.items() if key.endswith("_FILE")} <= secrets
    assert_enough_for(given.get("command", []), told(variables, tmp_path))


def assert_enough_for(command: list[str], knobs: Config) -> None:
    """What `orrery` would refuse to start without, or with."""
    words = " ".join(command)
    serves = "server web" in words or "server scheduler" in words or "worker-token" in words
    needed = ("database_url", "redis_url", "secret_key", "encryption_key") if serves else ()
    if "migrate" in words:
        needed = ("database_url",) if "--check" in words else ("owner_database_url",)
    if "database create" in words:
        needed = ("owner_database_url", "database_url")
    assert [name for name in needed if getattr(knobs, name) is None] == []
    assert "server" not in words or knobs.owner_database_url is None
    if "server worker" in words:
        assert knobs.database_url is knobs.redis_url is knobs.secret_key is knobs.encryption_key is None
        assert "--token-f" in words


def test_every_source_of_the_image_exists():
    missing = []
    for instruction, rest in files.instructions():
        words = [word for word in rest.split() if not word.startswith("--")]
        if instruction == "COPY" and "--from=" not in rest:
            missing += [word for word in words[:-1] if not (files.ROOT / word).exists()]
    assert missing == []


def test_the_image_holds_every_package():
    copied = {rest.split()[0] for instruction, rest in files.instructions() if instruction == "COPY"}
    assert {path.parent.name for path in files.ROOT.glob("*/__init__.py")} - {"tests"} <= copied


def test_what_the_image_is_built_from_is_not_ignored():
    ignored = files.CONTAINERFILE.with_name("Containerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    sources = {
        word.split("/")[0]
        for instruction, rest in files.instructions()
        if instruction == "COPY" and "--from=" not in rest
        for word in rest.split()[:-1]
    }
    assert {f"!{source}" for source in sources} == {line for line in ignored if line.startswith("!")}


def test_the_image_runs_as_nobody_in_particular():
    users = [rest for instruction, rest in files.instructions() if instruction == "USER"]
    assert users == ["10001:10001"]
    assert files.instructions()[-1][0] == "CMD"


def test_every_port_is_the_one_that_web_listens_on():
    port = Config.model_fields["web_port"].default
    assert ("EXPOSE", str(port)) in files.instructions()
    assert files.compose()["services"]["web"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    ports = [
        port["containerPort"] for pod in files.pods() for c in files.containers(pod) for port in c.get("ports", [])
    ]
    assert ports == [port]
    assert f"server 127.0.0.1:{port};" in (files.DEPLOY / "nginx/orrery.conf").read_text()


def test_every_probe_asks_an_address_that_is_served():
    probes = [
        container[probe]["httpGet"]["path"]
        for pod in files.pods()
        for container in files.containers(pod)
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
        if probe in container
    ]
    probes += re.findall(r"127\.0\.0\.1:\d+(/[\w/]+)", files.COMPOSE.read_text())
    assert len(probes) == 4
    for address in probes:
        assert resolve(address).func.__module__ == "control_plane.health"


def test_each_manifest_is_listed():
    kustomization = yaml.safe_load((files.DEPLOY / "kubernetes/kustomization.yaml").read_text())
    present = {path.name for path in files.MANIFESTS} - {"kustomization.yaml", "secrets.example.yaml"}
    assert set(kustomization["resources"]) == present


def test_no_pod_learns_settings_from_the_names_of_services():
    assert all(pod["enableServiceLinks"] is False for pod in files.pods())


def test_the_secrets_of_the_compose_file_are_made_once(tmp_path):
    script = tmp_path / "make-secrets.sh"
    script.write_text((files.DEPLOY / "container/make-secrets.sh").read_text())
    subprocess.run(["sh", str(script)], check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    wanted = {Path(secret["file"]).name for secret in files.compose()["secrets"].values()}
    assert set(made) == wanted
    subprocess.run(["sh", str(script)], check=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
    knobs = load_config({
        f"ORRERY_{key.upper()}_FILE": str(tmp_path / "secrets" / key)
        for key in ("owner_database_url", "database_url", "redis_url", "worker_broker_url", "secret_key", "encryption_key")
    })  # fmt: skip
    assert knobs.secret_key != knobs.encryption_key
    assert str(knobs.redis_url).split(":")[2].split("@")[0] in made["valkey.conf"]


def test_every_service_waits_for_one_that_exists():
    services = files.compose()["services"]
    assert {name for service in services.values() for name in service.get("depends_on", {})} <= set(services)
