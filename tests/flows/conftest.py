"""Somebody who may do everything with flows in Acme."""

import pytest

from control_plane.kernel.actor import Actor, ActorKind, Context
from control_plane.kernel.authorization import use_authorizer
from tests.cast import make_cast


class Lenient:
    """A judge for tests that are not about rights."""

    def is_member(self, ctx):
        return True

    def may(self, ctx, permission, namespace):
        return True

    def may_anywhere(self, ctx, permission):
        return True

    def namespaces(self, ctx, permission):
        return None

    def knows_of(self, ctx, resource, namespace):
        return True


@pytest.fixture
def editor():
    before = use_authorizer(Lenient())
    yield Context(actor=Actor(ActorKind.USER, id="eddie", name="eddie@acme.test"), tenant_id="acme")
    use_authorizer(before)


@pytest.fixture
def cast():
    return make_cast()
