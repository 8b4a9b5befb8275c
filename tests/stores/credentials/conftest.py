"""Credentials of Acme, the secrets they name, and servers that give tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from stores.credentials.services import Wish, create_credential
from stores.jobs.calls import call
from stores.jobs.later import Later
from stores.models import Credential
from stores.secrets.services import put_secret
from tests.stores.conftest import job_place
from tests.stores.credentials.authlib_peer import TokenServer
from tests.stores.credentials.hostile_peer import HostilePeer

TEAM = "company.team"
Create = Callable[..., Credential]


@pytest.fixture(scope="session")
def token_server() -> Iterator[TokenServer]:
    server = TokenServer()
    yield server
    server.close()


@pytest.fixture
def peer(token_server: TokenServer) -> TokenServer:
    token_server.reset()
    return token_server


@pytest.fixture
def hostile() -> Iterator[HostilePeer]:
    server = HostilePeer()
    yield server
    server.close()


def client_credentials(url: str, **more: Any) -> dict[str, Any]:
    auth = {"type": "CLIENT_CREDENTIALS", "clientId": "basic", "clientSecret": {"secretKey": "CLIENT_SECRET"}}
    return {"type": "OAUTH2", "tokenEndpoint": url, **more, "authConfig": {**auth, **more.get("authConfig", {})}}


@pytest.fixture
def create(editor: Context) -> Create:
    """Make a credential, after the secret of the client that the peer knows."""

    def make(settings: dict[str, Any], *, name: str = "api", namespace: str = TEAM) -> Credential:
        put_secret(editor, namespace=namespace or TEAM, key="CLIENT_SECRET", value="s3cret of the client")
        return create_credential(editor, namespace=namespace, name=name, wish=Wish(settings))

    return make


def ask(name: str = "api", namespace: str = TEAM, tenant: str = "acme") -> dict[str, Any]:
    """What a job is answered: in its scope, and what is left to be done outside of it."""
    with tenant_scope(tenant):
        answer = call(job_place(namespace), "secrets", "credential", {"name": name})
    return answer.work() if isinstance(answer, Later) else answer
