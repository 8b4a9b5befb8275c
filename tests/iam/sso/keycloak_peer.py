"""Keycloak itself on this machine: fetched once by Maven and kept, its data in memory, a realm for whoever asks."""

from __future__ import annotations

import fcntl
import html
import itertools
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from control_plane.embedded.ports import free_port

VERSION = "26.7.3"
FOLDER = Path(__file__).resolve().parents[3] / "var" / "peers"
ADMIN, ADMIN_PASSWORD = "admin", "only for the tests"
CLIENT, SECRET, PASSWORD = "orrery", "a secret of the client", "Correct-horse-1"
_BUILT = "built-for-the-tests"
_OPTIONS = ("--db=dev-mem", "--cache=local", "--health-enabled=true", "--features=scim-api")
_READY_WITHIN = 180.0


class Keycloak:
    """Its administrator, by its own API. Each test has a realm of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = itertools.count(1)
        self._token, self._until = "", 0.0

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """What the console does; the id of what was made, or the answer."""
        answer = httpx.request(method, f"{self.url}/admin/realms{path}", json=body, headers=self._headers(), timeout=60)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text)
        if "Location" in answer.headers:
            return answer.headers["Location"].rpartition("/")[2]
        return answer.json() if answer.content else None

    def _headers(self) -> dict[str, str]:
        if time.monotonic() > self._until:
            form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": ADMIN_PASSWORD}
            answer = httpx.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=form, timeout=60)
            self._token, self._until = answer.json()["access_token"], time.monotonic() + 30
        return {"Authorization": f"Bearer {self._token}"}

    def realm(self, origin: str, provider: str = "peer") -> Realm:
        return Realm(self, f"realm{next(self._numbers)}", origin, provider)


class Realm:
    """With the client that Orrery is, set up as docs/sign-in/keycloak.md says."""

    def __init__(self, server: Keycloak, name: str, origin: str, provider: str) -> None:
        self._server = server
        self.name = name
        self.groups: dict[str, str] = {}
        self.people: dict[str, str] = {}
        """Ids, by names."""
        self.issuer = f"{server.url}/realms/{name}"
        told = {"realm": name, "enabled": True, "sslRequired": "none", "scimApiEnabled": True}
        server.admin("POST", "", {**told, "clients": [_client(origin, provider)]})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self._server.admin(method, f"/{self.name}{path}", body)

    def group(self, name: str, under: str = "") -> str:
        return self.ask("POST", f"/groups/{under}/children" if under else "/groups", {"name": name})

    def person(self, name: str, *groups: str, **changes: Any) -> str:
        told = {
            "username": name,
            "email": f"{name}@acme.test",
            "emailVerified": True,
            "enabled": True,
            "firstName": name.title(),
            "lastName": "Ant",
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            **changes,
        }
        person: str = self.ask("POST", "/users", told)
        for group in groups:
            self.join(person, group)
        return person

    def join(self, person: str, group: str) -> None:
        self.ask("PUT", f"/users/{person}/groups/{group}", {})

    def leave(self, person: str, group: str) -> None:
        self.ask("DELETE", f"/users/{person}/groups/{group}")

    def disable(self, person: str) -> None:
        self.ask("PUT", f"/users/{person}", {"enabled": False})

    def sign_out(self, person: str) -> None:
        """As an administrator does in the console: Keycloak then tells every client."""
        self.ask("POST", f"/users/{person}/logout")

    def change_client(self, **changes: Any) -> None:
        (client,) = self.ask("GET", f"/clients?clientId={CLIENT}")
        self.ask("PUT", f"/clients/{client['id']}", {**client, **changes})

    def change_mapper(self, **config: str) -> None:
        (client,) = self.ask("GET", f"/clients?clientId={CLIENT}")
        path = f"/clients/{client['id']}/protocol-mappers/models"
        (mapper,) = [each for each in self.ask("GET", path) if each["name"] == "groups"]
        mapper["config"] |= {name.replace("_", "."): value for name, value in config.items()}
        self.ask("PUT", f"{path}/{mapper['id']}", mapper)

    def rotate(self, priority: int) -> None:
        """A new key signs from now on."""
        told = {"priority": [str(priority)], "enabled": ["true"], "active": ["true"], "keySize": ["2048"]}
        name = f"new-{priority}"
        kind = "org.keycloak.keys.KeyProvider"
        self.ask(
            "POST", "/components", {"name": name, "providerId": "rsa-generated", "providerType": kind, "config": told}
        )


def _client(origin: str, provider: str) -> dict[str, Any]:
    mapper = {"full.path": "true", "claim.name": "groups", "id.token.claim": "true", "userinfo.token.claim": "true"}
    return {
        "clientId": CLIENT,
        "secret": SECRET,
        "redirectUris": [f"{origin}/oauth/callback/{provider}"],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": f"{origin}/ui/sign-in",
            "backchannel.logout.url": f"{origin}/oauth/backchannel-logout/{provider}",
            "backchannel.logout.session.required": "true",
        },
        "protocolMappers": [
            {
                "name": "groups",
                "protocol": "openid-connect",
                "protocolMapper": "oidc-group-membership-mapper",
                "config": mapper,
            }
        ],
    }


class Browser:
    """Somebody who fills in Keycloak's form; it stays signed in over there."""

    def __init__(self, callback: str) -> None:
        self._callback = callback
        self._cookies: dict[str, str] = {}

    def signed_in(self, address: str, name: str, password: str = PASSWORD) -> str:
        """The address that Keycloak sends it back to."""
        for _ in range(8):
            answer = self.get(address)
            form = re.search(r'<form[^>]+action="([^"]+)"', answer.text)
            if form and not answer.is_redirect:
                told = {"username": name, "password": password, "credentialId": ""}
                answer = self._kept(httpx.post(html.unescape(form[1]), data=told, headers=self._headers(), timeout=60))
            assert answer.is_redirect, answer.text[:2000]
            address = urljoin(address, answer.headers["Location"])
            if address.startswith(self._callback):
                return address
        raise AssertionError("it did not come back")

    def get(self, address: str) -> httpx.Response:
        return self._kept(httpx.get(address, headers=self._headers(), timeout=60))

    def _headers(self) -> dict[str, str]:
        """Its cookies are marked Secure, on http too: browsers send them on this machine, Python's jars do not."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer


@contextmanager
def running_keycloak() -> Iterator[Keycloak]:
    """Skips, saying what lacks, where there can be none."""
    home, port, management = _home(), free_port(), free_port()
    command = [
        *(str(home / "bin" / "kc.sh"), "start", "--optimized", "--http-enabled=true", "--hostname-strict=false"),
        *("--http-host=127.0.0.1", f"--http-port={port}", f"--http-management-port={management}"),
    ]
    log = home / "started.log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            command, env=_environment(), stdin=subprocess.DEVNULL, stdout=told, stderr=told, start_new_session=True
        )
    try:
        _wait(f"http://127.0.0.1:{management}/health/ready", process, log)
        yield Keycloak(f"http://127.0.0.1:{port}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _environment() -> dict[str, str]:
    told = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN_PASSWORD}
    return {**os.environ, **told, "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m"}


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"Keycloak does not answer:\n{log.read_text()[-4000:]}")


def _home() -> Path:
    """Fetched, unpacked and built where that was not done before."""
    if not shutil.which("java"):
        pytest.skip("Keycloak needs java (apt-get install openjdk-17-jre-headless)")
    FOLDER.mkdir(parents=True, exist_ok=True)
    home = FOLDER / f"keycloak-{VERSION}"
    with (FOLDER / "keycloak.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "bin" / "kc.sh").exists():
            _fetch()
        if not (home / _BUILT).exists():
            build = [str(home / "bin" / "kc.sh"), "build", *_OPTIONS]
            subprocess.run(build, check=True, capture_output=True, timeout=600, env=_environment())
            (home / _BUILT).touch()
    return home


def _fetch() -> None:
    if not shutil.which("mvn"):
        pytest.skip(f"Keycloak {VERSION} is not in {FOLDER}, and there is no mvn that could fetch it")
    artifact = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:tar.gz"
    command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={FOLDER}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    archive = FOLDER / f"keycloak-quarkus-dist-{VERSION}.tar.gz"
    if done.returncode != 0 or not archive.exists():
        pytest.skip(f"Keycloak {VERSION} could not be fetched: {(done.stdout + done.stderr).strip()[-300:]}")
    with tarfile.open(archive) as held:
        held.extractall(FOLDER, filter="data")
    archive.unlink()
