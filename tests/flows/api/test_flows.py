"""Flows over HTTP, as clients rely on them."""

import io
import zipfile

import pytest

from tests.flows.services.test_saving import HELLO, LOUDER

pytestmark = pytest.mark.django_db
FLOWS = "/api/v1/acme/flows"
YAML = "application/x-yaml"
ONE = f"{FLOWS}/company.team/hello"


def flow(name, namespace="company.team", **extra):
    lines = [f"{key}: {value}" for key, value in extra.items()]
    return "\n".join([HELLO.replace("id: hello", f"id: {name}").replace("company.team", namespace), *lines])


def create(client, source=HELLO, status=200):
    answer = client.post(FLOWS, source, content_type=YAML)
    assert answer.status_code == status, answer.content
    return answer.json()


def get(client, path, status=200, **query):
    answer = client.get(path, query)
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.fixture
def eddie(cast):
    return cast.eddie.client


def test_a_created_flow_comes_back_with_its_source(eddie):
    created = create(eddie)
    assert (created["revision"], created["disabled"], created["deleted"], created["source"]) == (1, False, False, HELLO)
    assert "source" not in get(eddie, ONE)
    assert get(eddie, ONE, source="true")["source"] == HELLO


def test_an_input_written_with_a_name_has_an_id_too(eddie):
    create(eddie, HELLO + "\ninputs: [{name: who, type: STRING}, {id: n, type: INT, defaults: 1}]\n")
    shown = get(eddie, ONE)["inputs"]
    assert [(each["id"], each.get("name")) for each in shown] == [("who", "who"), ("n", None)]


def test_a_flow_may_be_sent_as_json_too(eddie):
    body = {
        "id": "j",
        "namespace": "a",
        "tasks": [{"id": "t", "type": "io.kestra.plugin.core.log.Log", "message": "m"}],
    }
    answer = eddie.post(FLOWS, body, content_type="application/json")
    assert answer.status_code == 200, answer.content


def test_what_is_wrong_is_told_with_its_line(eddie):
    answer = eddie.post(FLOWS, HELLO.replace("message", "mesage"), content_type=YAML)
    assert answer.status_code == 422
    first = answer.json()["_embedded"]["errors"][0]
    assert first["line"] == 6 and "did you mean `message`" in first["message"]


def test_a_second_creation_is_refused(eddie):
    create(eddie)
    assert "already exists" in create(eddie, status=422)["message"]


def test_an_update_bumps_the_revision_and_an_unknown_flow_is_404(eddie):
    create(eddie)
    assert eddie.put(ONE, LOUDER, content_type=YAML).json()["revision"] == 2
    assert eddie.put(f"{FLOWS}/company.team/other", LOUDER, content_type=YAML).status_code == 404


def test_a_deleted_flow_is_hidden_until_its_tombstone_is_asked_for(eddie):
    create(eddie)
    assert eddie.delete(ONE).status_code == 204
    get(eddie, ONE, status=404)
    assert get(eddie, ONE, allowDeleted="true")["deleted"] is True
    assert get(eddie, ONE, allowDeleted="true", revision=1)["deleted"] is False
    assert get(eddie, f"{FLOWS}/search")["total"] == 0
    history = get(eddie, f"{ONE}/revisions", allowDelete="true")
    assert [(row["revision"], row["deleted"]) for row in history] == [(1, False), (2, True)]
    assert [row["revision"] for row in get(eddie, f"{ONE}/revisions")] == [1]
    get(eddie, f"{FLOWS}/company.team/never/revisions", status=404)


def test_revisions_come_oldest_first(eddie):
    create(eddie)
    eddie.put(ONE, LOUDER, content_type=YAML)
    assert [row["source"] for row in get(eddie, f"{ONE}/revisions")] == [HELLO, LOUDER]
    assert eddie.delete(f"{ONE}/revisions?revisions=1").status_code == 200
    assert [row["revision"] for row in get(eddie, f"{ONE}/revisions")] == [2]


def test_a_task_is_found_by_its_id(eddie):
    create(eddie)
    assert get(eddie, f"{ONE}/tasks/say")["message"] == "hi"
    get(eddie, f"{ONE}/tasks/nobody", status=404)


def test_a_graph_has_nodes_and_edges_saved_or_not(eddie):
    create(eddie)
    for graph in (get(eddie, f"{ONE}/graph"), eddie.post(f"{FLOWS}/graph", HELLO, content_type=YAML).json()):
        assert graph["nodes"] and graph["edges"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"filters[namespace][EQUALS]": "company"}, ["one"]),
        ({"filters[namespace][PREFIX]": "company"}, ["one", "two"]),
        ({"filters[flowId][EQUALS]": "two"}, ["two"]),
        ({"filters[labels][EQUALS][team]": "sales"}, ["three"]),
        ({"filters[q][EQUALS]": "TWO"}, ["two"]),
        ({"filters[scope][EQUALS]": "SYSTEM"}, []),
        ({"q": "thr"}, ["three"]),
    ],
)
def test_searches_find_what_they_name(eddie, query, found):
    for source in (flow("one", "company"), flow("two", "company.team"), flow("three", "other", labels="{team: sales}")):
        create(eddie, source)
    assert [row["id"] for row in get(eddie, f"{FLOWS}/search", **query)["results"]] == found


