"""What the machine does, by its command line or by itself, is told in the same transaction, or not done."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.db import Error as DatabaseError
from psycopg.rows import dict_row

from audit.background.system import ensure_key
from audit.recording import reads
from control_plane.cli import main as cli
from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.config import override
from control_plane.kernel.crypto import encrypt
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from executions.maintenance.loops import services
from executions.services import bulk
from governance.in_force.switches import Evaluation
from governance.kill_switches.services import Wanted, create_kill_switch
from governance.maintenance.services import enter_maintenance
from governance.models import RetentionPolicy
from governance.retention.services import run_retention, save_retention
from iam.authentication.sign_in import tell_failure
from iam.background.system import provide_superadmin
from iam.services.identity_providers import ProviderWish, create_identity_provider
from iam.sso.syncing import running
from iam.sso.syncing.directories import Everybody
from stores.models import Secret
from tenants.models import Tenant
from tenants.namespaces.configured_storage import BEFORE
from tests.architecture.job_ground import make_job_ground
from tests.architecture.test_audited import all_rows, without_entries
from tests.audit.ground import write
from tests.cast import ACME, PASSWORD, Cast, make_cast, make_person
from tests.control_plane.cli.test_flows import OLD
from tests.executions.ground import FakeWorker, ended, log_flow, save, start
from tests.executions.services.test_bulk import LABELS, begun, ended_executions
from tests.triggers.ground import NOON, Timed, timed_flow
from tests.triggers.listening.test_listening import depends_on, up
from triggers.scheduling.loops import services as services_of_triggers

pytestmark = pytest.mark.django_db
Told = tuple[str, str, str]
"""Of an entry: resource, action and kind of actor."""


@dataclass(frozen=True)
class Write:
    """Made ready, something is done once. `own` are tables in which whoever does it keeps how far it has come."""

    told: set[Told]
    ready: Callable[[Cast], object] = lambda cast: None
    own: frozenset[str] = frozenset()


def locked(cast: Cast) -> None:
    make_person("somebody@acme.test", password=PASSWORD)
    for _ in range(10):
        tell_failure("somebody@acme.test", "203.0.113.9")


def old_entries(cast: Cast) -> None:
    ensure_key()
    write(ACME, "a", "b")


def moved_elsewhere(cast: Cast) -> None:
    """Everything was carried over, and nobody has said so yet."""
    with instance_scope():
        Tenant.objects.filter(id=ACME).update(settings={BEFORE: [{}]})


def an_old_flow(cast: Cast) -> None:
    save(cast, OLD)


def a_directory(cast: Cast) -> None:
    settings = {"url": "ldaps://ldap.acme.test", "userBase": "dc=acme,dc=test", "syncMinutes": 5}
    create_identity_provider(Context(SYSTEM), wish=ProviderWish("own", kind="LDAP", settings=settings))


def wrapped_before(cast: Cast) -> None:
    with override(encryption_key=EARLIER), tenant_scope(ACME):
        secret = Secret(namespace="prod", key="OLD")
        secret._stamp()
        secret.sealed = encrypt(b"from before", belongs_to=secret.belonged_to)
        secret.save()


EARLIER = "an earlier encryption key of this instance"
RIGHTS = "roles: [{name: new, permissions: {FLOW: [VIEW]}}]"
# The directory tells that it was compared with; how far that has come is kept in a table of its own.
COMPARED, RUNS = ("SECURITY_INTEGRATION", "UPDATE", "IDENTITY_PROVIDER"), frozenset({"iam_directory_sync"})
UPGRADE = f"--namespace company --tenant {ACME} --as eddie@acme.test --yes"
# What is said after the verb, and what it has to tell.
SAID: dict[str, tuple[str, Write]] = {
    "users create": ("new@acme.test", Write({("USER", "CREATE", "SYSTEM")})),
    "users set-password": ("vera@acme.test", Write({("USER", "UPDATE", "SYSTEM")})),
    "users unlock": ("somebody@acme.test", Write({("USER", "UPDATE", "SYSTEM")}, locked)),
    "users set-superadmin": ("vera@acme.test true", Write({("USER", "UPDATE", "SYSTEM")})),
    "tenants create": ("stage --admin olga@acme.test", Write({("TENANT", "CREATE", "USER")})),
    "access apply": (f"- --tenant {ACME}", Write({("ROLE", "CREATE", "SYSTEM")})),
    "auth ldap-sync": ("own", Write({COMPARED}, a_directory, RUNS)),
    "flows upgrade": (UPGRADE, Write({("FLOW", "UPDATE", "USER")}, an_old_flow)),
    "audit anchor": ("--rotate-key", Write({("AUDITLOG", "CREATE", "SYSTEM")})),
    "audit purge": (f"--tenant {ACME} --before 2099-01-01T00:00:00Z", Write({("AUDITLOG", "DELETE", "SYSTEM")}, old_entries)),
    "storage move": (f"--tenant {ACME}", Write({("TENANT", "UPDATE", "SYSTEM")}, moved_elsewhere)),
    "retention run": (f"--tenant {ACME}", Write({("POLICY", "CREATE", "SYSTEM"), ("POLICY", "DELETE", "SYSTEM")})),
    "retention set": (f"--tenant {ACME} -", Write({("POLICY", "CREATE", "SYSTEM")})),
    "maintenance enter": ("", Write({("INSTANCE", "UPDATE", "SYSTEM")})),
    "maintenance exit": ("", Write({("INSTANCE", "UPDATE", "SYSTEM")}, lambda cast: enter_maintenance(Context(SYSTEM)))),
    "secrets rotate-key": ("", Write({("SECRET", "UPDATE", "SYSTEM")}, wrapped_before)),
    "secrets migrate": (f"--tenant {ACME} --namespace prod --from environment --to built-in", Write({("SECRET", "UPDATE", "SYSTEM")})),
    "worker-token": ("default", Write({("WORKER_GROUP", "CREATE", "SYSTEM")})),
}  # fmt: skip
PIPED = {"users": f"{PASSWORD}\n", "access": RIGHTS, "retention": "EXECUTIONS: []"}
LOOKS: dict[str, str] = {
    "access past": f"--tenant {ACME} --id nobody --at 2099-01-01T00:00:00Z",
    "access export": f"- --tenant {ACME}",
    "access plan": f"- --tenant {ACME}",
    "auth doctor": "",
    "audit verify": "",
    "audit keys": "",
    "maintenance status": "",
}
NOT_IN_THE_DATABASE = {
    "up": "starts processes; what those do is below",
    "server": "starts a process; what it does is below",
    "doctor": "asks the machine and its servers, not the instance",
    "database create": "there is no instance yet",
    "migrate": "the schema, as its owner",
}


def killing(cast: Cast) -> None:
    save(cast, log_flow())
    start(cast)
    create_kill_switch(Context(SYSTEM), wanted=Wanted("own", Evaluation.KILL, now() - timedelta(days=1)))


def an_old_policy(cast: Cast) -> None:
    save_retention(Context(SYSTEM, ACME), namespace="", rules={"EXECUTIONS": []})
    with tenant_scope(ACME):
        RetentionPolicy.objects.update(updated_at=now() - timedelta(days=2))


def a_run(cast: Cast) -> None:
    run_retention(Context(SYSTEM, ACME), namespace="")


def labelling(cast: Cast) -> None:
    ids = ended_executions(cast, 1)
    begun(cast, "labels/by-ids", {"executionsId": ids, "executionLabels": LABELS})


def secret_read(cast: Cast) -> None:
    make_job_ground(cast).call("secrets", "read", key="secret")


def a_date_that_has_come(cast: Cast) -> None:
    save(cast, timed_flow())
    Timed().begin(NOON)


def an_end_that_is_listened_to(cast: Cast) -> None:
    up(cast, "first")
    up(cast, "after", depends_on("first"))
    start(cast, "first")
    FakeWorker().work_off(lambda job: ended(job, value="x"))


TOLD_BY_ITSELF: dict[str, Write] = {
    "schedules": Write({("EXECUTION", "CREATE", "TRIGGER")}, a_date_that_has_come, frozenset({"flow_trigger"})),
    "flow triggers": Write({("EXECUTION", "CREATE", "TRIGGER")}, an_end_that_is_listened_to, frozenset({"trigger_change"})),
    "bulk": Write({("EXECUTION", "UPDATE", "USER")}, labelling, frozenset({"bulk_operation", "bulk_failure", "notification"})),
    "audit anchors": Write({("AUDITLOG", "CREATE", "SYSTEM")}),
    "audit reads": Write({("SECRET", "READ", "JOB")}, secret_read),
    "audit retention": Write({("AUDITLOG", "DELETE", "SYSTEM")}, old_entries),
    "due retention": Write({("POLICY", "CREATE", "SYSTEM")}, an_old_policy),
    "retention": Write({("POLICY", "DELETE", "SYSTEM")}, a_run, frozenset({"retention_run", "retention_turn"})),
    "directories": Write({COMPARED}, a_directory, RUNS),
    "kill switches": Write({("EXECUTION", "UPDATE", "SYSTEM")}, killing),
    "provide superadmin": Write({("USER", "CREATE", "SYSTEM"), ("TENANT", "CREATE", "USER")}),
}  # fmt: skip
GOES_ON = "brings on what was started: the execution's history tells it"
TELLS_NOTHING = {
    "timers": GOES_ON,
    "outbox events": GOES_ON,
    "leases": GOES_ON,
    "offers": GOES_ON,
    "unowned executions": GOES_ON,
    "unserved jobs": GOES_ON,
    "places under a limit": GOES_ON,
    "quotas": "measures what is stored and logged",
    **{f"schedules {number}": "as the first one, where more are due than it takes at once" for number in (2, 3, 4)},
    "looks of workers": "only asks; what a look finds is told with the worker's report",
    "unwanted looks": "stops what somebody's act, which was told, has made unwanted",
    "lost looks": "asks again for looks whose worker is gone",
    "waiting triggers": "lets triggers go on whose execution is gone",
    "old fires": "forgets what only keeps a date from being fired twice",
    "triggers without a row": "follows flows, whose saving was told",
    "audit shipping": "how far it has come",
    "audit search": "finds entries by what they tell",
    "silent worker groups": "a notification",
}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The command line on this server, and services that leave nothing for later."""
    for name in cli.COMMANDS:
        module = import_module(f"control_plane.cli.{name}")
        if hasattr(module, "as_server"):
            monkeypatch.setattr(module, "as_server", nullcontext)
    monkeypatch.setattr(reads, "BATCH", timedelta(seconds=-1))
    monkeypatch.setattr(bulk, "AT_THE_START", 0)
    monkeypatch.setattr(running, "read_everybody", lambda provider: Everybody())
    superadmin = {"username": "first@acme.test", "password": PASSWORD, "tenants": ("stage",)}
    monkeypatch.setenv("SECRET_CARRIED", "dmFsdWU=")
    earlier = {"previous_encryption_keys": (EARLIER,)}
    with override(audit={"retention": timedelta(0)}, superadmin=superadmin, **earlier):
        yield monkeypatch


