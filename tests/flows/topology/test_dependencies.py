"""Which flow leads to which other."""

from flows.topology.dependencies import Link, around, links_of, topology

SUBFLOW = "io.kestra.plugin.core.flow.Subflow"
LISTENER = "io.kestra.plugin.core.trigger.Flow"
A, B, C = ("n", "a"), ("n", "b"), ("n", "c")
CHAIN = [Link(A, B, "FLOW_TASK"), Link(B, C, "FLOW_TRIGGER"), Link(C, A, "FLOW_TASK")]


def test_a_task_that_starts_a_flow_is_a_link_however_deep():
    inner = {"id": "s", "type": SUBFLOW, "namespace": "other", "flowId": "x"}
    flow = {"id": "a", "namespace": "n", "tasks": [{"id": "p", "type": "t.Parallel", "tasks": [inner]}]}
    assert list(links_of(flow)) == [Link(A, ("other", "x"), "FLOW_TASK")]


def test_a_trigger_listens_to_the_flows_of_its_conditions():
    trigger = {
        "id": "t",
        "type": LISTENER,
        "conditions": [{"type": "c.ExecutionFlow", "namespace": "n", "flowId": "b"}],
        "preconditions": {"id": "p", "flows": [{"namespace": "n", "flowId": "c"}]},
    }
    flow = {"id": "a", "namespace": "n", "tasks": [], "triggers": [trigger]}
    assert list(links_of(flow)) == [Link(B, A, "FLOW_TRIGGER"), Link(C, A, "FLOW_TRIGGER")]


def test_a_name_made_by_an_expression_is_left_out():
    task = {"id": "s", "type": SUBFLOW, "namespace": "n", "flowId": "{{ inputs.flow }}"}
    assert list(links_of({"id": "a", "namespace": "n", "tasks": [task]})) == []


def test_neighbours_only_unless_all_is_asked_for():
    assert around(A, CHAIN, only_downstream=True, is_whole=False) == CHAIN[:1]
    assert around(A, CHAIN, only_downstream=False, is_whole=False) == [CHAIN[0], CHAIN[2]]


def test_a_cycle_ends():
    assert set(around(A, CHAIN, only_downstream=True, is_whole=True)) == set(CHAIN)


def test_a_flow_alone_is_still_a_node():
    shown = topology([], [A], "acme")
    assert shown == {"nodes": [{"uid": "acme_n_a", "namespace": "n", "id": "a"}], "edges": []}
