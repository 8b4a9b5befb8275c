"""Flows as they are kept: revisions, tombstones, and what the audit trail hears."""

import pytest

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Invalid, NotFound
from flows.models import Flow
from flows.queries import get_flow, get_revision, parsed_revision
from flows.services.revisions import delete_revisions
from flows.services.saving import create_flow, delete_flow, update_flow

pytestmark = pytest.mark.django_db

HELLO = """\
id: hello
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hi
"""
LOUDER = HELLO.replace("hi", "HI")


def name(**more):
    return {"namespace": "company.team", "flow_id": "hello", **more}


def test_the_first_save_is_revision_one(editor):
    saved = create_flow(editor, source=HELLO)
    assert saved.revision.revision == 1
    assert saved.after["tasks"][0]["id"] == "say"
    assert saved.after["disabled"] is False and saved.after["deleted"] is False


def test_a_change_is_the_next_revision_and_the_old_one_stays(editor):
    create_flow(editor, source=HELLO)
    assert update_flow(editor, **name(source=LOUDER)).revision.revision == 2
    with tenant_scope("acme"):
        flow = get_flow("company.team", "hello")
        assert [row.source for row in flow.revisions.order_by("revision")] == [HELLO, LOUDER]
        assert parsed_revision(flow.revision_id).tasks[0].message == "HI"


def test_the_same_source_makes_no_revision_and_no_audit_entry(editor):
    create_flow(editor, source=HELLO)
    assert update_flow(editor, **name(source=HELLO)).is_changed is False
    with tenant_scope("acme"):
        assert [entry.action for entry in AuditEntry.objects.order_by("seq")] == ["CREATE"]


def test_a_flow_cannot_be_created_twice(editor):
    create_flow(editor, source=HELLO)
    with pytest.raises(Invalid, match="already exists"):
        create_flow(editor, source=HELLO)


def test_a_flow_cannot_change_its_name(editor):
    create_flow(editor, source=HELLO)
    with pytest.raises(Invalid, match="Illegal flow id update"):
        update_flow(editor, **name(source=HELLO.replace("id: hello", "id: other")))


def test_an_invalid_flow_leaves_nothing_behind(editor):
    with pytest.raises(Invalid) as refused:
        create_flow(editor, source=HELLO.replace("message", "mesage"))
    assert refused.value.violations[0].line == 6
    with tenant_scope("acme"):
        assert not Flow.objects.exists()


def test_deleting_leaves_a_tombstone_and_creating_again_goes_on_counting(editor):
    create_flow(editor, source=HELLO)
    delete_flow(editor, **name())
    with tenant_scope("acme"):
        with pytest.raises(NotFound):
            get_flow("company.team", "hello")
        tombstone = get_revision(get_flow("company.team", "hello", allow_deleted=True))
        assert (tombstone.revision, tombstone.is_deleted) == (2, True)
    assert create_flow(editor, source=HELLO).revision.revision == 3


def test_a_draft_does_not_run_until_it_is_saved_for_good(editor):
    create_flow(editor, source=HELLO)
    update_flow(editor, **name(source=LOUDER, is_draft=True))
    with tenant_scope("acme"):
        flow = get_flow("company.team", "hello")
        assert get_revision(flow).source == HELLO
        assert get_revision(flow, 2).source == LOUDER
    update_flow(editor, **name(source=LOUDER))
    with tenant_scope("acme"):
        assert get_revision(get_flow("company.team", "hello")).source == LOUDER


def test_the_latest_revision_cannot_be_forgotten(editor):
    create_flow(editor, source=HELLO)
    update_flow(editor, **name(source=LOUDER))
    with pytest.raises(Exception, match="latest revision"):
        delete_revisions(editor, **name(numbers=[1, 2]))
    assert delete_revisions(editor, **name(numbers=[1])) == 1


def test_every_change_is_in_the_audit_trail(editor):
    create_flow(editor, source=HELLO)
    update_flow(editor, **name(source=LOUDER))
    delete_flow(editor, **name())
    with tenant_scope("acme"):
        entries = AuditEntry.objects.order_by("seq")
        assert [(entry.action, entry.resource, entry.namespace) for entry in entries] == [
            (action, "FLOW", "company.team") for action in ("CREATE", "UPDATE", "DELETE")
        ]
