"""What a case may expect of the other executions that came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.conformance.looking import Json, Look
from tests.conformance.seen import Seen

SELECTORS = frozenset({"as", "of", "flow", "flow_id", "namespace", "count", "ordered_flow_outputs"})


def check_executions(look: Look, wanted: Any) -> None:
    for entry in _entries(wanted):
        rest = {key: value for key, value in entry.items() if key not in SELECTORS}
        name = entry.get("as") or entry.get("of")
        if name is not None:
            assert name in look.stage.named, f"no execution is called {name}"
            look.expect(look.stage.see(look.stage.named[name]), rest)
            continue
        found = list(_selected(look, entry))
        if "count" in entry:
            look.fits(len(found), entry["count"], f"executions of {_flow_of(entry)}")
        else:
            assert found, f"there is no execution of {_flow_of(entry)}"
        for output, values in entry.get("ordered_flow_outputs", {}).items():
            look.fits([(each.outputs or {}).get(output) for each in found], values, f"outputs {output}")
        for each in found if "count" in entry else found[:1]:
            look.expect(each, rest)


def _entries(wanted: Any) -> Sequence[Json]:
    """One, a list, or a map of flows with what is expected of their executions."""
    if not isinstance(wanted, Mapping):
        return list(wanted)
    if wanted.keys() & SELECTORS:
        return [wanted]
    return [{"flow_id": flow_id, **_entry(value)} for flow_id, value in wanted.items()]


def _entry(value: Any) -> Json:
    return value if isinstance(value, Mapping) and not any(key.startswith("$") for key in value) else {"count": value}


def _flow_of(entry: Json) -> str:
    return str(entry.get("flow_id") or entry.get("flow"))


def _selected(look: Look, entry: Json) -> Iterator[Seen]:
    flow_id = _flow_of(entry).rpartition("/")[2]
    for each in look.stage.all():
        if each.flow_id == flow_id and entry.get("namespace", each.namespace) == each.namespace:
            yield each


def check_least(look: Look, wanted: Any) -> None:
    """A number of executions at all, or of each flow."""
    counts = wanted if isinstance(wanted, Mapping) else {None: wanted}
    if isinstance(wanted, Mapping) and ("flow" in wanted or "flow_id" in wanted):
        counts = {_flow_of(wanted): wanted.get("count", wanted.get("min", 1))}
    for flow_id, count in counts.items():
        found = [each for each in look.stage.all() if flow_id in (None, each.flow_id)]
        assert len(found) >= count, f"{len(found)} executions of {flow_id or 'any flow'}, not {count}"


def check_none(look: Look, wanted: Any) -> None:
    for entry in [wanted] if isinstance(wanted, str | Mapping) else wanted:
        found = list(_selected(look, {"flow_id": entry} if isinstance(entry, str) else entry))
        assert not found, f"there are {len(found)} executions of {entry}"


def check_ends(look: Look, wanted: Sequence[str]) -> None:
    found = [each.state for each in look.stage.all() if each.flow_id == look.seen.flow_id]
    look.fits(sorted(found), sorted(wanted), "states of the executions of the flow")
