"""Which flow leads to which other: by a task that starts it, or by a trigger that listens to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.topology.graph import Document

_STARTERS = ("Subflow", "ForEachItem", "Flow")
_LISTENER = ".trigger.Flow"
FlowName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """`source` leads to `target`; a FLOW_TASK starts it, a FLOW_TRIGGER waits for it to end."""

    source: FlowName
    target: FlowName
    relation: str


def links_of(document: Document) -> Iterator[Link]:
    """What one flow says of others. A name made by an expression is known only when it runs, so it is left out."""
    own = (document["namespace"], document["id"])
    for node in _nodes({key: value for key, value in document.items() if key != "triggers"}):
        if str(node.get("type", "")).rpartition(".")[2] in _STARTERS and (named := _named(node, document)):
            yield Link(own, named, "FLOW_TASK")
    for trigger in document.get("triggers") or []:
        if str(trigger.get("type", "")).endswith(_LISTENER):
            upstream = {named for node in _nodes(trigger) if (named := _named(node, document))}
            yield from (Link(named, own, "FLOW_TRIGGER") for named in sorted(upstream))


def around(start: FlowName, links: Iterable[Link], *, only_downstream: bool, is_whole: bool) -> list[Link]:
    """The links next to a flow; with `is_whole` also those next to its neighbours, and so on. Cycles end."""
    known = list(links)
    seen: set[FlowName] = set()
    found: dict[Link, None] = {}
    waiting = [start]
    while waiting:
        flow = waiting.pop()
        seen.add(flow)
        for link in known:
            other = _other_end(link, flow, only_downstream)
            if other is not None:
                found[link] = None
                if is_whole and other not in seen:
                    waiting.append(other)
    return list(found)


def topology(links: Iterable[Link], flows: Iterable[FlowName], tenant: str) -> dict[str, Any]:
    """Nodes and edges as the API shows them; `flows` are shown even when nothing leads to them."""
    links = list(links)
    names = dict.fromkeys([*flows, *(end for link in links for end in (link.source, link.target))])
    return {
        "nodes": [{"uid": _uid(tenant, name), "namespace": name[0], "id": name[1]} for name in names],
        "edges": [
            {"source": _uid(tenant, link.source), "target": _uid(tenant, link.target), "relation": link.relation}
            for link in links
        ],
    }


def _other_end(link: Link, flow: FlowName, only_downstream: bool) -> FlowName | None:
    if link.source == flow:
        return link.target
    return link.source if link.target == flow and not only_downstream else None


def _uid(tenant: str, name: FlowName) -> str:
    return "_".join((tenant, *name))


def _named(node: Mapping[str, Any], document: Document) -> FlowName | None:
    namespace, flow_id = node.get("namespace", document["namespace"]), node.get("flowId")
    if not isinstance(flow_id, str) or not isinstance(namespace, str) or "{{" in flow_id + namespace:
        return None
    return namespace, flow_id


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _nodes(inner)
