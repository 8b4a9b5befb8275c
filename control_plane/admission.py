"""What a request goes through before it counts: whose it is, and its whole body."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from asgiref.typing import ASGIReceiveCallable, HTTPScope

from control_plane.kernel.admission.bodies import Allowance, Bodies, Patience
from control_plane.kernel.admission.multipart import check_multipart
from control_plane.kernel.admission.unproven import Unproven
from control_plane.kernel.api.dispatch import Shown, authenticator, shown_in
from control_plane.kernel.api.public import SignInAddresses, is_public
from control_plane.kernel.asgi_routes import AsyncRoute
from control_plane.kernel.config import config
from control_plane.kernel.pools import sign_in_pool
from control_plane.kernel.threads import in_thread
from control_plane.kernel.words.errors import ControlPlaneError, TooManyRequests, Unauthenticated


class Admission:
    """Refuses, before anything is spent on it, what nobody of ours sends, or sends too slowly, or too much of."""

    def __init__(self) -> None:
        rules = config().admission
        self._bodies = Bodies(
            Unproven(requests=rules.half_sent, size=rules.half_sent_bytes),
            Patience(rules.body_seconds, rules.least_rate),
            small=rules.small_bytes,
        )
        self._sign_ins = SignInAddresses()
        self._sending: Counter[str] = Counter()
        """Large bodies on their way, by who sends them."""

    @asynccontextmanager
    async def admitted(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, route: AsyncRoute | None
    ) -> AsyncIterator[HTTPScope]:
        """The request with its `body` and its `caller`, until the block ends. Raises what refuses it."""
        shown = shown_in(scope["method"], scope["headers"], scope["client"][0] if scope["client"] else None)
        address = f"address {shown.ip}"
        is_costly = authenticator().is_costly(shown)
        if is_costly or scope["path"] in self._sign_ins:
            authenticator().refuse_guesses(shown)
        if is_costly:
            scope = await _proved(scope, shown, address)
        caller = authenticator().account(shown) or address
        sender = _Sender(scope, shown, caller, route, self._sending)
        try:
            body = await self._bodies.read(scope, receive, most=sender.most(), vouch=sender.vouch)
        finally:
            sender.has_sent()
        with body:
            check_multipart(scope, body)
            yield cast(HTTPScope, {**scope, "body": body, "caller": caller})


async def _proved(scope: HTTPScope, shown: Shown, address: str) -> HTTPScope:
    """Hash the password where nobody else waits for it. Where anybody may enter, a wrong one counts as none."""
    try:
        await sign_in_pool().run(address, authenticator().identify, shown, None)
    except ControlPlaneError:
        if not is_public(scope["method"], scope["path"]):
            raise
        headers = [each for each in scope["headers"] if each[0] != b"authorization"]
        return cast(HTTPScope, {**scope, "headers": headers})
    return scope


class _Sender:
    """Who sends the body of one request."""

    def __init__(
        self, scope: HTTPScope, shown: Shown, caller: str, route: AsyncRoute | None, sending: Counter[str]
    ) -> None:
        self._scope = scope
        self._shown = shown
        self._caller = caller
        self._route = route
        self._sending = sending
        self._counts = False

    def most(self) -> int:
        """Uploads are the only large bodies."""
        if self._route is not None and self._route.most is not None:
            return self._route.most()
        limits = config().limits
        kind = next((value for name, value in self._scope["headers"] if name == b"content-type"), b"")
        return limits.upload_bytes if kind.lower().startswith(b"multipart/form-data") else limits.body_bytes

    async def vouch(self) -> Allowance:
        """What may be sent beyond a small body. Unauthenticated where nobody of ours sends it."""
        if self._route is not None and self._route.vouch is not None:
            await in_thread(self._route.vouch, self._scope)
        elif is_public(self._scope["method"], self._scope["path"]):
            return Allowance(config().admission.anonymous_bytes, is_proven=False)
        else:
            await in_thread(_must_be_known, self._shown)
        if self._sending[self._caller] >= config().admission.uploads_per_caller:
            raise TooManyRequests("too many large bodies at once; let some end first", retry_after=1)
        self._sending[self._caller] += 1
        self._counts = True
        return Allowance(self.most())

    def has_sent(self) -> None:
        if self._counts:
            self._sending[self._caller] -= 1
            if not self._sending[self._caller]:
                del self._sending[self._caller]


def _must_be_known(shown: Shown) -> None:
    shows_something = shown.authorization or shown.session
    if not shows_something or not authenticator().identify(shown, None).actor.is_known:
        raise Unauthenticated()
