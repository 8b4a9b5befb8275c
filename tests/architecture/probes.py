"""Every place of a request that a name fits into, read from the API's description: parameters, filters and bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.test import Client

from control_plane.kernel.api.filter_fields import Op
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.openapi import document
from tests.architecture.probe_bodies import SAID_WHOLE, whole_bodies
from tests.architecture.routes import Route
from tests.architecture.twins import Twin

Json = dict[str, Any]
_PLACE = re.compile(r"<[^>]*>|{[^}]*}")
JSON = "application/json"

# Which of a twin's things stands under this name in a parameter, a filter or a body; `name of x` where the address
# has x in it. FILE is the address of a file, MARK the text all its things begin with, LABEL one label.
FILE, MARK, LABEL, EVERY, EMAIL = "(file)", "(mark)", "(label)", "(every)", "(email)"
STANDS_FOR: dict[str, str] = {
    "id of bindings": "binding_id",
    "id of auditlogs": "entry_id",
    "id of executions": "flow_id",
    "id of flows": "flow_id",
    "id of namespaces": "namespace",
    "ids[] of roles": "role_id",
    "ids[] of groups": "group_id",
    "roles[] of invitations": "role_id",
    "id of invitations": "role_id",
    "group of explain": "group_id",
    "serviceAccount": "account_id",
    "tenant": "tenant_itself",
    "groups[]": "group_id",
    "namespaces[]": "namespace",
    "email of invitations": EMAIL,
    "id of service-accounts": "group_id",
    "id of groups": "group_id",
    "id of members": "user_id",
    "membersId[]": "user_id",
    "groupIds[]": "group_id",
    "ids[] of namespaces": "namespace",
    "ids[] of tenant-access": "user_id",
    "[] of executions": "execution_id",
    "[] of policies": "policy_id",
    "tenants[]": "tenant_itself",
    "displayName": MARK,
    "executionsId[]": "execution_id",
    "executionId": "execution_id",
    "parentId": "execution_id",
    "childFilter": "execution_id",
    "triggerExecutionId": "execution_id",
    "flowId": "flow_id",
    "namespace": "namespace",
    "namespaceId": "namespace",
    "taskId": "task_id",
    "taskRunId": "task_run_id",
    "parentTaskRunId": "task_run_id",
    "tenantId": "tenant_itself",
    "userId": "user_id",
    "username": "user_id",
    "email": "email",
    "externalId": "user_id",
    "roleId": "role_id",
    "role": "role_id",
    "user": "user_id",
    "group": "group_id",
    "groupList": "group_id",
    "id": "object_id",
    "resourceId": "object_id",
    "objectId": "object_id",
    "details": "object_id",
    "previousId": "entry_id",
    "triggerId": "trigger_id",
    "key": "key",
    "keys[]": "key",
    "name": MARK,
    "metadata": MARK,
    "description": MARK,
    "value": MARK,
    "q": MARK,
    "query": MARK,
    "labels": LABEL,
    "labels[]": LABEL,
    "breakpoints": "task_id",
    "defaultHomeDashboard": MARK,
    "defaultFlowOverviewDashboard": MARK,
    "defaultNamespaceOverviewDashboard": MARK,
    "path": FILE,
    "path of files": MARK,
    "path of directory": MARK,
    "path of revisions": MARK,
    "path of stats": MARK,
    "from of files": MARK,
    "to of files": MARK,
    "fileContent": MARK,
    "expressions[]": EVERY,
    "flow": EVERY,
    "{}": FILE,
    "?": EVERY,
    "": EVERY,
}
# Names under which no id or text of a tenant can stand, each with its reason.
NO_NAMES = {
    "a word of a closed list": {
        *(
            "aggregation",
            "behavior",
            "field",
            "dateFilter",
            "operation",
            "kind",
            "level",
            "minLevel",
            "newState",
            "newStatus",
            "resource",
        ),
        *(
            "resources",
            "section",
            "sort",
            "state",
            "status",
            "type",
            "scope",
            *("enforcement", "ENFORCEMENT", "policyScope", "POLICY_SCOPE", "secretType"),
            "permissions{}[]",
            "encoding",
            "storageType",
        ),
        *(
            "membership",
            "permission",
            "triggerState",
            "visibility",
            "source",
            "scopes",
            "action",
            "actions",
            "allowedCidrs[]",
            "format",
        ),
    },
    "what a directory says, or says of itself": {
        *("claim", "match", "issuer", "domains[]", "title", "preset", "secret", "of", "hint", "next"),
        *("password", "entry"),
    },
    "a time": {
        "created",
        "duration",
        "endDate",
        "expirationDate",
        "scheduleDate",
        "startDate",
        "timeRange",
        "at",
        "ttl",
        "overlap",
        "maxAge",
    },
    "a time too": {
        "begin",
        "lastTriggeredDate",
        "nextExecutionDate",
        "start",
        "end",
        "updated",
        "createdDate",
        "updateDate",
        "date",
        "updateDateRange",
    },
    "a number": {
        "attempt",
        "attemptNumber",
        "intervals",
        "flowRevision",
        "maxRows",
        "seq",
        "page",
        "revision",
        "revisions",
        "revisions[]",
        "size",
        "version",
    },
    "a yes or no": {
        "locked",
        *("allowDelete", "allowDeleted", "allowNamespaceChild", "delete", "deleteLogs", "deleteMetrics", "draft"),
        *("deleteStorage", "destinationOnly", "existing", "expandAll", "failOnError", "includeNonTerminated"),
        *("isOnKillCascade", "latestRevision", "wait", "hasExpired", "expired", "readOnly", "disabled"),
        *("enabled", "isManaged", "prune", "unpack", "failIfExists", "proof", "folded", "top", "withOutputs", "leaves"),
        *("dryRun", "force"),
    },
    "tried field by field": {"filters", "value?"},
    "of the instance": {"workerId"},
    "an attribute of SCIM, or its order": {
        *("attributes", "attributes[]", "excludedAttributes", "excludedAttributes[]", "sortBy", "sortOrder"),
        "client",
    },
    "a number of SCIM": {"startIndex", "count"},
    "an expression of SCIM, which an integration asks of its own alone": {"filter"},
}
NOT_TRIED = set().union(*NO_NAMES.values())


@dataclass(frozen=True)
class Probe:
    """One request with a twin's names in one place of it; `ask` says it with the names of any twin."""

    route: Route
    place: str
    ask: Callable[[Twin], tuple[str, str | bytes, str]]
    """The query, the body and its type."""

    def __str__(self) -> str:
        return f"{self.route} {self.place}"


