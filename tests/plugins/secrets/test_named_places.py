"""1Password, Doppler, Conjur, Delinea, BeyondTrust and Elasticsearch: what each of them alone does."""

from __future__ import annotations

import json

import pytest

from control_plane.kernel.words.errors import Invalid
from plugins.secrets.catalog import settings_of
from plugins.secrets.doppler import _decoded, _encoded
from plugins.secrets.port import BackendMisconfigured, Described, Level, Place, SecretMissing
from tests.plugins.secrets.places import Opened, open_place
from tests.plugins.secrets.stubs.conjur import Conjur
from tests.plugins.secrets.stubs.doppler import Doppler
from tests.plugins.secrets.stubs.elasticsearch import Elasticsearch
from tests.plugins.secrets.stubs.onepassword import Connect
from tests.plugins.secrets.stubs.passwordsafe import PasswordSafe
from tests.plugins.secrets.stubs.secretserver import SecretServer

HOME = Place("acme", "company.team")


def test_an_item_of_1password_with_several_fields_is_their_json(connect: Connect) -> None:
    fields = [
        {"id": "username", "label": "username", "purpose": "USERNAME", "value": "u"},
        {"id": "password", "label": "password", "purpose": "PASSWORD", "value": "p"},
        {"id": "empty", "label": "empty"},
        {"id": "notesPlain", "label": "notesPlain", "purpose": "NOTES", "value": "of billing"},
    ]
    connect.kept["a" * 26] = {"id": "a" * 26, "title": "db", "category": "LOGIN", "fields": fields}
    backend = open_place("1password", address=connect.address, token=connect.token, vaultId="v1", nameTemplate="{key}")
    assert json.loads(backend.read(HOME, "DB")) == {"username": "u", "password": "p"}
    backend.close()


def test_1password_is_asked_for_a_title_and_then_for_the_item(connect_place: Opened, connect: Connect) -> None:
    connect_place.backend.write(HOME, Described("db"), "v")
    connect.asked.clear()
    assert connect_place.backend.get(HOME, "db") == "v"
    first, second = connect.asked
    assert first.query == {"filter": 'title eq "kestra/acme/company.team/db"'}
    assert second.path.startswith("/v1/vaults/v1/items/item")


def test_doppler_is_told_changes_as_its_own_command_line_tells_them(
    doppler_place: Opened, doppler_api: Doppler
) -> None:
    doppler_place.backend.write(HOME, Described("DB_PASSWORD"), "v")
    assert doppler_api.kept["KESTRA__ACME__COMPANY___2ETEAM__DB_PASSWORD"] == "v"
    assert doppler_api.asked[-1].json["change_requests"][0]["value"] == "v"


def test_a_restricted_secret_of_doppler_has_no_value(doppler_api: Doppler) -> None:
    doppler_api.kept["API_KEY"] = None
    where = {"project": "p", "config": "dev", "nameTemplate": "{key}"}
    backend = open_place("doppler", address=doppler_api.address, token=doppler_api.token, **where)
    assert [each.key for each in backend.entries(HOME)] == ["API_KEY"]
    with pytest.raises(SecretMissing, match="no value"):
        backend.read(HOME, "API_KEY")
    backend.close()


@pytest.mark.parametrize("text", ["A", "A_B", "A__B", "_A", "A_", "A.B", "A-B", "A___2E", "COMPANY.TEAM", "___"])
def test_every_name_of_doppler_is_another_one_and_leads_back(text: str) -> None:
    assert _decoded(_encoded(text)) == text
    assert "__" not in _encoded(text).replace("___", "")


def test_conjur_is_asked_as_its_own_client_asks(conjur_place: Opened, conjur_api: Conjur) -> None:
    conjur_place.backend.write(HOME, Described("db.pw", "of billing", {"team": "x"}), "v")
    assert conjur_api.variables == {"apps/kestra/acme/company.team/db.pw": {"team": "x", "description": "of billing"}}
    conjur_api.asked.clear()
    assert conjur_place.backend.read(HOME, "db.pw") == "v"
    assert conjur_api.asked[-1].raw_path == "/secrets/acct/variable/apps%2Fkestra%2Facme%2Fcompany.team%2Fdb.pw"


