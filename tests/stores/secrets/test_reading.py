"""A job reads a secret wherever it is kept: its namespace's own, else that of the nearest parent."""

from __future__ import annotations

import asyncio

import pytest

from audit.models import AuditRead
from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Forbidden
from plugins.secrets.port import BackendAway, BackendFailed, Described, Place, SecretMissing
from stores.jobs.calls import call
from stores.secrets.reading import Reading
from stores.secrets.services import put_secret
from tenants.models import Namespace
from tests.stores.conftest import job_place

pytestmark = pytest.mark.django_db
TEAM = "company.team"


def keep_elsewhere(namespace, **more):
    with tenant_scope("acme"):
        Namespace.objects.create(name=namespace, settings={"secretType": "memory", **more})


def read(key, place=TEAM):
    with tenant_scope("acme"):
        found = call(job_place(place), "secrets", "read", {"key": key})
    return found if isinstance(found, str) else asyncio.run(found.value_in_time())


def test_it_is_asked_for_once_the_scope_is_closed(editor, elsewhere):
    keep_elsewhere(TEAM)
    elsewhere.kept[Place("acme", TEAM)]["K"] = ("far", Described("K"))
    with tenant_scope("acme"):
        found = call(job_place(TEAM), "secrets", "read", {"key": "K"})
        assert isinstance(found, Reading)
        assert elsewhere.reads == []
    assert asyncio.run(found.value_in_time()) == found.value() == "far"


def test_the_nearest_namespace_wins_across_places(editor, elsewhere):
    put_secret(editor, namespace="company", key="K", value="of the parent, ours")
    keep_elsewhere(TEAM, secretConfiguration={"cache": {"enabled": False}})
    assert read("K") == "of the parent, ours"
    elsewhere.kept[Place("acme", TEAM)]["k"] = ("own, far", Described("k"))
    assert read("k") == "own, far"
    assert read("K", "company") == "of the parent, ours"


def test_ours_below_one_that_is_kept_elsewhere_needs_no_question(editor, elsewhere):
    keep_elsewhere("company")
    with tenant_scope("acme"):
        Namespace.objects.create(name=TEAM, settings={"secretType": "built-in"})
    put_secret(editor, namespace=TEAM, key="K", value="ours")
    elsewhere.failure = BackendAway("it sleeps")
    assert read("K") == "ours"


def test_a_missing_one_says_where_it_was_looked_for(editor, elsewhere):
    keep_elsewhere(TEAM)
    with pytest.raises(SecretMissing) as missing:
        read("NOPE")
    assert missing.value.message == (
        "Cannot find secret for key 'NOPE'. It was looked for in company.team (memory), company (built-in)."
    )


def test_a_place_that_fails_is_named_and_nothing_above_it_is_taken_instead(editor, elsewhere):
    put_secret(editor, namespace="company", key="K", value="of the parent")
    keep_elsewhere(TEAM)
    elsewhere.failure = BackendAway("memory://one did not answer within 5 s")
    with pytest.raises(BackendFailed) as failed:
        read("K")
    assert failed.value.message == (
        "Cannot read secret 'K' of company.team (memory): memory://one did not answer within 5 s"
    )
    assert read("K", "company") == "of the parent"


def test_what_was_configured_wrong_fails_its_own_secrets(editor, elsewhere):
    keep_elsewhere(TEAM, secretConfiguration={"adress": "x"})
    with pytest.raises(BackendFailed, match=r"Cannot read secret 'K' of company.team \(memory\): secretConfiguration"):
        read("K")


def test_a_place_of_the_instance_that_is_wrong_fails_secrets_alone(editor):
    wrong = override(secrets={"type": "environment", "configuration": {"adress": "x"}})
    with wrong, pytest.raises(BackendFailed, match="secretConfiguration"):
        read("K")


def test_tenants_share_a_place_and_no_secret(editor, elsewhere):
    with override(secrets={"type": "memory"}):
        elsewhere.kept[Place("globex", TEAM)]["K"] = ("theirs", Described("K"))
        with pytest.raises(SecretMissing):
            read("K")


def test_jobs_may_be_kept_out_of_a_place(editor, elsewhere):
    keep_elsewhere(TEAM, secretIsolation={"enabled": True, "deniedServices": ["WORKER"]})
    with pytest.raises(Forbidden, match="not open to jobs"):
        read("K")


def test_a_job_that_reads_it_is_noted(editor, elsewhere):
    keep_elsewhere(TEAM)
    elsewhere.kept[Place("acme", TEAM)]["K"] = ("far", Described("K"))
    read("k")
    with tenant_scope("acme"):
        noted = AuditRead.objects.get()
    assert (noted.resource, noted.object_id, noted.namespace) == ("SECRET", "K", TEAM)


def test_a_place_is_opened_once_for_each_way_it_is_configured(editor, elsewhere):
    from stores.secrets.choice import choice
    from stores.secrets.in_use import guarded

    keep_elsewhere(TEAM)
    with tenant_scope("acme"):
        first = guarded(choice(TEAM))
        assert guarded(choice(f"{TEAM}.below")) is first
        Namespace.objects.filter(name=TEAM).update(
            settings={"secretType": "memory", "secretConfiguration": {"address": "memory://two"}}
        )
        assert guarded(choice(TEAM)) is not first
