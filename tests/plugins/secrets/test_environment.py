"""Secrets in environment variables."""

import base64

import pytest

from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.errors import Invalid
from plugins.secrets.catalog import settings_of
from plugins.secrets.environment import EnvironmentBackend
from plugins.secrets.port import BackendMisconfigured, Described, Level, Place, SecretMissing, SecretsReadOnly

HOME = Place("acme", "company.team")


def coded(text):
    return base64.b64encode(text.encode()).decode()


def opened(environ, **configuration):
    settings = settings_of("environment", configuration, Level.INSTANCE)
    return EnvironmentBackend(settings, Level.INSTANCE, EgressPolicy(), environ)


def test_a_variable_with_the_prefix_is_a_secret_in_base64():
    backend = opened({"SECRET_DB_PASSWORD": coded("hünter2\n"), "OTHER": "x", "SECRET_": "x"})
    assert backend.read(HOME, "db_password") == "hünter2\n"
    assert [each.key for each in backend.entries(HOME)] == ["DB_PASSWORD"]


def test_values_may_be_plain():
    backend = opened({"APP_TOKEN": "plain"}, prefix="APP_", encoded=False)
    assert backend.read(HOME, "TOKEN") == "plain"


def test_base64_may_be_broken_into_lines():
    backend = opened({"SECRET_K": coded("a" * 60)[:20] + "\n" + coded("a" * 60)[20:] + "\n"})
    assert backend.read(HOME, "K") == "a" * 60


@pytest.mark.parametrize("value", ["not base64!", base64.b64encode(b"\xff\xfe").decode()])
def test_what_is_no_base64_of_a_text_is_said_without_the_value(value):
    with pytest.raises(BackendMisconfigured, match="SECRET_K") as failed:
        opened({"SECRET_K": value}).read(HOME, "K")
    assert value not in failed.value.message


def test_a_missing_one_is_missing_and_an_empty_one_has_no_value():
    backend = opened({"SECRET_EMPTY": ""})
    with pytest.raises(SecretMissing):
        backend.read(HOME, "NOPE")
    with pytest.raises(SecretMissing, match="no value"):
        backend.read(HOME, "EMPTY")


def test_tenants_may_have_variables_of_their_own():
    backend = opened({"SECRET_ACME__K": coded("theirs"), "SECRET_K": coded("all")}, perTenant=True)
    assert backend.read(HOME, "K") == "theirs"
    with pytest.raises(SecretMissing):
        backend.read(Place("globex", "company"), "K")


def test_nothing_is_written():
    backend = opened({"SECRET_K": coded("v")})
    with pytest.raises(SecretsReadOnly):
        backend.write(HOME, Described("K"), "new")
    with pytest.raises(SecretsReadOnly):
        backend.delete(HOME, "K")


@pytest.mark.parametrize("prefix", ["", "O", "ORRERY_", "ORRERY_SECRET_"])
def test_the_settings_of_the_instance_itself_are_no_secrets_of_flows(prefix):
    with pytest.raises(Invalid, match="prefix"):
        opened({}, prefix=prefix)


@pytest.mark.parametrize("level", [Level.TENANT, Level.NAMESPACE])
def test_only_the_operator_may_lend_variables_of_the_servers(level):
    with pytest.raises(Invalid, match="only the operator"):
        settings_of("environment", {}, level)