def test_a_filter_that_is_not_understood_is_refused(eddie):
    get(eddie, f"{FLOWS}/search", status=400, **{"filters[colour][EQUALS]": "red"})


def test_a_list_costs_the_same_however_long_it_is(eddie, django_assert_max_num_queries):
    for number in range(12):
        create(eddie, flow(f"f{number}"))
    with django_assert_max_num_queries(9):
        assert len(get(eddie, f"{FLOWS}/search", size=25)["results"]) == 12


def test_a_search_in_sources_shows_where(eddie):
    create(eddie)
    found = get(eddie, f"{FLOWS}/source", q="message")
    assert found["results"][0]["fragments"] == ["[mark]message[/mark]: hi"]


def test_namespaces_are_those_with_flows(eddie):
    create(eddie, flow("one", "company"))
    create(eddie, flow("two", "other"))
    assert get(eddie, f"{FLOWS}/distinct-namespaces", q="com") == ["company"]
    assert [row["id"] for row in get(eddie, f"{FLOWS}/other")] == ["two"]
    assert get(eddie, f"{FLOWS}/nowhere") == []


def test_validation_reports_each_document(eddie):
    text = f"{HELLO}---\n{flow('bad').replace('log.Log', 'log.Lug')}"
    reports = eddie.post(f"{FLOWS}/validate", text, content_type=YAML).json()
    assert not reports[0].get("constraints")
    assert "Invalid type: io.kestra.plugin.core.log.Lug" in reports[1]["constraints"]
    assert reports[1]["violations"][0]["line"] >= 5


def test_a_single_task_or_trigger_is_validated(eddie):
    task = "id: t\ntype: io.kestra.plugin.core.log.Log\nmessage: m\n"
    fine = eddie.post(f"{FLOWS}/validate/task?section=TASKS", task, content_type=YAML).json()
    assert not fine.get("constraints")
    wrong = eddie.post(f"{FLOWS}/validate/task?section=TRIGGERS", task, content_type=YAML).json()
    assert wrong["constraints"]
    assert eddie.post(f"{FLOWS}/validate/task", task, content_type=YAML).status_code == 400


def test_switching_counts_what_changed(eddie):
    create(eddie)
    names = [{"namespace": "company.team", "id": "hello", "tenantId": "ignored"}]
    post = lambda path, body: eddie.post(f"{FLOWS}/{path}", body, content_type="application/json").json()  # noqa: E731
    assert post("disable/by-ids", names) == {"count": 1}
    assert post("disable/by-ids", names) == {"count": 0}
    assert get(eddie, ONE)["disabled"] is True
    assert post("enable/by-query?filters[namespace][EQUALS]=company.team", {}) == {"count": 1}


def test_a_bulk_replacement_deletes_what_it_does_not_name(eddie):
    create(eddie, flow("old"))
    create(eddie, flow("kept"))
    text = f"{flow('kept')}\n---\n{flow('new')}"
    answer = eddie.post(f"{FLOWS}/company.team", text, content_type=YAML)
    assert [row["id"] for row in answer.json()] == ["kept", "new"]
    assert [row["id"] for row in get(eddie, f"{FLOWS}/company.team")] == ["kept", "new"]


def test_a_bulk_replacement_is_all_or_nothing(eddie):
    text = f"{flow('fine')}\n---\n{flow('bad').replace('log.Log', 'log.Lug')}"
    answer = eddie.post(f"{FLOWS}/bulk", text, content_type=YAML)
    assert answer.status_code == 422
    assert answer.json()["_embedded"]["errors"][0]["path"].startswith("flows[1].")
    assert get(eddie, f"{FLOWS}/search")["total"] == 0


def test_what_is_exported_can_be_imported_again_after_a_deletion(eddie):
    create(eddie)
    packed = eddie.get(f"{FLOWS}/export/by-query").content
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == ["company.team-hello.yml"]
    eddie.delete(f"{FLOWS}/delete/by-query?filters[flowId][EQUALS]=hello")
    upload = io.BytesIO(packed)
    upload.name = "flows.zip"
    assert eddie.post(f"{FLOWS}/import", {"fileUpload": upload}).json() == []
    assert get(eddie, ONE)["revision"] == 3


def uploaded(content, name="flows.zip"):
    upload = io.BytesIO(content)
    upload.name = name
    return {"fileUpload": upload}


def archive_of(**entries):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as writer:
        for name, content in entries.items():
            writer.writestr(name, content)
    return uploaded(target.getvalue())


def test_what_a_mac_notes_beside_each_file_is_passed_over(eddie):
    notes = {"__MACOSX/._a.yml": b"\x00\x05\x16\x07", "._a.yml": b"\x00\x05", "a.yml": flow("a")}
    assert eddie.post(f"{FLOWS}/import", archive_of(**notes)).json() == []
    assert [row["id"] for row in get(eddie, f"{FLOWS}/company.team")] == ["a"]


