"""The network that an address is in, as far as places are told apart."""

from __future__ import annotations

import ipaddress


def network_of(ip: str | None) -> str:
    """As much of an address as one household or office keeps: /24, or /64 in version 6."""
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False))
