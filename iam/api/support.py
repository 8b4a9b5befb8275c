"""What somebody who helps has to know of the instance."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import TenantView
from control_plane.kernel.config import config
from control_plane.kernel.version import VERSION
from control_plane.kernel.words.errors import NotAllowed
from iam.permissions import SUPPORT
from iam.queries import identity_counts


class SupportView(TenantView):
    access = {"debug_info": SUPPORT.USE, "forward": SUPPORT.USE}

    def debug_info(self, request: Request) -> dict[str, Any]:
        uses_provider = identity_counts()["openid"] > 0
        return {
            "kestraVersion": VERSION,
            "authType": "OIDC_SSO" if uses_provider else "BASIC_AUTH",
            "deploymentType": "STANDALONE",
            "queueType": "celery",
            "storageType": config().storage.type,
            "repositoryType": "postgres",
            "secretType": "postgres",
        }

    def forward(self, request: Request) -> None:
        """`configs` tells `supportEnabled: false`, so that no page offers it."""
        raise NotAllowed("no support desk takes tickets from this instance")
