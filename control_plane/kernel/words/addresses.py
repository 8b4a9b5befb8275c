"""What an IP address is to us: public, private, this machine, or a place nobody may ever reach."""

from __future__ import annotations

import enum
import ipaddress
import re
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Reach(enum.Enum):
    """Where an address leads."""

    PUBLIC = "public"
    PRIVATE = "private"
    FORBIDDEN = "forbidden"


_V4 = ipaddress.IPv4Network
_V6 = ipaddress.IPv6Network

_NAT64 = _V6("64:ff9b::/96")
_SIX_TO_FOUR = _V6("2002::/16")
_V4_COMPATIBLE = _V6("::/96")

# Metadata services, link-local, "this host", multicast, reserved, and tunnels whose inner address cannot be judged.
_FORBIDDEN_V4 = tuple(
    map(
        _V4,
        (
            "0.0.0.0/8",
            "169.254.0.0/16",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "192.88.99.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_FORBIDDEN_V6 = tuple(
    map(
        _V6,
        (
            "::/128",
            "fe80::/10",
            "fd00:ec2::254/128",
            "fd20:ce::254/128",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/32",
            "ff00::/8",
        ),
    )
)
_PRIVATE_V4 = (_V4("100.64.0.0/10"),)
_PRIVATE_V6 = (_V6("fec0::/10"),)

FORBIDDEN_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
"""Names of metadata services, refused before they are resolved."""

_LOOKS_LIKE_A_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*", re.IGNORECASE | re.ASCII)


def parse_address(text: str) -> Address | None:
    """The address a text writes in its usual form, or None when it is a name.

    Raises ValueError for the other ways to write an IPv4 address (decimal, octal, hexadecimal, short) and for zone
    ids: programs disagree on what they mean, and nobody needs them.
    """
    if "%" in text:
        raise ValueError("an address with a zone id is refused")
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        if ":" in text or _LOOKS_LIKE_A_NUMBER.fullmatch(text.rstrip(".")):
            raise ValueError("write the IP address in its usual form") from None
        return None


def plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 address wraps (mapped, compatible, NAT64, 6to4), or the address itself."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    number = int(address)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address((number >> 80) & 0xFFFFFFFF)
    if address in _NAT64 or (address in _V4_COMPATIBLE and number > 1):
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return address


def reach_of(address: Address) -> Reach:
    """Where the address leads, seen through every wrapping."""
    address = plain(address)
    if isinstance(address, ipaddress.IPv4Address):
        forbidden = any(address in network for network in _FORBIDDEN_V4)
        private = any(address in network for network in _PRIVATE_V4)
    else:
        forbidden = any(address in network for network in _FORBIDDEN_V6)
        private = any(address in network for network in _PRIVATE_V6)
    if forbidden:
        return Reach.FORBIDDEN
    return Reach.PRIVATE if private or not address.is_global else Reach.PUBLIC


def is_this_machine(address: Address) -> bool:
    """Whether connecting there ends on this machine: loopback, or an address of one of its interfaces."""
    address = plain(address)
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def names_this_machine(host: str) -> bool:
    """Whether a host, as a URL writes it, is this machine. No name but `localhost` is looked up."""
    if host == "localhost":
        return True
    try:
        address = parse_address(host)
    except ValueError:
        return False
    return address is not None and is_this_machine(address)
