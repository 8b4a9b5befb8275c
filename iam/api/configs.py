"""What a client needs to know of the instance."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.config import config
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.version import VERSION
from iam.authentication.passwords import RULE
from iam.hooks import config_facts
from iam.mailing.smtp import is_configured
from iam.queries import any_user


class ConfigsView(InstanceView):
    access = {"show": AUTHENTICATED}

    def show(self, request: Request) -> dict[str, Any]:
        return {
            "uuid": "orrery",
            "version": VERSION,
            "edition": "EE",
            "url": config().origin,
            "systemNamespace": "system",
            "hiddenLabelsPrefixes": ["system."],
            "chartDefaultDuration": "PT24H",
            "preview": {"initial": 100, "max": 5000},
            "isCustomDashboardsEnabled": False,
            "isAnonymousUsageEnabled": False,
            "isUiAnonymousUsageEnabled": False,
            "isAiEnabled": False,
            "isAiApiKeyConfigured": False,
            "isBasicAuthInitialized": any_user(),
            "isConcurrencyViewEnabled": True,
            "pluginsHash": 0,
            "tenants": {"storageByTenant": False, "secretByTenant": False},
            "secretsEnabled": True,
            "supportedStorages": [],
            "supportedSecrets": [],
            "pluginManagementEnabled": False,
            "pluginCustomEnabled": False,
            "mailServiceEnabled": is_configured(),
            "outputsInInternalStorageEnabled": True,
            "supportEnabled": False,
            "inMaintenance": False,
            "passwordConfiguration": RULE,
            "passwordlessEnabled": False,
            "airgapped": True,
            "featureGating": False,
            "features": [],
            "killSwitches": [],
            "workerAuthEnabled": True,
            **config_facts.told(),
        }
