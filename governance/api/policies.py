"""Policies of the instance, of a tenant and of its namespaces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.filter_fields import Op
from control_plane.kernel.api.filters import Condition, conditions
from control_plane.kernel.api.pages import page_of, sliced
from control_plane.kernel.api.views import InstanceView, TenantView
from control_plane.kernel.authorization import admit, require
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.errors import BadParameter, Forbidden, Invalid, NotFound
from flows.api.bodies import upload_in
from governance.api.bodies import PolicyBody, PreviewBody, keys_in
from governance.models import InstancePolicy
from governance.permissions import POLICY
from governance.policies.drafts import Draft
from governance.policies.evaluating import evaluate
from governance.policies.exchange import read_documents, written
from governance.policies.previewing import preview
from governance.policies.queries import (
    INSTANCE,
    NAMESPACE,
    STATIC,
    TENANT,
    Placed,
    chain,
    instance_policies,
    instance_policy,
    policies_of,
    policy,
    static_policy,
    visible,
)
from governance.policies.services import (
    check_placed,
    create_instance_policy,
    create_policy,
    delete_instance_policies,
    delete_instance_policy,
    delete_policies,
    delete_policy,
    import_policies,
    update_instance_policy,
    update_policy,
)
from governance.policies.shapes import policy_shape, summary_shape

Json = dict[str, Any]
_EVALUATED = 25


class InstancePoliciesView(InstanceView):
    access = {
        "create": create_instance_policy,
        "delete_many": delete_instance_policies,
        "export": SUPERADMIN,
        "export_many": SUPERADMIN,
        "search": SUPERADMIN,
        "show": SUPERADMIN,
        "update": update_instance_policy,
        "delete": delete_instance_policy,
        "evaluate": SUPERADMIN,
    }

    def create(self, request: Request) -> Json:
        return policy_shape(create_instance_policy(self.ctx, draft=self.body(PolicyBody).draft))

    def delete_many(self, request: Request) -> Json:
        return {"count": delete_instance_policies(self.ctx, keys=keys_in(request.data))}

    def export(self, request: Request) -> HttpResponse:
        return _download(Placed(row, INSTANCE) for row in InstancePolicy.objects.order_by("key"))

    def export_many(self, request: Request) -> HttpResponse:
        rows = InstancePolicy.objects.filter(key__in=keys_in(request.data)).order_by("key")
        return _download(Placed(row, INSTANCE) for row in rows)

    def search(self, request: Request) -> Json:
        return _listed(self, instance_policies())

    def show(self, request: Request, policy_id: str) -> Json:
        return policy_shape(self._named(policy_id).row)

    def update(self, request: Request, policy_id: str) -> Json:
        return policy_shape(update_instance_policy(self.ctx, key=policy_id, draft=self.body(PolicyBody).draft))

    def delete(self, request: Request, policy_id: str) -> None:
        delete_instance_policy(self.ctx, key=policy_id)

    def evaluate(self, request: Request, policy_id: str) -> Json:
        return evaluate(self._named(policy_id), page_of(self.query, _EVALUATED))

    def _named(self, policy_id: str) -> Placed:
        scope = self.query.get("scope") or INSTANCE
        if scope not in (INSTANCE, STATIC):
            raise BadParameter(f"`scope` must be {INSTANCE} or {STATIC}")
        return Placed(static_policy(policy_id) if scope == STATIC else instance_policy(policy_id), scope)


class _PoliciesView(TenantView):
    """Of a tenant, and of a namespace where the address has one."""

    access = {
        "create": create_policy,
        "delete_many": delete_policies,
        "export": POLICY.EXPORT,
        "export_many": POLICY.EXPORT,
        "show": POLICY.VIEW,
        "update": update_policy,
        "delete": delete_policy,
        "evaluate": POLICY.VIEW,
    }

    def create(self, request: Request, namespace: str = "") -> Json:
        return policy_shape(create_policy(self.ctx, namespace=namespace, draft=self.body(PolicyBody).draft))

    def delete_many(self, request: Request, namespace: str = "") -> Json:
        return {"count": delete_policies(self.ctx, namespace=namespace, keys=keys_in(request.data))}

    def export(self, request: Request, namespace: str = "") -> HttpResponse:
        require(self.ctx, POLICY.EXPORT, namespace or None)
        return _download(Placed(row, _scope(namespace)) for row in policies_of(namespace))

    def export_many(self, request: Request, namespace: str = "") -> HttpResponse:
        require(self.ctx, POLICY.EXPORT, namespace or None)
        rows = policies_of(namespace).filter(key__in=keys_in(request.data))
        return _download(Placed(row, _scope(namespace)) for row in rows)

    def show(self, request: Request, policy_id: str, namespace: str = "") -> Json:
        return policy_shape(self._named(policy_id, namespace).row)

    def update(self, request: Request, policy_id: str, namespace: str = "") -> Json:
        draft = self.body(PolicyBody).draft
        return policy_shape(update_policy(self.ctx, namespace=namespace, key=policy_id, draft=draft))

    def delete(self, request: Request, policy_id: str, namespace: str = "") -> None:
        delete_policy(self.ctx, namespace=namespace, key=policy_id)

    def evaluate(self, request: Request, policy_id: str, namespace: str = "") -> Json:
        return evaluate(self._named(policy_id, namespace), page_of(self.query, _EVALUATED))

    def _named(self, policy_id: str, namespace: str) -> Placed:
        """NotFound before Forbidden: who may not look into the namespace is told nothing of its policies."""
        try:
            require(self.ctx, POLICY.VIEW, namespace or None)
        except Forbidden:
            if namespace:
                raise NotFound(f"Policy '{policy_id}' was not found") from None
            raise
        return Placed(policy(namespace, policy_id), _scope(namespace))


class TenantPoliciesView(_PoliciesView):
    access = {**_PoliciesView.access, "search": POLICY.LIST, "import_all": import_policies, "preview": POLICY.VIEW}

    def search(self, request: Request) -> Json:
        return _listed(self, visible(self.ctx))

    def import_all(self, request: Request) -> Json:
        admit(self.ctx, POLICY.IMPORT)
        drafts: list[tuple[str, Draft]] = []
        errors: list[Json] = []
        for read in read_documents(upload_in(request)):
            problem = read.problem
            if read.draft is not None:
                try:
                    check_placed(read.namespace, read.draft)
                    drafts.append((read.namespace, read.draft))
                except Invalid as error:
                    problem = "; ".join(f"{each.path}: {each.message}" for each in error.violations) or str(error)
            if problem:
                errors.append({"document": read.name, "message": problem})
        return {"imported": import_policies(self.ctx, drafts=drafts), "errors": errors}

    def preview(self, request: Request) -> Json:
        sent = self.body(PreviewBody)
        require(self.ctx, POLICY.VIEW, sent.namespace)
        return preview(sent.source, sent.namespace)


class NamespacePoliciesView(_PoliciesView):
    access = {**_PoliciesView.access, "search": POLICY.LIST}

    def search(self, request: Request, namespace: str) -> Json:
        """The whole chain, the outermost first."""
        require(self.ctx, POLICY.LIST, namespace)
        return _listed(self, chain(self.ctx.tenant_id or "", namespace, instance_policies()), sorts=False)


def _scope(namespace: str) -> str:
    return NAMESPACE if namespace else TENANT


def _download(placed: Iterable[Placed]) -> HttpResponse:
    response = HttpResponse(written(placed), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = 'attachment; filename="policies.yml"'
    return response


def _listed(view: InstanceView | TenantView, placed: Iterable[Placed], *, sorts: bool = True) -> Json:
    """They are few: a page of them in memory."""
    found = list(placed)
    for condition in conditions(view.query, {"q": ("q", Op.EQUALS)}):
        _check_filter(condition)
        found = [each for each in found if _fits(each, condition.field, condition.op, condition.value)]
    if sorts:
        for key, is_descending in reversed(_order(view.query.getlist("sort"))):
            found.sort(key=lambda each: str(_SORTED[key](each)), reverse=is_descending)  # used at once
    return sliced([summary_shape(each.row, each.scope) for each in found], page_of(view.query))


_SORTED: dict[str, Any] = {
    "id": lambda each: each.row.key,
    "displayName": lambda each: each.row.display_name,
    "enforcement": lambda each: each.row.enforcement,
    "scope": lambda each: each.scope,
    "namespace": lambda each: getattr(each.row, "namespace", ""),
}


def _order(said: list[str]) -> list[tuple[str, bool]]:
    found = []
    for item in said:
        name, colon, direction = item.rpartition(":")
        if not colon:
            raise Invalid(f"Invalid sort parameter `{item[:100]}`: write `field:asc` or `field:desc`")
        if name not in _SORTED:
            raise BadParameter(f"cannot sort by `{name[:100]}`: use one of {', '.join(sorted(_SORTED))}")
        found.append((name, direction.lower() != "asc"))
    return found


_FILTERED: dict[str, Any] = {
    "POLICY_SCOPE": _SORTED["scope"],
    "policyScope": _SORTED["scope"],
    "ENFORCEMENT": _SORTED["enforcement"],
    **{name: _SORTED[name] for name in ("scope", "enforcement", "namespace", "id")},
}
_EQUALITY = (Op.EQUALS, Op.IN, Op.NOT_EQUALS, Op.NOT_IN)


def _check_filter(condition: Condition) -> None:
    """Whether anything is there to be filtered or not."""
    name, op = condition.field, condition.op
    if condition.key is not None:
        raise BadParameter(f"`{name}` has no keys to filter by")
    if name not in _FILTERED and name != "q":
        raise BadParameter(f"cannot filter by `{name}`: use one of {', '.join(sorted({*_FILTERED, 'q'}))}")
    legal = (Op.EQUALS,) if name == "q" else _EQUALITY
    if op not in legal:
        raise BadParameter(f"`{name}` cannot be filtered by {op}: use one of {', '.join(sorted(legal))}")


def _fits(placed: Placed, name: str, op: Op, value: str | list[str]) -> bool:
    row = placed.row
    wanted = value if isinstance(value, list) else value.split(",")
    if name == "q":
        return any(str(value).lower() in text.lower() for text in (row.key, row.display_name, row.description))
    is_named = _FILTERED[name](placed) in wanted
    return is_named if op in (Op.EQUALS, Op.IN) else not is_named
