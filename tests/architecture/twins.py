"""Two tenants that are alike: whatever one has made through the API, the other has made too, with texts of its own."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from typing import Any

from django.test import Client

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.ids import new_id
from executions.models import TaskRun
from executions.services.acting import pause_execution
from executions.services.bulk import act_on_many
from executions.services.starting import start_execution
from flows.services.saving import create_flow, update_flow
from governance.retention.services import run_retention, save_retention
from iam.models import DirectorySync, Refusal
from iam.record.offers import NewInvitation, RoleWithin
from iam.record.rights import NewBinding
from iam.record.tokens import NewToken
from iam.scim.groups import pushed as group_said
from iam.scim.users import person
from iam.services.bindings import create_bindings
from iam.services.directory_groups import push_group
from iam.services.directory_users import push_user
from iam.services.groups import create_group
from iam.services.identity_providers import ProviderWish, create_identity_provider, keep_test
from iam.services.invitations import invite
from iam.services.roles import create_role
from iam.services.security_integrations import create_integration
from iam.services.service_accounts import create_account, create_account_token
from iam.services.tenant_access import let_in
from plugins.storage.port import ObjectStorage
from stores.storage.keys import execution_prefix, task_file_key, uri_of
from stores.storage.place import storage
from tests.cast import Person, make_person
from tests.executions.ground import FakeWorker, ended
from tests.factories import make_row
from tests.stores.files.written import write_file
from triggers.models import Trigger
from workers.runtime.protocol import Item, Job, Metric

# Every text that a twin keeps begins with its mark, so that one look finds any of them.
FLOW = """
id: {mark}-flow
namespace: {namespace}
description: {mark} describes
labels: {{{mark}-label: {mark}-value}}
inputs: [{{id: given, type: STRING, defaults: {mark}-default}}]
variables: {{note: {mark}-variable}}
concurrency: {{limit: 100}}
tasks:
  - {{id: {mark}-task, type: io.kestra.plugin.core.log.Log, message: {mark} says}}
outputs: [{{id: result, type: STRING, value: {mark}-result}}]
triggers:
  - {{id: {mark}-trigger, type: io.kestra.plugin.core.trigger.Schedule, cron: "@yearly"}}
  - {{id: {mark}-hook, type: io.kestra.plugin.core.trigger.Webhook, key: {mark}-key}}
"""

BLOCK = """
id: {mark}-block
description: {mark} describes
inputs: [{{id: given, type: STRING, defaults: {mark}-default}}]
"""

RULE = {"type": "orrery.policies.Require", "on": "FLOW", "target": "description"}


@dataclass(frozen=True)
class Twin:
    """A tenant's things by the names under which they stand in paths, and the address of a file."""

    tenant: str
    mark: str
    owner: Person
    slots: dict[str, str]
    file: str

    def with_slots(self, **values: str) -> Twin:
        return replace(self, slots={**self.slots, **values})


