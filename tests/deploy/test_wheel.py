"""A release: built from what is tracked, installed where no clone and no Node is, started from there."""

import os
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path
from urllib.request import urlopen

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from control_plane.embedded.ports import free_port
from tests.architecture.test_house import PACKAGES
from tests.bench.instance import TENANT, Instance
from tests.bench.instance import _enter as enter
from tests.deploy.files import ROOT

FLOW = "id: hello\nnamespace: bench\ntasks:\n  - {id: say, type: io.kestra.plugin.core.log.Log, message: hello}"
UI = ROOT / "control_plane" / "ui"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built in a copy: what an earlier build left in the clone must not get into it."""
    if not (UI / "index.html").is_file():
        pytest.skip("the web application is not built: make ui")
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(out), "."], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (made,) = out.glob("orrery_control_plane-*.whl")
    return made


def test_a_wheel_holds_everything_that_is_tracked_and_the_web_application(wheel):
    tracked = subprocess.run(["git", "ls-files", "--", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True)
    wanted = {line for line in tracked.stdout.splitlines() if not line.startswith("control_plane/contract/")}
    built = {str(path.relative_to(ROOT)) for path in UI.rglob("*") if path.is_file() and ".vite" not in path.parts}
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    existing = {name for name in wanted if (ROOT / name).is_file()}
    assert existing - held == set()
    assert built - held == set()
    assert not [name for name in held if name.startswith(("tests/", "frontend/", "deploy/"))]


def needed() -> set[str]:
    """Every distribution that pip would install with the wheel."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        open_ends = [Requirement(text) for text in tomllib.load(file)["project"]["dependencies"]]
    found: set[tuple[str, str]] = set()
    while open_ends:
        asked = open_ends.pop()
        for extra in ("", *asked.extras):
            if (canonicalize_name(asked.name), extra) not in found:
                found.add((canonicalize_name(asked.name), extra))
                mine = [Requirement(text) for text in distribution(asked.name).requires or ()]
                open_ends += [one for one in mine if one.marker is None or one.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


def lay_down(each: Distribution, site: Path) -> None:
    places = {file.parts[0] for file in each.files or () if file.parts[0] not in ("..", "__pycache__")}
    for place in places:
        target = site / place
        if not target.exists():
            target.symlink_to(Path(str(each.locate_file(place))))


@pytest.fixture(scope="module")
def orrery(wheel, tmp_path_factory) -> Path:
    """The command of a fresh environment: what the wheel asks for is taken from this one, and nothing else is there."""
    place = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    site = place / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    for name in needed():
        lay_down(distribution(name), site)
    install = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*install, "--no-index", "--no-deps", "--force-reinstall", str(wheel)], check=True)
    return place / "bin" / "orrery"


def elsewhere(**more: str) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": "/nonexistent", "ORRERY_CONFIG": os.devnull, **more}


def test_doctor_works_outside_of_the_clone(orrery, tmp_path):
    told = elsewhere(ORRERY_DATA_DIR=str(tmp_path / "var"))
    done = subprocess.run([orrery, "doctor"], cwd=tmp_path, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PostgreSQL is started" in done.stdout
    asked = [orrery.with_name("python"), "-c", "import control_plane; print(control_plane.__file__)"]
    found = subprocess.run(asked, cwd=tmp_path, env=told, capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()).is_relative_to(orrery.parent.parent)


@pytest.mark.faults
def test_an_instance_starts_from_it_serves_the_web_application_and_runs_a_flow(orrery, tmp_path):
    port = free_port()
    told = elsewhere(ORRERY_DATA_DIR=str(tmp_path / "var"), ORRERY_WEB_PORT=str(port))
    process = subprocess.Popen(
        [orrery, "up"], cwd=tmp_path, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "ready: http" in line:
                break
        with urlopen(f"http://127.0.0.1:{port}/ui/", timeout=20) as answer:
            page = answer.read().decode()
        assert '<div id="root">' in page, "".join(lines)
        script = page.split('src="/ui/assets/')[1].split('"')[0]
        with urlopen(f"http://127.0.0.1:{port}/ui/assets/{script}", timeout=20) as answer:
            assert answer.headers["Content-Type"].startswith("text/javascript")
        instance = Instance(port, tmp_path / "var")
        enter(instance)
        instance.save(FLOW)
        ended = instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/hello?wait=true")
        assert ended["state"]["current"] == "SUCCESS"
        instance.hang_up()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
