"""Cases that resolve the inputs of a flow, without running it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.expressions import Environment
from flows.model.documents.compose import compose
from flows.model.errors import FlowInvalid
from flows.model.inputs.choices import choices_of
from flows.model.inputs.definitions import Input
from flows.model.inputs.files import file_extension
from flows.model.inputs.outputs import render_value
from flows.model.inputs.ports import Keepers, Upload
from flows.model.inputs.resolve import Resolved, resolve_inputs
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading
from plugins.catalog.registry import registry
from plugins.contracts import Model
from tests.conformance.matchers import Matching, repeated
from tests.conformance.messages import check_message
from tests.conformance.stored import check_needs
from tests.conformance.words import only

KINDS = {"inputs"}
Case = Mapping[str, Any]
ENV = Environment()
OF_VALUES = ("values", "values_exact", "values_exact_key", "has_key", "absent", "absent_keys", "resolved", "errors")
WORDS = (*OF_VALUES, "error", "extension", "rendered_values")
OF_RESOLVED = ("id", "enabled", "value", "error", "exception", "is_default")


def model_of(model: type[Model], document: Any, *, checks: bool = True) -> Any:
    """The document as this model; without `checks`, also when it breaks rules, as one that was stored long ago may."""
    reading = Reading(registry=registry(), root=document)
    built = read_model(model, document, reading)
    if built is None or (checks and reading.violations):
        raise FlowInvalid(reading.violations)
    return built


def run_case(case: Case, folder: Path) -> None:
    """Raises AssertionError with what differs."""
    check_needs(case.get("needs") or {})
    only(case["expect"], WORDS, "inputs")
    definitions = _definitions(case, folder)
    expect = case["expect"]
    mode = case.get("mode", "resolve")
    if mode == "file_extension":
        assert file_extension(definitions, case["query"]) == expect["extension"]
    elif mode == "render_definition":
        variables = case.get("variables", {})
        rendered = [
            choices_of(entry, render_value(getattr(entry, "expression", None), variables, ENV)) for entry in definitions
        ]
        assert rendered[0] == expect["rendered_values"], rendered
    else:
        assert mode == "resolve", f"the mode {mode} is unknown"
        _Inputs(case, folder).check(definitions, expect)


def _definitions(case: Case, folder: Path) -> list[Input]:
    if "input_definitions" in case:
        return [model_of(Input, entry) for entry in case["input_definitions"]]
    source = case.get("flow_source")
    if source is None:
        source = (folder / (case.get("files_local") or {}).get(case["flow_file"], case["flow_file"])).read_text()
    return [model_of(Input, entry) for entry in compose(source).get("inputs") or ()]


class _Inputs:
    """Values of one case, with the files that were kept for it."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self.folder = folder
        self.stored: dict[str, bytes] = {}
        self.matching = Matching(
            read=self._read, open_secret=_opened, local_file=lambda name: self._file(name).decode()
        )

    def _read(self, uri: str) -> bytes:
        assert uri in self.stored, f"no file is kept at {uri}"
        return self.stored[uri]

    def _keep(self, name: str, upload: Upload) -> str:
        flow_id, execution = self.case.get("flow_id", "inputs"), self.case.get("execution_id", "test")
        namespace = str(self.case.get("namespace", "io.kestra.tests")).replace(".", "/")
        address = f"kestra:///{namespace}/{flow_id}/executions/{execution}/inputs/{name}/{upload.name}"
        self.stored[address] = upload.content
        return address

    def _file(self, name: str) -> bytes:
        local = (self.case.get("files_local") or {}).get(name)
        found = self.folder / local if local else next(iter(self.folder.rglob(Path(name).name)), None)
        return found.read_bytes() if found else name.encode()

    def _given(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(("$file:", "$upload:")):
            name = value.partition(":")[2]
            return Upload(Path(name).name, self._file(name))
        if isinstance(value, dict) and len(value) == 1 and (key := next(iter(value))).startswith("$"):
            return repeated(value[key]) if key == "$repeat" else value[key]
        return self.matching.fill(value)

    def check(self, definitions: list[Input], expect: Case) -> None:
        given = {name: self._given(value) for name, value in (self.case.get("inputs") or {}).items()}
        has_key = "kestra.encryption.secret-key" in ((self.case.get("needs") or {}).get("config") or {})
        keepers = Keepers(self._keep, _closed if has_key else None)
        scope = self.case.get("variables", {})
        resolved = resolve_inputs(definitions, given, scope=scope, env=ENV, keepers=keepers)
        messages = "\n".join(error.message for error in resolved.errors)
        if "error" in expect:
            assert messages, "no error"
            check_message(expect["error"], messages)
        elif not any("error" in each or "exception" in each for each in expect.get("resolved", ())):
            assert not messages, messages
        self._check_values(expect, resolved)
        for wanted in expect.get("resolved", ()):
            self._check_resolved(resolved, wanted)
        for name, wanted in (expect.get("errors") or {}).items():
            found = next(entry for entry in resolved.inputs if entry.definition.id == name)
            assert found.error, f"{name} is no error"
            check_message(wanted, found.error)

    def _check_values(self, expect: Case, resolved: Resolved) -> None:
        if "values_exact" in expect:
            assert self.matching.fits(resolved.values, expect["values_exact"], exact=True), resolved.values
        for key, value in expect.get("values", {}).items():
            assert self.matching.fits(_at(resolved.values, key), value), f"{key}: {_at(resolved.values, key)!r}"
        for key, value in expect.get("values_exact_key", {}).items():
            found = resolved.values.get(key)
            assert self.matching.fits(found, value, exact=True), f"{key}: {found!r}"
        for key in expect.get("has_key", ()):
            assert key in resolved.values, f"there is no value of {key}"
        for key in (*expect.get("absent", ()), *expect.get("absent_keys", ())):
            assert key not in resolved.values, f"there is a value of {key}"

    def _check_resolved(self, resolved: Resolved, wanted: Case) -> None:
        only(wanted, OF_RESOLVED, "a resolved input")
        found = next(entry for entry in resolved.inputs if entry.definition.id == wanted["id"])
        assert found.enabled == wanted.get("enabled", found.enabled), found
        assert found.is_default == wanted.get("is_default", found.is_default), found
        if found.enabled and "value" in wanted:
            assert self.matching.fits(found.value, wanted["value"]), found
        for name in ("error", "exception"):
            if wanted.get(name):
                assert found.error, f"{wanted['id']} is no error"
                check_message(wanted[name], found.error)


def _at(values: Mapping[str, Any], path: str) -> Any:
    """By its whole name, else one step after the other."""
    if path in values:
        return values[path]
    current: Any = values
    for step in path.split("."):
        current = current.get(step) if isinstance(current, Mapping) else None
    return current


def _closed(text: str) -> Any:
    return {"closed": text}


def _opened(value: Any) -> Any:
    assert isinstance(value, Mapping) and "closed" in value, f"{value!r} is not encrypted"
    return value["closed"]