def make_twin(tenant: str, mark: str, owner: Person, above: str = "") -> Twin:
    """All of it by commands, as the tenant's owner, and by a worker's reports; its namespace is below `above`."""
    guest = make_person(f"{mark}-guest@twins.test")
    client, namespace, ctx = owner.client, f"{above}{mark}-data", owner.context(tenant)
    create_flow(ctx, source=FLOW.format(mark=mark, namespace=namespace))
    api = f"/api/v1/{tenant}"
    _sent(client, "post", f"{api}/namespaces", {"id": namespace, "description": f"{mark} d", "variables": {"v": mark}})
    _sent(client, "put", f"{api}/namespaces/{namespace}/kv/{mark}-key", f'"{mark}-kept"', "text/plain")
    block = BLOCK.format(mark=mark)
    for _ in range(2):
        _sent(client, "put", f"{api}/namespaces/{namespace}/reusable-inputs/{mark}-block", block, "application/x-yaml")
    policy = {"id": f"{mark}-policy", "displayName": f"{mark}-policy", "enforcement": "REFERENCE", "rules": [RULE]}
    for place in (api, f"{api}/namespaces/{namespace}"):
        _sent(client, "post", f"{place}/policies", policy)
    secret = {"key": _secret_key(mark), "value": f"{mark}-hidden", "description": f"{mark}-secretly"}
    _sent(client, "put", f"{api}/namespaces/{namespace}/secrets", secret)
    _sent(client, "post", f"{api}/namespaces/{namespace}/credentials", credential_of(mark, namespace))
    credential = _sent(client, "post", f"{api}/credentials", credential_of(mark, namespace))
    for path in ("/twins.txt", "/twins.txt", "/gone.txt", f"/folder/{mark}-file.txt", f"/{mark}"):
        write_file(ctx, namespace, path, mark.encode())
    role = create_role(ctx, name=f"{mark}-role", description=f"{mark}-role", permissions={"FLOW": ["VIEW"]})
    (binding,) = create_bindings(ctx, wanted=[NewBinding("USER", owner.user.id, role.id, namespace)])
    let_in(ctx, user_id=guest.user.id)
    group = create_group(ctx, name=f"{mark}-group", description=f"{mark}-group", members=[guest.user.id])
    account = create_account(ctx, name=f"{mark}-account", description=f"{mark}-account", groups=[group.id])
    token, _ = create_account_token(ctx, account_id=account.id, wanted=NewToken(f"{mark}-token"))
    invitation = invite(
        ctx, wanted=NewInvitation(f"{mark}-invited@twins.test", (RoleWithin(role.id, (namespace,)),), (group.id,))
    ).invitation
    assert invitation is not None
    provider = create_identity_provider(ctx, wish=_directory(mark))
    keep_test(ctx, provider_id=provider.id, result={"outcome": "create", "email": f"{mark}-tried@twins.test"})
    directory = create_identity_provider(ctx, wish=_asked_directory(mark))
    keep_test(ctx, provider_id=directory.id, result={"outcome": "create", "email": f"{mark}-tried@twins.test"})
    integration, _ = create_integration(ctx, name=f"{mark}-integration", description=f"{mark}-integration")
    pushed = push_user(ctx, integration_id=integration.id, said=person({"userName": f"{mark}-pushed"}))
    pushed_group = push_group(
        ctx, integration_id=integration.id, said=group_said({"displayName": f"{mark}-pushed"}), members=[pushed.user_id]
    )
    execution = start_execution(ctx, namespace=namespace, flow_id=f"{mark}-flow", labels={f"{mark}-l": f"{mark}-m"})
    FakeWorker().work_off(lambda job: _done(job, mark))
    operation = act_on_many(ctx, verb="labels", execution_ids=[execution.id], arguments={"labels": {mark: mark}})
    for place in ("", namespace):
        save_retention(ctx, namespace=place, rules=retention_of(mark))
    retention = run_retention(ctx, namespace=namespace)
    with tenant_scope(tenant):
        sync = DirectorySync.objects.create(
            provider_id=directory.id, state="DONE", asked_by=f"{mark}-asker", asked_at=now(), problem=f"{mark}-problem"
        )
        run = TaskRun.objects.get(execution_id=execution.id)
        entry = AuditEntry.objects.filter(object_id=role.id).latest("seq")
    slots = {
        "name": namespace,
        "namespace": namespace,
        "flow_id": f"{mark}-flow",
        "task_id": f"{mark}-task",
        "trigger_id": f"{mark}-trigger",
        "execution_id": execution.id,
        "task_run_id": run.id,
        "role_id": role.id,
        "binding_id": binding.id,
        "user_id": guest.user.id,
        "group_id": group.id,
        "invitation_id": invitation.id,
        "integration": integration.id,
        "integration_id": integration.id,
        "pushed_user_id": pushed.user_id,
        "pushed_group_id": pushed_group.group_id,
        "uri": "urn:ietf:params:scim:schemas:core:2.0:User",
        "resource_type": "User",
        "rest": "elsewhere",
        "email": invitation.email,
        "reference": _refused(tenant, owner),
        "account_id": account.id,
        "token_id": token.id,
        "provider_id": provider.id,
        "directory_id": directory.id,
        "sync_id": sync.id,
        "tenant_itself": tenant,
        "entry_id": entry.id,
        "object_id": role.id,
        "operation_id": operation.id,
        "run_id": retention.id,
        "metric": f"{mark}-metric",
        "key": f"{mark}-key",
        "block_id": f"{mark}-block",
        "credential_id": credential["id"],
        "credential_name": f"{mark}-credential",
        "policy_id": f"{mark}-policy",
    }
    return Twin(tenant, mark, owner, slots, _file(tenant, namespace, mark, execution.id, run.id))


def retention_of(mark: str) -> dict[str, Any]:
    """Nothing is so old."""
    return {"EXECUTIONS": [{"olderThan": "P9999D", "labels": {f"{mark}-label": mark}}]}


