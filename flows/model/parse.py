"""From the text of a flow to its model: the one way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from control_plane.kernel.words.errors import Violation
from flows.model.checks import syntax_problem
from flows.model.defaults import NO_DEFAULTS, Defaults, apply_defaults
from flows.model.documents.compose import compose, compose_all
from flows.model.documents.given import check_given
from flows.model.documents.limits import DEFAULT_LIMITS, DocumentLimits
from flows.model.documents.tree import SourceMap, plain_with_texts
from flows.model.errors import FlowInvalid, sentence
from flows.model.flow import Flow
from flows.model.reading.read import read_model, read_plugin
from flows.model.reading.session import Reading, TooManyViolations
from flows.model.rules.run import check_rules, flow_warnings
from plugins.catalog.registry import Registry, registry
from plugins.contracts import Plugin, RunnableTask, Task, Trigger

P = TypeVar("P", bound=Plugin)

DefaultsOf = Callable[[str], Defaults]
"""The plugin defaults that hold in a namespace."""


@dataclass(frozen=True, slots=True)
class ParsedFlow:
    """A valid flow and what its author should know.

    `deprecations` are paths (`tasks[1].retries`); `replacements` say which old type stands for which new one.
    `expression_problems` are expressions whose syntax is broken: the flow may be kept, and fails where it renders them.
    """

    flow: Flow
    warnings: list[str] = field(default_factory=list)
    deprecations: list[str] = field(default_factory=list)
    replacements: list[str] = field(default_factory=list)
    expression_problems: list[Violation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """How a document is read: `refuses_expressions` with broken syntax, or `ignores_unknown` properties.

    `is_saved`: it was saved before, and runs whatever may no longer be saved: the rules between its parts are not
    asked again.
    """

    refuses_expressions: bool = False
    ignores_unknown: bool = False
    is_saved: bool = False
    limits: DocumentLimits = DEFAULT_LIMITS
    plugins: Registry | None = None


STANDARD = ParseOptions()
SAVED = ParseOptions(ignores_unknown=True, is_saved=True)


def parse_flow(
    source: str | bytes | Mapping[str, Any],
    *,
    defaults: Defaults | DefaultsOf = NO_DEFAULTS,
    options: ParseOptions = STANDARD,
) -> ParsedFlow:
    """The flow a text (or a JSON body) describes. Raises FlowInvalid with everything that is wrong, each with its line.

    `defaults` are the plugin defaults of namespace, tenant and instance, or a function that knows them by the
    namespace the document names; those of the flow itself always count.
    """
    document = source if isinstance(source, Mapping) else compose(source, options.limits)
    return parse_document(document, defaults=defaults, options=options)


def parse_documents(
    source: str | bytes, *, defaults: Defaults | DefaultsOf = NO_DEFAULTS, options: ParseOptions = STANDARD
) -> list[ParsedFlow | FlowInvalid]:
    """One outcome for each document of the text. Raises FlowInvalid when the text itself cannot be read."""
    return [_outcome(document, defaults, options) for document in compose_all(source, options.limits)]


def _outcome(document: Any, defaults: Defaults | DefaultsOf, options: ParseOptions) -> ParsedFlow | FlowInvalid:
    try:
        return parse_document(document, defaults=defaults, options=options)
    except FlowInvalid as invalid:
        return invalid


def parse_document(
    document: Any, *, defaults: Defaults | DefaultsOf = NO_DEFAULTS, options: ParseOptions = STANDARD
) -> ParsedFlow:
    """The flow of a document that was already read into maps and lists."""
    own_registry = options.plugins or registry()
    if not isinstance(document, SourceMap):
        check_given(document, options.limits)
    around = defaults if isinstance(defaults, Defaults) else _around(document, defaults)
    effective = apply_defaults(document, around, own_registry)
    reading = _reading(effective, options)
    flow: Flow | None = None
    try:
        flow = read_model(Flow, effective, reading)
        if flow is not None and not options.is_saved:
            check_rules(flow, reading)
    except TooManyViolations:
        flow = None
    if options.refuses_expressions:
        reading.violations += reading.expression_problems
    if flow is None or reading.violations:
        raise FlowInvalid(reading.violations)
    flow._document, flow._read_under = plain_with_texts(document, reading.texts), around
    broken = [f"Line {problem.line}, {sentence(problem)}" for problem in reading.expression_problems]
    found = reading.expression_problems
    return ParsedFlow(
        flow, [*flow_warnings(flow), *reading.doubts, *broken], reading.deprecations, reading.replacements, found
    )


def _around(document: Any, defaults: DefaultsOf) -> Defaults:
    namespace = document.get("namespace") if isinstance(document, dict) else None
    return defaults(namespace) if isinstance(namespace, str) else NO_DEFAULTS


def with_defaults(flow: Flow, defaults: Defaults, options: ParseOptions = STANDARD) -> Flow:
    """The flow as it runs under these defaults of its surroundings. Raises FlowInvalid when they do not fit it."""
    return parse_document(flow.document, defaults=defaults, options=options).flow


def parse_task(source: str | bytes | Mapping[str, Any], options: ParseOptions = STANDARD) -> Task:
    """One task from YAML or a map. Raises FlowInvalid."""
    return cast(Task, _parse_plugin(Task, source, options))


def parse_runnable(source: str | bytes | Mapping[str, Any], options: ParseOptions = STANDARD) -> RunnableTask:
    """The same for a task that a worker can run by itself."""
    return cast(RunnableTask, _parse_plugin(RunnableTask, source, options))


def parse_trigger(source: str | bytes | Mapping[str, Any], options: ParseOptions = STANDARD) -> Trigger:
    """One trigger from YAML or a map. Raises FlowInvalid."""
    return cast(Trigger, _parse_plugin(Trigger, source, options))


def parse_plugin(kind: type[P], source: str | bytes | Mapping[str, Any], options: ParseOptions = STANDARD) -> P:
    """Any plugin of that kind from YAML or a map. Raises FlowInvalid."""
    return cast(P, _parse_plugin(kind, source, options))


def _parse_plugin(kind: type[Plugin], source: str | bytes | Mapping[str, Any], options: ParseOptions) -> Plugin:
    document = source if isinstance(source, Mapping) else compose(source, options.limits)
    if not isinstance(document, SourceMap):
        check_given(document, options.limits)
    reading = _reading(document, options)
    plugin: Plugin | None = None
    try:
        plugin = read_plugin(kind, document, reading)
    except TooManyViolations:
        plugin = None
    if plugin is None or reading.violations:
        raise FlowInvalid(reading.violations)
    return plugin


def _reading(document: Any, options: ParseOptions) -> Reading:
    return Reading(
        registry=options.plugins or registry(),
        check_expression=syntax_problem,
        ignores_unknown=options.ignores_unknown,
        root=document,
    )
