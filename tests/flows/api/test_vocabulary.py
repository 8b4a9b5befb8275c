"""What expressions know, what a tenant's flows lead to, and whether there are any in the main one."""

import pytest

from flows.services.saving import create_flow
from tests.cast import ACME, bind, make_cast, make_person, make_tenant
from tests.executions.ground import save

pytestmark = pytest.mark.django_db
FLOW = "id: {id}\nnamespace: {namespace}\ntasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: x}}]"
PARENT = """
id: parent
namespace: prod
tasks: [{id: t, type: io.kestra.plugin.core.flow.Subflow, namespace: dev.a, flowId: child}]
"""


def test_filters_and_functions_are_told_with_their_arguments():
    cast = make_cast()
    filters = cast.vera.client.get("/api/v1/pebble/filters").json()
    assert {"upper", "jq", "dateAdd"} <= set(filters) and filters == sorted(filters)
    functions = {each["name"]: each["arguments"] for each in cast.vera.client.get("/api/v1/pebble/functions").json()}
    assert functions["secret"][0] == {"name": "key"}
    assert {"name": "errorOnMissing", "defaultValue": "true"} in functions["kv"]
    assert cast.anonymous.get("/api/v1/pebble/functions").status_code == 401


def test_a_tenants_dependencies_show_what_the_reader_may_see():
    cast = make_cast()
    for source in (FLOW.format(id="child", namespace="dev.a"), FLOW.format(id="alone", namespace="prod"), PARENT):
        save(cast, source)
    path = f"/api/v1/{ACME}/dependencies"
    whole = cast.olga.client.get(path).json()
    assert {node["id"] for node in whole["nodes"]} == {"parent", "child", "alone"}
    assert [edge["relation"] for edge in whole["edges"]] == ["FLOW_TASK"]
    linked = cast.olga.client.get(path, {"destinationOnly": "true"}).json()
    assert {node["id"] for node in linked["nodes"]} == {"parent", "child"}
    narrow = cast.lena.client.get(path).json()
    assert {node["id"] for node in narrow["nodes"]} == {"parent", "alone"} and narrow["edges"] == []


def test_only_who_may_see_them_is_told_of_flows_in_the_main_tenant():
    cast = make_cast()
    told = lambda person: person.client.get("/api/v1/main-tenant-flows").json()  # noqa: E731
    assert told(cast.vera) is False
    make_tenant("main", cast.olga)
    assert told(cast.olga) is False
    create_flow(cast.olga.context("main"), source=FLOW.format(id="a", namespace="prod"))
    member = make_person("member@main.test", tenants=["main"])
    assert [told(person) for person in (cast.olga, cast.vera, cast.root, member)] == [True, False, False, False]
    bind("main", member, "Viewer", "elsewhere")
    assert told(member) is False