def operation(route: Route) -> Json:
    wanted = _PLACE.sub("{}", f"/{route.path}")
    for path, methods in document()["paths"].items():
        if _PLACE.sub("{}", path) == wanted and route.method.lower() in methods:
            found: Json = methods[route.method.lower()]
            return found
    raise LookupError(f"{route} is not described")


def stands_for(name: str, route: Route) -> str | None:
    """The slot of a twin, None for a name under which none can stand; KeyError where nobody said which."""
    if name in NOT_TRIED:
        return None
    kinds = [part for part in route.path.split("/") if not part.startswith("<")]
    for kind in reversed(kinds):
        if f"{name} of {kind}" in STANDS_FOR:
            return STANDS_FOR[f"{name} of {kind}"]
    return STANDS_FOR[name]


def value_of(slot: str, twin: Twin) -> str:
    if slot == FILE:
        return twin.file
    if slot == MARK:
        return twin.mark
    if slot == LABEL:
        return f"{twin.mark}-l:{twin.mark}-m"
    if slot == EMAIL:
        return f"{twin.mark}-asked@twins.test"
    if slot == "email":
        return f"{twin.mark}-guest@twins.test"
    if slot == EVERY:
        key, secret = twin.slots["key"], f"{twin.mark}-secret".upper().replace("-", "_")
        return f"{{{{ kv('{key}', '{twin.slots['namespace']}') }}}} {{{{ secret('{secret}') }}}} {{{{ read('{twin.file}') }}}}"
    return twin.slots[slot]


def parameters(route: Route) -> list[Json]:
    return [each for each in operation(route).get("parameters", []) if each["in"] == "query"]


def in_query(route: Route, base: str) -> Iterator[Probe]:
    for parameter in parameters(route):
        name = parameter["name"]
        slot = stands_for(name, route)
        if slot is not None:
            yield Probe(route, f"?{name}", _query(base, name, slot))


def _query(base: str, name: str, slot: str) -> Callable[[Twin], tuple[str, str, str]]:
    others = "&".join(each for each in base.split("&") if each and each.partition("=")[0] != name)
    return lambda twin: (f"{others}&{urlencode({name: value_of(slot, twin)})}", "", JSON)


# One class of filters serves a list and the acts on what it lists: the acts are tried with these alone.
_OF_ACTS = (Op.EQUALS, Op.NOT_IN, Op.CONTAINS)


def in_filters(route: Route, base: str, names: list[str]) -> Iterator[Probe]:
    for name in names:
        slot = stands_for(name, route)
        for op in ops_of(name) if slot is not None else ():
            if route.method == "GET" or op in _OF_ACTS:
                yield Probe(route, f"?filters[{name}][{op}]", _filter(base, name, op, slot or ""))


