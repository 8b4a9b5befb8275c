"""Tokens had of an authorization server of somebody else's making, by each kind of credential."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import RSAKey

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from plugins.secrets.port import BackendAway, Described
from plugins.secrets.port import Place as Kept
from stores.credentials.minting import mint, recipe_of
from stores.credentials.refusals import MintFailed
from stores.credentials.services import Wish, create_credential
from stores.models import Credential
from stores.secrets.services import put_secret
from tenants.models import Namespace
from tests.stores.credentials.authlib_peer import TokenServer
from tests.stores.credentials.conftest import TEAM, Create, client_credentials
from tests.stores.secrets.memory import memory

pytestmark = pytest.mark.django_db
KEY = {"secretKey": "PRIVATE_KEY"}


def token_of(credential: Credential) -> str:
    with tenant_scope("acme"):
        recipe = recipe_of(credential)
    return mint(recipe).value


@pytest.fixture
def signing(editor: Context, peer: TokenServer) -> Any:
    """Make a credential whose key is in a secret."""

    def make(auth: dict[str, Any], *, pem: str | None = None, **more: Any) -> Credential:
        value = peer.rsa.as_pem(private=True).decode() if pem is None else pem
        put_secret(editor, namespace=TEAM, key="PRIVATE_KEY", value=value)
        settings = {"type": "OAUTH2", "tokenEndpoint": peer.url, "authConfig": {"privateKey": KEY, **auth}, **more}
        return create_credential(editor, namespace=TEAM, name="api", wish=Wish(settings))

    return make


@pytest.mark.parametrize(("client", "way"), [("basic", "BASIC"), ("post", "POST")])
def test_a_client_proves_itself_by_its_secret(create: Create, peer: TokenServer, client: str, way: str):
    auth = {"clientId": client, "clientAuthentication": way}
    token = token_of(create(client_credentials(peer.url, scopes=["read", "write"], authConfig=auth)))
    assert token == peer.issued[-1]["access_token"]
    assert (peer.issued[-1]["client"], peer.issued[-1]["scope"]) == (client, "read write")


def test_a_client_id_may_be_a_secret_too(create: Create, editor: Context, peer: TokenServer):
    put_secret(editor, namespace=TEAM, key="CLIENT_ID", value="basic")
    auth = {"clientId": {"type": "SECRET", "secretKey": "CLIENT_ID"}}
    assert token_of(create(client_credentials(peer.url, authConfig=auth))) == peer.issued[-1]["access_token"]


@pytest.mark.parametrize(("client", "algorithm"), [("signer", "RS256"), ("curve", "ES256")])
def test_a_client_proves_itself_by_its_key(signing: Any, peer: TokenServer, client: str, algorithm: str):
    key = peer.ec if client == "curve" else peer.rsa
    auth = {"type": "PRIVATE_KEY_JWT", "clientId": client, "algorithm": algorithm}
    credential = signing(auth, pem=key.as_pem(private=True).decode())
    assert token_of(credential) == peer.issued[-1]["access_token"]
    assert token_of(credential) == peer.issued[-1]["access_token"], "no assertion is sent twice"
    assert peer.issued[-1]["client"] == client


def test_an_assertion_is_a_grant(signing: Any, peer: TokenServer):
    auth = {"type": "JWT_BEARER", "issuer": "robot@project.test", "keyId": "1", "additionalClaims": {"scope": "read"}}
    assert token_of(signing(auth)) == peer.issued[-1]["access_token"]
    assert peer.issued[-1]["user"] == "robot@project.test", "the issuer is the subject where none is named"


def test_an_assertion_is_on_behalf_of_somebody(signing: Any, peer: TokenServer):
    auth = {"type": "JWT_BEARER", "issuer": "robot@project.test", "subject": "delegated@project.test"}
    token_of(signing(auth))
    assert peer.issued[-1]["user"] == "delegated@project.test"


def test_a_key_whose_lines_were_written_in_one_is_read(signing: Any, peer: TokenServer):
    """As it stands in the JSON file of a service account of Google."""
    pem = peer.rsa.as_pem(private=True).decode().replace("\n", "\\n")
    auth = {"type": "JWT_BEARER", "issuer": "robot@project.test"}
    assert token_of(signing(auth, pem=pem)) == peer.issued[-1]["access_token"]


@pytest.mark.parametrize(
    ("pem", "algorithm", "told"),
    [
        ("no key", "RS256", "is no RSA key in PEM, as RS256 needs it"),
        ("public", "RS256", "the private key is needed"),
        ("private", "ES256", "is no EC key in PEM, as ES256 needs it"),
    ],
)
def test_a_key_that_does_not_fit_is_told_before_anybody_is_asked(
    signing: Any, peer: TokenServer, pem: str, algorithm: str, told: str
):
    known = {"public": peer.rsa.as_pem(private=False).decode(), "private": peer.rsa.as_pem(private=True).decode()}
    auth = {"type": "PRIVATE_KEY_JWT", "clientId": "signer", "algorithm": algorithm}
    with pytest.raises(MintFailed, match=told) as refused:
        token_of(signing(auth, pem=known.get(pem, pem)))
    assert refused.value.step == "signature" and peer.requests == 0


def test_a_wrong_key_is_refused_in_the_words_of_the_server(signing: Any, peer: TokenServer):
    auth = {"type": "PRIVATE_KEY_JWT", "clientId": "signer"}
    other = RSAKey.generate_key(2048).as_pem(private=True).decode()
    with pytest.raises(MintFailed, match=r"it answered 4.*invalid_client") as refused:
        token_of(signing(auth, pem=other))
    assert refused.value.step == "request" and refused.value.is_final


def test_a_wrong_secret_is_refused_and_not_repeated(create: Create, editor: Context, peer: TokenServer):
    credential = create(client_credentials(peer.url))
    put_secret(editor, namespace=TEAM, key="CLIENT_SECRET", value="wrong-and-long")
    with pytest.raises(MintFailed, match="invalid_client") as refused:
        token_of(credential)
    assert "wrong-and-long" not in refused.value.message


def test_a_secret_that_is_not_there_is_named_with_its_place(create: Create, peer: TokenServer):
    auth = {"clientSecret": {"secretKey": "NOT_THERE"}}
    with pytest.raises(MintFailed, match=r"`authConfig.clientSecret` names the secret `NOT_THERE` of `company.team`"):
        token_of(create(client_credentials(peer.url, authConfig=auth)))
    assert peer.requests == 0


@pytest.fixture
def elsewhere(editor: Context) -> Any:
    """The secrets of the team are kept by another system, which has the one of the client."""
    with memory() as kind:
        with tenant_scope("acme"):
            Namespace.objects.create(name=TEAM, settings={"secretType": "memory"})
        kind.kept[Kept("acme", TEAM)]["CLIENT_SECRET"] = ("s3cret of the client", Described("CLIENT_SECRET"))
        yield kind


def test_a_secret_may_be_kept_by_another_system(editor: Context, elsewhere: Any, peer: TokenServer):
    """It is asked once the scope is closed: no transaction waits for two servers, one after the other."""
    made = create_credential(editor, namespace=TEAM, name="api", wish=Wish(client_credentials(peer.url)))
    with tenant_scope("acme"):
        recipe = recipe_of(made)
        assert elsewhere.reads == []
    assert mint(recipe).value == peer.issued[-1]["access_token"]


def test_a_system_of_secrets_that_is_away_is_asked_again(editor: Context, elsewhere: Any, peer: TokenServer):
    made = create_credential(editor, namespace=TEAM, name="api", wish=Wish(client_credentials(peer.url)))
    elsewhere.failure = BackendAway("it sleeps")
    with pytest.raises(MintFailed, match=r"CLIENT_SECRET.*it sleeps") as refused:
        token_of(made)
    assert refused.value.step == "secrets" and not refused.value.is_final and peer.requests == 0
