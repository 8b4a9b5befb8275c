"""Things that wait for each other in a circle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence


def waiting_for_themselves(depends_on: Mapping[str, Sequence[str]]) -> list[str]:
    """The names that wait, directly or through others, for themselves; one that only waits for such is not named.

    In the order given. A dependency nobody knows is taken as met. Linear in names and dependencies.
    """
    stuck = _stuck(depends_on)
    graph = {name: [other for other in depends_on[name] if other in stuck] for name in stuck}
    backwards: dict[str, list[str]] = {name: [] for name in graph}
    for name, others in graph.items():
        for other in others:
            backwards[other].append(name)
    circles: set[str] = set()
    seen: set[str] = set()
    for name in reversed(_by_end(graph)):
        group = _reached(name, backwards, seen)
        if len(group) > 1 or name in graph[name]:
            circles.update(group)
    return [name for name in stuck if name in circles]


def _stuck(depends_on: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """The names that can never begin, in the order given: those in a circle and those behind one; mostly none."""
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
    return waiting


def _by_end(graph: Mapping[str, Sequence[str]]) -> list[str]:
    """The names in the order in which a walk into the depth leaves them."""
    left: list[str] = []
    entered: set[str] = set()
    for name in graph:
        stack = [] if name in entered else [(name, iter(graph[name]))]
        entered.add(name)
        while stack:
            current, others = stack[-1]
            following = next((other for other in others if other not in entered), None)
            if following is None:
                left.append(current)
                stack.pop()
            else:
                entered.add(following)
                stack.append((following, iter(graph[following])))
    return left


def _reached(name: str, graph: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """Whoever can be reached from the name and was not seen before; all of them are seen now."""
    group, waiting = [], [name]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            group.append(current)
            waiting.extend(graph[current])
    return group