def _filter(base: str, name: str, op: Op, slot: str) -> Callable[[Twin], tuple[str, str, str]]:
    def ask(twin: Twin) -> tuple[str, str, str]:
        value = value_of(slot, twin)
        return f"{base}&filters[{name}][{op}]={quote(value, safe='')}", "", JSON

    return ask


def ops_of(name: str) -> list[Op]:
    known = {op for each in _all(Filters) if name in each.fields for op in each.fields[name].ops}
    return [op for op in Op if op in (known or set(Op))]


def _all(kind: type[Filters]) -> Iterator[type[Filters]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _all(each)


def filter_names(route: Route, client: Client, path: str, body: str) -> list[str]:
    """What a list can be filtered by, as it says itself when asked for nonsense."""
    if not any(each["name"] == "filters" for each in parameters(route)):
        return []
    answer = client.generic(route.method, f"{path}&filters[nonsense][EQUALS]=x", body, content_type=JSON)
    assert answer.status_code == 400, (str(route), answer.status_code)
    _, _, known = answer.json()["message"].partition("use one of ")
    assert known, f"{route} does not tell what it can be filtered by: {answer.json()}"
    return known.split(", ")


def leaves(route: Route) -> set[str]:
    """The names of all texts in the body."""
    content = operation(route).get("requestBody", {}).get("content", {})
    return {name for media in content.values() for name, _ in _leaves(media["schema"], "")}


def _leaves(schema: Json, name: str, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, Json]]:
    if "$ref" in schema:
        if schema["$ref"] not in seen:
            yield from _leaves(_named(schema), name, (*seen, schema["$ref"]))
        return
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _leaves(inner, name, seen)
    if schema.get("type") == "array":
        yield from _leaves(schema.get("items", {}), f"{name}[]", seen)
    elif schema.get("type") == "object":
        for each, inner in schema.get("properties", {}).items():
            yield from _leaves(inner, each, seen)
        if isinstance(schema.get("additionalProperties"), dict):
            yield from _leaves(schema["additionalProperties"], f"{name}{{}}", seen)
    elif schema.get("type") == "string":
        yield name, schema
    elif not schema:
        yield f"{name}?", schema


def _named(schema: Json) -> Json:
    found: Json = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


# Bodies that the description cannot show: a text's own, and those whose parts go together.
SUBFLOW = "{{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: {namespace}, flowId: {flow_id}}}"
UPLOAD = (
    '--b\r\nContent-Disposition: form-data; name="{name}"; filename="f.yml"\r\n'
    "Content-Type: application/x-yaml\r\n\r\n{text}\r\n--b--\r\n"
)
FORM, YAML, TEXT = "multipart/form-data; boundary=b", "application/x-yaml", "text/plain"


def in_text(route: Route, base: str, own: Twin) -> Iterator[Probe]:
    """Names in a flow's source, an uploaded file, an expression, and in what one thing of several says."""
    media = operation(route).get("requestBody", {}).get("content", {})
    texts: dict[str, Callable[[Twin], str]] = {}
    if YAML in media and "/access/" in route.path:
        texts = {"a binding of the twin's": binding_of}
    elif YAML in media and "/reusable-inputs/" in route.path:
        texts = {"inputs of the twin's": block_of}
    elif YAML in media:
        texts = {
            "a flow of the twin's": lambda twin: flow_of(twin, None),
            "a subflow of the twin's": lambda twin: flow_of(own, twin),
            "a task": lambda twin: SUBFLOW.format(**twin.slots),
        }
    if route.path.endswith("expressions/render"):
        texts["a stored flow"] = lambda twin: json.dumps({"expressions": [value_of(EVERY, twin)], **_names(twin)})
        texts["a source"] = lambda twin: json.dumps({"expressions": ["{{ 1 }}"], "flow": flow_of(twin, None)})
    if route.path.endswith("auditlogs/find"):
        texts["a detail"] = lambda twin: json.dumps({"resource": "ROLE", "detail": {"id": twin.slots["role_id"]}})
    if route.path.endswith("triggers/delete/by-query"):
        texts["a filter"] = lambda twin: json.dumps(
            {"filters": [{"field": "flowId", "operation": "EQUALS", "value": twin.slots["flow_id"]}]}
        )
    if route.path.endswith("backfill/create"):
        texts["a trigger"] = lambda twin: json.dumps(
            {"namespace": twin.slots["namespace"], "flowId": twin.slots["flow_id"]}
            | {"triggerId": twin.slots["trigger_id"], "backfill": {"start": "2020-01-01T00:00:00Z"}}
        )
    texts |= whole_bodies(route, own, lambda twin: flow_of(twin, None))
    if TEXT in media:
        texts["an expression"] = lambda twin: value_of(EVERY, twin)
    kind = next((each for each in (YAML, JSON, TEXT) if each in media), TEXT)
    for place, say in texts.items():
        yield Probe(route, place, _said(base, say, kind))
    if "multipart/form-data" in media:
        for place, of in (("an uploaded flow of the twin's", None), ("an uploaded flow that calls the twin's", own)):
            part = "fileContent" if route.path.endswith("/files") else "fileUpload"
            yield Probe(route, place, _said(base, _uploaded(part, of), FORM))


