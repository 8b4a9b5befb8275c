"""One place after the other for the suite."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.plugins.secrets.places import MADE, Opened, opened_with
from tests.plugins.secrets.servers import ROOT_TOKEN, openbao
from tests.plugins.secrets.stubs.conjur import Conjur
from tests.plugins.secrets.stubs.doppler import Doppler
from tests.plugins.secrets.stubs.elasticsearch import Elasticsearch
from tests.plugins.secrets.stubs.keyvault import KeyVault
from tests.plugins.secrets.stubs.onepassword import Connect
from tests.plugins.secrets.stubs.passwordsafe import PasswordSafe
from tests.plugins.secrets.stubs.secretmanager import SecretManager
from tests.plugins.secrets.stubs.secretserver import SecretServer
from tests.plugins.secrets.stubs.server import Stub

PLACES = (
    *("built-in", "vault kv2", "vault kv1", "aws", "azure", "google"),
    *("1password", "doppler", "conjur", "delinea", "beyondtrust", "elasticsearch"),
)


@pytest.fixture(autouse=True)
def _what_was_opened_is_closed() -> Iterator[None]:
    yield
    while MADE:
        MADE.pop().close()


@pytest.fixture(params=PLACES)
def opened(request: pytest.FixtureRequest) -> Opened:
    name = "connect" if request.param == "1password" else request.param.replace("-", "_").replace(" ", "_")
    found: Opened = request.getfixturevalue(f"{name}_place")
    return found


@pytest.fixture
def built_in_place(db: None) -> Opened:
    from tests.plugins.secrets.scoped import ScopedBuiltIn

    return Opened(ScopedBuiltIn(), ScopedBuiltIn, is_in_one_thread=True)


@pytest.fixture(scope="session")
def bao() -> Iterator[str]:
    with openbao() as address:
        yield address


def own_template() -> str:
    """A folder of its own for each test in a server that all of them share."""
    return f"{os.urandom(6).hex()}/{{tenant}}/{{namespace}}/{{key}}"


@pytest.fixture
def vault_kv2_place(bao: str) -> Opened:
    return opened_with("vault", address=bao, token={"token": ROOT_TOKEN}, pathTemplate=own_template())


@pytest.fixture
def vault_kv1_place(bao: str) -> Opened:
    where = {"rootEngine": "kv1", "engineVersion": 1, "pathTemplate": own_template()}
    return opened_with("vault", address=bao, token={"token": ROOT_TOKEN}, **where)


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws_place(aws_server: str) -> Opened:
    keys = {"accessKeyId": "test", "secretKeyId": "test", "region": "eu-west-1"}
    return opened_with("aws-secret-manager", endpointOverride=aws_server, prefix=os.urandom(6).hex(), **keys)


def _stubbed(kind: type[Stub]) -> Any:
    @pytest.fixture
    def started() -> Iterator[Stub]:
        stub = kind()
        yield stub
        stub.close()

    return started


key_vault, secret_manager, connect, doppler_api = map(_stubbed, (KeyVault, SecretManager, Connect, Doppler))
conjur_api, secret_server, password_safe, elastic = map(_stubbed, (Conjur, SecretServer, PasswordSafe, Elasticsearch))


@pytest.fixture
def azure_place(key_vault: KeyVault) -> Opened:
    principal = {"tenantId": "t", "clientId": "c", "clientSecret": "s3cret"}
    found = opened_with(
        "azure-key-vault", keyVaultUri=key_vault.address, authority=key_vault.address, clientSecret=principal
    )
    found.revive = lambda key: key_vault.deleted.clear()
    return found


@pytest.fixture(scope="session")
def service_account() -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {"type": "service_account", "client_email": "a@p.iam", "private_key_id": "k1", "private_key": text}


@pytest.fixture
def google_place(secret_manager: SecretManager, service_account: dict[str, str]) -> Opened:
    account = json.dumps({**service_account, "token_uri": f"{secret_manager.address}/token"})
    return opened_with("google-secret-manager", project="p", endpoint=secret_manager.address, serviceAccount=account)


@pytest.fixture
def connect_place(connect: Connect) -> Opened:
    return opened_with("1password", address=connect.address, token=connect.token, vaultId="v1")


@pytest.fixture
def doppler_place(doppler_api: Doppler) -> Opened:
    where = {"project": "p", "config": "dev", "secretNamePrefix": "kestra"}
    return opened_with("doppler", address=doppler_api.address, token=doppler_api.token, **where)


@pytest.fixture
def conjur_place(conjur_api: Conjur) -> Opened:
    who = {"account": "acct", "username": "host/app", "password": "pw", "policy": "apps"}
    return opened_with("cyberark", address=conjur_api.address, **who)


@pytest.fixture
def delinea_place(secret_server: SecretServer) -> Opened:
    who = {"username": "u", "password": "pw", "folderId": 7, "secretTemplateId": 2}
    return opened_with("delinea", address=secret_server.address, **who)


@pytest.fixture
def beyondtrust_place(password_safe: PasswordSafe) -> Opened:
    return opened_with("beyondtrust", address=password_safe.address, apiKey="k", runAs="corp\\app", folderId="f1")


@pytest.fixture
def elasticsearch_place(elastic: Elasticsearch) -> Opened:
    who = {"username": "u", "password": "pw", "secret": "x" * 32}
    return opened_with("elasticsearch", address=elastic.address, **who)
