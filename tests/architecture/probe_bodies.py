"""Bodies whose parts no description puts together: said whole, with the names of a twin in them."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.architecture.routes import Route
from tests.architecture.twins import RULE, Twin, credential_of, retention_of

# A route that ends so, and its method; see `whole_bodies`.
SAID_WHOLE = (
    *("/secrets-backend/test", "/credentials", "/policies", "/policies/<str:policy_id>", "/policies/preview"),
    *("/retention", "/retention/preview"),
)

Say = Callable[[Twin], str]


def whole_bodies(route: Route, own: Twin, flow_of: Callable[[Twin], str]) -> dict[str, Say]:
    """What such a route is asked for with a twin's names, by the place in which they stand."""
    if route.path.endswith("/policies/preview"):
        return {
            "a flow of the twin's": lambda twin: json.dumps(
                {"namespace": twin.slots["namespace"], "source": flow_of(twin)}
            )
        }
    if route.path.endswith("/secrets-backend/test"):
        return {"a prefix of the twin's": lambda twin: json.dumps(_vault(twin.mark))}
    if route.path.endswith("/credentials") and route.method == "POST":
        return {
            "the twin's credential": lambda twin: json.dumps(credential_of(twin.mark, twin.slots["namespace"])),
            "a secret of the twin's": lambda twin: json.dumps(
                {**credential_of(twin.mark, twin.slots["namespace"]), "name": "another"}
            ),
        }
    if route.path.endswith(("/retention", "/retention/preview")) and route.method in ("PUT", "POST"):
        return {
            "a namespace of the twin's": lambda twin: json.dumps(_retention(twin, own)),
            "labels of the twin's": lambda twin: json.dumps(_retention(own, twin)),
        }
    if route.path.endswith("/policies") and route.method == "POST":
        return {"the twin's policy": lambda twin: json.dumps(_policy(twin, twin))}
    if route.path.endswith("/policies/<str:policy_id>") and route.method == "PUT":
        return {"what the twin's policy says": lambda twin: json.dumps(_policy(own, twin))}
    return {}


def _policy(named: Twin, said: Twin) -> dict[str, object]:
    shown = {"displayName": f"{said.mark}-policy", "description": said.mark}
    return {"id": named.slots["policy_id"], **shown, "enforcement": "REFERENCE", "rules": [RULE]}


def _retention(named: Twin, said: Twin) -> dict[str, object]:
    return {"namespace": named.slots["namespace"], "rules": retention_of(said.mark)}


def _vault(prefix: str) -> dict[str, object]:
    """Nobody listens there."""
    told = {"address": "http://127.0.0.1:1", "token": {"token": "x"}, "secretPathPrefix": prefix}
    return {"secretType": "vault", "secretConfiguration": told}
