"""What is shown of a flow to those who see its executions."""

from __future__ import annotations

from iam.services.roles import create_role
from tests.cast import ACME, bind, make_person


def test_the_graph_tells_what_tasks_do_only_to_those_who_may_see_the_flow(people, done, read):
    watcher = make_person("wilma@acme.test")
    create_role(people.olga.context(ACME), name="Watcher", description="", permissions={"EXECUTION": ["VIEW"]})
    bind(ACME, watcher, "Watcher")

    whole = read(f"executions/{done.id}/graph")
    stripped = read(f"executions/{done.id}/graph", who=watcher)

    assert [node["uid"] for node in stripped["nodes"]] == [node["uid"] for node in whole["nodes"]]
    assert "message" in str(whole) and "message" not in str(stripped)