def test_a_failure_of_an_import_names_its_entry_or_its_document(eddie):
    bad = flow("bad").replace("log.Log", "log.Lug")
    entries = {"x/a.yml": flow("a"), "x/bad.yml": bad, "two.yml": f"{flow('b')}\n---\n{bad}"}
    first, second = sorted(eddie.post(f"{FLOWS}/import", archive_of(**entries)).json())
    assert (first.split(":")[0], second.split(":")[0]) == ("two.yml, document 2", "x/bad.yml")
    refused = eddie.post(f"{FLOWS}/import?failOnError=true", archive_of(**entries))
    assert refused.status_code == 422 and "x/bad.yml" in refused.json()["message"]
    text = uploaded(f"{flow('c')}\n---\n{bad}".encode(), "flows.yml")
    assert eddie.post(f"{FLOWS}/import", text).json()[0].startswith("document 2: ")


@pytest.mark.parametrize("namespace", ["a..b", ".a", "a.", "a...b", "."])
def test_a_namespace_with_an_empty_part_is_refused(eddie, namespace):
    create(eddie, flow("x", f'"{namespace}"'), status=422)


def test_a_key_that_stands_twice_in_a_flow_sent_as_json_is_named(eddie):
    body = b'{"id": "j", "namespace": "a", "namespace": "b", "tasks": []}'
    answer = eddie.post(FLOWS, body, content_type="application/json")
    assert answer.status_code == 422 and "`namespace` stands twice" in answer.json()["message"]


def test_a_cell_that_looks_like_a_formula_is_harmless(eddie):
    create(eddie, flow("f", description="'=cmd()'"))
    assert "'=cmd()" in eddie.get(f"{FLOWS}/export/by-query/csv").content.decode()


def test_a_viewer_reads_and_may_not_write(cast):
    create(cast.eddie.client)
    assert get(cast.vera.client, ONE)["id"] == "hello"
    assert cast.vera.client.delete(ONE).status_code == 403
    assert cast.vera.client.post(FLOWS, flow("x"), content_type=YAML).status_code == 403


def test_somebody_of_one_namespace_sees_and_makes_only_its_flows(cast):
    create(cast.eddie.client, flow("a", "prod.eu"))
    create(cast.eddie.client, flow("b", "production"))
    lena = cast.lena.client
    assert [row["id"] for row in get(lena, f"{FLOWS}/search")["results"]] == ["a"]
    assert lena.get(f"{FLOWS}/production/b").status_code == 404
    create(lena, flow("c", "prod"))
    create(lena, flow("c", "production"), status=403)
    assert lena.delete(f"{FLOWS}/delete/by-query").json() == {"count": 2}
    assert get(cast.eddie.client, f"{FLOWS}/production/b")["id"] == "b"


def test_another_tenant_knows_of_nothing(cast):
    create(cast.eddie.client)
    assert cast.otto.client.get(ONE).status_code in (403, 404)
    assert cast.otto.client.get("/api/v1/globex/flows/company.team/hello").status_code == 404
    assert get(cast.otto.client, "/api/v1/globex/flows/search")["total"] == 0


def test_dependencies_show_what_leads_where(eddie):
    create(eddie)
    starter = (
        flow("starter")
        .replace("log.Log", "flow.Subflow")
        .replace("message: hi", "flowId: hello\n    namespace: company.team")
    )
    create(eddie, starter)
    shown = get(eddie, f"{ONE}/dependencies")
    assert [(edge["source"], edge["target"]) for edge in shown["edges"]] == [
        ("acme_company.team_starter", "acme_company.team_hello")
    ]
    assert len(get(eddie, "/api/v1/acme/namespaces/company/dependencies")["nodes"]) == 2


def test_expressions_are_rendered_for_an_editor(eddie):
    create(eddie)
    body = {"expressions": ["{{ 1 + 2 }}", "{{ flow.id }}"], "namespace": "company.team", "flowId": "hello"}
    answer = eddie.post("/api/v1/acme/expressions/render", body, content_type="application/json")
    assert answer.json() == {"rendered": {"{{ 1 + 2 }}": "3", "{{ flow.id }}": "hello"}}


def test_an_old_flow_is_shown_in_the_forms_of_today_and_not_saved(eddie):
    old = HELLO.replace("tasks:", "inputs: [{name: n, type: BOOLEAN}]\ntasks:")
    answer = eddie.post(f"{FLOWS}/upgrade", old, content_type=YAML)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["source"] == old.replace("name: n, type: BOOLEAN", "id: n, type: BOOL")
    assert {note["line"] for note in told["changes"]} == {3} and not told["left"] and not told["cautions"]
    assert get(eddie, f"{FLOWS}/search")["total"] == 0


def test_what_is_no_flow_cannot_be_upgraded(eddie):
    assert eddie.post(f"{FLOWS}/upgrade", "id: x", content_type=YAML).status_code == 422