def _names(twin: Twin) -> dict[str, str]:
    return {"namespace": twin.slots["namespace"], "flowId": twin.slots["flow_id"]}


def binding_of(twin: Twin) -> str:
    """Rights as a document: the twin's role for the twin's group."""
    return f"bindings: [{{role: {twin.mark}-role, group: {twin.mark}-group, namespace: {twin.slots['namespace']}}}]\n"


def block_of(twin: Twin) -> str:
    """Inputs that flows share, by the twin's name for them."""
    return f"id: {twin.slots['block_id']}\ninputs: [{{id: a, type: STRING, defaults: {twin.mark}}}]\n"


def flow_of(home: Twin, called: Twin | None) -> str:
    """The flow of a twin, or a new one beside it that calls another."""
    name = "caller" if called else home.slots["flow_id"]
    task = SUBFLOW.format(**called.slots) if called else "{id: say, type: io.kestra.plugin.core.log.Log, message: x}"
    return f"id: {name}\nnamespace: {home.slots['namespace']}\ntasks: [{task}]\n"


def _uploaded(part: str, home: Twin | None) -> Callable[[Twin], str]:
    return lambda twin: UPLOAD.format(name=part, text=flow_of(home or twin, twin if home else None))


def _said(base: str, say: Callable[[Twin], str], kind: str) -> Callable[[Twin], tuple[str, str, str]]:
    return lambda twin: (base, say(twin), kind)


# Where parts of a body go together so that no body has them all; `in_text` says them.
SAID_APART = ("expressions/render", "auditlogs/find", "triggers/delete/by-query", "backfill/create")


def in_body(route: Route, base: str, own: Twin) -> Iterator[Probe]:
    """All names of a body at once, and each alone among names of one's own."""
    content = operation(route).get("requestBody", {}).get("content", {})
    for media, described in content.items():
        if media != JSON or route.path.endswith((*SAID_APART, *SAID_WHOLE)):
            continue
        names = {name for name, _ in _leaves(described["schema"], "") if stands_for(name, route) is not None}
        for chosen in {frozenset(names), *(frozenset({name}) for name in names)}:
            ask = _json(route, base, described["schema"], chosen, own)
            yield Probe(route, "{" + ", ".join(sorted(chosen)) + "}", ask)


def _json(
    route: Route, base: str, schema: Json, chosen: frozenset[str], own: Twin
) -> Callable[[Twin], tuple[str, str, str]]:
    def ask(twin: Twin) -> tuple[str, str, str]:
        return base, json.dumps(_example(schema, "", route, lambda name: twin if name in chosen else own)), JSON

    return ask


def _example(schema: Json, name: str, route: Route, of: Callable[[str], Twin]) -> Any:
    """A body as described, with everything in it that may be."""
    if "$ref" in schema:
        return _example(_named(schema), name, route, of)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return _example(schema[key][0], name, route, of)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        inside = schema.get("properties", {}).items()
        found = {each: _example(inner, each, route, of) for each, inner in inside if each not in NOT_SENT}
        if isinstance(schema.get("additionalProperties"), dict):
            found["FLOW"] = _example(schema["additionalProperties"], f"{name}{{}}", route, of)
        return found
    if kind == "array":
        return [_example(schema.get("items", {}), f"{name}[]", route, of)]
    if kind in ("integer", "number"):
        return 1
    if kind == "boolean":
        return False
    leaf = name if kind == "string" else f"{name}?"
    slot = stands_for(leaf, route)
    return WORDS.get(leaf, "x") if slot is None else value_of(slot, of(leaf))


# Places of secrets and files: one that is named must be there.
NOT_SENT = {"secretType", "secretConfiguration", "storageType", "storageConfiguration"}
# What a closed list or a form wants.
WORDS = {
    "type": "USER",
    "entry": "uid: x",
    "state": "FAILED",
    "permissions{}[]": "VIEW",
    "behavior": "WAIT",
    "duration": "PT1M",
    "resource": "FLOW",
    "ttl": "PT1M",
    "maxAge": "PT1M",
    "overlap": "PT1M",
    "allowedCidrs[]": "192.0.2.0/24",
}
