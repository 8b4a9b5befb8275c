"""What is costly runs only so often at once for one user, and for one tenant."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from control_plane.kernel.actor import Actor, ActorKind, Context
from control_plane.kernel.admission.at_once import evaluating
from control_plane.kernel.config import override
from control_plane.kernel.words.errors import TooManyRequests


def somebody(name: str, tenant: str = "acme") -> Context:
    return Context(Actor(ActorKind.USER, id=name), tenant)


def test_one_user_has_a_limit_and_others_have_theirs() -> None:
    with override(admission={"evaluations_per_actor": 2, "evaluations_per_tenant": 3}), ExitStack() as running:
        for _ in range(2):
            running.enter_context(evaluating(somebody("vera")))
        with pytest.raises(TooManyRequests) as refused, evaluating(somebody("vera")):
            raise AssertionError("there is no room")
        assert refused.value.details == {"retry_after": 1}
        running.enter_context(evaluating(somebody("olga")))
        with pytest.raises(TooManyRequests), evaluating(somebody("eddie")):
            raise AssertionError("the tenant has no room")
        with evaluating(somebody("otto", "globex")):
            pass


def test_what_has_ended_makes_room() -> None:
    with override(admission={"evaluations_per_actor": 1, "evaluations_per_tenant": 1}):
        with pytest.raises(ZeroDivisionError), evaluating(somebody("vera")):
            raise ZeroDivisionError
        with evaluating(somebody("vera")):
            pass


def test_racing_callers_get_no_more_than_the_limit() -> None:
    """One thread less than the limit, as many, and one more, all at the same moment."""
    for threads, granted in ((2, 2), (3, 3), (4, 3)):
        begin, tried = threading.Barrier(threads), threading.Barrier(threads)

        def race(begin: threading.Barrier = begin, tried: threading.Barrier = tried) -> bool:
            begin.wait(5)
            try:
                with evaluating(somebody("vera")):
                    tried.wait(5)
                    return True
            except TooManyRequests:
                tried.wait(5)
                return False

        limits = {"evaluations_per_actor": 3, "evaluations_per_tenant": 9}
        with override(admission=limits), ThreadPoolExecutor(threads) as pool:
            results = [each.result(10) for each in [pool.submit(race) for _ in range(threads)]]
        assert results.count(True) == granted
