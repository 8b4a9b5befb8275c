"""The database is walled as the models say: compared with what PostgreSQL itself answers."""

import pytest
from django.apps import apps
from django.db import connection, models

from control_plane.kernel.models import InstanceOrTenantOwned, TenantForeignKey, TenantOwned

pytestmark = pytest.mark.django_db

# Tables that no tenant owns, each with its reason.
INSTANCE = {
    "tenant": "the list of tenants itself; each tenant's scope sees only its own row",
    "iam_user": "people are global; what they may do is said per tenant",
    "iam_api_token": "looked up by digest before any tenant is known",
    "iam_session": "belongs to a person, who may enter several tenants",
    "iam_known_place": "belongs to a person",
    "iam_password_reset": "belongs to a person, and is looked up by digest",
    "iam_reset_requests": "counts names that may belong to nobody",
    "iam_login_failures": "counts names that may belong to nobody",
    "iam_external_identity": "belongs to a person; names the provider by its random id",
    "iam_used_once": "digests of what worked once, of nobody",
    "iam_rights_version": "read by every request before its tenant's scope is opened",
    "worker_group": "pools are the instance's and serve many tenants",
    "worker_queue": "a line of jobs that many tenants may choose",
    "worker_subscription": "which pools take the jobs of which line",
    "worker_group_token": "looked up by digest before a job, and so a tenant, is known",
    "worker": "a process of a pool",
    "announcement": "read before anybody has signed in",
    "kill_switch": "covers any tenant, or all of them, and is read at every start",
    "maintenance": "one row for the instance",
    "retention_turn": "which tenant's run is next, asked by the scheduler before any tenant is known",
    "instance_policy": "holds in any tenant, or in all of them, and is read at every start",
    "notification": "belongs to a person, who may be told of several tenants",
    "audit_head": "one row per tenant, behind the same wall as its entries",
    "audit_term": "finds entries, behind the same wall as they",
    "audit_word": "finds entries, behind the same wall as they",
    "audit_key": "signs the trails of all tenants; its private half is sealed",
    "django_migrations": "Django's own",
    "django_content_type": "Django's own",
}
# Unique within another row, whose random id nobody guesses, needs no tenant beside it.
RANDOM_IDS = {"execution_id"}
POLICIES = {
    "tenant": ("self", "orrery_app"),
    "audit_head": ("owner", "orrery_app"),
    "audit_term": ("owner", "orrery_app"),
    "audit_word": ("owner", "orrery_app"),
}


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if not model._meta.app_label.startswith(("contenttypes", "auth"))]


def owned() -> list[type[models.Model]]:
    return [model for model in ours() if issubclass(model, TenantOwned | InstanceOrTenantOwned)]


