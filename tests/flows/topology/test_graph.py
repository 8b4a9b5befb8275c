"""The topology of a flow, as drawn graphs."""

from flows.topology.graph import flow_graph

LOG = "io.kestra.plugin.core.log.Log"


def arrows(document):
    """Edges as `a -> b` with the common prefix cut, in order."""
    graph = flow_graph(document)
    return [f"{e['source'].removeprefix('root.')} -> {e['target'].removeprefix('root.')}" for e in graph.edges]


def task(name, **more):
    return {"id": name, "type": LOG, **more}


def test_tasks_follow_each_other_from_start_to_end():
    assert arrows({"tasks": [task("a"), task("b")]}) == ["start -> a", "a -> b", "b -> end"]


def test_parallel_tasks_stand_side_by_side():
    fork = {"id": "p", "type": "io.kestra.plugin.core.flow.Parallel", "tasks": [task("a"), task("b")]}
    assert arrows({"tasks": [fork]}) == [
        "p -> p.a",
        "p.a -> p.end",
        "p -> p.b",
        "p.b -> p.end",
        "start -> p",
        "p.end -> end",
    ]


def test_a_choice_names_its_branch():
    choice = {
        "id": "s",
        "type": "io.kestra.plugin.core.flow.Switch",
        "cases": {"x": [task("a")]},
        "defaults": [task("b")],
    }
    graph = flow_graph({"tasks": [choice]})
    relations = {(e["target"], e["relation"].get("value")) for e in graph.edges if e["source"] == "root.s"}
    assert relations == {("root.s.a", "x"), ("root.s.b", "defaults")}


def test_a_flowable_is_a_cluster_that_knows_its_parents():
    inner = {"id": "i", "type": "io.kestra.plugin.core.flow.Sequential", "tasks": [task("a")]}
    outer = {"id": "o", "type": "io.kestra.plugin.core.flow.ForEach", "tasks": [inner]}
    graph = flow_graph({"tasks": [outer]})
    clusters = {c["cluster"]["uid"]: c["parents"] for c in graph.clusters}
    assert clusters == {
        "cluster_root": [],
        "cluster_root.o": ["cluster_root"],
        "cluster_root.o.i": ["cluster_root", "cluster_root.o"],
    }
    assert graph.flowables == ["o", "i"]


def test_error_branches_hang_on_the_start_beside_the_main_one():
    graph = flow_graph({"tasks": [task("a")], "errors": [task("alert")]})
    relations = {(e["source"], e["target"]): e["relation"]["relationType"] for e in graph.edges}
    assert relations[("root.start", "root.alert")] == "ERROR"
    assert next(n for n in graph.nodes if n["uid"] == "root.alert")["branchType"] == "ERROR"


def test_an_empty_branch_still_leads_to_the_end():
    empty = {"id": "f", "type": "io.kestra.plugin.core.flow.If", "condition": "{{ x }}", "then": []}
    assert "f -> f.end" in arrows({"tasks": [empty]})


def test_a_dag_draws_the_tasks_it_wraps():
    dag = {"id": "d", "type": "io.kestra.plugin.core.flow.Dag", "tasks": [{"task": task("a"), "dependsOn": []}]}
    assert "d -> d.a" in arrows({"tasks": [dag]})


def test_triggers_lead_to_the_start():
    graph = flow_graph({"tasks": [task("a")], "triggers": [{"id": "daily", "type": "x.Schedule"}]})
    assert graph.edges[0] == {
        "source": "root.Triggers.daily",
        "target": "root.start",
        "relation": {"relationType": "SEQUENTIAL"},
    }
