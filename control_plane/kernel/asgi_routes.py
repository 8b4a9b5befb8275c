"""How a package says that an address of its own waits, and so must not hold a thread."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import IO, Any, TypeVar, cast

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, HTTPScope

from control_plane.kernel.admission.bodies import ClientGone
from control_plane.kernel.words.paths import parts

R = TypeVar("R")
HELD_BACK = "orrery.held_back"
"""In the state of a request whose answer waits."""
Vouch = Callable[[HTTPScope], None]


@dataclass(frozen=True)
class AsyncRoute:
    """Requests whose path and method match, and that `when` accepts, go to `app` on the event loop.

    The groups of `path` arrive as `scope["path_params"]`, the whole body as `body_of(scope)`. Everything that no route
    takes is Django's, in a thread. `vouch` runs in a thread before a large body is taken in and raises when nobody of
    ours sends it; without it the kernel's authenticator says. `most` bounds a body; without it `Limits` does.
    """

    path: re.Pattern[str]
    app: ASGI3Application
    methods: frozenset[str] = frozenset({"GET"})
    when: Callable[[HTTPScope], bool] | None = None
    vouch: Vouch | None = None
    most: Callable[[], int] | None = None

    def match(self, scope: HTTPScope) -> dict[str, str] | None:
        if scope["method"] not in self.methods:
            return None
        found = self.path.fullmatch(scope["path"])
        if found is None or (self.when is not None and not self.when(scope)):
            return None
        return parts(found.groupdict())


def is_held_back(scope: HTTPScope) -> None:
    """Say that the answer waits for something to happen: a server that stops ends the connection instead of waiting."""
    state = cast(dict[str, Any], scope).get("state")
    if state is not None:
        # The copies of a scope share it with the server.
        state[HELD_BACK] = True


async def until_gone(scope: HTTPScope, receive: ASGIReceiveCallable, work: Coroutine[Any, Any, R]) -> R:
    """What the held-back work comes to; it is cancelled, and ClientGone raised, when the client goes away before."""
    is_held_back(scope)
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientGone
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: ASGIReceiveCallable) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def body_of(scope: HTTPScope) -> IO[bytes]:
    """The whole body, which was taken in before the request counted."""
    return cast(IO[bytes], cast(dict[str, Any], scope)["body"])
