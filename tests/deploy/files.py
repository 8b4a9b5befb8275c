"""What stands under deploy/, read the way each file's own reader would."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "secrets" not in path.parent.name)
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
ENVIRONMENTS = sorted(DEPLOY.glob("systemd/*.env"))
CONTAINERFILE = DEPLOY / "container" / "Containerfile"
COMPOSE = DEPLOY / "container" / "compose.yml"
MANIFESTS = sorted(path for path in DEPLOY.glob("kubernetes/*.yaml"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def unit(path: Path) -> dict[str, list[str]]:
    """Each directive with all its values, in order."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def environment_file(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def instructions() -> list[tuple[str, str]]:
    """Of the Containerfile: each instruction and the rest of its line, continued lines joined."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text(), flags=re.M).replace("\\\n", " ")
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in text.splitlines() if line.strip()]


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return read


def manifests() -> list[dict[str, Any]]:
    return [document for path in MANIFESTS for document in yaml.safe_load_all(path.read_text())]


def pods() -> Iterator[dict[str, Any]]:
    for manifest in manifests():
        if manifest["kind"] in ("Deployment", "Job"):
            yield manifest["spec"]["template"]["spec"]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every call of `orrery`: where it stands, and its arguments."""
    for path in UNITS:
        for line in unit(path)["ExecStart"]:
            yield name(path), shlex.split(line.replace("%i", "default"))[1:]
    for key, service in compose()["services"].items():
        if service.get("image") != "orrery":
            continue
        given = service.get("command", [])
        if service.get("entrypoint") == ["sh", "-c"]:
            given = shlex.split(re.sub(r".*orrery (?=database|worker-token)", "", given[0]).split(" > ")[0])
        yield f"{name(COMPOSE)}: {key}", given
    for pod in pods():
        for container in containers(pod):
            yield f"deploy/kubernetes: {container['name']}", container["args"]
    (image,) = [json.loads(rest) for instruction, rest in instructions() if instruction == "CMD"]
    yield name(CONTAINERFILE), image
    for path in (*FILES, *sorted(ROOT.glob("docs/*.md")), ROOT / "README.md"):
        for match in re.findall(r"-- orrery ([\w -]+)$", path.read_text(), flags=re.M):
            yield name(path), match.split()