def make_acts(twin: Twin) -> dict[str, str]:
    """An execution of the twin's in each state that some act asks for, and a flow that is disabled."""
    ctx, name = twin.owner.context(twin.tenant), {key: twin.slots[key] for key in ("namespace", "flow_id")}
    failed = start_execution(ctx, **name).id
    FakeWorker().work_off(lambda job: ended(job, state="FAILED"))
    running, paused = start_execution(ctx, **name).id, start_execution(ctx, **name).id
    FakeWorker().claim(2)
    pause_execution(ctx, execution_id=paused)
    suspended = start_execution(ctx, **name, breakpoints=[twin.slots["task_id"]]).id
    narrow = {"namespace": name["namespace"], "flow_id": f"{twin.mark}-narrow"}
    create_flow(ctx, source=_saying(**narrow, more="concurrency: {limit: 1, behavior: QUEUE}"))
    _, queued = (start_execution(ctx, **narrow).id for _ in range(2))
    idle = {"namespace": name["namespace"], "flow_id": f"{twin.mark}-idle"}
    create_flow(ctx, source=_saying(**idle, more="disabled: true"))
    update_flow(ctx, **idle, source=_saying(**idle, more="disabled: true\nlabels: {a: b}"))
    acted = {"running": running, "paused": paused, "failed": failed, "queued": queued, "suspended": suspended}
    return {**acted, "idle": idle["flow_id"], **_triggers(twin)}


def _triggers(twin: Twin) -> dict[str, str]:
    """Flows of a trigger that waits for an execution, of one with a backfill, and of one whose backfill is paused."""
    backfill: dict[str, Any] = dict.fromkeys(("start", "end", "currentDate"), "2020-01-01T00:00:00Z")
    backfill |= {"paused": False, "inputs": {}, "labels": {}, "previousNextExecutionDate": None, "run": "run"}
    states: dict[str, dict[str, Any]] = {
        "waiting": {"execution_id": "any"},
        "filled": {"backfill": backfill},
        "halted": {"backfill": {**backfill, "paused": True}},
    }
    flows = {state: f"{twin.mark}-{state}" for state in states}
    with tenant_scope(twin.tenant):
        for state, more in states.items():
            row = Trigger.objects.get(trigger_id=twin.slots["trigger_id"], flow_id=twin.slots["flow_id"])
            row.pk, row.flow_id = new_id(), flows[state]
            for name, value in more.items():
                setattr(row, name, value)
            row.save(force_insert=True)
    return flows


def _saying(namespace: str, flow_id: str, more: str) -> str:
    task = "{id: t, type: io.kestra.plugin.core.log.Log, message: x}"
    return f"id: {flow_id}\nnamespace: {namespace}\ntasks: [{task}]\n{more}"


def _directory(mark: str) -> ProviderWish:
    issuer = f"https://{mark}.twins.test"
    rules = [{"value": f"{mark}-claim", "group": f"{mark}-group"}]
    return ProviderWish(
        f"{mark}-directory",
        title=f"{mark} directory",
        settings={"issuer": issuer, "clientId": f"{mark}-client"},
        secret=f"{mark}-bind",
        rules=rules,
        metadata={"issuer": issuer},
    )


def _asked_directory(mark: str) -> ProviderWish:
    """One that is asked by LDAP, and answers nobody."""
    return ProviderWish(
        f"{mark}-asked",
        title=f"{mark} asked",
        kind="LDAP",
        settings={"url": "ldap://localhost:9", "userBase": f"ou={mark},dc=twins,dc=test"},
        secret=f"{mark}-bind",
    )


def _refused(tenant: str, owner: Person) -> str:
    """The reference of something that the owner was refused."""
    with tenant_scope(tenant):
        return make_row(Refusal, owner.user.email, actor_id=owner.user.id, asked="").id


def _secret_key(mark: str) -> str:
    return f"{mark}-secret".upper().replace("-", "_")


def credential_of(mark: str, namespace: str) -> dict[str, Any]:
    """Nobody listens where its tokens would come from."""
    secret = {"secretKey": _secret_key(mark), "namespace": namespace}
    return {
        "type": "OAUTH2",
        "name": f"{mark}-credential",
        "description": f"{mark} describes",
        "tokenEndpoint": f"http://127.0.0.1:1/{mark}",
        "authConfig": {"type": "CLIENT_CREDENTIALS", "clientId": f"{mark}-client", "clientSecret": secret},
    }


def _sent(client: Client, method: str, path: str, body: Any, kind: str = "application/json") -> Any:
    data = body if isinstance(body, str) else json.dumps(body)
    answer = getattr(client, method)(path, data, content_type=kind)
    assert 200 <= answer.status_code < 300, (path, answer.status_code, answer.content)
    return answer.json() if answer.content else None


def _done(job: Job, mark: str) -> Item:
    item = ended(job, f"{mark} was said", **{f"{mark}-output": f"{mark}-given"})
    item.metrics = [Metric(type="counter", name=f"{mark}-metric", value=1.0, timestamp="2026-01-01T00:00:00Z")]
    return item


def _file(tenant: str, namespace: str, mark: str, execution_id: str, run_id: str) -> str:
    kept: ObjectStorage = storage()
    prefix = execution_prefix(tenant, namespace, f"{mark}-flow", execution_id)
    key = task_file_key(prefix, f"{mark}-task", run_id, "table.csv")
    kept.put(key, io.BytesIO(f"{mark},in,a,file\n".encode()))
    return uri_of(key)
