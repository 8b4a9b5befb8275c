"""Credentials as jobs use them: one token for many, asked for once, until shortly before it ends."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from audit.models import AuditEntry, AuditRead
from control_plane.kernel.actor import Context
from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import NotFound
from stores.background.rotation import rotate_key
from stores.credentials import cache, minting
from stores.credentials.places import Place
from stores.credentials.refusals import MintFailed
from stores.credentials.services import Wish, delete_credential, update_credential
from stores.models import Credential, CredentialToken
from stores.secrets import tenant_keys
from tests.cast import make_cast
from tests.stores.credentials.authlib_peer import TokenServer
from tests.stores.credentials.conftest import Create, ask, client_credentials
from tests.stores.credentials.hostile_peer import HostilePeer, http

pytestmark = pytest.mark.django_db
GIVEN = http(200, {"access_token": "given-token", "expires_in": 3600})


def moved(**changes: Any) -> None:
    with tenant_scope("acme"):
        assert CredentialToken.objects.update(**changes) == 1


def kept() -> CredentialToken:
    with tenant_scope("acme"):
        return CredentialToken.objects.get()


def test_a_token_is_used_until_shortly_before_its_end(create: Create, peer: TokenServer):
    create(client_credentials(peer.url))
    first = ask()["token"]
    assert ask()["token"] == first and peer.requests == 1
    row = kept()
    assert row.refresh_at is not None and row.expires_at is not None
    assert (row.expires_at - row.refresh_at).total_seconds() == 60, "a minute where nothing else is set"
    moved(refresh_at="2020-01-01T00:00:00Z")
    assert ask()["token"] != first and peer.requests == 2


@pytest.mark.parametrize(
    ("lasts", "margin", "used"), [(3600, "PT10M", 3000), (60, "PT10M", 30), (100, "PT0S", 100), (0, "PT1M", 0)]
)
def test_how_shortly_is_as_it_is_set_and_half_its_time_at_most(
    create: Create, peer: TokenServer, lasts: int, margin: str, used: int
):
    peer.seconds = lasts
    create(client_credentials(peer.url, tokenCaching={"enabled": True, "refreshBeforeExpiry": margin}))
    ask()
    row = kept()
    assert row.refresh_at is not None and row.expires_at is not None
    assert (row.expires_at - row.refresh_at).total_seconds() == lasts - used


def test_a_token_that_does_not_say_how_long_it_lasts_is_used_for_a_minute(create: Create, hostile: HostilePeer):
    hostile.answer = http(200, {"access_token": "endless"})
    create(client_credentials(hostile.url))
    ask()
    row = kept()
    assert row.refresh_at is not None and row.expires_at is not None
    assert (row.expires_at - row.refresh_at).total_seconds() == 30


def test_each_job_has_its_own_where_nothing_is_to_be_kept(create: Create, peer: TokenServer):
    create(client_credentials(peer.url, tokenCaching={"enabled": False}))
    assert ask()["token"] != ask()["token"] and peer.requests == 2
    with tenant_scope("acme"):
        assert not CredentialToken.objects.exists()


def test_many_waiting_jobs_ask_once(create: Create, hostile: HostilePeer):
    """One is asking; the others are told to come back, and hold neither a thread nor a connection meanwhile."""
    asked, let = threading.Event(), threading.Event()

    def answer(taken: socket.socket, request: bytes) -> None:
        asked.set()
        assert let.wait(10)
        taken.sendall(GIVEN)

    hostile.answer = answer
    create(client_credentials(hostile.url))

    def first() -> dict[str, Any]:
        try:
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(first)
        assert asked.wait(10)
        told = [ask() for _ in range(20)]
        let.set()
        assert asking.result(10) == {"token": "given-token"}
    assert all(each.keys() == {"wait", "why"} and 0 < each["wait"] <= 2 for each in told)
    assert [ask() for _ in range(20)] == [{"token": "given-token"}] * 20
    assert len(hostile.asked) == 1


def test_two_that_look_at_once_do_not_both_ask(create: Create, peer: TokenServer):
    credential = create(client_credentials(peer.url))
    with tenant_scope("acme"):
        assert cache.look(credential) == cache.Known()
        first, second = cache.take(credential), cache.take(credential)
    assert first is not None and second is None


def test_the_old_token_is_used_while_a_new_one_is_asked_for(create: Create, peer: TokenServer):
    credential = create(client_credentials(peer.url))
    first = ask()["token"]
    with tenant_scope("acme"):
        CredentialToken.objects.update(refresh_at="2020-01-01T00:00:00Z")
        assert cache.take(credential) is not None
    assert ask() == {"token": first} and peer.requests == 1


def test_the_lease_of_a_process_that_died_ends(create: Create, peer: TokenServer):
    credential = create(client_credentials(peer.url))
    with tenant_scope("acme"):
        died = cache.take(credential)
    assert "wait" in ask()
    moved(minting_until="2020-01-01T00:00:00Z")
    token = ask()["token"]
    with tenant_scope("acme"):
        assert died is not None
        cache.fail(credential, died, MintFailed("request", "late"))
    assert ask() == {"token": token}, "what it says afterwards counts for nothing"


def test_a_refusal_is_kept_for_a_moment(create: Create, hostile: HostilePeer):
    hostile.answer = http(401, {"error": "invalid_client"})
    create(client_credentials(hostile.url))
    for _ in range(5):
        with pytest.raises(MintFailed, match=r"The credential `api` gives no token: POST .* invalid_client"):
            ask()
    assert len(hostile.asked) == 1
    hostile.answer = GIVEN
    moved(failed_until="2020-01-01T00:00:00Z")
    assert ask() == {"token": "given-token"}
    assert kept().failure == ""


def test_a_server_that_is_down_is_left_alone_longer_each_time_and_jobs_wait(create: Create, hostile: HostilePeer):
    hostile.answer = http(503, b"")
    create(client_credentials(hostile.url))
    pauses = []
    for _ in range(3):
        told = ask()
        assert told["wait"] > 0 and "it answered 503" in told["why"]
        with tenant_scope("acme"), connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM failed_until - clock_timestamp()) FROM credential_token")
            pauses.append(float(cursor.fetchone()[0]))
        assert ask()["why"] == told["why"], "and nobody is asked meanwhile"
        moved(failed_until="2020-01-01T00:00:00Z")
    assert len(hostile.asked) == 3
    assert 0 < pauses[0] <= 1 < pauses[1] <= 2 < pauses[2] <= 4
    hostile.answer = GIVEN
    assert ask() == {"token": "given-token"}


@pytest.mark.parametrize(("said", "least", "most"), [("7", 5, 7), ("100000", 50, 60), ("0", 0, 1)])
def test_a_server_is_asked_again_when_it_said_and_within_a_minute(
    create: Create, hostile: HostilePeer, said: str, least: float, most: float
):
    hostile.answer = http(429, {}, retry_after=said)
    create(client_credentials(hostile.url))
    ask()
    with tenant_scope("acme"), connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM failed_until - clock_timestamp()) FROM credential_token")
        assert least <= float(cursor.fetchone()[0]) <= most


def test_a_token_that_lasts_is_used_while_its_server_is_down(create: Create, hostile: HostilePeer):
    hostile.answer = GIVEN
    create(client_credentials(hostile.url))
    ask()
    hostile.answer = http(503, b"")
    moved(refresh_at="2020-01-01T00:00:00Z")
    assert "wait" in ask()
    assert ask() == {"token": "given-token"}


def test_a_change_counts_from_the_next_job_on(create: Create, editor: Context, peer: TokenServer):
    credential = create(client_credentials(peer.url))
    first = ask()["token"]
    update_credential(editor, place=Place(id=credential.id), wish=Wish(description="the same"))
    assert ask()["token"] == first, "words about it are no change"
    update_credential(editor, place=Place(id=credential.id), wish=Wish({"scopes": ["read"]}))
    assert ask()["token"] != first and peer.issued[-1]["scope"] == "read"
    delete_credential(editor, place=Place(id=credential.id))
    with pytest.raises(NotFound):
        ask()
    with tenant_scope("acme"):
        assert not CredentialToken.objects.exists()


def test_a_token_is_sealed_for_its_credential_alone(create: Create, peer: TokenServer):
    create(client_credentials(peer.url))
    token = ask()["token"]
    other = create(client_credentials(peer.url), name="other")
    ask("other")
    with tenant_scope("acme"):
        of_api = CredentialToken.objects.exclude(credential_id=other.id).get()
        assert token not in of_api.sealed
        CredentialToken.objects.filter(credential_id=other.id).update(sealed=of_api.sealed)
    before = peer.requests
    assert ask("other")["token"] != token and peer.requests == before + 1


def test_tokens_are_in_no_table_that_the_log_keeps(create: Create):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'credential_token'")
        assert cursor.fetchone() == ("u",)


def test_the_nearest_of_a_name_is_used(create: Create, peer: TokenServer):
    with pytest.raises(NotFound, match=r"'api' in `company.team`, `company`, the tenant"):
        ask()
    auth = {"clientSecret": {"secretKey": "CLIENT_SECRET", "namespace": "company.team"}}
    create(client_credentials(peer.url, authConfig=auth), namespace="")
    of_tenant = ask()["token"]
    assert ask(namespace="elsewhere")["token"] == of_tenant
    create(client_credentials(peer.url), namespace="company")
    above = ask()["token"]
    create(client_credentials(peer.url))
    own = ask()["token"]
    assert len({of_tenant, above, own}) == 3
    assert [ask(namespace=each)["token"] for each in ("company", "elsewhere")] == [above, of_tenant]


def test_another_tenant_has_none_of_it(create: Create, peer: TokenServer):
    create(client_credentials(peer.url))
    with pytest.raises(NotFound):
        ask(tenant="globex")


def test_one_tenant_cannot_hold_all_threads(create: Create, peer: TokenServer):
    """So many token endpoints may be slow at once, and so many of one tenant; the others are asked to come back."""
    create(client_credentials(peer.url))
    with minting.one_at_a_time("acme"):
        assert "too many tokens" in ask()["why"]
        with minting.one_at_a_time("globex"):
            pass
    assert "token" in ask(), "what was not asked for is anybody's to ask for"


def test_who_used_it_is_told_and_the_token_is_not(create: Create, peer: TokenServer):
    create(client_credentials(peer.url))
    token = ask()["token"]
    ask()
    with tenant_scope("acme"):
        read = AuditRead.objects.get(resource="CREDENTIAL")
        assert (read.object_id, read.namespace, read.count) == ("api", "company.team", 2)
        assert not any(token in entry.body for entry in AuditEntry.objects.all())
        assert Credential.objects.get().name == "api"


def test_a_token_is_used_on_under_a_new_key_of_the_instance(create: Create, peer: TokenServer):
    create(client_credentials(peer.url))
    token = ask()["token"]
    keys = {"encryption_key": "another encryption key for tests, longer than thirty two"}
    make_cast()
    with override(**keys, previous_encryption_keys=("an encryption key for tests alone",)):
        rotate_key(lambda line: None)
    tenant_keys._known.clear()
    with override(**keys, previous_encryption_keys=()):
        assert ask() == {"token": token} and peer.requests == 1
    tenant_keys._known.clear()
