"""How a package says that an address of its own waits, and so must not hold a thread."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, cast

from asgiref.typing import ASGI3Application, HTTPScope

from control_plane.kernel.words.paths import parts

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


def body_of(scope: HTTPScope) -> IO[bytes]:
    """The whole body, which was taken in before the request counted."""
    return cast(IO[bytes], cast(dict[str, Any], scope)["body"])
