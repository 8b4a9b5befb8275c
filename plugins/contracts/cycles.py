"""Things that wait for each other in a circle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence


def waiting_for_themselves(depends_on: Mapping[str, Sequence[str]]) -> list[str]:
    """The names that can never begin because they wait, directly or through others, for one in a circle.

    In the order given. A dependency nobody knows is taken as met. Linear in names and dependencies.
    """
    waiting = {name: {other for other in others if other in depends_on} for name, others in depends_on.items()}
    followers: dict[str, list[str]] = defaultdict(list)
    for name, others in waiting.items():
        for other in others:
            followers[other].append(name)
    ready = [name for name, others in waiting.items() if not others]
    while ready:
        done = ready.pop()
        for follower in followers[done]:
            waiting[follower].discard(done)
            if not waiting[follower]:
                ready.append(follower)
        del waiting[done]
    return list(waiting)