def test_what_a_secret_of_conjur_is_told_becomes_no_statement_of_its_policy(
    conjur_place: Opened, conjur_api: Conjur
) -> None:
    conjur_place.backend.write(HOME, Described("K", 'x"\n- !user\n  id: evil\n'), "v")
    assert set(conjur_api.variables) == {"apps/kestra/acme/company.team/K"}


def test_a_token_of_conjur_that_ended_is_replaced(conjur_place: Opened, conjur_api: Conjur) -> None:
    conjur_place.backend.write(HOME, Described("K"), "v")
    conjur_api.token = b'{"protected":"another"}'
    assert conjur_place.backend.read(HOME, "K") == "v"


def test_delinea_makes_none_without_a_folder_and_a_template(secret_server: SecretServer) -> None:
    backend = open_place("delinea", address=secret_server.address, username="u", password="pw")
    with pytest.raises(BackendMisconfigured, match="folderId and secretTemplateId"):
        backend.write(HOME, Described("K"), "v")
    backend.close()


def test_a_secret_of_delinea_with_several_fields_is_their_json(
    delinea_place: Opened, secret_server: SecretServer
) -> None:
    items = [
        {"slug": "username", "itemValue": "u", "isFile": False},
        {"slug": "password", "itemValue": "p", "isFile": False},
        {"slug": "key-file", "itemValue": "f", "isFile": True},
    ]
    secret_server.kept[9] = {"id": 9, "name": "kestra/acme/company.team/db", "items": items}
    assert json.loads(delinea_place.backend.read(HOME, "db")) == {"username": "u", "password": "p"}


def test_an_application_user_signs_in_to_beyondtrust(password_safe: PasswordSafe) -> None:
    who = {"clientId": "id", "clientSecret": "cs", "folderId": "f1"}
    backend = open_place("beyondtrust", address=password_safe.address, **who)
    backend.write(HOME, Described("K"), "v")
    assert backend.read(HOME, "K") == "v"
    assert [each.path.rpartition("v3/")[2] for each in password_safe.asked[:2]] == [
        "Auth/connect/token",
        "Auth/SignAppin",
    ]
    backend.close()


def test_a_session_of_beyondtrust_that_ended_is_opened_again(
    beyondtrust_place: Opened, password_safe: PasswordSafe
) -> None:
    beyondtrust_place.backend.write(HOME, Described("K"), "v")
    password_safe.session = "ASP.NET_SessionId=other"
    assert beyondtrust_place.backend.read(HOME, "K") == "v"


def test_a_document_of_elasticsearch_opens_only_where_it_belongs(
    elasticsearch_place: Opened, elastic: Elasticsearch
) -> None:
    backend = elasticsearch_place.backend
    backend.write(HOME, Described("K"), "hunter2")
    backend.write(Place("globex", "company"), Described("K"), "theirs")
    assert "hunter2" not in json.dumps(elastic.indices)
    mine, theirs = elastic.indices["kestra_secrets"].values()
    mine["value"], theirs["value"] = theirs["value"], mine["value"]
    with pytest.raises(BackendMisconfigured, match="another key, or for another place"):
        backend.read(HOME, "K")


def test_another_key_opens_nothing(elasticsearch_place: Opened, elastic: Elasticsearch) -> None:
    elasticsearch_place.backend.write(HOME, Described("K"), "v")
    who = {"username": "u", "password": "pw", "secret": "y" * 32}
    other = open_place("elasticsearch", address=elastic.address, **who)
    with pytest.raises(BackendMisconfigured, match="another key"):
        other.read(HOME, "K")
    other.close()


@pytest.mark.parametrize(
    ("kind", "wrong", "told"),
    [
        ("elasticsearch", {"address": "x", "secret": "short"}, "at least 32"),
        ("cyberark", {"address": "x", "username": "u"}, "password or apiKey"),
        ("beyondtrust", {"address": "x", "folderId": "f", "apiKey": "k"}, "apiKey and runAs"),
        ("doppler", {"token": "t", "project": "p", "config": "c", "nameTemplate": "{who}_{key}"}, "none of"),
        ("1password", {"address": "x", "token": "t", "vaultId": "../v"}, "vaultId"),
        ("azure-key-vault", {"clientSecret": {"tenantId": "t", "clientId": "c", "clientSecret": "s"}}, "vaultName"),
    ],
)
def test_what_is_configured_wrong_is_said(kind: str, wrong: dict[str, str], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        settings_of(kind, wrong, Level.NAMESPACE)
