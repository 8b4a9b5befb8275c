"""Who is who in tests: in Acme, Olga owns, Eddie edits, Vera views; Otto belongs to Globex."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from control_plane.kernel.actor import SYSTEM, Actor, Context
from control_plane.kernel.scope import tenant_scope
from iam.authentication.cache import actor_of
from iam.authorization import versions
from iam.authorization.provisioning import make_admin
from iam.models import Binding, Role, TenantAccess, User
from iam.record.tokens import NewToken
from iam.services.tokens import create_my_token
from iam.services.users import create_user
from tenants.services.tenants import create_tenant
from tests.described import DescribedClient

ACME = "acme"
GLOBEX = "globex"
PASSWORD = "Correct-horse-1"


@dataclass
class Person:
    """Somebody with a token; `client` speaks the API as them."""

    user: User
    token: str
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = DescribedClient(headers={"authorization": f"Bearer {self.token}"})

    @property
    def actor(self) -> Actor:
        return actor_of(self.user)

    def context(self, tenant: str | None = None) -> Context:
        return Context(self.actor, tenant_id=tenant)


@dataclass
class Cast:
    root: Person
    """Governs the instance and belongs to no tenant."""
    olga: Person
    eddie: Person
    vera: Person
    lena: Person
    """Edits in Acme's namespace `prod` alone."""
    otto: Person
    anonymous: Client

    def everybody(self) -> dict[str, Client]:
        people = {name: getattr(self, name).client for name in ("root", "olga", "eddie", "vera", "lena", "otto")}
        return {**people, "anonymous": self.anonymous}


def make_person(email: str, **properties: Any) -> Person:
    user = create_user(Context(SYSTEM), email=email, password=properties.pop("password", ""), **properties)
    _, token = create_my_token(Context(actor_of(user)), wanted=NewToken("test"))
    return Person(user, token)


def bind(tenant: str, person: Person, role: str, namespace: str | None = None) -> None:
    """Give somebody one of the managed roles."""
    with tenant_scope(tenant):
        TenantAccess.objects.get_or_create(user_id=person.user.id)
        Binding.objects.create(role=Role.objects.get(name=role), user_id=person.user.id, namespace=namespace)
        versions.move_tenant(tenant)


def make_tenant(tenant: str, owner: Person) -> None:
    create_tenant(Context(SYSTEM), tenant_id=tenant, name=tenant.title())
    with tenant_scope(tenant):
        make_admin(owner.user.id)


def make_cast() -> Cast:
    root = make_person("root@orrery.test", is_superadmin=True)
    olga, eddie, vera, lena = (make_person(f"{name}@acme.test") for name in ("olga", "eddie", "vera", "lena"))
    otto = make_person("otto@globex.test")
    make_tenant(ACME, olga)
    make_tenant(GLOBEX, otto)
    bind(ACME, eddie, "Editor")
    bind(ACME, vera, "Viewer")
    bind(ACME, lena, "Editor", "prod")
    return Cast(root, olga, eddie, vera, lena, otto, Client())
