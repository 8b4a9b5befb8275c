"""An address that is wrong too often has to wait; who was right there before, and everybody else, has not."""

from __future__ import annotations

import base64
import json

import pytest
from django.test import Client

from control_plane.kernel.api.dispatch import Shown, authenticator
from control_plane.kernel.config import override
from control_plane.kernel.words.errors import TooManyRequests
from iam.authentication import sign_in
from tests.cast import PASSWORD, Cast, make_cast, make_person

pytestmark = pytest.mark.django_db
FEW = {"wrong_sign_ins": 3, "wrong_sign_ins_per_minute": 1.0}
VISITOR = "visitor@acme.test"


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    make_person(VISITOR, password=PASSWORD)
    return made


def sign(name: str, password: str, address: str = "192.0.2.1") -> tuple[int, str | None]:
    body = json.dumps({"username": name, "password": password})
    answer = Client(REMOTE_ADDR=address).post("/login", body, content_type="application/json")
    return answer.status_code, answer.headers.get("Retry-After")


def basic(name: str, password: str, address: str = "192.0.2.1") -> int:
    header = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    return Client(REMOTE_ADDR=address).get("/api/v1/me", headers={"authorization": header}).status_code


def test_guessing_from_one_address_is_answered_with_when_to_come_back(cast: Cast) -> None:
    with override(admission=FEW):
        assert [sign(f"{n}@acme.test", "Wrong-password-1")[0] for n in range(3)] == [401, 401, 401]
        status, after = sign("other@acme.test", "Wrong-password-1")
        assert (status, int(after or 0) > 1) == (429, True)
        assert basic("other@acme.test", "Wrong-password-1") == 429
        assert sign("other@acme.test", "Wrong-password-1", "192.0.2.2")[0] == 401


def test_what_is_refused_costs_no_hash(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    original = sign_in.is_right
    monkeypatch.setattr(sign_in, "is_right", lambda given, kept: hashed.append(given) or original(given, kept))
    with override(admission=FEW):
        for _ in range(6):
            sign("nobody@acme.test", "Wrong-password-1")
    assert len(hashed) == 3


def test_a_right_password_counts_for_nothing(cast: Cast) -> None:
    with override(admission=FEW):
        assert {sign(VISITOR, PASSWORD)[0] for _ in range(8)} == {200}


def test_who_was_right_there_before_is_not_kept_out_by_others(cast: Cast) -> None:
    with override(admission=FEW):
        assert sign(VISITOR, PASSWORD)[0] == 200
        for _ in range(5):
            sign("nobody@acme.test", "Wrong-password-1")
        assert sign(VISITOR, PASSWORD)[0] == 200
        assert basic(VISITOR, PASSWORD) == 200


def test_a_guess_is_refused_before_anything_is_spent_on_it(cast: Cast) -> None:
    def guess(address: str, name: str | None = None) -> Shown:
        given = base64.b64encode(f"{name}:Wrong-password-1".encode()).decode()
        return Shown(authorization=f"Basic {given}" if name else None, ip=address)

    with override(admission=FEW):
        assert sign(VISITOR, PASSWORD, "192.0.2.9")[0] == 200
        for address in ("192.0.2.1", "192.0.2.9"):
            for number in range(3):
                sign(f"{number}@acme.test", "Wrong-password-1", address)
        for shown in (guess("192.0.2.1"), guess("192.0.2.1", VISITOR), guess("192.0.2.9", "other@acme.test")):
            with pytest.raises(TooManyRequests):
                authenticator().refuse_guesses(shown)
        for shown in (guess("192.0.2.2"), guess("192.0.2.9"), guess("192.0.2.9", VISITOR), Shown()):
            authenticator().refuse_guesses(shown)


def test_a_password_is_costly_until_memory_knows_it(cast: Cast) -> None:
    header = "Basic " + base64.b64encode(f"{VISITOR}:{PASSWORD}".encode()).decode()
    shown = Shown(authorization=header, ip="192.0.2.1")
    cast.vera.client.get("/api/v1/me")
    assert authenticator().is_costly(shown)
    assert basic(VISITOR, PASSWORD) == 200
    assert not authenticator().is_costly(shown)
    assert authenticator().account(shown) is not None
    assert authenticator().is_costly(Shown(authorization=header[:-4] + "AAAA"))
    assert not authenticator().is_costly(Shown(authorization=f"Bearer {cast.vera.token}"))


def test_who_shows_a_token_is_counted_as_its_owner_once_it_is_known(cast: Cast) -> None:
    shown = Shown(authorization=f"Bearer {cast.vera.token}")
    cast.vera.client.get("/api/v1/me")
    assert authenticator().account(shown) == cast.vera.user.id
    assert authenticator().account(Shown(authorization="Bearer nobody's")) is None
    assert authenticator().account(Shown()) is None
