"""Where this installation may connect to: our own servers, which nothing reaches, and the policy of its processes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from control_plane.kernel.config import Config
from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.endpoints import Endpoint, endpoint_of, endpoint_of_url

_POSTGRES_PORT = "5432"


def policy_of(knobs: Config, *, allow_private: bool | None = None) -> EgressPolicy:
    """What a control process itself may reach. Our own servers are refused whatever else is allowed."""
    return EgressPolicy(
        allow_private=knobs.egress.allow_private if allow_private is None else allow_private,
        allow_self=knobs.egress.allow_self,
        own=(own_address(knobs),),
        refused=own_servers(knobs),
    )


def own_address(knobs: Config) -> Endpoint:
    """Where this instance is served."""
    own = urlsplit(knobs.origin)
    return Endpoint(own.hostname or "localhost", own.port or (443 if own.scheme == "https" else 80))


def own_servers(knobs: Config) -> tuple[Endpoint, ...]:
    """Our databases and brokers: those of our URLs, and those that the operator names."""
    found = [*map(endpoint_of, knobs.egress.refused), *_brokers(knobs), *_databases(knobs.database_url or "")]
    return tuple(dict.fromkeys(found))


def _brokers(knobs: Config) -> Iterator[Endpoint]:
    for url in (knobs.redis_url, knobs.broker_url, knobs.worker_broker_url):
        found = endpoint_of_url(url) if url else None
        if found is not None:
            yield found


def _databases(url: str) -> Iterator[Endpoint]:
    """Of each host that the URL names. A server that we reach by a socket file listens on this machine's port too."""
    if not url:
        return
    parts = conninfo_to_dict(url)
    hosts = str(parts.get("host") or parts.get("hostaddr") or "").split(",")
    ports = str(parts.get("port") or _POSTGRES_PORT).split(",")
    for number, host in enumerate(hosts):
        port = ports[number] if number < len(ports) else ports[-1]
        yield Endpoint("127.0.0.1" if not host or host.startswith("/") else host, int(port or _POSTGRES_PORT))
