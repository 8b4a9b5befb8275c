"""Which flows use a secret, when it was read last, and which are unused or missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.recording import reads
from audit.recording.reads import tell_reads
from control_plane.kernel.scope import tenant_scope
from flows.editing.secret_usage import named_in
from iam.authorization import versions
from iam.models import Binding, Role, TenantAccess
from plugins.secrets.port import BackendAway
from stores.jobs.calls import call
from stores.secrets.services import put_secret
from tenants.models import Namespace
from tests.cast import ACME, Cast, make_cast, make_person
from tests.executions.ground import save
from tests.stores.conftest import job_place
from tests.stores.secrets.memory import MemoryBackend, memory

pytestmark = pytest.mark.django_db
FLOW = """
id: {id}
namespace: {namespace}
tasks:
  - {{id: t, type: io.kestra.plugin.core.log.Log, message: "{message}"}}
"""


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def elsewhere() -> Iterator[type[MemoryBackend]]:
    with memory() as kind:
        yield kind


def flow(cast: Cast, name: str, message: str, namespace: str = "prod.data") -> None:
    save(cast, FLOW.format(id=name, namespace=namespace, message=message))


def put(cast: Cast, key: str, namespace: str = "prod") -> None:
    put_secret(cast.olga.context(ACME), namespace=namespace, key=key, value="v")


def usage(who: Any, namespace: str = "prod") -> dict[str, dict[str, Any]]:
    answer = who.client.get(f"/api/v1/{ACME}/namespaces/{namespace}/secrets-usage")
    assert answer.status_code == 200, answer.content
    return {each["key"]: each for each in answer.json()}


def test_a_secret_shows_the_flows_that_name_it_in_any_case_and_below(cast: Cast) -> None:
    put(cast, "DB")
    put(cast, "IDLE")
    flow(cast, "one", "{{ secret('db') }}")
    flow(cast, "two", "{{ secret('DB') | upper }}", "prod")
    flow(cast, "other", "{{ secret('DB') }}", "production")
    found = usage(cast.olga)
    assert (found["DB"]["state"], found["IDLE"]["state"]) == ("used", "unused")
    assert found["DB"]["flows"] == [{"namespace": "prod", "id": "two"}, {"namespace": "prod.data", "id": "one"}]
    assert found["IDLE"]["flows"] == []


def test_one_that_is_missing_comes_first_with_those_who_ask_for_it(cast: Cast) -> None:
    put(cast, "A")
    flow(cast, "one", "{{ secret('NOPE') }}")
    found = usage(cast.olga)
    assert list(found) == ["NOPE", "A"]
    assert (found["NOPE"]["state"], found["NOPE"]["flows"]) == ("missing", [{"namespace": "prod.data", "id": "one"}])


def test_the_nearest_one_of_a_name_is_the_used_one(cast: Cast) -> None:
    put(cast, "DB")
    put(cast, "DB", "prod.data")
    flow(cast, "one", "{{ secret('DB') }}")
    assert usage(cast.olga)["DB"]["state"] == "unused"
    assert usage(cast.olga, "prod.data")["DB"]["state"] == "used"


def test_one_of_the_namespace_above_is_not_missing_below(cast: Cast) -> None:
    put(cast, "DB")
    flow(cast, "one", "{{ secret('DB') }}")
    assert usage(cast.olga, "prod.data") == {}


def test_variables_and_plugin_defaults_use_secrets_too(cast: Cast) -> None:
    put(cast, "TOKEN")
    put(cast, "PW")
    with tenant_scope(ACME):
        defaults = [{"type": "x", "values": {"password": "{{ secret('PW') }}"}}]
        Namespace.objects.create(
            name="prod.eu", variables={"git": {"token": "{{ secret('TOKEN') }}"}}, settings={"pluginDefaults": defaults}
        )
    found = usage(cast.olga)
    assert (found["TOKEN"]["state"], found["TOKEN"]["settings"]) == ("used", ["prod.eu"])
    assert found["PW"]["settings"] == ["prod.eu"]


def test_the_last_read_is_told_before_and_after_the_trail_tells_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    put(cast, "DB")
    with tenant_scope(ACME):
        call(job_place("prod.data"), "secrets", "read", {"key": "db"})
    first = usage(cast.olga)["DB"]["lastRead"]
    assert (first["executionId"], first["flow"]) == ("execution", "prod.data.hello")
    monkeypatch.setattr(reads, "BATCH", -reads.BATCH)
    tell_reads()
    again = usage(cast.olga)["DB"]["lastRead"]
    assert (again["executionId"], again["flow"]) == ("execution", "prod.data.hello")


def test_flows_that_the_asker_may_not_see_are_counted_and_not_named(cast: Cast) -> None:
    put(cast, "DB")
    flow(cast, "one", "{{ secret('DB') }}")
    assert usage(cast.lena)["DB"]["flows"] == [{"namespace": "prod.data", "id": "one"}]
    keeper = make_person("kim@acme.test")
    with tenant_scope(ACME):
        role = Role.objects.create(name="secrets alone", permissions={"SECRET": ["LIST"]})
        TenantAccess.objects.create(user_id=keeper.user.id)
        Binding.objects.create(role=role, user_id=keeper.user.id)
        versions.move_tenant(ACME)
    found = usage(keeper)["DB"]
    assert (found["state"], found["flows"], found["otherFlows"]) == ("used", [], 1)
    assert cast.otto.client.get(f"/api/v1/{ACME}/namespaces/prod/secrets-usage").status_code == 404


def test_a_place_that_cannot_tell_makes_nothing_missing(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    with tenant_scope(ACME):
        Namespace.objects.create(name="prod", settings={"secretType": "memory"})
    flow(cast, "one", "{{ secret('DB') }}")
    assert usage(cast.olga)["DB"]["state"] == "missing"
    elsewhere.failure = BackendAway("it sleeps")
    assert usage(cast.olga)["DB"]["state"] == "unknown"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ secret('A') }} {{ secret(\"B\") }}", [("A", None), ("B", None)]),
        ('x: "{{ secret(\\"A\\") }}"', [("A", None)]),
        ("x: '{{ secret(''A'') }}'", [("A", None)]),
        ("{{ secret(key='A', namespace='other.one') }}", [("A", "other.one")]),
        ("{{ secret('A', 'other') }}", [("A", "other")]),
        ("{{ secret('api', subkey='TOKEN') }}", [("api", None)]),
        ("{{ secret( 'A' ) ~ secret('A') }}", [("A", None)]),
        ("{{ secret(inputs.name) }} mysecret('A') secrets('A')", []),
    ],
)
def test_names_are_found_however_they_are_written(text: str, found: list[tuple[str, str | None]]) -> None:
    assert named_in(text) == found
