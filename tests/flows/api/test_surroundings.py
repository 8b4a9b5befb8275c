"""What holds in a namespace is shown with where it comes from."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.services.namespaces import create_namespace
from tests.cast import ACME, Cast, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
LOG = "io.kestra.plugin.core.log.Log"


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    give(made, "prod", {"region": "eu", "stage": "live"}, {"type": LOG, "forced": True, "values": {"level": "WARN"}})
    give(made, "prod.data", {"region": "us"}, {"type": "io.kestra", "values": {"timeout": "PT1M"}})
    give(made, "other", {"secret": "x"}, {"type": LOG, "values": {"level": "ERROR"}})
    return made


def give(cast: Cast, name: str, variables: dict[str, Any], *defaults: dict[str, Any]) -> None:
    create_namespace(
        cast.olga.context(ACME), name=name, variables=variables, settings={"pluginDefaults": list(defaults)}
    )


def seen(cast: Cast, namespace: str) -> Any:
    answer = cast.olga.client.get(f"/api/v1/acme/namespaces/{namespace}/surroundings")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_variables_come_with_their_namespace_and_tell_what_hides_them(cast: Cast) -> None:
    assert seen(cast, "prod.data.deep")["variables"] == [
        {"name": "region", "value": "us", "namespace": "prod.data"},
        {"name": "region", "value": "eu", "namespace": "prod", "hiddenBy": "prod.data"},
        {"name": "stage", "value": "live", "namespace": "prod"},
    ]


def test_plugin_defaults_come_with_their_namespace_the_nearest_first(cast: Cast) -> None:
    assert seen(cast, "prod.data")["pluginDefaults"] == [
        {"type": "io.kestra", "forced": False, "values": {"timeout": "PT1M"}, "namespace": "prod.data"},
        {"type": LOG, "forced": True, "values": {"level": "WARN"}, "namespace": "prod"},
    ]
    assert seen(cast, "nothing.here") == {"variables": [], "pluginDefaults": []}


def test_who_may_not_see_the_namespace_sees_nothing_of_it(cast: Cast) -> None:
    viewer = make_person("vic@acme.test")
    bind(ACME, viewer, "Viewer", "prod.data")
    assert viewer.client.get("/api/v1/acme/namespaces/prod.data/surroundings").status_code == 200
    assert viewer.client.get("/api/v1/acme/namespaces/other/surroundings").status_code == 404


@pytest.mark.parametrize(
    "entry", [{}, {"type": ""}, {"type": 1}, {"type": LOG, "values": []}, {"type": LOG, "forced": "x"}]
)
def test_plugin_defaults_that_are_none_are_refused(cast: Cast, entry: dict[str, Any]) -> None:
    body = {"id": "prod", "pluginDefaults": [entry]}
    answer = cast.olga.client.put("/api/v1/acme/namespaces/prod", body, content_type="application/json")
    assert answer.status_code == 422, answer.content
    assert "pluginDefaults" in answer.content.decode()
    assert seen(cast, "prod")["pluginDefaults"][0]["type"] == LOG
