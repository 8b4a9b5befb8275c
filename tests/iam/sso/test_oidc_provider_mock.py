"""Signing in by a provider that others have written for tests: what it can be told to do, honest or not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client

from control_plane.kernel.scope import instance_scope
from iam.models import Session
from iam.sso.oidc.keys import forget_keys
from tests.cast import ACME, Cast, make_cast
from tests.iam.sso.openid_peer import come_back, error_of, is_signed_in, led_to
from tests.iam.sso.test_keycloak import groups_of
from tests.iam.sso.test_sign_in import make_group

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
CLAIMS = {"email": "ada@acme.test", "email_verified": True, "groups": ["eng"]}


@pytest.fixture
def cast() -> Cast:
    forget_keys()
    return make_cast()


@contextmanager
def connected(cast: Cast, **told: Any) -> Iterator[str]:
    with warnings.catch_warnings(record=True):  # of a library that it uses
        from oidc_provider_mock import User, run_server_in_thread

    with run_server_in_thread(user_claims=[User(sub="ada", claims=CLAIMS)], **told) as server:
        issuer = f"http://localhost:{server.server_port}"
        settings = {"issuer": issuer, "clientId": "orrery", "scopes": ["openid", "email", "profile", "groups"]}
        rules = [{"value": "eng", "group": "Engineers", "tenant": ACME}]
        body = {"name": "peer", "settings": settings, "secret": "secret", "rules": rules}
        made = cast.root.client.post("/api/v1/instance/identity-providers", body, content_type="application/json")
        assert made.status_code == 200, made.content
        yield issuer


def answered(address: str, **form: str) -> str:
    answer = httpx.post(address, data=form, timeout=20)
    assert answer.is_redirect, answer.text[:1000]
    return answer.headers["Location"]


def test_whom_it_vouches_for_is_signed_in_with_what_userinfo_says(cast: Cast):
    make_group("Engineers")
    with connected(cast) as issuer:
        ours = Client()
        assert is_signed_in(come_back(ours, answered(led_to(ours, "/oauth/login/peer"), sub="ada")))
        assert groups_of("ada@acme.test") == {"Engineers"}
        httpx.put(f"{issuer}/users/ada", json={**CLAIMS, "email": "ada.love@acme.test"}, timeout=20)
        assert is_signed_in(come_back(ours, answered(led_to(ours, "/oauth/login/peer"), sub="ada")))
        assert ours.get("/api/v1/me").json()["profile"]["email"] == "ada.love@acme.test"


@pytest.mark.parametrize(
    ("told", "form"),
    [
        ({"access_token_max_age": timedelta(hours=-1)}, {"sub": "ada"}),
        ({}, {"action": "deny"}),
        ({}, {"sub": "x" * 300}),
    ],
    ids=["its tokens have expired when they come", "it says no", "its subject is longer than any may be"],
)
def test_nobody_comes_in_when(cast: Cast, told: dict[str, Any], form: dict[str, str]):
    with connected(cast, **told):
        ours = Client()
        assert error_of(come_back(ours, answered(led_to(ours, "/oauth/login/peer"), **form))) == "sign_in_refused"
        with instance_scope():
            assert not Session.objects.exists()


def test_a_code_of_its_is_taken_once(cast: Cast):
    with connected(cast):
        ours, other = Client(), Client()
        back = answered(led_to(ours, "/oauth/login/peer"), sub="ada")
        assert is_signed_in(come_back(ours, back))
        state = led_to(other, "/oauth/login/peer").partition("state=")[2].partition("&")[0]
        stolen = back.partition("?")[0] + f"?code={back.partition('code=')[2].partition('&')[0]}&state={state}"
        assert error_of(come_back(other, stolen)) == "sign_in_refused"
