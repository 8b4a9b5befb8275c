"""Sign-ins that must not work: each is one thing that a hostile provider, browser or stranger does. None is accepted."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from control_plane.kernel.scope import instance_scope
from iam.models import Session, User
from iam.sso.oidc.browser import COOKIE
from iam.sso.oidc.keys import forget_keys
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.iam.sso.openid_peer import OpenIdPeer, b64, come_back, connect, is_signed_in, led_to, openid_peer, sign_in

pytestmark = pytest.mark.django_db
ADA = {"sub": "ada-1", "email": "ada@acme.test", "email_verified": True}
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"})
EC_KEY = ECKey.generate_key("P-256", {"kid": "one"})
Spoil = Callable[[OpenIdPeer], None]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def peer() -> Iterator[OpenIdPeer]:
    forget_keys()
    with openid_peer() as started:
        started.claims = dict(ADA)
        yield started


def nobody_came_in() -> bool:
    with instance_scope():
        return not Session.objects.exists() and not User.objects.filter(email="ada@acme.test").exists()


def claims(**changes: Any) -> Spoil:
    """The ID token says something else; None leaves the claim out."""

    def spoil(peer: OpenIdPeer) -> None:
        def tamper(told: dict[str, Any]) -> dict[str, Any]:
            shifted = {name: value(told) if callable(value) else value for name, value in changes.items()}
            return {name: value for name, value in {**told, **shifted}.items() if value is not None}

        peer.tamper = tamper

    return spoil


def header(**changes: Any) -> Spoil:
    def spoil(peer: OpenIdPeer) -> None:
        peer.sign = lambda told: peer.signed(told, changes)

    return spoil


def raw(make: Callable[[OpenIdPeer, dict[str, Any]], Any]) -> Spoil:
    """Another text in the place of the ID token."""

    def spoil(peer: OpenIdPeer) -> None:
        peer.sign = lambda told: make(peer, told)

    return spoil


def unsigned(head: dict[str, Any], told: Any, signature: bytes = b"") -> str:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return f"{b64(json.dumps(head).encode())}.{b64(body)}.{b64(signature)}"


def by_public_key(peer: OpenIdPeer, told: dict[str, Any]) -> str:
    """HS256 with the provider's public key as the secret: the oldest confusion there is."""
    secret = OctKey.import_key(peer.keys[0].as_pem(private=False))
    return jws.serialize_compact({"alg": "HS256", "kid": "one"}, json.dumps(told), secret, algorithms=["HS256"])


def by_client_secret(peer: OpenIdPeer, told: dict[str, Any]) -> str:
    secret = OctKey.import_key("a secret of the client")
    return jws.serialize_compact({"alg": "HS256"}, json.dumps(told), secret, algorithms=["HS256"])


def resigned(peer: OpenIdPeer, told: dict[str, Any]) -> str:
    """A good signature, over other claims."""
    first, second = peer.signed(told), peer.signed({**told, "sub": "root"})
    return ".".join([first.split(".")[0], second.split(".")[1], first.split(".")[2]])


def signed_twice_named(peer: OpenIdPeer, told: dict[str, Any]) -> str:
    """A key that stands twice in the signed object: each reader takes another one."""
    text = json.dumps(told)[:-1] + ', "sub": "root"}'
    return jws.serialize_compact({"alg": "RS256", "kid": "one"}, text, peer.keys[0], algorithms=["RS256"])


def answers(path: str, status: int, body: bytes) -> Spoil:
    def spoil(peer: OpenIdPeer) -> None:
        peer.raw[path] = (status, body)

    return spoil


def info(told: Any) -> Spoil:
    def spoil(peer: OpenIdPeer) -> None:
        peer.info = told

    return spoil


def tokens(change: Callable[[dict[str, Any]], Any]) -> Spoil:
    def spoil(peer: OpenIdPeer) -> None:
        peer.tokens = change

    return spoil


def keys_of(*keys: Any) -> Spoil:
    def spoil(peer: OpenIdPeer) -> None:
        signer = peer.keys[0]
        peer.sign = lambda told: peer.signed(told, key=signer)
        peer.keys = list(keys)

    return spoil


