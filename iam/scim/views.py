"""How an address of SCIM is served: through its integration, in SCIM's words, and written down among the last calls."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from audit.recording.commands import Command
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.api.dispatch import request_id_of
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import authorizer
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import Forbidden, Invalid, NotAllowed, NotFound
from control_plane.kernel.words.paths import parts
from iam.authorization.integrations import through
from iam.models import SecurityIntegration
from iam.permissions import SECURITY_INTEGRATION
from iam.record.pushed import Expect
from iam.scim.calls import Changes, keep_call
from iam.scim.profiles import Profile, profile_of
from iam.scim.refusals import InvalidSyntax
from iam.scim.replies import base_of, refusal
from iam.scim.versions import expecting


class ScimView(TenantView):
    """An endpoint under an integration; its route has parts named `tenant` and `integration`.

    Whoever shows the token of the integration comes in, and whoever of the tenant holds the right that is asked for.
    """

    integration: SecurityIntegration | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        named = parts(kwargs)
        self._changes, started = Changes(), time.perf_counter()
        with through(named["integration"]):
            response = self.served(request, *args, **kwargs)
        if self.integration is not None:
            keep_call(
                named["tenant"],
                named["integration"],
                method=request.method or "",
                path=self._place(request),
                asked=self._asked(),
                response=response,
                changes=self._changes,
                milliseconds=(time.perf_counter() - started) * 1000,
                request_id=request_id_of(request),
            )
        return response

    def served(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in, and answered, inside one scope."""
        return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def _place(request: HttpRequest) -> str:
        """The address after that of the integration, with what it asks."""
        return request.get_full_path().partition("/scim/v2")[2] or "/"

    def _asked(self) -> Any:
        """The body, where it could be read."""
        if self.request.method in ("GET", "HEAD", "DELETE"):
            return None
        try:
            return self.request.data
        except Exception:
            return "(not readable)"

    def handled(self, ctx: Context, request: HttpRequest, action: str, path: dict[str, Any]) -> HttpResponseBase:
        path = dict(path)
        identity = path.pop("integration")
        integration = SecurityIntegration.objects.filter(id=identity).first()
        if integration is None or not self._is_known(ctx, action, integration):
            raise NotFound("there is no such integration")
        ctx.changes = self._changes
        self.integration = integration
        self.request = self.initialize_request(request)
        if not integration.is_enabled:
            raise Forbidden("this integration is disabled")
        return super().handled(ctx, request, action, path)

    def _is_known(self, ctx: Context, action: str, integration: SecurityIntegration) -> bool:
        """To itself, to whoever may look at integrations, and to whoever may do what is asked.

        To every other member it is as if it were not there: a command behind an endpoint refuses them too late.
        """
        if ctx.actor.kind is ActorKind.SCIM:
            return ctx.actor.id == integration.id
        access = self.access[action]
        right = access.right if isinstance(access, Command) else access
        may_do_it = isinstance(right, Permission) and authorizer().may_anywhere(ctx, right)
        return may_do_it or authorizer().knows_of(ctx, SECURITY_INTEGRATION.name, None)

    def wrong_method(self, request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
        error = NotAllowed(f"{request.method} is not served here", allow=sorted(allowed))
        return refusal(error, request.get_full_path(), request_id_of(request))

    def refused(self, error: Exception, path: str, request_id: str) -> HttpResponse:
        return refusal(error, path, request_id)

    @property
    def profile(self) -> Profile:
        assert self.integration is not None
        return profile_of(self.integration.client)

    @property
    def integration_id(self) -> str:
        assert self.integration is not None
        return self.integration.id

    @property
    def base(self) -> str:
        assert self.integration is not None
        return base_of(self.integration.tenant_id, self.integration.id)

    @property
    def said(self) -> dict[str, Any]:
        """The body, which is a JSON object. InvalidSyntax for anything else."""
        try:
            data = self.request.data
        except Invalid as error:
            raise InvalidSyntax(error.message) from None
        if not isinstance(data, dict) or not data:
            raise InvalidSyntax("a JSON object is expected")
        return data

    @property
    def expect(self) -> Expect:
        """What the headers say of the version that is meant."""
        return expecting(self.request.headers.get("If-Match", ""))
