"""Grants of many bindings: the same answers as one look at each, and lists narrowed by as few names as possible."""

import random

from control_plane.kernel.permissions import Permission
from iam.authorization.grants import compile_grants, covers

VIEW = Permission("FLOW", "VIEW")


def test_the_answer_is_that_of_looking_at_each_binding():
    dice = random.Random(3)
    letters = "ab.-c"
    for _ in range(300):
        names = {"".join(dice.choices(letters, k=dice.randint(1, 6))) for _ in range(dice.randint(0, 12))}
        grants = compile_grants([(name, {"FLOW": ["VIEW"]}) for name in names], is_member=True)
        for _ in range(20):
            asked = "".join(dice.choices(letters, k=dice.randint(1, 8)))
            assert grants.may(VIEW, asked) == any(covers(name, asked) for name in names), (names, asked)


def test_what_another_binding_covers_is_not_asked_for():
    names = ("prod", "prod.eu", "prod.eu.west", "production", "dev.a", "dev.b")
    grants = compile_grants([(name, {"FLOW": ["VIEW"]}) for name in names], is_member=True)
    assert grants.namespaces(VIEW) == ("dev.a", "dev.b", "prod", "production")