def verbs() -> set[str]:
    """All that can be said, as the parser knows it."""
    return {" ".join(each) for each in _said(cli.command_line())}


def _said(parser: argparse.ArgumentParser, *before: str) -> Iterator[tuple[str, ...]]:
    choices = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    if not choices:
        yield before
    for each in choices:
        for word, below in each.choices.items():
            yield from _said(below, *before, word)


def say(machine: pytest.MonkeyPatch, verb: str, rest: str) -> int:
    machine.setattr(sys, "stdin", io.StringIO(PIPED.get(verb.partition(" ")[0], "")))
    return cli.main([*verb.split(), *rest.split()])


def by_itself() -> dict[str, Callable[[], Any]]:
    """All that a server does unasked."""
    every = {each.name: each.work for each in (*services(), *services_of_triggers())}
    return {**every, "provide superadmin": provide_superadmin}


def entries(postgres: Postgres) -> dict[str, dict[str, Any]]:
    with psycopg.connect(postgres.url(SUPERUSER), row_factory=dict_row) as database:
        return {row["id"]: row for row in database.execute("SELECT * FROM audit_entry").fetchall()}


def changed(before: dict[str, str], after: dict[str, str], own: frozenset[str] = frozenset()) -> list[str]:
    return sorted(name for name in after if before.get(name) != after[name] and name not in own)


