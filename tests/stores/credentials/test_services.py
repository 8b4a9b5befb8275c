"""Credentials as people make, change, try and delete them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.kernel.actor import Context
from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Conflict, Invalid
from stores.credentials.places import Place
from stores.credentials.refusals import MintFailed
from stores.credentials.services import Wish, create_credential, update_credential
from stores.credentials.trying import try_out
from stores.models import Credential
from stores.secrets.services import delete_secret
from tests.cast import ACME, Cast, bind, make_cast, make_person
from tests.stores.credentials.authlib_peer import TokenServer
from tests.stores.credentials.conftest import TEAM, Create, ask, client_credentials

pytestmark = pytest.mark.django_db
URL = "https://issuer.test/token"
SECRET = {"secretKey": "S"}


def signed(**auth: Any) -> dict[str, Any]:
    return {"type": "OAUTH2", "tokenEndpoint": URL, "authConfig": {"privateKey": SECRET, **auth}}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no type": ({}, "type"),
    "another type": ({"type": "KERBEROS"}, "type"),
    "no endpoint": ({"type": "OAUTH2", "authConfig": client_credentials(URL)["authConfig"]}, "tokenEndpoint"),
    "an endpoint in the clear": (client_credentials("http://issuer.test/token"), "tokenEndpoint"),
    "an endpoint with a password": (client_credentials("https://a:b@issuer.test/token"), "tokenEndpoint"),
    "no address": (client_credentials("file:///etc/passwd"), "tokenEndpoint"),
    "a broken address": (client_credentials("https://[::1/token"), "tokenEndpoint"),
    "a secret as it is": (client_credentials(URL, authConfig={"clientSecret": "hunter2"}), "authConfig"),
    "a secret as a value": (
        client_credentials(URL, authConfig={"clientSecret": {"type": "VALUE", "value": "hunter2"}}),
        "authConfig",
    ),
    "a scope with a blank": (client_credentials(URL, scopes=["a b"]), "scopes"),
    "a margin that is no duration": (
        client_credentials(URL, tokenCaching={"refreshBeforeExpiry": "soon"}),
        "tokenCaching",
    ),
    "a margin of years": (client_credentials(URL, tokenCaching={"refreshBeforeExpiry": "P9Y"}), "tokenCaching"),
    "a symmetric signature": (signed(type="JWT_BEARER", issuer="i", algorithm="HS256"), "authConfig"),
    "no signature": (signed(type="JWT_BEARER", issuer="i", algorithm="none"), "authConfig"),
    "a claim of ours": (signed(type="JWT_BEARER", issuer="i", additionalClaims={"sub": "root"}), "authConfig"),
    "no issuer": (signed(type="JWT_BEARER"), "authConfig"),
    "an app without a key": ({"type": "GITHUB_APP", "authConfig": {"appId": 1, "installationId": 2}}, "authConfig"),
    "a namespace that is none": (
        client_credentials(URL, authConfig={"clientSecret": {"secretKey": "S", "namespace": "A B"}}),
        "id",
    ),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_what_is_wrong_is_named(editor: Context, name: str):
    settings, path = WRONG[name]
    with override(egress={"allow_private": False}), pytest.raises(Invalid) as refused:
        create_credential(editor, namespace=TEAM, name="api", wish=Wish(settings))
    assert path in refused.value.violations[0].path
    assert "hunter2" not in str(refused.value.violations)


@pytest.mark.parametrize("name", ["", "a b", "-a", "a" * 256, "a/b", "inherited"])
def test_a_name_that_is_none_is_refused(editor: Context, name: str):
    with pytest.raises(Invalid):
        create_credential(editor, namespace=TEAM, name=name, wish=Wish(client_credentials(URL)))


def test_types_are_words_of_any_case(editor: Context):
    settings = {**client_credentials(URL), "type": "oauth2"}
    settings["authConfig"] = {**settings["authConfig"], "type": "client-credentials", "clientId": "plain"}
    made = create_credential(editor, namespace=TEAM, name="api", wish=Wish(settings))
    assert made.settings["type"] == "OAUTH2"
    assert made.settings["authConfig"]["clientId"] == {"type": "VALUE", "value": "plain"}


def test_a_name_is_taken_once_in_each_place(create: Create):
    create(client_credentials(URL))
    create(client_credentials(URL), namespace="company")
    with pytest.raises(Conflict, match=r"there is a credential `api` in company.team already"):
        create(client_credentials(URL))


def test_one_of_the_tenant_says_where_its_secrets_are(editor: Context):
    with pytest.raises(Invalid) as refused:
        create_credential(editor, namespace="", name="api", wish=Wish(client_credentials(URL)))
    assert refused.value.violations[0].path == "authConfig.clientSecret.namespace"


def test_a_type_stays(create: Create, editor: Context):
    credential = create(client_credentials(URL))
    with pytest.raises(Invalid, match=r"is `OAUTH2` and stays so"):
        update_credential(editor, place=Place(id=credential.id), wish=Wish({"type": "GITHUB_APP"}))


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_nobody_names_a_secret_that_they_may_not_know_of(cast: Cast):
    """Else a server of their own would be sent it."""
    pia = make_person("pia@acme.test")
    bind(ACME, pia, "Editor", "prod.eng")
    elsewhere = client_credentials(URL, authConfig={"clientSecret": {"secretKey": "S", "namespace": "finance"}})
    with pytest.raises(Invalid, match=r"may not know the secrets of `finance`"):
        create_credential(pia.context(ACME), namespace="prod.eng", name="api", wish=Wish(elsewhere))
    create_credential(pia.context(ACME), namespace="prod.eng", name="api", wish=Wish(client_credentials(URL)))
    with pytest.raises(Invalid, match=r"may not know the secrets of `finance`"):
        update_credential(pia.context(ACME), place=Place(namespace="prod.eng", name="api"), wish=Wish(elsewhere))


def test_nobody_names_a_secret_that_flows_of_the_namespace_may_not_read(cast: Cast):
    """Olga knows both places; whoever writes flows in one of them does not learn of the other by her credential."""
    elsewhere = client_credentials(URL, authConfig={"clientSecret": {"secretKey": "S", "namespace": "finance"}})
    with pytest.raises(Invalid, match=r"flows of `prod.eng`, may not know the secrets of `finance`"):
        create_credential(cast.olga.context(ACME), namespace="prod.eng", name="api", wish=Wish(elsewhere))


def test_what_the_trail_learns_is_which_secret_is_named(create: Create, editor: Context):
    credential = create(client_credentials(URL))
    update_credential(editor, place=Place(id=credential.id), wish=Wish({"audience": "orders"}, "of orders"))
    with tenant_scope("acme"):
        made, changed = AuditEntry.objects.filter(resource="CREDENTIAL").order_by("seq")
    assert (made.action, changed.action, changed.namespace) == ("CREATE", "UPDATE", TEAM)
    assert json.loads(made.body)["after"]["authConfig"]["clientSecret"]["secretKey"] == "CLIENT_SECRET"
    assert "s3cret of the client" not in made.body + changed.body


def test_a_try_tells_each_step_and_keeps_no_token(create: Create, editor: Context, peer: TokenServer):
    create(client_credentials(peer.url))
    tried = try_out(editor, Place(namespace=TEAM, name="api"))
    assert tried.failed is None and [step.name for step in tried.steps] == ["secrets", "request", "token"]
    token = peer.issued[-1]["access_token"]
    assert tried.message == f"A token was given: an access token of {len(token)} characters, for 3600 seconds"
    assert token not in repr(tried)
    with tenant_scope("acme"):
        entry = AuditEntry.objects.latest("seq")
        assert (entry.action, entry.resource) == ("READ", "CREDENTIAL")
        assert json.loads(entry.body)["detail"]["tested"] is True and token not in entry.body
    assert ask()["token"] != token


def test_a_try_that_fails_says_at_which_step(create: Create, editor: Context, peer: TokenServer):
    create(client_credentials(peer.url))
    delete_secret(editor, namespace=TEAM, key="CLIENT_SECRET")
    tried = try_out(editor, Place(namespace=TEAM, name="api"))
    assert tried.failed is not None and tried.failed.name == "secrets" and tried.steps == []
    assert "`CLIENT_SECRET` of `company.team`" in tried.message


def test_a_secret_that_was_moved_out_of_reach_is_not_read(create: Create, peer: TokenServer):
    """Who may read it is asked whenever it is read, not when the credential was made alone."""
    credential = create(client_credentials(peer.url))
    with tenant_scope("acme"):
        settings = credential.settings
        settings["authConfig"]["clientSecret"]["namespace"] = "finance"
        Credential.objects.filter(id=credential.id).update(settings=settings)
    make_cast()
    with pytest.raises(MintFailed, match=r"names the secret `CLIENT_SECRET` of `finance`"):
        ask()
