"""Signing in by a provider that others have written and had certified: claims in the ID token, and in UserInfo alone."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from django.test import Client

from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.models import ExternalIdentity, GroupMember, User
from iam.sso.oidc.keys import forget_keys
from tests.cast import ACME, Cast, make_cast
from tests.iam.sso.openid_peer import CLIENT, SECRET, come_back, error_of, is_signed_in, led_to
from tests.iam.sso.test_sign_in import make_group

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]
PACKAGE = "oidc-provider@9.13.3"
FOLDER = Path(__file__).resolve().parents[3] / "var" / "peers" / PACKAGE.replace("@", "-")


@pytest.fixture(scope="module")
def package() -> Path:
    """Installed once, and kept."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    if not (FOLDER / "node_modules" / "oidc-provider").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FOLDER), PACKAGE]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return FOLDER


@pytest.fixture(params=["yes", "no"], ids=["claims in the ID token", "claims in UserInfo alone"])
def issuer(package: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    forget_keys()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    redirect = f"{config().origin.rstrip('/')}/oauth/callback/peer"
    script = Path(__file__).with_name("oidc_provider.mjs")
    command = ["node", str(script), str(package), str(port), redirect, CLIENT, SECRET, request.param]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        assert any("ready" in line for line in process.stdout), "it did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def connect(cast: Cast, issuer: str) -> None:
    settings = {"issuer": issuer, "clientId": CLIENT, "scopes": ["openid", "profile", "email", "groups"]}
    rules = [{"value": "eng", "group": "Engineers", "tenant": ACME}]
    body = {"name": "peer", "settings": settings, "secret": SECRET, "rules": rules}
    made = cast.root.client.post("/api/v1/instance/identity-providers", body, content_type="application/json")
    assert made.status_code == 200, made.content


def signed_in_there(address: str, name: str) -> str:
    """A browser fills in the provider's own forms; the address it is sent back to."""
    callback = f"{config().origin.rstrip('/')}/oauth/callback/"
    with httpx.Client(timeout=20) as browser:
        for _ in range(12):
            answer = browser.get(address)
            form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            if form and prompt:
                sent = {"prompt": prompt[1], "login": name, "password": "any"}
                answer = browser.post(urljoin(address, form[1]), data=sent)
            assert answer.is_redirect, answer.text[:500]
            address = urljoin(address, answer.headers["Location"])
            if address.startswith(callback):
                return address
    raise AssertionError("it did not come back")


def test_somebody_signs_in_with_their_groups(cast: Cast, issuer: str):
    make_group("Engineers")
    connect(cast, issuer)
    browser = Client()
    response = come_back(browser, signed_in_there(led_to(browser, "/oauth/login/peer", next="/ui/acme/flows"), "ada"))
    assert is_signed_in(response) and response["Location"] == "/ui/acme/flows"
    me = browser.get("/api/v1/me").json()
    assert me["profile"]["email"] == "ada@acme.test" and me["profile"]["firstName"] == "Ada"
    with instance_scope():
        identity = ExternalIdentity.objects.get(user_id=me["id"])
    assert (identity.issuer, identity.subject) == (issuer, "ada")
    with tenant_scope(ACME):
        assert GroupMember.objects.get(user_id=me["id"]).group.name == "Engineers"


def test_what_it_answers_opens_one_sign_in_once(cast: Cast, issuer: str):
    connect(cast, issuer)
    browser, other = Client(), Client()
    back = signed_in_there(led_to(browser, "/oauth/login/peer"), "ada")
    assert error_of(come_back(other, back)) == "sign_in_refused", "another browser has not begun it"
    assert is_signed_in(come_back(browser, back))
    assert error_of(come_back(browser, back)) == "sign_in_refused"
    with instance_scope():
        assert User.objects.filter(email="ada@acme.test").count() == 1
