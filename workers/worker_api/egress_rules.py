"""Where tasks may connect to, as every worker is told it when it joins."""

from __future__ import annotations

from control_plane.kernel.config import Config
from control_plane.kernel.egress import own_address, own_servers
from workers.runtime.protocol import EgressRules, Place


def egress_rules(knobs: Config) -> EgressRules:
    """Our own servers are refused whatever else is allowed."""
    own = own_address(knobs)
    return EgressRules(
        allow_private=knobs.egress.allow_private,
        allow_self=knobs.egress.allow_self,
        own=[Place(host=own.host, port=own.port)],
        refused=[Place(host=each.host, port=each.port) for each in own_servers(knobs)],
    )
