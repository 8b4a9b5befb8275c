"""What is costly runs only so often at once for one user, and for one tenant."""

from __future__ import annotations

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
