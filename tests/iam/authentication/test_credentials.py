"""Credentials at endpoints other than Django's requests, and kinds of token that other rooms bring."""

import pytest

from control_plane.kernel.actor import Actor, ActorKind
from control_plane.kernel.csrf import csrf_of
from control_plane.kernel.words.errors import Forbidden, Unauthenticated
from iam.authentication import credentials
from iam.authentication.credentials import actor_for, register_kind
from iam.authentication.tokens import new_token
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_a_token_is_known_at_any_endpoint(cast: Cast):
    assert actor_for({"authorization": f"Bearer {cast.vera.token}"}).id == cast.vera.user.id
    assert actor_for({}).kind is ActorKind.ANONYMOUS


@pytest.mark.parametrize("headers", [{"authorization": "Bearer x"}, {"cookie": "JWT=x"}])
def test_wrong_credentials_are_refused_at_any_endpoint(cast: Cast, headers: dict):
    with pytest.raises(Unauthenticated):
        actor_for(headers)


def test_a_session_that_changes_something_needs_its_csrf_token(cast: Cast, client):
    from audit.recording.commands import command
    from control_plane.kernel.actor import SYSTEM, Context
    from control_plane.kernel.permissions import PUBLIC
    from iam.record.transitions import make_user
    from iam.services.sessions import open_session

    @command(PUBLIC, instance=True)
    def sign_somebody_in(ctx: Context) -> str:
        return open_session(ctx, make_user(ctx, email="s@acme.test"))

    secret = sign_somebody_in(Context(SYSTEM))
    cookie, own = f"JWT={secret}; csrfToken={csrf_of(secret)}", csrf_of(secret)
    assert actor_for({"cookie": cookie}).name == "s@acme.test"
    assert actor_for({"cookie": cookie, "x-csrf-token": own}, is_safe=False).name == "s@acme.test"
    others = csrf_of("orx_of_another_session")
    for wrong in ({}, {"x-csrf-token": "x"}, {"x-csrf-token": ""}, {"x-csrf-token": others}):
        with pytest.raises(Forbidden):
            actor_for({"cookie": cookie, **wrong}, is_safe=False)


def test_another_kind_of_token_is_resolved_by_who_brought_it(monkeypatch):
    monkeypatch.setattr(credentials, "_kinds", {})
    known = new_token("tst_")
    register_kind("tst_", lambda token, versions: Actor(ActorKind.JOB, id="j") if token == known else None)
    assert actor_for({"authorization": f"Bearer {known}"}).kind is ActorKind.JOB
    with pytest.raises(Unauthenticated):
        actor_for({"authorization": f"Bearer {new_token('tst_')}"})
    with pytest.raises(ValueError, match="prefix"):
        register_kind("long-prefix", lambda token, versions: None)
