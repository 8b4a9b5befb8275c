"""The topology of a flow: which task leads to which, worked out from the document alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]

_PACKAGE = "io.kestra.core.models.hierarchies."
_BRANCHES = {
    "tasks": "SEQUENTIAL",
    "then": "CHOICE",
    "else": "CHOICE",
    "defaults": "CHOICE",
    "errors": "ERROR",
    "finally": "FINALLY",
    "afterExecution": "AFTER_EXECUTION",
}
_SIDE_BRANCHES = ("errors", "finally", "afterExecution")
_PARALLEL_TYPES = ("Parallel", "EachParallel", "Dag")
_DYNAMIC_TYPES = ("ForEach", "EachSequential", "LoopUntil", "WaitFor")


@dataclass(slots=True)
class Graph:
    """Nodes, edges and clusters in the order of the document."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    clusters: list[dict[str, Any]] = field(default_factory=list)
    flowables: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"nodes": self.nodes, "edges": self.edges, "clusters": self.clusters, "flowables": self.flowables}

    def link(self, source: str, target: str, relation: str, value: str | None = None) -> None:
        edge: dict[str, Any] = {"relationType": relation}
        if value is not None:
            edge["value"] = value
        self.edges.append({"source": source, "target": target, "relation": edge})

    def add_node(self, uid: str, kind: str, **more: Any) -> str:
        self.nodes.append({"uid": uid, "type": _PACKAGE + kind, **more})
        return uid


def flow_graph(document: Document) -> Graph:
    """Draw a flow given as its API document. Disabled tasks are drawn too, marked by their own property."""
    graph = Graph()
    start = graph.add_node("root.start", "GraphClusterRoot")
    end = "root.end"
    first = len(graph.nodes)
    _draw_triggers(graph, document.get("triggers") or [], start)
    _draw_branches(graph, document, _Place("root", ("root",)), start, end)
    graph.add_node(end, "GraphClusterEnd")
    graph.clusters.insert(0, _cluster("root", start, end, [node["uid"] for node in graph.nodes[first:-1]], ()))
    return graph


@dataclass(frozen=True, slots=True)
class _Place:
    """Where drawing goes on: the prefix of the ids, and the clusters around."""

    prefix: str
    parents: tuple[str, ...]


def _draw_triggers(graph: Graph, triggers: list[Document], start: str) -> None:
    for trigger in triggers:
        uid = graph.add_node(f"root.Triggers.{trigger['id']}", "GraphTrigger", triggerDeclaration=dict(trigger))
        graph.link(uid, start, "SEQUENTIAL")


def _draw_branches(graph: Graph, owner: Document, place: _Place, start: str, end: str) -> None:
    """Draw every list of tasks of a flow or flowable between its start and its end."""
    drawn = 0
    for name, relation, value, tasks in _branches(owner):
        if tasks:
            _draw_branch(graph, tasks, place, (start, end), (name, relation, value))
            drawn += name not in _SIDE_BRANCHES
    if not drawn:
        graph.link(start, end, "SEQUENTIAL")


def _draw_branch(
    graph: Graph, tasks: list[Document], place: _Place, ends: tuple[str, str], branch: tuple[str, str, str | None]
) -> None:
    start, end = ends
    name, relation, value = branch
    mark = {"branchType": relation} if name in _SIDE_BRANCHES else {}
    if relation == "PARALLEL":
        for task in tasks:
            first, last = _draw_task(graph, task, place, mark)
            graph.link(start, first, relation)
            graph.link(last, end, relation)
        return
    previous = start
    for index, task in enumerate(tasks):
        first, last = _draw_task(graph, task, place, mark)
        graph.link(previous, first, relation if index == 0 else "SEQUENTIAL", value if index == 0 else None)
        previous = last
    graph.link(previous, end, "SEQUENTIAL")


def _draw_task(graph: Graph, task: Document, place: _Place, mark: dict[str, Any]) -> tuple[str, str]:
    """Draw one task; return the nodes by which it is entered and left."""
    uid = f"{place.prefix}.{task['id']}"
    nested = list(_branches(task))
    own = {key: item for key, item in task.items() if key not in _nested_names(task)}
    graph.add_node(uid, "GraphTask", task=own, **mark)
    if not nested:
        return uid, uid
    graph.flowables.append(task["id"])
    end = f"{uid}.end"
    slot, first = len(graph.clusters), len(graph.nodes)
    _draw_branches(graph, task, _Place(uid, (*place.parents, uid)), uid, end)
    graph.add_node(end, "GraphClusterEnd")
    graph.clusters.insert(slot, _cluster(uid, uid, end, [node["uid"] for node in graph.nodes[first:-1]], place.parents))
    return uid, end


def _cluster(uid: str, start: str, end: str, nodes: list[str], parents: tuple[str, ...]) -> dict[str, Any]:
    cluster = {"uid": f"cluster_{uid}", "type": _PACKAGE + "GraphCluster"}
    return {
        "cluster": cluster,
        "nodes": nodes,
        "parents": [f"cluster_{p}" for p in parents],
        "start": start,
        "end": end,
    }


def _nested_names(task: Document) -> set[str]:
    names = {name for name in _BRANCHES if _is_task_list(task.get(name))}
    return names | ({"cases"} if isinstance(task.get("cases"), Mapping) else set())


def _is_task_list(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, Mapping) and ("id" in item or "task" in item) for item in value
    )


def _branches(owner: Document) -> Iterator[tuple[str, str, str | None, list[Document]]]:
    """Each list of tasks inside, as (property, relation, value of the choice, tasks)."""
    kind = str(owner.get("type", "")).rpartition(".")[2]
    for name, relation in _BRANCHES.items():
        tasks = owner.get(name)
        if not _is_task_list(tasks) or tasks is None:
            continue
        if name == "tasks" and kind in _PARALLEL_TYPES:
            relation = "PARALLEL"
        elif name == "tasks" and kind in _DYNAMIC_TYPES:
            relation = "DYNAMIC"
        yield name, relation, name if relation == "CHOICE" else None, [item.get("task", item) for item in tasks]
    cases = owner.get("cases")
    if isinstance(cases, Mapping):
        for value, tasks in cases.items():
            if _is_task_list(tasks):
                yield "cases", "CHOICE", str(value), tasks
