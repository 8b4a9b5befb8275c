"""How a package says that an address of its own waits, and so must not hold a thread."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from asgiref.typing import ASGI3Application, HTTPScope

from control_plane.kernel.words.paths import parts


@dataclass(frozen=True)
class AsyncRoute:
    """Requests whose path and method match, and that `when` accepts, go to `app` on the event loop.

    The groups of `path` arrive as `scope["path_params"]`. Everything that no route takes is Django's, in a thread.
    """

    path: re.Pattern[str]
    app: ASGI3Application
    methods: frozenset[str] = frozenset({"GET"})
    when: Callable[[HTTPScope], bool] | None = None

    def match(self, scope: HTTPScope) -> dict[str, str] | None:
        if scope["method"] not in self.methods:
            return None
        found = self.path.fullmatch(scope["path"])
        if found is None or (self.when is not None and not self.when(scope)):
            return None
        return parts(found.groupdict())