def table_of(model: type[models.Model]) -> str:
    return model._meta.db_table


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_every_table_is_owned_by_a_tenant_or_listed_with_a_reason():
    tables = {
        name
        for (name,) in rows(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
    }
    unlisted = tables - {table_of(model) for model in owned()} - INSTANCE.keys()
    assert not unlisted, f"these tables belong to no tenant and say not why: {sorted(unlisted)}"
    assert INSTANCE.keys() <= tables | {"django_content_type"}


def test_a_table_with_a_tenant_in_it_is_walled():
    with_tenant = {
        name
        for (name,) in rows(
            "SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE a.attname = 'tenant_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        )
    }
    walled = {table_of(model) for model in owned()} | {"audit_head", "audit_term", "audit_word"}
    unwalled = with_tenant - walled - {"iam_api_token"}
    assert not unwalled, f"these tables name a tenant and stand behind no wall: {sorted(unwalled)}"


def test_each_owned_table_has_forced_row_level_security():
    secured = {
        name: (on, forced)
        for name, on, forced in rows("SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class")
    }
    open_ = [table_of(model) for model in owned() if secured[table_of(model)] != (True, True)]
    open_ += [table for table in POLICIES if secured[table] != (True, True)]
    assert not open_, f"row-level security is not forced on {open_}"


def test_each_owned_table_has_exactly_the_policies_it_should():
    found: dict[str, dict[str, tuple]] = {}
    for table, name, permissive, roles, command, using, check in rows(
        "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies"
    ):
        found.setdefault(table, {})[name] = (permissive, roles, command, using, check)
    for model in owned():
        policies = dict(found.get(table_of(model), {}))
        service = policies.pop("service", None)
        assert service is None or service[1] == "{orrery_service}", table_of(model)
        wall = "tenant" if issubclass(model, TenantOwned) else "owner"
        assert list(policies) == [wall], f"{table_of(model)} has {list(policies)}"
        permissive, roles, command, using, check = policies[wall]
        assert (permissive, command) == ("PERMISSIVE", "ALL") and using == check, table_of(model)
        assert "orrery.tenant" in using and "tenant_id" in using
        assert wall == "owner" or "NULLIF" in using, "an ended setting is an empty text, not NULL"


def test_each_tenant_owned_table_is_unique_by_tenant_and_id():
    unique = {
        table
        for table, definition in rows(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'u'"
        )
        if definition == "UNIQUE (tenant_id, id)"
    }
    missing = [table_of(model) for model in owned() if issubclass(model, TenantOwned) and table_of(model) not in unique]
    assert not missing


def test_no_reference_leaves_its_tenant():
    keys = rows(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid), confrelid::regclass::text"
        " FROM pg_constraint WHERE contype = 'f'"
    )
    composite = {(table, target) for table, text, target in keys if text.startswith("FOREIGN KEY (tenant_id, ")}
    single = {(table, target) for table, text, target in keys if not text.startswith("FOREIGN KEY (tenant_id, ")}
    owned_tables = {table_of(model) for model in owned() if issubclass(model, TenantOwned)}
    for model in owned():
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey):
                pair = (table_of(model), table_of(field.related_model))
                assert pair in composite, f"{pair} has no composite key in the database"
            elif isinstance(field, models.ForeignKey):
                assert table_of(field.related_model) not in owned_tables, f"{model.__name__}.{field.name} could leave"
    leaving = [pair for pair in single if pair[1] in owned_tables]
    assert not leaving, f"these keys do not carry the tenant: {leaving}"


def test_unique_names_are_unique_per_tenant():
    for model in owned():
        for field in model._meta.local_fields:
            assert not field.unique or field.primary_key, f"{model.__name__}.{field.name} is unique across tenants"
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint):
                assert "tenant_id" in constraint.fields or constraint.fields[0] in RANDOM_IDS, (
                    f"{constraint.name} would tell of another tenant"
                )


def test_the_audit_trail_refers_to_nothing():
    keys = rows("SELECT 1 FROM pg_constraint WHERE contype = 'f' AND 'audit_entry'::regclass IN (conrelid, confrelid)")
    assert keys == []


def test_no_view_or_definer_function_goes_round_the_walls():
    assert (
        rows("SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace") == []
    )
    assert rows("SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace") == []


def test_the_serving_role_owns_nothing_and_changes_no_structure():
    assert rows("SELECT relname FROM pg_class WHERE relowner = current_user::regrole") == []
    (allowed,) = rows(
        "SELECT has_schema_privilege('public', 'CREATE'), has_table_privilege('audit_entry', 'UPDATE'),"
        " has_table_privilege('audit_entry', 'DELETE'), has_table_privilege('audit_entry', 'TRUNCATE')"
    )
    assert allowed == (False, False, False, False)


def test_the_service_role_may_use_a_short_list_of_tables():
    granted: dict[str, set[str]] = {}
    for table, privilege in rows(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'orrery_service'"
    ):
        granted.setdefault(table, set()).add(privilege)
    policies = {table for (table,) in rows("SELECT tablename FROM pg_policies WHERE policyname = 'service'")}
    assert granted.keys() <= policies, f"granted without a policy: {sorted(granted.keys() - policies)}"
    assert len(policies) <= 20, "a handful, not a habit"


def test_models_and_migrations_agree():
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
