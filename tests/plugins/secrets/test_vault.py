"""Vault, as OpenBao speaks it: ways to sign in, tokens that end, folders that people made themselves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from control_plane.kernel.words.errors import Invalid
from plugins.secrets.catalog import settings_of
from plugins.secrets.port import (
    BackendAway,
    BackendMisconfigured,
    BackendRefused,
    Described,
    Level,
    Place,
    SecretMissing,
)
from tests.plugins.secrets.conftest import own_template
from tests.plugins.secrets.places import open_place
from tests.plugins.secrets.servers import ROOT_TOKEN, openbao

HOME = Place("acme", "company.team")
ROOT = {"token": {"token": ROOT_TOKEN}}
POLICY = """
path "secret/*" { capabilities = ["create", "read", "update", "delete", "list"] }
"""


class Root:
    """Sets the server up as its operator does."""

    def __init__(self, address: str, verify: Any = True) -> None:
        self.address = address
        self._client = httpx.Client(base_url=f"{address}/v1/", headers={"X-Vault-Token": ROOT_TOKEN}, verify=verify)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self._client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300 or (answer.status_code == 400 and "in use" in answer.text), answer.text
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def root(bao: str) -> Iterator[Root]:
    found = Root(bao)
    found("PUT", "sys/policies/acl/flows", {"policy": POLICY})
    yield found
    found.close()


def works(backend: Any) -> bool:
    backend.write(HOME, Described("K"), "v")
    found = backend.read(HOME, "k")
    backend.close()
    return bool(found == "v")


def approle(root: Root, **more: Any) -> dict[str, str]:
    root("POST", "sys/auth/approle", {"type": "approle"})
    root("POST", "auth/approle/role/orrery", {"token_policies": "flows", **more})
    role = root("GET", "auth/approle/role/orrery/role-id")["data"]["role_id"]
    secret = root("POST", "auth/approle/role/orrery/secret-id")["data"]["secret_id"]
    return {"roleId": role, "secretId": secret}


def test_an_application_signs_in_by_its_role(bao: str, root: Root) -> None:
    assert works(open_place("vault", address=bao, appRole=approle(root), pathTemplate=own_template()))


def test_a_user_signs_in_by_password(bao: str, root: Root) -> None:
    root("POST", "sys/auth/userpass", {"type": "userpass"})
    root("POST", "auth/userpass/users/john", {"password": "foo", "token_policies": "flows"})
    password = {"user": "john", "password": "foo"}
    assert works(open_place("vault", address=bao, password=password, pathTemplate=own_template()))
    wrong = open_place("vault", address=bao, password={"user": "john", "password": "bar"})
    with pytest.raises((BackendRefused, BackendMisconfigured), match=r"400|403"):
        wrong.read(HOME, "K")
    wrong.close()


def test_a_workload_signs_in_by_the_token_of_its_issuer(bao: str, root: Root) -> None:
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    key = RSAKey.generate_key(2048)
    root("POST", "sys/auth/jwt", {"type": "jwt"})
    public = key.as_pem(private=False).decode()
    root("POST", "auth/jwt/config", {"jwt_validation_pubkeys": [public], "bound_issuer": "https://issuer"})
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["bao"], "token_policies": "flows"}
    root("POST", "auth/jwt/role/orrery", role)
    claims = {
        "iss": "https://issuer",
        "sub": "orrery",
        "aud": "bao",
        "iat": int(time.time()),
        "exp": int(time.time()) + 60,
    }
    token = jwt.encode({"alg": "RS256"}, claims, key)
    assert works(open_place("vault", address=bao, jwt={"role": "orrery", "token": token}, pathTemplate=own_template()))


def test_it_is_reached_over_tls_by_an_authority_of_its_own(tmp_path: Path) -> None:
    with openbao("-dev-tls", f"-dev-tls-cert-dir={tmp_path}", scheme="https", verify=False) as address:
        authority = (tmp_path / "vault-ca.pem").read_text()
        root = Root(address, verify=False)
        root("PUT", "sys/policies/acl/flows", {"policy": POLICY})
        role = approle(root)
        root.close()
        assert works(open_place("vault", address=address, appRole=role, caCertificate=authority))
        stranger = open_place("vault", address=address, appRole=role)
        with pytest.raises(BackendAway, match="certificate"):
            stranger.read(HOME, "K")
        stranger.close()


def test_a_token_that_was_taken_back_is_replaced(bao: str, root: Root) -> None:
    backend = open_place("vault", address=bao, appRole=approle(root), pathTemplate=own_template())
    backend.write(HOME, Described("K"), "v")
    root("POST", "auth/token/revoke", {"token": backend._token.value()})
    assert backend.read(HOME, "K") == "v"
    backend.close()


def test_a_token_is_renewed_when_half_of_its_time_is_over(bao: str, root: Root) -> None:
    backend = open_place("vault", address=bao, appRole=approle(root, token_ttl="1h"), pathTemplate=own_template())
    backend.write(HOME, Described("K"), "v")
    first = backend._token.value()
    assert 1700 < backend._token._until - time.monotonic() <= 1800
    backend._token._clock = lambda: time.monotonic() + 1801
    assert backend.read(HOME, "K") == "v"
    assert backend._token.value() == first
    told = httpx.get(f"{bao}/v1/auth/token/lookup-self", headers={"X-Vault-Token": first}).json()["data"]
    assert told["last_renewal_time"] is not None
    backend.close()


def test_a_given_token_is_renewed_too_and_one_without_an_end_is_used(bao: str, root: Root) -> None:
    short = root("POST", "auth/token/create", {"policies": ["flows"], "ttl": "1h"})["auth"]["client_token"]
    backend = open_place("vault", address=bao, token={"token": short}, pathTemplate=own_template())
    backend.write(HOME, Described("K"), "v")
    backend._token._clock = lambda: time.monotonic() + 1801
    assert backend.read(HOME, "K") == "v"
    told = httpx.get(f"{bao}/v1/auth/token/lookup-self", headers={"X-Vault-Token": short}).json()["data"]
    assert told["last_renewal_time"] is not None
    backend.close()
    assert works(open_place("vault", address=bao, **ROOT, pathTemplate=own_template()))


def test_a_namespace_of_the_server_keeps_its_own_secrets(bao: str, root: Root) -> None:
    root("POST", "sys/namespaces/unit")
    root("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}}, **{"X-Vault-Namespace": "unit"})
    template = own_template()
    inside = open_place("vault", address=bao, **ROOT, namespace="unit", pathTemplate=template)
    outside = open_place("vault", address=bao, **ROOT, pathTemplate=template)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            inside.write(HOME, Described("K"), "inside")
            break
        except (BackendAway, BackendMisconfigured):
            # A fresh mount is upgraded for a moment.
            continue
    assert inside.read(HOME, "K") == "inside"
    with pytest.raises(SecretMissing):
        outside.read(HOME, "K")
    inside.close()
    outside.close()


def test_secrets_that_people_made_are_read_under_a_prefix_by_their_names(bao: str, root: Root) -> None:
    root("POST", "secret/data/app1/db", {"data": {"DATABASE_USERNAME": "u", "DATABASE_PASSWORD": "p"}})
    root("POST", "secret/data/app1/db/child", {"data": {"x": "y"}})
    root("POST", "secret/data/app1/api", {"data": {"value": "one text"}})
    backend = open_place("vault", address=bao, **ROOT, secretPathPrefix="app1")
    assert sorted(each.key for each in backend.entries(HOME)) == ["api", "db"]
    assert json.loads(backend.read(HOME, "DB")) == {"DATABASE_USERNAME": "u", "DATABASE_PASSWORD": "p"}
    assert backend.read(HOME, "api") == "one text"
    backend.close()


def test_one_that_was_deleted_softly_has_no_value(bao: str, root: Root) -> None:
    root("POST", "secret/data/app2/gone", {"data": {"value": "v"}})
    root("DELETE", "secret/data/app2/gone")
    backend = open_place("vault", address=bao, **ROOT, secretPathPrefix="app2")
    assert [each.key for each in backend.entries(HOME)] == ["gone"]
    with pytest.raises(SecretMissing, match="has no value"):
        backend.read(HOME, "gone")
    backend.close()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rootEngine": "nope"}, "no handler for route"),
        ({"engineVersion": 1}, "versioned K/V|unsupported"),
    ],
)
def test_a_wrong_engine_is_said(bao: str, wrong: dict[str, Any], told: str) -> None:
    backend = open_place("vault", address=bao, **ROOT, **wrong)
    with pytest.raises(BackendMisconfigured, match=told):
        backend.write(HOME, Described("K"), "v")
    backend.close()


def test_who_may_read_and_not_list_reads_by_the_spelling(bao: str, root: Root) -> None:
    root("POST", "secret/data/only/K", {"data": {"value": "v"}})
    root("PUT", "sys/policies/acl/reader", {"policy": 'path "secret/data/only/*" { capabilities = ["read"] }'})
    token = root("POST", "auth/token/create", {"policies": ["reader"]})["auth"]["client_token"]
    backend = open_place("vault", address=bao, token={"token": token}, secretPathPrefix="only")
    assert backend.read(HOME, "K") == "v"
    with pytest.raises(BackendRefused, match="403"):
        backend.entries(HOME)
    with pytest.raises(BackendRefused):
        backend.write(HOME, Described("K"), "new")
    backend.close()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "one way to sign in"),
        ({**ROOT, "appRole": {"roleId": "r"}}, "one way to sign in"),
        ({"kubernetes": {"role": "r"}}, "operator of the instance alone"),
        ({"jwt": {"role": "r", "file": "/etc/passwd"}}, "operator of the instance alone"),
        ({**ROOT, "pathTemplate": "{tenant}/{who}/{key}"}, "none of"),
        ({**ROOT, "pathTemplate": "{key}/{tenant}"}, "at its end"),
    ],
)
def test_what_is_configured_wrong_is_said_before_anything_is_asked(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        settings_of("vault", {"address": "https://vault", **wrong}, Level.NAMESPACE)


def test_names_may_be_spelled_as_files_spell_them() -> None:
    given = {"address": "https://vault", "root-engine": "dev", "app-role": {"role-id": "r", "secret_id": "s"}}
    found: Any = settings_of("vault", given, Level.INSTANCE)
    assert (found.root_engine, found.app_role.role_id) == ("dev", "r")
