"""Plugin defaults of a namespace count when a flow is saved, not only when it runs."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

import flows.exchange.documents
from control_plane.kernel.scope import tenant_scope
from flows.queries import get_flow, parsed_revision
from flows.services.importing import Upload, import_flows
from flows.services.saving import create_flow
from tenants.services.namespaces import create_namespace, update_namespace
from tests.cast import ACME, Cast

pytestmark = pytest.mark.django_db
FLOWS = "/api/v1/acme/flows"
YAML = "application/x-yaml"
REQUEST = "io.kestra.plugin.core.http.Request"
BARE = f"""\
id: asks
namespace: prod.data
tasks:
  - id: ask
    type: {REQUEST}
"""
URI = {"type": REQUEST, "values": {"uri": "https://defaults.test/"}}


def let_prod_give(people: Cast, *defaults: dict[str, Any]) -> None:
    settings = {"pluginDefaults": list(defaults)}
    create_namespace(people.olga.context(ACME), name="prod", variables={}, settings=settings)


def forget_defaults(people: Cast) -> None:
    update_namespace(people.olga.context(ACME), name="prod", description="", variables={}, settings={})


def saved_uri() -> str:
    with tenant_scope(ACME):
        task = parsed_revision(get_flow("prod.data", "asks").revision_id).task("ask")
        return task.uri.source  # type: ignore[union-attr]  # the flow has it


def post(people: Cast, path: str, source: str = BARE) -> Any:
    return people.olga.client.post(f"{FLOWS}{path}", source, content_type=YAML)


def test_a_required_property_may_come_from_the_namespace(cast: Cast) -> None:
    assert post(cast, "").status_code == 422
    let_prod_give(cast, URI)
    created = post(cast, "")
    assert created.status_code == 200, created.content
    assert saved_uri() == "https://defaults.test/"
    assert "uri" not in created.json()["tasks"][0]


@pytest.mark.parametrize("path", ["/validate", "/bulk", "/prod.data", "/graph"])
def test_every_endpoint_that_reads_a_flow_counts_them(cast: Cast, path: str) -> None:
    send = cast.olga.client.post
    before = send(f"{FLOWS}{path}", BARE, content_type=YAML)
    assert before.status_code == 422 or before.json()[0]["constraints"]
    let_prod_give(cast, URI)
    answer = send(f"{FLOWS}{path}", BARE, content_type=YAML)
    assert answer.status_code == 200, answer.content
    if path == "/validate":
        assert "constraints" not in answer.json()[0]


def test_a_default_that_does_not_fit_is_an_error_of_the_flow(cast: Cast) -> None:
    let_prod_give(cast, {"type": REQUEST, "forced": True, "values": {"uri": "https://x.test", "methd": "GET"}})
    answer = post(cast, "")
    assert answer.status_code == 422
    assert "methd" in answer.json()["message"] and "did you mean `method`" in answer.json()["message"]


def test_a_saved_flow_outlives_the_defaults_it_needs(cast: Cast) -> None:
    let_prod_give(cast, URI)
    post(cast, "")
    forget_defaults(cast)
    assert saved_uri() == "https://defaults.test/"
    client = cast.olga.client
    assert client.get(f"{FLOWS}/deprecated").status_code == 200
    assert client.post(f"{FLOWS}/disable/by-query").json() == {"count": 1}
    assert client.get(f"{FLOWS}/prod.data/asks").json()["disabled"] is True
    assert saved_uri() == "https://defaults.test/"
    changed = client.put(f"{FLOWS}/prod.data/asks", BARE + "description: changed\n", content_type=YAML)
    assert changed.status_code == 422


def test_an_unknown_namespace_gives_nothing(cast: Cast) -> None:
    let_prod_give(cast, URI)
    assert post(cast, "", BARE.replace("prod.data", "nobodys.home")).status_code == 422
    assert post(cast, "", BARE.replace("namespace: prod.data", "namespace: [prod]")).status_code == 422
    assert post(cast, "", BARE.replace("namespace: prod.data\n", "")).status_code == 422


def test_who_may_not_save_there_learns_nothing_of_its_defaults(cast: Cast) -> None:
    let_prod_give(cast, {"type": REQUEST, "forced": True, "values": {"uri": "https://x.test", "hidden": 1}})
    source = BARE.replace("prod.data", "prod")
    mine = cast.olga.client.post(f"{FLOWS}/validate", source, content_type=YAML).json()
    assert "hidden" in mine[0]["constraints"]
    create_namespace(
        cast.olga.context(ACME),
        name="dev",
        variables={},
        settings={"pluginDefaults": [{"type": REQUEST, "values": {"uri": "https://x.test", "hidden": 1}}]},
    )
    theirs = cast.lena.client.post(f"{FLOWS}/validate", source.replace("prod", "dev"), content_type=YAML)
    assert "hidden" not in theirs.content.decode()


def test_an_import_reads_its_upload_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    let_prod_give(cast, URI)
    read: list[str] = []
    parse = flows.exchange.documents.parse_documents

    def counted(source: str, **options: Any) -> Any:
        read.append(source)
        return parse(source, **options)

    monkeypatch.setattr(flows.exchange.documents, "parse_documents", counted)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("one.yml", BARE)
        archive.writestr("two.yml", BARE.replace("id: asks", "id: two") + "nothing: 1\n")
    imported = import_flows(cast.olga.context(ACME), upload=Upload(target.getvalue()))
    assert imported.flows == ["prod.data.asks"] and "nothing" in imported.refused[0]
    assert len(read) == 2


def test_what_was_imported_runs_with_them(cast: Cast) -> None:
    let_prod_give(cast, URI)
    create_flow(cast.olga.context(ACME), source=BARE.replace("id: asks", "id: other"))
    import_flows(cast.olga.context(ACME), upload=Upload(BARE.encode(), fails_on_error=True))
    assert saved_uri() == "https://defaults.test/"