def find(told: set[Told], before: dict[str, Any], after: dict[str, dict[str, Any]]) -> None:
    """Each is there, of each thing in each chain there is one, and none holds a secret."""
    new = [entry for name, entry in after.items() if name not in before]
    found = [(each["resource"], each["action"], each["actor_kind"]) for each in new]
    assert told <= set(found), found
    about = [(each["tenant_id"], each["resource"], each["object_id"]) for each in new]
    assert len(set(about)) == len(about), about
    for each in new:
        assert PASSWORD not in each["body"] and json.loads(each["body"])["command"]


def test_every_verb_is_tried():
    assert verbs() == {*SAID, *LOOKS, *NOT_IN_THE_DATABASE}


def test_everything_that_a_server_does_unasked_is_tried():
    assert {*by_itself()} == {*TOLD_BY_ITSELF, *TELLS_NOTHING}


@pytest.mark.parametrize("verb", list(SAID))
def test_what_is_said_to_the_machine_is_told(cast: Cast, machine: pytest.MonkeyPatch, postgres: Postgres, verb: str):
    rest, wanted = SAID[verb]
    wanted.ready(cast)
    before = entries(postgres)
    assert say(machine, verb, rest) == 0
    find(wanted.told, before, entries(postgres))


@pytest.mark.parametrize("verb", list(SAID))
def test_nothing_is_done_by_a_verb_whose_entry_cannot_be_written(
    cast: Cast, machine: pytest.MonkeyPatch, postgres: Postgres, verb: str
):
    rest, wanted = SAID[verb]
    wanted.ready(cast)
    before = all_rows(postgres)
    with without_entries(postgres), pytest.raises(DatabaseError, match="zq-no-entry"):
        say(machine, verb, rest)
    assert changed(before, all_rows(postgres), wanted.own) == []


