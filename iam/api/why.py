"""Why somebody may do something or not, and who was refused what."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.actor import ActorKind
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.filter_fields import Moment, Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.query import text
from control_plane.kernel.api.schema import PAGED, Parameter, shaped
from control_plane.kernel.api.views import InstanceView, TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.permissions import AUTHENTICATED, SUPERADMIN
from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.errors import BadParameter, NotFound
from iam.access import rights_of
from iam.authorization.explaining import Kind, Subject, explain, permission_of, subject_of
from iam.models import Refusal
from iam.permissions import BINDING
from iam.queries import owned_groups
from tenants.namespaces.names import check_namespace

KINDS: dict[str, Kind] = {"user": "USER", "group": "GROUP", "serviceAccount": "SERVICE_ACCOUNT"}
EXPLAINED = (
    ("user", str),
    ("group", str),
    ("serviceAccount", str),
    Parameter("permission", str, is_required=True),
    ("namespace", str),
)


class RefusalFilters(Filters):
    q = Search("id", "actor_name", "path", "asked")
    id = Text("id")
    userId = Text("actor_id")
    username = Text("actor_name")
    namespace = Text("namespace")
    created = Moment("at")
    legacy = {"q": ("q", Op.EQUALS)}


SORTS = {"created": "at", "username": "actor_name", "id": "id"}


class WhyView(TenantView):
    """Everybody may ask about themselves, and look up what they were refused."""

    access = {"held": AUTHENTICATED, "explain": AUTHENTICATED, "search": BINDING.LIST, "show": AUTHENTICATED}

    def held(self, request: Request) -> dict[str, Any]:
        """What the asker may do, in the whole tenant and in one namespace at least: pages offer nothing else."""
        return {**rights_of(self.ctx), "ownedGroups": owned_groups(self.ctx.actor.id)}

    @shaped(query=EXPLAINED)
    def explain(self, request: Request) -> dict[str, Any]:
        subject = self._subject()
        asked, namespace = permission_of(text(self.query, "permission") or ""), text(self.query, "namespace") or None
        if namespace is not None:
            check_namespace(namespace)
        return explain(subject, asked, namespace)

    def _subject(self) -> Subject:
        named = [(kind, text(self.query, name)) for name, kind in KINDS.items() if text(self.query, name)]
        if len(named) > 1:
            raise BadParameter("one of `user`, `group` and `serviceAccount` is expected")
        actor = self.ctx.actor
        own: tuple[Kind, str] = ("USER" if actor.kind is ActorKind.USER else "SERVICE_ACCOUNT", actor.id)
        kind, identity = named[0] if named else own
        if (kind, identity) != own:
            require(self.ctx, BINDING.VIEW)
        subject = subject_of(kind, identity or "")
        if subject is None:
            raise NotFound(f"there is no such {kind.lower().replace('_', ' ')} here")
        return subject

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        return _found(self)

    def show(self, request: Request, reference: str) -> dict[str, Any]:
        """With the answer to why, as things stand now."""
        found = Refusal.objects.filter(id=reference).first()
        if found is None or found.actor_id != self.ctx.actor.id:
            require(self.ctx, BINDING.VIEW)
        if found is None:
            raise NotFound()
        kind: Kind = "USER" if found.actor_kind == ActorKind.USER.value else "SERVICE_ACCOUNT"
        subject = subject_of(kind, found.actor_id) if found.asked else None
        why = explain(subject, permission_of(found.asked), found.namespace) if subject else None
        return without_nulls(**_shown(found), explanation=why)


class InstanceRefusalsView(InstanceView):
    """What was refused at addresses of the instance."""

    access = {"search": SUPERADMIN}

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        return _found(self)


def _found(view: TenantView | InstanceView) -> dict[str, Any]:
    found = Refusal.objects.filter(RefusalFilters.matching(view.query))
    return listed(found.order_by(*order_of(view.query, SORTS, ["-at"])), page_of(view.query), _shown)


def _shown(refusal: Refusal) -> dict[str, Any]:
    return without_nulls(
        reference=refusal.id,
        at=iso(refusal.at),
        actor={"kind": refusal.actor_kind, "id": refusal.actor_id, "name": refusal.actor_name},
        method=refusal.method,
        path=refusal.path,
        permission=refusal.asked or None,
        namespace=refusal.namespace,
        message=refusal.message,
        requestId=refusal.request_id,
    )
