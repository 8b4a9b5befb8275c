"""What a sign-in by a provider costs of ours: everything between the two redirects but the provider's own time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any

from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.processor_time import Meter
from tests.bench.results import show
from tests.iam.sso.openid_peer import OpenIdPeer, wish

PEOPLE, ROUNDS, WARM = 20, 200, 20
BAR = "30 ms of ours"


class Measured(OpenIdPeer):
    """Counts the seconds that it takes itself."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def answer(self, method: str, path: str, body: bytes, headers: Any) -> tuple[int, bytes]:
        began = time.perf_counter()
        try:
            return super().answer(method, path, body, headers)
        finally:
            self.seconds += time.perf_counter() - began


@contextmanager
def measured() -> Iterator[Measured]:
    peer = Measured()
    try:
        yield peer
    finally:
        peer.close()


def redirected(client: HTTPConnection, path: str, cookies: SimpleCookie) -> tuple[str, float]:
    """Where it leads, and the milliseconds until it said so."""
    sent = "; ".join(f"{name}={each.value}" for name, each in cookies.items())
    began = time.perf_counter()
    client.request("GET", path, headers={"Cookie": sent} if sent else {})
    answer = client.getresponse()
    answer.read()
    taken = (time.perf_counter() - began) * 1000
    for line in answer.headers.get_all("Set-Cookie") or ():
        cookies.load(line)
    assert answer.status == 302, (answer.status, path)
    return answer.headers["Location"], taken


def once(client: HTTPConnection, peer: Measured, number: int) -> tuple[float, float]:
    """One browser that has signed in at the provider already: our milliseconds, and the provider's."""
    name = f"p{number % PEOPLE}"
    peer.claims = {"sub": name, "email": f"{name}@bench.test", "email_verified": True}
    peer.claims["groups"] = ["eng", f"turn{number // PEOPLE % 2}"]
    cookies: SimpleCookie = SimpleCookie()
    peer.seconds = 0.0
    there, first = redirected(client, "/oauth/login/peer?next=/ui/", cookies)
    back = peer.authorize(there)
    _, second = redirected(client, back[back.index("/oauth/") :], cookies)
    assert cookies["JWT"].value, "not signed in"
    theirs = peer.seconds * 1000
    return first + second - theirs, theirs


def sign_ins(instance: Instance) -> dict[str, object]:
    """Of people who were here before; each time another of their groups has changed at the provider.

    The processor time is what the same costs on a machine that does nothing else.
    """
    names = ("eng", "turn0", "turn1")
    with measured() as peer:
        rules = [{"value": name, "group": "{value}", "tenant": TENANT} for name in names]
        instance.ask("POST", "/api/v1/instance/identity-providers", wish(peer, rules=rules))
        client = instance.client()
        for number in range(WARM):
            once(client, peer, number)
        meter = Meter(instance)
        before = meter.read()
        taken = [once(client, peer, number) for number in range(WARM, WARM + ROUNDS)]
        used = Meter.between(before, meter.read())
        client.close()
    ours = [first for first, _ in taken]
    return {
        "figure": f"signing in by a provider, a group gained and one lost each time, {PEOPLE} people",
        "n": ROUNDS,
        "ours_p50_ms": round(statistics.median(ours), 1),
        "ours_p95_ms": round(statistics.quantiles(ours, n=20)[-1], 1),
        "web_ms_of_processor_each": round(1000 * used["orrery web"] / ROUNDS, 2),
        "database_ms_of_processor_each": round(1000 * used["postgres"] / ROUNDS, 2),
        "providers_p50_ms": round(statistics.median(second for _, second in taken), 1),
        "bar": BAR,
    }


def main() -> None:
    with running_instance() as instance:
        show("sign_in", sign_ins(instance))


if __name__ == "__main__":
    main()
