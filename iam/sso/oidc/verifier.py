"""Whether a token is the provider's, for us, now, and of this sign-in. Everything else is refused, with the reason."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from control_plane.kernel.words import strict_json
from iam.sso.refusals import SignInRefused

SKEW = 60
"""Seconds by which the two clocks may differ."""
OLDEST = 24 * 3600
_LARGEST = 64 * 1024
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}

Claims = dict[str, Any]
Candidates = Callable[[str | None], list[Key]]


@dataclass(frozen=True)
class Verifier:
    """Tokens of one issuer for one client, by keys that only the issuer can sign with."""

    issuer: str
    client_id: str
    algorithms: Collection[str]
    candidates: Candidates
    now: int

    def id_token(self, token: str, *, nonce: str, access_token: str | None = None, code: str | None = None) -> Claims:
        """The claims of an ID token of this sign-in."""
        header, claims = self._signed(token, types=(None, "jwt"))
        self._check_audience(claims)
        self._check_times(claims, must_end=True)
        _text(claims, "sub")
        sent = claims.get("nonce")
        if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), nonce.encode()):
            raise SignInRefused("nonce: the token is of another sign-in")
        self._check_hash(header, claims, "at_hash", access_token)
        self._check_hash(header, claims, "c_hash", code)
        return claims

    def logout_token(self, token: str) -> Claims:
        """The claims of a logout token. That its `jti` is new is for the caller to see."""
        _, claims = self._signed(token, types=(None, "jwt", "logout+jwt"))
        self._check_audience(claims)
        self._check_times(claims, must_end=False)
        _text(claims, "jti")
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
            raise SignInRefused("events: this is no logout token")
        if "nonce" in claims:
            raise SignInRefused("nonce: a logout token has none")
        if not isinstance(claims.get("sub"), str) and not isinstance(claims.get("sid"), str):
            raise SignInRefused("sub: the token names neither a person nor a session")
        return claims

    def _signed(self, token: str, *, types: Collection[str | None]) -> tuple[dict[str, Any], Claims]:
        if not isinstance(token, str) or not token.isascii() or len(token) > _LARGEST or token.count(".") != 2:
            raise SignInRefused("the token is no signed token")
        header = _decoded(token.partition(".")[0])
        algorithm, kind = header.get("alg"), header.get("typ")
        if not isinstance(algorithm, str) or algorithm not in self.algorithms:
            raise SignInRefused(f"alg: {str(algorithm)[:40]} is not accepted")
        if (kind.lower() if isinstance(kind, str) else kind) not in types:
            raise SignInRefused(f"typ: this is another kind of token: {str(kind)[:40]}")
        if "crit" in header or "b64" in header:
            raise SignInRefused("crit: the token asks for what is not known here")
        kid = header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise SignInRefused("kid: the key is named by no text")
        self._check_signature(token, algorithm, kid)
        return header, self._claims(token)

    def _check_signature(self, token: str, algorithm: str, kid: str | None) -> None:
        kind = _KEY_TYPES[algorithm[:2]]
        for key in self.candidates(kid):
            if key.key_type != kind or key.get("alg") not in (None, algorithm):
                continue
            try:
                jws.deserialize_compact(token, key, algorithms=[algorithm])
                return
            except (JoseError, ValueError, TypeError):
                continue
        raise SignInRefused("the signature is not the provider's")

    def _claims(self, token: str) -> Claims:
        claims = _decoded(token.split(".")[1])
        if claims.get("iss") != self.issuer:
            raise SignInRefused("iss: the token is of another issuer")
        return claims

    def _check_audience(self, claims: Claims) -> None:
        told = claims.get("aud")
        audience = [told] if isinstance(told, str) else told
        if not isinstance(audience, list) or not all(isinstance(each, str) for each in audience):
            raise SignInRefused("aud: the token says for nobody")
        if self.client_id not in audience:
            raise SignInRefused("aud: the token is for somebody else")
        party = claims.get("azp")
        if (len(audience) > 1 or party is not None) and party != self.client_id:
            raise SignInRefused("azp: the token was given to somebody else")

    def _check_times(self, claims: Claims, *, must_end: bool) -> None:
        issued = _moment(claims, "iat", is_needed=True)
        assert issued is not None
        if issued > self.now + SKEW:
            raise SignInRefused("iat: the token is of the future")
        if issued < self.now - OLDEST:
            raise SignInRefused("iat: the token is too old")
        end = _moment(claims, "exp", is_needed=must_end)
        if end is not None and end <= self.now - SKEW:
            raise SignInRefused("exp: the token has expired")
        begin = _moment(claims, "nbf", is_needed=False)
        if begin is not None and begin > self.now + SKEW:
            raise SignInRefused("nbf: the token does not hold yet")

    def _check_hash(self, header: dict[str, Any], claims: Claims, name: str, of: str | None) -> None:
        if name not in claims:
            return
        sent, algorithm = claims[name], header["alg"]
        hashed = _HASHES.get(algorithm[2:], hashlib.sha512)((of or "").encode()).digest()
        expected = base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
        if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), expected.encode()):
            raise SignInRefused(f"{name}: what came with the token is not what it vouches for")


def check_same_subject(claims: Claims, told: Claims) -> None:
    """UserInfo must be about whoever signed in."""
    if told.get("sub") != claims["sub"]:
        raise SignInRefused("sub: UserInfo is about somebody else")


def _decoded(part: str) -> dict[str, Any]:
    try:
        told = strict_json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise SignInRefused("the token cannot be read") from None
    if not isinstance(told, dict):
        raise SignInRefused("the token cannot be read")
    return told


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or "\x00" in value:
        raise SignInRefused(f"{name}: a text of at most 255 characters is expected")
    return value


def _moment(claims: Claims, name: str, *, is_needed: bool) -> float | None:
    value = claims.get(name)
    if value is None and not is_needed:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**11:
        raise SignInRefused(f"{name}: a moment is expected")
    return value
