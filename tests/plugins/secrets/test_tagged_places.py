"""AWS, Azure and Google: secrets that people made there, found by tags and by filters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from control_plane.kernel.words.errors import Invalid
from plugins.secrets.catalog import settings_of
from plugins.secrets.port import BackendFailed, BackendMisconfigured, Described, Level, Place, SecretMissing
from tests.plugins.secrets.places import Opened, open_place
from tests.plugins.secrets.stubs.keyvault import KeyVault
from tests.plugins.secrets.stubs.secretmanager import SecretManager

HOME = Place("acme", "company.team")


@pytest.fixture
def aws(aws_server: str) -> Any:
    import boto3

    client = boto3.client(
        "secretsmanager",
        endpoint_url=aws_server,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    yield client
    client.close()


def opened_aws(aws_server: str, **more: Any) -> Any:
    keys = {"accessKeyId": "test", "secretKeyId": "test", "region": "eu-west-1"}
    return open_place("aws-secret-manager", endpointOverride=aws_server, **keys, **more)


def made(aws: Any, name: str, value: str | None = "v", **tags: str) -> None:
    given = {} if value is None else {"SecretString": value}
    aws.create_secret(Name=name, Tags=[{"Key": key, "Value": text} for key, text in tags.items()], **given)


def test_one_that_people_made_is_found_by_its_tags(aws: Any, aws_server: str) -> None:
    made(aws, "any/name/1", namespace="company.team", key="DB", prefix="p1")
    made(aws, "any/name/2", namespace="company.team", key="DB", prefix="of another instance")
    made(aws, "any/name/3", namespace="company.team", key="THEIRS", prefix="p1", tenant="globex")
    backend = opened_aws(aws_server, prefix="p1")
    assert [each.key for each in backend.entries(HOME)] == ["DB"]
    assert backend.read(HOME, "db") == "v"
    with pytest.raises(SecretMissing):
        backend.read(Place("acme", "company"), "DB")
    backend.close()


def test_those_with_a_tag_are_seen_by_their_names(aws: Any, aws_server: str) -> None:
    made(aws, "tagged-one", application="kestra-production")
    made(aws, "untagged-one")
    made(aws, "placed-one", application="kestra-production", namespace="elsewhere")
    backend = opened_aws(aws_server, filterOnTags={"tags": {"application": "kestra-production"}})
    assert [each.key for each in backend.entries(HOME)] == ["tagged-one"]
    assert backend.read(HOME, "TAGGED-ONE") == "v"
    backend.close()


@pytest.mark.parametrize(("keeps", "key"), [(True, "prod_db"), (False, "db")])
def test_those_with_a_prefix_are_seen_with_it_or_without(aws: Any, aws_server: str, keeps: bool, key: str) -> None:
    prefix = f"prod{keeps}_"
    made(aws, f"{prefix}db")
    made(aws, f"dev{keeps}_db")
    backend = opened_aws(aws_server, filterOnPrefix={"prefix": prefix, "keepPrefix": keeps})
    assert [each.key for each in backend.entries(HOME)] == [key.replace("prod_", prefix)]
    assert backend.read(HOME, key.replace("prod_", prefix)) == "v"
    backend.close()


def test_one_without_a_value_is_listed_and_has_none(aws: Any, aws_server: str) -> None:
    made(aws, "hollow", None, namespace="company.team", key="HOLLOW", prefix="p2")
    backend = opened_aws(aws_server, prefix="p2")
    assert [each.key for each in backend.entries(HOME)] == ["HOLLOW"]
    with pytest.raises(SecretMissing, match="has no value"):
        backend.read(HOME, "HOLLOW")
    backend.close()


def test_a_binary_one_is_said_to_be_one(aws: Any, aws_server: str) -> None:
    tags = {"namespace": "company.team", "key": "BIN", "prefix": "p3"}
    aws.create_secret(Name="bin", SecretBinary=b"\x00", Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
    backend = opened_aws(aws_server, prefix="p3")
    with pytest.raises(BackendMisconfigured, match="binary"):
        backend.read(HOME, "BIN")
    backend.close()


def test_one_that_was_deleted_with_time_to_recover_is_restored(aws: Any, aws_server: str) -> None:
    backend = opened_aws(aws_server, prefix="p4")
    backend.write(HOME, Described("K"), "old")
    assert backend.delete(HOME, "K") is True
    assert aws.describe_secret(SecretId="p4/acme/company.team/K")["DeletedDate"]
    with pytest.raises(SecretMissing):
        backend.read(HOME, "K")
    backend.write(HOME, Described("K"), "new")
    assert backend.read(HOME, "K") == "new"
    backend.close()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"region": "eu-west-1"}, "the machine's own are the operator's alone"),
        ({"accessKeyId": "a", "region": "eu-west-1"}, "belong together"),
        ({"accessKeyId": "a", "secretKeyId": "s"}, "region is needed"),
        ({"accessKeyId": "a", "secretKeyId": "s", "region": "evil.test/"}, "no region"),
        ({"accessKeyId": "a", "secretKeyId": "s", "region": "r", "filterOnTags": {}}, "at least one tag"),
    ],
)
def test_what_is_configured_wrong_is_said(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        settings_of("aws-secret-manager", wrong, Level.TENANT)


def test_the_operator_may_use_the_credentials_of_the_machine() -> None:
    assert settings_of("aws-secret-manager", {"region": "eu-west-1"}, Level.INSTANCE)


def test_key_vault_recovers_one_that_is_set_again(azure_place: Opened, key_vault: KeyVault) -> None:
    backend = azure_place.backend
    backend.write(HOME, Described("K"), "old")
    backend.delete(HOME, "K")
    with pytest.raises(BackendFailed, match="being recovered: try again"):
        backend.write(HOME, Described("K"), "new")
    backend.write(HOME, Described("K"), "new")
    assert backend.read(HOME, "K") == "new"
    backend.close()


def test_key_vault_shows_what_people_made_and_enabled(azure_place: Opened, key_vault: KeyVault) -> None:
    tags = {"namespace": "company.team", "key": "DB_PASSWORD", "prefix": "kestra"}
    shape = {"value": "v", "tags": tags}
    key_vault.kept["mine"] = {"id": f"{key_vault.address}/secrets/mine", "attributes": {"enabled": True}, **shape}
    key_vault.kept["off"] = {"id": f"{key_vault.address}/secrets/off", "attributes": {"enabled": False}, **shape}
    assert [each.key for each in azure_place.backend.entries(HOME)] == ["DB_PASSWORD"]
    assert azure_place.backend.read(HOME, "db_password") == "v"
    azure_place.backend.close()


def test_key_vault_signs_in_again_when_its_token_ended(azure_place: Opened, key_vault: KeyVault) -> None:
    azure_place.backend.write(HOME, Described("K"), "v")
    key_vault.token = "another"
    assert azure_place.backend.read(HOME, "K") == "v"
    azure_place.backend.close()


def test_google_shows_what_people_made_with_labels(google_place: Opened, secret_manager: SecretManager) -> None:
    labels = {"namespace": "company.team", "key": "db", "prefix": "kestra"}
    secret_manager.kept["made"] = {"labels": labels, "annotations": {}, "versions": ["dg=="]}
    secret_manager.kept["off"] = {"labels": {**labels, "key": "off"}, "annotations": {}, "versions": [None]}
    assert sorted(each.key for each in google_place.backend.entries(HOME)) == ["db", "off"]
    assert google_place.backend.read(HOME, "DB") == "v"
    with pytest.raises(SecretMissing, match="has no value"):
        google_place.backend.read(HOME, "off")
    google_place.backend.close()


@pytest.mark.parametrize("account", ["not json", "{}", json.dumps({"client_email": "a", "private_key": "k"})])
def test_google_says_what_a_service_account_lacks(account: str) -> None:
    with pytest.raises(Invalid, match="serviceAccount"):
        settings_of("google-secret-manager", {"project": "p", "serviceAccount": account}, Level.NAMESPACE)
