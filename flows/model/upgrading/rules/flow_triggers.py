"""What a Flow trigger depends on: `conditions` and `preconditions` as `dependsOn`, `states` and `window`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flows.model.upgrading.found import Findings
from flows.model.upgrading.text import Edits, Entry, Map, Node, Scalar, Sequence, content_end, plain_or_quoted
from flows.model.upgrading.walk import canonical, triggers_of
from plugins.catalog.registry import registry

NAME = "flow triggers"
FLOW_TRIGGER = "io.kestra.plugin.core.trigger.Flow"
_PREFIX = "io.kestra.plugin.core.condition."
_WINDOWS: Mapping[str, Mapping[str, str]] = {
    "DURATION_WINDOW": {"window": "every", "windowAdvance": "offset"},
    "SLIDING_WINDOW": {"window": "lookback"},
    "DAILY_TIME_WINDOW": {"startTime": "from", "endTime": "to"},
    "DAILY_TIME_DEADLINE": {"deadline": "deadline"},
}
_DAY = {"every": "P1D"}
_COMMENT = re.compile(r"^[ \t]*(#.*)$", re.MULTILINE)
Line = tuple[str, str]


class CannotDepend(Exception):
    """What a trigger waits for cannot be said by dependencies."""


def apply(root: Map, edits: Edits, findings: Findings) -> None:
    for trigger in triggers_of(root):
        if canonical(trigger.text("type") or "") != FLOW_TRIGGER:
            continue
        for name, rewrite in (("conditions", _conditions), ("preconditions", _preconditions)):
            entry = trigger.entries.get(name)
            if entry is None:
                continue
            try:
                edits.replace_span(entry.key.place.start, content_end(entry.value), rewrite(trigger, entry, edits))
                findings.changed(f"`{name}` are dependencies under `dependsOn`", entry.key.place.line)
            except CannotDepend as reason:
                findings.leave(f"`{name}`: {reason}", entry.key.place.line)


def _conditions(trigger: Map, entry: Entry, edits: Edits) -> str:
    """One dependency: the execution of a flow, of a namespace, with labels, in certain states."""
    if "dependsOn" in trigger.entries or "preconditions" in trigger.entries:
        raise CannotDepend("there are dependencies beside them")
    dependency: list[Line] = []
    states: str | None = None
    for item in entry.value.items if isinstance(entry.value, Sequence) else ():
        type_name = canonical(item.text("type") or "") if isinstance(item, Map) else ""
        if isinstance(item, Map) and type_name == f"{_PREFIX}ExecutionStatus":
            states = _states(item, trigger, states)
        elif isinstance(item, Map) and type_name == f"{_PREFIX}ExecutionFlow":
            dependency += [(name, item.text(name) or "") for name in ("namespace", "flowId")]
        elif isinstance(item, Map) and type_name == f"{_PREFIX}ExecutionNamespace" and _is_whole(item):
            dependency.append(("namespace", item.text("namespace") or ""))
        else:
            raise CannotDepend(f"{type_name or 'one of them'} is no dependency on a flow")
    if len(dict(dependency)) < len(dependency):
        raise CannotDepend("an execution is of one flow, and they ask for two")
    if not dependency:
        raise CannotDepend("they name no flow")
    pad = " " * entry.key.place.column
    (first, *rest) = [f"{name}: {plain_or_quoted(value)}" for name, value in dependency]
    lines = ["dependsOn:", f"{pad}  - {first}", *(f"{pad}    {line}" for line in rest)]
    if states is not None:
        lines.append(f"{pad}states: {states}")
    return _block([*_comments(edits, entry)], lines, pad)


def _is_whole(condition: Map) -> bool:
    """Whether it asks for this namespace alone, not for those that begin or end so."""
    comparison, prefix = condition.text("comparison"), condition.text("prefix")
    return comparison in (None, "EQUALS") and prefix in (None, "false")


def _states(condition: Map, trigger: Map, known: str | None) -> str:
    given = condition.value("in")
    if condition.value("notIn") is not None or not isinstance(given, Sequence):
        raise CannotDepend("states that are ruled out cannot be said by `states`")
    if "states" in trigger.entries or known is not None:
        raise CannotDepend("states are asked for twice")
    return f"[{', '.join(item.value for item in given.items if isinstance(item, Scalar))}]"


def _preconditions(trigger: Map, entry: Entry, edits: Edits) -> str:
    if "window" not in _known_properties():
        raise CannotDepend("a Flow trigger has no `window` here")
    given = entry.value
    if not isinstance(given, Map) or "dependsOn" in trigger.entries:
        raise CannotDepend("there are dependencies beside them")
    unknown = set(given.entries) - {"id", "flows", "timeWindow", "description"}
    if unknown:
        raise CannotDepend(f"`{sorted(unknown)[0]}` has no newer form that means the same")
    flows = given.entries.get("flows")
    if flows is None or not isinstance(flows.value, Sequence) or flows.value.is_flow:
        raise CannotDepend("they name no flows one below the other")
    pad = " " * entry.key.place.column
    place = flows.value.place
    listed = edits.text[place.start : content_end(flows.value)]
    window = ", ".join(f"{name}: {plain_or_quoted(value)}" for name, value in _window(given).items())
    comments = _comments(edits, entry, besides=(place.start, content_end(flows.value)))
    lines = ["dependsOn:", f"{' ' * place.column}{listed}", f"{pad}window: {{{window}}}"]
    return _block(comments, lines, pad)


def _window(given: Map) -> Mapping[str, str]:
    written = given.value("timeWindow")
    if not isinstance(written, Map):
        return _DAY
    names = _WINDOWS.get(written.text("type") or "DURATION_WINDOW")
    if names is None:
        raise CannotDepend("its `timeWindow` is of no known kind")
    found = {names[name]: entry_text(entry.value) for name, entry in written.entries.items() if name in names}
    unknown = set(written.entries) - set(names) - {"type"}
    if unknown:
        raise CannotDepend(f"`{sorted(unknown)[0]}` of a `timeWindow` has no newer form")
    return found or _DAY


def entry_text(node: Node) -> str:
    return node.value if isinstance(node, Scalar) else ""


def _known_properties() -> set[str]:
    found = registry().find(FLOW_TRIGGER)
    return set(found.plugin.model_fields) if found is not None else set()


def _comments(edits: Edits, entry: Entry, besides: tuple[int, int] | None = None) -> list[str]:
    """The comments in what is replaced, but for those in a part that is kept."""
    start, end = entry.key.place.end, content_end(entry.value)
    text = edits.text[start:end]
    if besides is not None:
        text = edits.text[start : besides[0]] + edits.text[besides[1] : end]
    return _COMMENT.findall(text)


def _block(comments: list[str], lines: list[str], pad: str) -> str:
    """The comments above the first of the lines, all as far in as the key that stood there."""
    first, *rest = lines
    above = [*comments, first]
    return "\n".join([above[0], *(f"{pad}{line}" for line in above[1:]), *rest])
