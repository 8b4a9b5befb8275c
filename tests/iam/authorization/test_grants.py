"""Grants as sets: what covers what, and what may be given."""

import pytest

from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import Invalid
from iam.authorization.catalogue import ACTIONS, ASSIGNABLE, MANAGED, expand
from iam.authorization.grants import NONE, compile_grants, covers

VIEW, EDIT = Permission("FLOW", "VIEW"), Permission("FLOW", "UPDATE")


@pytest.mark.parametrize(
    ("granted", "namespace", "expected"),
    [
        ("prod", "prod", True),
        ("prod", "prod.engineering", True),
        ("prod", "prod.engineering.eu", True),
        ("prod", "production", False),
        ("prod", "prod-x", False),
        ("prod.engineering", "prod", False),
        ("prod", "dev.prod", False),
    ],
)
def test_a_namespace_covers_its_children_alone(granted, namespace, expected):
    assert covers(granted, namespace) is expected


def test_a_binding_to_a_namespace_does_not_hold_for_the_tenant():
    grants = compile_grants([("prod", {"FLOW": ["VIEW"]})], is_member=True)
    assert grants.may(VIEW, "prod.eu") and not grants.may(VIEW, "dev") and not grants.may(VIEW, None)
    assert grants.may_anywhere(VIEW) and not grants.may_anywhere(EDIT)
    assert grants.namespaces(VIEW) == ("prod",)


def test_the_whole_tenant_makes_single_namespaces_superfluous():
    grants = compile_grants([("prod", {"FLOW": ["VIEW"]}), (None, {"FLOW": ["VIEW"]})], is_member=True)
    assert grants.namespaces(VIEW) is None and grants.may(VIEW, None)


def test_nothing_is_granted_to_nobody():
    assert not NONE.may(VIEW, "prod") and not NONE.is_member and NONE.namespaces(VIEW) == ()


def test_what_may_be_given_is_what_is_held_there():
    grants = compile_grants([("prod", {"FLOW": ["VIEW", "UPDATE"]}), (None, {"KVSTORE": ["VIEW"]})], is_member=True)
    assert grants.includes({"FLOW": ["VIEW"], "KVSTORE": ["VIEW"]}, "prod.eu") == []
    assert grants.includes({"FLOW": ["VIEW"]}, None) == ["FLOW.VIEW"]
    assert grants.includes({"FLOW": ["DELETE"]}, "prod") == ["FLOW.DELETE"]


def test_older_actions_are_expanded():
    assert expand({"FLOW": ["READ"]}) == {"FLOW": ["VIEW", "LIST", "VALIDATE", "EXPORT"]}
    whole = expand({"EXECUTION": ["READ", "CREATE", "UPDATE", "DELETE"]})
    assert whole == {"EXECUTION": list(ACTIONS["EXECUTION"])}


def test_todays_actions_mean_only_themselves():
    assert expand({"FLOW": ["VIEW", "CREATE"], "EXECUTION": ["UPDATE"]}) == {
        "FLOW": ["VIEW", "CREATE"],
        "EXECUTION": ["UPDATE"],
    }


def test_older_resources_get_their_names_of_today():
    assert expand({"AI_COPILOT": ["USE"], "TEST": ["READ"]}) == {
        "COPILOT": ["USE"],
        "TESTSUITE": ["VIEW", "LIST", "VALIDATE"],
        "TESTSUITE_RUN": ["VIEW", "LIST"],
    }


@pytest.mark.parametrize("resource", ["TEMPLATE", "flow", "", "INSTANCE", "TENANT", "UNKNOWN"])
def test_a_resource_that_no_role_can_name_is_refused(resource):
    with pytest.raises(Invalid):
        expand({resource: ["READ"]})


def test_an_unknown_action_is_dropped():
    assert expand({"FLOW": ["FLY", "VIEW"]}) == {"FLOW": ["VIEW"]}


@pytest.mark.parametrize("name", MANAGED)
def test_managed_roles_hold_nothing_that_does_not_exist(name):
    for resource, actions in MANAGED[name].items():
        assert set(actions) <= set(ASSIGNABLE[resource])


def test_each_managed_role_is_smaller_than_admin_and_viewers_change_nothing():
    assert not any("CREATE" in actions or "DELETE" in actions for actions in MANAGED["Viewer"].values())
    assert "ROLE" not in MANAGED["Editor"] and "SECRET" not in MANAGED["Developer"]
    assert "UPDATE" not in MANAGED["Launcher"]["EXECUTION"]