def hashed(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return b64(digest[:16])


NOW = int(time.time())
TOKENS: dict[str, Spoil] = {
    "the issuer is another one": claims(iss="https://evil.test"),
    "the issuer is off by a slash": claims(iss=lambda told: told["iss"] + "/"),
    "the issuer is in capitals": claims(iss=lambda told: told["iss"].upper()),
    "the issuer is a list": claims(iss=lambda told: [told["iss"]]),
    "there is no issuer": claims(iss=None),
    "the audience is another client": claims(aud="another"),
    "the audience is empty": claims(aud=[]),
    "the audience is a number": claims(aud=7),
    "the audience holds no texts": claims(aud=[["orrery"]]),
    "there is no audience": claims(aud=None),
    "many audiences and no authorized party": claims(aud=["orrery", "another"]),
    "the authorized party is another client": claims(azp="another"),
    "many audiences and another authorized party": claims(aud=["orrery", "another"], azp="another"),
    "it has expired": claims(exp=NOW - 3600),
    "there is no end": claims(exp=None),
    "the end is a text": claims(exp="tomorrow"),
    "the end is true": claims(exp=True),
    "the end is negative": claims(exp=-1),
    "the end is beyond all years": claims(exp=10**15),
    "it is of the future": claims(iat=NOW + 3600),
    "it is from last week": claims(iat=NOW - 7 * 24 * 3600),
    "there is no moment of issue": claims(iat=None),
    "it does not hold yet": claims(nbf=NOW + 3600),
    "the nonce is another one": claims(nonce="another"),
    "there is no nonce": claims(nonce=None),
    "the nonce is a list": claims(nonce=lambda told: [told["nonce"]]),
    "there is no subject": claims(sub=None),
    "the subject is empty": claims(sub=""),
    "the subject is a number": claims(sub=7),
    "the subject is 300 characters": claims(sub="x" * 300),
    "the subject holds a NUL": claims(sub="ada\x00root"),
    "the hash of the access token is another one": claims(at_hash=hashed("another")),
    "the hash of the access token is empty": claims(at_hash=""),
    "the hash of the access token is a number": claims(at_hash=1),
    "the hash of the code is another one": claims(c_hash=hashed("another")),
    "nothing is signed": raw(lambda peer, told: unsigned({"alg": "none"}, told)),
    "nothing is signed, in other letters": raw(lambda peer, told: unsigned({"alg": "nOnE", "kid": "one"}, told)),
    "the signature is missing": raw(lambda peer, told: unsigned({"alg": "RS256", "kid": "one"}, told)),
    "the signature is noise": raw(lambda peer, told: unsigned({"alg": "RS256", "kid": "one"}, told, b"x" * 256)),
    "the signature is of other claims": raw(resigned),
    "the public key is used as a secret": raw(by_public_key),
    "the client secret signs": raw(by_client_secret),
    "another key signs under the same name": raw(lambda peer, told: peer.signed(told, key=OTHER_KEY)),
    "the key comes in the header": raw(
        lambda peer, told: peer.signed(told, {"jwk": OTHER_KEY.as_dict(private=False)}, OTHER_KEY)
    ),
    "the header says where the keys are": raw(
        lambda peer, told: peer.signed(told, {"jku": f"{peer.issuer}/evil-keys"}, OTHER_KEY)
    ),
    "the header says where the certificate is": raw(
        lambda peer, told: peer.signed(told, {"x5u": f"{peer.issuer}/evil-keys"}, OTHER_KEY)
    ),
    "the key is named by a path": raw(lambda peer, told: peer.signed(told, {"kid": "../../dev/null"}, OTHER_KEY)),
    "the key is named by SQL": raw(lambda peer, told: peer.signed(told, {"kid": "one' OR '1'='1"}, OTHER_KEY)),
    "the key is not known": header(kid="two"),
    "the key is of another kind": keys_of(EC_KEY),
    "the provider has no keys": keys_of(),
    "it is an access token": header(typ="at+jwt"),
    "it is a logout token": header(typ="logout+jwt"),
    "the kind of token is a number": raw(
        lambda peer, told: unsigned({"alg": "RS256", "kid": "one", "typ": 7}, told, b"x" * 256)
    ),
    "the header asks for what nobody knows": raw(
        lambda peer, told: unsigned({"alg": "RS256", "kid": "one", "crit": ["exp"]}, told, b"x" * 256)
    ),
    "the body is not encoded": raw(
        lambda peer, told: unsigned({"alg": "RS256", "kid": "one", "b64": False, "crit": ["b64"]}, told, b"x" * 256)
    ),
    "a claim stands twice": raw(signed_twice_named),
    "the claims are a list": raw(
        lambda peer, told: jws.serialize_compact(
            {"alg": "RS256", "kid": "one"}, json.dumps([told]), peer.keys[0], algorithms=["RS256"]
        )
    ),
    "the token has two parts": raw(lambda peer, told: peer.signed(told).rpartition(".")[0]),
    "the token is encrypted": raw(lambda peer, told: peer.signed(told) + ".x.y"),
    "the token is huge": claims(filler="x" * 100_000),
    "the token is an object": raw(lambda peer, told: told),
    "the token is empty": raw(lambda peer, told: ""),
    "the token is nested deeper than anything": raw(
        lambda peer, told: unsigned({"alg": "RS256"}, b"[" * 20_000 + b"]" * 20_000, b"x")
    ),
    "no ID token comes": tokens(lambda answer: {"access_token": answer["access_token"]}),
    "the tokens are a list": tokens(lambda answer: [answer]),
    "the tokens are no JSON": answers("/token", 200, b"<html>"),
    "the tokens lead elsewhere": answers("/token", 302, b"{}"),
    "the tokens are too large": answers("/token", 200, b'{"a": "' + b"x" * 2_000_000 + b'"}'),
    "the provider breaks": answers("/token", 500, b"{}"),
    "the code is refused": answers("/token", 400, b'{"error": "invalid_grant"}'),
    "the error is markup": answers("/token", 400, b'{"error": "<script>alert(1)</script>"}'),
    "the keys are no JSON": answers("/keys", 200, b"-----BEGIN"),
    "the keys are a text": answers("/keys", 200, b'{"keys": "all"}'),
    "the keys are gone": answers("/keys", 404, b"{}"),
    "UserInfo is about somebody else": info({"sub": "root", "email": "root@orrery.test"}),
    "UserInfo is about nobody": info({"email": "ada@acme.test"}),
    "UserInfo is a list": answers("/me", 200, b"[]"),
    "UserInfo is signed, which nobody asked for": answers("/me", 200, b"eyJ.eyJ.x"),
    "UserInfo is refused": answers("/me", 401, b"{}"),
}


@pytest.mark.parametrize("spoil", TOKENS.values(), ids=TOKENS)
def test_what_the_provider_says_is_refused_when(cast: Cast, peer: OpenIdPeer, spoil: Spoil):
    connect(cast.root.client, "instance", peer)
    spoil(peer)
    response = sign_in(Client(), peer)
    assert response.status_code in (302, 400, 403), response.content
    assert not is_signed_in(response)
    assert nobody_came_in()


def _with(address: str, **changes: str | None) -> str:
    parts = urlsplit(address)
    asked = {**dict(parse_qsl(parts.query)), **changes}
    return f"{parts.path}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


ANSWERS: dict[str, Callable[[str], str]] = {
    "there is no state": lambda back: _with(back, state=None),
    "the state is empty": lambda back: _with(back, state=""),
    "the state is another one": lambda back: _with(back, state="x" * 32),
    "the state stands twice": lambda back: back + "&state=another",
    "there is no code": lambda back: _with(back, code=None),
    "the code is empty": lambda back: _with(back, code=""),
    "the code is another one": lambda back: _with(back, code="code-of-somebody"),
    "the code stands twice": lambda back: back + "&code=another",
    "another provider answers": lambda back: _with(back, iss="https://evil.test"),
    "the answer is an error": lambda back: _with(back, code=None, error="access_denied"),
    "the answer is an error that is markup": lambda back: _with(back, code=None, error="<script>"),
    "the answer is an error and a code": lambda back: _with(back, error="access_denied"),
    "there is nothing": lambda back: urlsplit(back).path,
}


@pytest.mark.parametrize("change", ANSWERS.values(), ids=ANSWERS)
def test_the_answer_is_refused_when(cast: Cast, peer: OpenIdPeer, change: Callable[[str], str]):
    connect(cast.root.client, "instance", peer)
    browser = Client()
    response = browser.get(change(peer.authorize(led_to(browser, "/oauth/login/peer"))))
    assert response.status_code in (302, 400, 403) and not is_signed_in(response)
    assert "script" not in response.get("Location", "")
    assert nobody_came_in()


def test_an_answer_works_once(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    browser = Client()
    back = peer.authorize(led_to(browser, "/oauth/login/peer"))
    held = browser.cookies[COOKIE].value
    assert is_signed_in(come_back(browser, back))
    assert not is_signed_in(come_back(browser, back))
    browser.cookies[COOKIE] = held
    peer.codes["code-0"] = dict(parse_qsl(urlsplit(led_to(Client(), "/oauth/login/peer")).query))
    assert not is_signed_in(come_back(browser, back)), "the state worked again for who kept the cookie"


def test_an_answer_works_in_the_browser_that_asked_alone(cast: Cast, peer: OpenIdPeer):
    """Otherwise somebody could be signed in as somebody else without knowing."""
    connect(cast.root.client, "instance", peer)
    back = peer.authorize(led_to(Client(), "/oauth/login/peer"))
    other = Client()
    led_to(other, "/oauth/login/peer")
    assert not is_signed_in(come_back(other, back))
    assert not is_signed_in(come_back(Client(), back))


@pytest.mark.parametrize("cookie", ["", "x", "eyJ9", base64.urlsafe_b64encode(b'{"v":1}').decode(), "ÿ"])
def test_a_cookie_of_nobodys_is_none(cast: Cast, peer: OpenIdPeer, cookie: str):
    connect(cast.root.client, "instance", peer)
    browser = Client()
    back = peer.authorize(led_to(browser, "/oauth/login/peer"))
    browser.cookies[COOKIE] = cookie
    assert not is_signed_in(come_back(browser, back))


def test_an_answer_to_one_provider_is_none_to_another(cast: Cast, peer: OpenIdPeer):
    """Mix-up: the code of an honest provider is not taken to a hostile one, nor the other way round."""
    with openid_peer() as evil:
        connect(cast.root.client, "instance", peer)
        connect(cast.root.client, "instance", evil, "evil")
        browser = Client()
        back = peer.authorize(led_to(browser, "/oauth/login/peer"))
        mixed = browser.get(f"/oauth/callback/evil?{urlsplit(back).query}")
        assert not is_signed_in(mixed)
        assert "/token" not in evil.asked
        assert nobody_came_in()


def test_a_provider_that_says_it_names_itself_must(cast: Cast, peer: OpenIdPeer):
    peer.metadata = {"authorization_response_iss_parameter_supported": True}
    connect(cast.root.client, "instance", peer)
    browser = Client()
    assert not is_signed_in(come_back(browser, peer.authorize(led_to(browser, "/oauth/login/peer"))))
    named = peer.authorize(led_to(browser, "/oauth/login/peer"), iss=peer.issuer)
    assert is_signed_in(come_back(browser, named))


def test_a_code_is_worth_nothing_without_the_verifier_of_its_challenge(cast: Cast, peer: OpenIdPeer):
    """A code that was stolen on the way, and given to a sign-in of the thief's own."""
    connect(cast.root.client, "instance", peer)
    stolen = dict(parse_qsl(urlsplit(peer.authorize(led_to(Client(), "/oauth/login/peer"))).query))["code"]
    thief = Client()
    back = peer.authorize(led_to(thief, "/oauth/login/peer"), code=stolen)
    assert not is_signed_in(come_back(thief, back))


def test_the_sign_in_of_one_tenant_is_none_of_another(cast: Cast, peer: OpenIdPeer):
    connect(cast.olga.client, ACME, peer)
    connect(cast.otto.client, GLOBEX, peer)
    browser = Client()
    back = peer.authorize(led_to(browser, f"/oauth/login/{ACME}/peer"))
    assert not is_signed_in(browser.get(f"/oauth/callback/{GLOBEX}/peer?{urlsplit(back).query}"))
    assert not is_signed_in(browser.get(f"/oauth/callback/peer?{urlsplit(back).query}"))
    assert nobody_came_in()


def logout(peer: OpenIdPeer, **changes: Any) -> dict[str, Any]:
    told = {
        "iss": peer.issuer,
        "aud": "orrery",
        "iat": int(time.time()),
        "exp": int(time.time()) + 120,
        "jti": "once",
        "sub": "ada-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        **changes,
    }
    return {name: value for name, value in told.items() if value is not None}


def send_logout(token: object, where: str = "peer") -> int:
    return Client().post(f"/oauth/backchannel-logout/{where}", {"logout_token": token}).status_code


def test_a_logout_token_ends_the_sessions_of_its_person_at_once(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    browser = Client()
    sign_in(browser, peer)
    assert send_logout(peer.signed(logout(peer), {"typ": "logout+jwt"})) == 200
    assert browser.get("/api/v1/me").status_code == 401


def test_a_logout_token_of_one_session_leaves_the_others(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    ended, left = Client(), Client()
    peer.claims["sid"] = "one"
    sign_in(ended, peer)
    peer.claims["sid"] = "two"
    sign_in(left, peer)
    assert send_logout(peer.signed(logout(peer, sid="one"))) == 200
    assert (ended.get("/api/v1/me").status_code, left.get("/api/v1/me").status_code) == (401, 200)


LOGOUTS: dict[str, Callable[[OpenIdPeer], object]] = {
    "it has a nonce": lambda peer: peer.signed(logout(peer, nonce="x")),
    "it has no events": lambda peer: peer.signed(logout(peer, events=None)),
    "its events are another one": lambda peer: peer.signed(logout(peer, events={"other": {}})),
    "its event is no object": lambda peer: peer.signed(
        logout(peer, events={"http://schemas.openid.net/event/backchannel-logout": True})
    ),
    "its events are a list": lambda peer: peer.signed(logout(peer, events=[])),
    "it names nobody": lambda peer: peer.signed(logout(peer, sub=None)),
    "it has no id": lambda peer: peer.signed(logout(peer, jti=None)),
    "it is of another issuer": lambda peer: peer.signed(logout(peer, iss="https://evil.test")),
    "it is for another client": lambda peer: peer.signed(logout(peer, aud="another")),
    "it is of another kind": lambda peer: peer.signed(logout(peer), {"typ": "at+jwt"}),
    "it is from last week": lambda peer: peer.signed(logout(peer, iat=NOW - 7 * 86400)),
    "it has expired": lambda peer: peer.signed(logout(peer, exp=NOW - 3600)),
    "another key signs it": lambda peer: peer.signed(logout(peer), key=OTHER_KEY),
    "nothing is signed": lambda peer: unsigned({"alg": "none"}, logout(peer)),
    "it is no token": lambda peer: "logout",
    "it is an ID token": lambda peer: peer.signed(peer.id_claims({"client_id": "orrery", "nonce": "n"})),
}


@pytest.mark.parametrize("token", LOGOUTS.values(), ids=LOGOUTS)
def test_a_logout_token_is_refused_when(cast: Cast, peer: OpenIdPeer, token: Callable[[OpenIdPeer], object]):
    connect(cast.root.client, "instance", peer)
    browser = Client()
    sign_in(browser, peer)
    assert send_logout(token(peer)) == 400
    assert browser.get("/api/v1/me").status_code == 200


def test_a_logout_token_works_once_and_for_its_own_provider(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    with openid_peer() as other:
        connect(cast.root.client, "instance", other, "other")
        browser = Client()
        sign_in(browser, peer)
        assert send_logout(other.signed(logout(other)), "other") == 200
        assert browser.get("/api/v1/me").status_code == 200
    token = peer.signed(logout(peer))
    assert [send_logout(token), send_logout(token)] == [200, 400]
    assert Client().post("/oauth/backchannel-logout/peer", {}).status_code == 400


def test_unknown_keys_do_not_make_us_ask_at_will(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    for number in range(5):
        assert send_logout(peer.signed(logout(peer), {"kid": f"unknown-{number}"})) == 400
    assert peer.asked.count("/keys") == 1
