"""The endpoint of every write: right, scope, transaction and trail are one."""

import json

import pytest
from django.db import DataError

from audit.models import AuditEntry
from audit.recording.commands import Command, Target, command
from audit.recording.trail import Action
from control_plane.kernel.actor import ANONYMOUS, SYSTEM, Context
from control_plane.kernel.permissions import AUTHENTICATED, PUBLIC
from control_plane.kernel.scope import ScopeError, tenant_scope
from control_plane.kernel.words.errors import Forbidden, NotFound, Unauthenticated
from tenants.models import Namespace
from tenants.permissions import NAMESPACE
from tests.cast import ACME, Cast, make_cast

pytestmark = pytest.mark.django_db
CREATE, UPDATE = NAMESPACE.CREATE, NAMESPACE.UPDATE


def load(ctx: Context, *, name: str) -> Target:
    found = Namespace.objects.filter(name=name).first()
    if found is None:
        raise NotFound()
    return Target(found, name)


def every(ctx: Context, *, names: list[str]) -> list[Target]:
    return [load(ctx, name=name) for name in names]


def make_or_change(ctx: Context, *, name: str) -> Target:
    exists = Namespace.objects.filter(name=name).exists()
    return Target(name, name, exists=exists, permission=UPDATE if exists else CREATE)


@command(CREATE, on="{name}")
def make(ctx: Context, *, name: str, told_namespace: str | None = None) -> Namespace:
    made = Namespace.objects.create(name=name)
    ctx.record("NAMESPACE", name, namespace=told_namespace or name, after={"id": name})
    return made


@command(UPDATE, on=load)
def touch(ctx: Context, *, name: str) -> str:
    ctx.record("NAMESPACE", name, namespace=name, before={"a": 1}, after={"a": 2})
    return ctx.target_as(Namespace).name


@command(UPDATE, on=every)
def touch_all(ctx: Context, *, names: list[str]) -> int:
    for name in names:
        ctx.record("NAMESPACE", name, namespace=name, before={}, after={"b": 1})
    return len(ctx.target_as(list))


@command(UPDATE, on=make_or_change)
def put(ctx: Context, *, name: str) -> None:
    """Changes nothing; only its right is of interest."""


@command(AUTHENTICATED)
def calls_another(ctx: Context) -> None:
    make(ctx, name="inner")


@command(PUBLIC, action=Action.LOGIN)
def anybody(ctx: Context) -> str:
    ctx.record("USER", "u")
    return ctx.actor.kind


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def trail() -> list[tuple[str, str, bool]]:
    with tenant_scope(ACME):
        return [(e.action, e.object_id, e.is_refused) for e in AuditEntry.objects.order_by("seq")]


def test_a_command_writes_and_tells_in_one_transaction(cast: Cast):
    assert make(cast.olga.context(ACME), name="prod").name == "prod"
    with tenant_scope(ACME):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.resource, entry.object_id) == ("CREATE", "NAMESPACE", "prod")
    assert (entry.actor_id, entry.actor_name) == (cast.olga.user.id, "olga@acme.test")
    assert json.loads(entry.body)["command"] == "tests.audit.recording.test_commands.make"


def test_a_failing_audit_insert_fails_the_write(cast: Cast):
    with pytest.raises(DataError):
        make(cast.olga.context(ACME), name="prod", told_namespace="x" * 200)
    with tenant_scope(ACME):
        assert not Namespace.objects.exists()


def test_a_refusal_changes_nothing_and_is_told(cast: Cast):
    with pytest.raises(Forbidden):
        make(cast.vera.context(ACME), name="prod")
    with tenant_scope(ACME):
        assert not Namespace.objects.exists()
    assert trail() == [("UNKNOWN", "", True)]


def test_what_one_may_not_know_of_is_not_there(cast: Cast):
    make(cast.olga.context(ACME), name="dev")
    for name in ("dev", "nothing"):
        with pytest.raises(NotFound):
            touch(cast.lena.context(ACME), name=name)
    with pytest.raises(Forbidden):
        touch(cast.vera.context(ACME), name="dev")
    with pytest.raises(NotFound):
        touch(cast.otto.context(ACME), name="dev")


