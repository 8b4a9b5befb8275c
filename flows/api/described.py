"""What the endpoints of flows and plugins take and give, for the API's description."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from control_plane.kernel.api.answers import BulkResponse, IdWithNamespace, PagedResults
from control_plane.kernel.api.schema import (
    BYTES,
    CSV,
    FILTERS,
    JSON,
    NOTHING,
    PAGE,
    PAGED,
    YAML,
    Content,
    Parameter,
    describe,
)
from flows.api import answers, plugin_answers
from flows.api.bodies import PluginVersion
from flows.api.checks import FlowCheckView
from flows.api.dependencies import DependencyView
from flows.api.expressions import Asked, ExpressionView
from flows.api.flow import FlowView
from flows.api.lists import FlowListView, search
from flows.api.main_tenant import MainTenantView
from flows.api.many import FlowBulkView, FlowExportView
from flows.api.plugins import PluginView
from flows.api.reusable_inputs import ReusableInputsView
from flows.api.secret_usage import SecretUsageView
from flows.api.sets import FlowSetView
from flows.api.surroundings import SurroundingsView
from flows.api.vocabulary import VocabularyView

_of_flow = partial(describe, names={"flow_id": "id"})
_DRAFT = (("draft", bool),)
_REVISION = (("revision", int),)
_PART = Content((*YAML.media, JSON), Any)
_UPLOAD = Content(("multipart/form-data",), dict[Literal["fileUpload"], bytes])

_of_flow(FlowView.create, body=YAML, query=_DRAFT, answer=answers.FlowWithSource)
_of_flow(FlowView.update, body=YAML, query=_DRAFT, answer=answers.FlowWithSource)
_of_flow(FlowView.delete, answer=NOTHING, status=204)
_of_flow(
    FlowView.read,
    query=(("source", bool), *_REVISION, ("allowDeleted", bool)),
    answer=answers.FlowWithSource,
)
_of_flow(FlowView.revisions, query=(("allowDelete", bool),), answer=list[answers.FlowWithSource])
_of_flow(FlowView.delete_revisions, query=(Parameter("revisions", list[int], is_required=True),), answer=BulkResponse)
_of_flow(FlowView.graph, query=_REVISION, answer=answers.FlowGraph)
_of_flow(FlowView.task, query=_REVISION, answer=answers.Task)
_of_flow(
    DependencyView.of_flow,
    query=(("destinationOnly", bool), ("expandAll", bool)),
    answer=answers.FlowTopologyGraph,
)
describe(DependencyView.of_namespace, answer=answers.FlowTopologyGraph)
describe(DependencyView.of_tenant, query=(("destinationOnly", bool),), answer=answers.FlowTopologyGraph)
describe(MainTenantView.has_flows, answer=bool)
describe(VocabularyView.filters, answer=list[str])
describe(VocabularyView.functions, answer=list[answers.PebbleFunction])

describe(search, query=PAGED, answer=PagedResults[answers.Flow])
describe(
    FlowListView.search_source,
    query=(*PAGED, ("q", str), ("namespace", str)),
    answer=PagedResults[answers.SearchResult],
)
describe(FlowListView.namespaces, query=(("q", str),), answer=list[str])
describe(FlowListView.deprecated, query=(("namespace", str), *FILTERS), answer=list[answers.FlowWithDeprecatedTasks])

describe(FlowSetView.in_namespace, answer=list[answers.Flow])
describe(
    FlowSetView.replace,
    body=Content(YAML.media, is_required=False),
    query=(("delete", bool), ("namespace", str), ("allowNamespaceChild", bool)),
    answer=list[answers.FlowWithSource],
)
describe(FlowSetView.replace_namespace, body=YAML, query=(("delete", bool),), answer=list[answers.FlowWithSource])

for by_ids in (FlowBulkView.delete_by_ids, FlowBulkView.enable_by_ids, FlowBulkView.disable_by_ids):
    describe(by_ids, body=list[IdWithNamespace], answer=BulkResponse)
for by_query in (FlowBulkView.delete_by_query, FlowBulkView.enable_by_query, FlowBulkView.disable_by_query):
    describe(by_query, query=FILTERS, answer=BulkResponse)
describe(FlowBulkView.import_, body=_UPLOAD, query=(("failOnError", bool),), answer=list[str])
describe(FlowExportView.by_ids, body=list[IdWithNamespace], answer=BYTES)
describe(FlowExportView.by_query, query=FILTERS, answer=BYTES)
describe(FlowExportView.csv, query=FILTERS, answer=CSV)

describe(
    FlowCheckView.validate,
    body=Content((*YAML.media, "multipart/form-data")),
    answer=list[answers.ValidateConstraintViolation],
)
describe(
    FlowCheckView.validate_task,
    body=_PART,
    query=(Parameter("section", Literal["TASKS", "TRIGGERS"], is_required=True),),
    answer=answers.ValidateConstraintViolation,
)
describe(FlowCheckView.validate_trigger, body=_PART, answer=answers.ValidateConstraintViolation)
describe(FlowCheckView.upgrade, body=YAML, answer=answers.UpgradedFlow)
describe(FlowCheckView.graph, body=YAML, answer=answers.FlowGraph)
describe(FlowCheckView.expressions, body=YAML, query=(("taskId", str),), answer=answers.ExpressionContext)
describe(ExpressionView.render, body=Asked, answer=answers.RenderedExpressions)

_of_block = partial(describe, names={"block_id": "id"})
describe(ReusableInputsView.list, query=PAGE, answer=PagedResults[answers.ReusableInputs])
_of_block(ReusableInputsView.read, query=_REVISION, answer=answers.ReusableInputs)
_of_block(
    ReusableInputsView.save,
    body=Content((*YAML.media, "text/plain", JSON)),
    query=(("failIfExists", bool),),
    answer=answers.ReusableInputs,
)
_of_block(ReusableInputsView.remove, answer=NOTHING)
_of_block(ReusableInputsView.revisions, answer=list[answers.ReusableInputs])
describe(SurroundingsView.read, answer=answers.Surroundings)
describe(SecretUsageView.read, answer=list[answers.SecretUsage])
describe(ReusableInputsView.namespaces, answer=list[str])

_typed = partial(describe, names={"kind": "type"})
describe(PluginView.list, query=(("page", int), ("size", int)), answer=PagedResults[plugin_answers.Plugin])
describe(PluginView.groups, answer=list[plugin_answers.Plugin])
describe(PluginView.triggers, answer=PagedResults[plugin_answers.TriggerPlugin])
describe(PluginView.page, answer=plugin_answers.DocumentationWithSchema)
describe(PluginView.ui_manifest, body=list[PluginVersion], answer=plugin_answers.PluginUiManifest)
describe(PluginView.ui_file, answer=Content(("application/json",)), names={"file": "path"})
describe(PluginView.versions, answer=plugin_answers.PluginVersions)
describe(PluginView.icons, PluginView.group_icons, answer=dict[str, plugin_answers.PluginIcon])
describe(PluginView.icon, answer=plugin_answers.PluginIconResponse)
describe(PluginView.icon_svg, answer=Content(("image/svg+xml",)))
_typed(PluginView.schema_, query=(("arrayOf", bool),), answer=dict[str, Any])
_typed(PluginView.properties, answer=dict[str, Any])
describe(PluginView.inputs, answer=list[plugin_answers.InputTypeName])
_typed(PluginView.input, answer=plugin_answers.DocumentationWithSchema)