@pytest.mark.parametrize("verb", list(LOOKS))
def test_a_verb_that_looks_changes_nothing(cast: Cast, machine: pytest.MonkeyPatch, postgres: Postgres, verb: str):
    before = all_rows(postgres)
    assert say(machine, verb, LOOKS[verb]) in (0, 1), "1 is what it answers where something is not well"
    assert changed(before, all_rows(postgres)) == []


@pytest.mark.parametrize("name", list(TOLD_BY_ITSELF))
def test_what_a_server_does_unasked_is_told(cast: Cast, machine: pytest.MonkeyPatch, postgres: Postgres, name: str):
    wanted = TOLD_BY_ITSELF[name]
    wanted.ready(cast)
    before = entries(postgres)
    by_itself()[name]()
    find(wanted.told, before, entries(postgres))


@pytest.mark.parametrize("name", list(TOLD_BY_ITSELF))
def test_a_server_does_nothing_unasked_whose_entry_cannot_be_written(
    cast: Cast, machine: pytest.MonkeyPatch, postgres: Postgres, name: str
):
    wanted = TOLD_BY_ITSELF[name]
    wanted.ready(cast)
    before, refused = all_rows(postgres), None
    with without_entries(postgres):
        try:
            by_itself()[name]()
        except DatabaseError as error:
            refused = str(error)
    assert changed(before, all_rows(postgres), wanted.own) == []
    assert (refused is not None and "zq-no-entry" in refused) or wanted.own, "it went on as if it were told"