def test_what_is_hidden_and_what_is_not_there_leave_the_same_behind(cast: Cast):
    """But for whoever may do it everywhere: from them nothing is hidden, so they were refused nothing."""
    make(cast.olga.context(ACME), name="dev")
    for name in ("dev", "nothing"):
        with pytest.raises(NotFound):
            touch(cast.lena.context(ACME), name=name)
    with pytest.raises(NotFound):
        touch(cast.olga.context(ACME), name="nothing")
    with tenant_scope(ACME):
        told = [(each.actor_name, each.action, each.is_refused) for each in AuditEntry.objects.order_by("seq")]
    assert told[1:] == [("lena@acme.test", "UNKNOWN", True)] * 2


def test_nobody_in_particular_must_sign_in(cast: Cast):
    with pytest.raises(Unauthenticated):
        touch(Context(ANONYMOUS, tenant_id=ACME), name="nothing")


def test_each_of_many_targets_is_checked(cast: Cast):
    for name in ("prod", "prod.eu", "dev"):
        make(cast.olga.context(ACME), name=name)
    assert touch_all(cast.lena.context(ACME), names=["prod", "prod.eu"]) == 2
    with pytest.raises(NotFound):
        touch_all(cast.lena.context(ACME), names=["prod", "dev"])


def test_who_may_do_it_nowhere_is_refused_even_when_there_is_nothing_to_do(cast: Cast):
    assert touch_all(cast.lena.context(ACME), names=[]) == 0
    with pytest.raises(Forbidden):
        touch_all(cast.vera.context(ACME), names=[])


def test_the_right_may_depend_on_what_is_found(cast: Cast):
    with pytest.raises(Forbidden, match=r"NAMESPACE\.CREATE"):
        put(cast.vera.context(ACME), name="prod")
    make(cast.olga.context(ACME), name="prod")
    with pytest.raises(Forbidden, match=r"NAMESPACE\.UPDATE"):
        put(cast.vera.context(ACME), name="prod")
    put(cast.eddie.context(ACME), name="prod")


def test_commands_do_not_call_commands(cast: Cast):
    with pytest.raises(ScopeError, match="do not call"):
        calls_another(cast.olga.context(ACME))
    assert make(cast.olga.context(ACME), name="after").name == "after"


def test_a_command_inside_a_endpoints_scope_joins_its_transaction(cast: Cast):
    with pytest.raises(ZeroDivisionError), tenant_scope(ACME):
        make(cast.olga.context(ACME), name="prod")
        raise ZeroDivisionError
    assert trail() == []
    with tenant_scope(ACME):
        assert not Namespace.objects.exists()


def test_a_tenants_command_needs_a_tenant():
    with pytest.raises(ScopeError):
        make(Context(SYSTEM), name="prod")


def test_a_public_command_takes_anybody(cast: Cast):
    assert anybody(Context(ANONYMOUS, tenant_id=ACME)) == "ANONYMOUS"
    assert trail() == [("LOGIN", "u", False)]


def test_what_was_recorded_does_not_leak_into_the_next_command(cast: Cast):
    ctx = cast.olga.context(ACME)
    make(ctx, name="a")
    make(ctx, name="b")
    assert ctx.changes == [] and ctx.target is None and len(trail()) == 2


def test_a_wrong_declaration_fails_while_importing():
    with pytest.raises(TypeError, match="takes no"):

        @command(CREATE, on="{nothing}")
        def wrong_template(ctx: Context, *, name: str) -> None: ...

    with pytest.raises(TypeError, match="asks for"):

        @command(CREATE, on=load)
        def wrong_resolver(ctx: Context, *, title: str) -> None: ...

    with pytest.raises(TypeError, match="keyword-only"):

        @command(CREATE)
        def positional(ctx: Context, name: str) -> None: ...


def test_every_command_is_registered_under_its_name():
    assert Command.registered["tests.audit.recording.test_commands.make"] is make
