"""An editor offers what may be used in a flow, and no name that its author may not know."""

from __future__ import annotations

from typing import Any

import pytest

from stores.kv.services import put_pair
from stores.kv.values import TypedValue
from stores.secrets.services import put_secret
from tests.cast import ACME, Cast, Person, make_cast
from tests.stores.files.written import write_file

pytestmark = pytest.mark.django_db
SOURCE = """
id: shown
namespace: prod.data
inputs:
  - {id: day, type: STRING, required: false}
variables: {region: eu}
tasks:
  - {id: ask, type: io.kestra.plugin.core.http.Request, uri: https://example.com}
  - {id: say, type: io.kestra.plugin.core.debug.Return, format: x}
triggers:
  - {id: clock, type: io.kestra.plugin.core.trigger.Schedule, cron: "@daily"}
"""


@pytest.fixture
def people(db: None) -> Cast:
    cast = make_cast()
    context = cast.olga.context(ACME)
    put_secret(context, namespace="prod", key="PW", value="hunter2-hunter2")
    put_pair(context, namespace="prod.data", key="pair", value=TypedValue("STRING", "a"))
    write_file(context, "prod.data", "/a.sql", b"SELECT 1")
    return cast


def asked(person: Person, query: str = "", source: str = SOURCE) -> Any:
    address = f"/api/v1/{ACME}/flows/expressions{query}"
    return person.client.generic("POST", address, source, "application/x-yaml")


def test_what_may_be_used_in_a_flow_is_told_by_kind(people: Cast) -> None:
    answer = asked(people.olga)
    assert answer.status_code == 200, answer.content
    told = answer.json()["categories"]
    assert told["inputs"] == ["{{ inputs.day }}"]
    assert told["variables"] == ["{{ vars.region }}"]
    assert "{{ outputs.ask.body }}" in told["taskOutputs"]
    assert "{{ trigger.date }}" in told["executionContext"]
    assert (told["secrets"], told["kvPairs"]) == (["{{ secret('PW') }}"], ["{{ kv('pair') }}"])
    assert told["namespaceFiles"] == ["{{ read('a.sql') }}"]
    assert {"upper", "jq"} <= set(told["filters"])
    assert {"now", "secret"} <= set(told["functions"])


def test_a_task_uses_the_outputs_of_those_before_it(people: Cast) -> None:
    assert asked(people.olga, "?taskId=ask").json()["categories"]["taskOutputs"] == []
    told = asked(people.olga, "?taskId=say").json()["categories"]["taskOutputs"]
    assert "{{ outputs.ask.code }}" in told
    assert not any("outputs.say" in each for each in told)


def test_a_text_that_is_no_flow_is_refused(people: Cast) -> None:
    assert asked(people.olga, source="id: [").status_code == 422


def test_nobody_learns_names_that_are_not_theirs_to_know(people: Cast) -> None:
    assert asked(people.otto).status_code == 404
    assert asked(people.vera).status_code in (200, 403)


def test_plugins_bring_no_pages_of_their_own(people: Cast) -> None:
    client = people.olga.client
    body = [{"cls": "io.kestra.plugin.core.log.Log", "version": "1"}]
    manifest = client.post("/api/v1/plugins/pluginUiManifest", body, content_type="application/json")
    assert (manifest.status_code, manifest.json()) == (200, {"manifest": {}})
    wrong = client.post("/api/v1/plugins/pluginUiManifest", [{"version": 1}], content_type="application/json")
    assert wrong.status_code == 422
    assert client.get("/api/v1/plugins/io.kestra.plugin.core/pluginUi/main.js").status_code == 404
