"""Statements signed with a private key: who asks, of whom, until when."""

from __future__ import annotations

import base64
import time
import uuid
import warnings
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from stores.credentials.refusals import MintFailed

SECONDS = 300
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


def signed(
    claims: dict[str, Any],
    *,
    private_key: str,
    algorithm: str = "RS256",
    key_id: str | None = None,
    certificate: str | None = None,
) -> str:
    """A JWT of these claims. MintFailed, in the step `signature`, where the key is none or cannot do it."""
    header: dict[str, Any] = {"alg": algorithm}
    if key_id is not None:
        header["kid"] = key_id
    if certificate is not None:
        header |= _thumbprints(certificate)
    key = _key(private_key, algorithm)
    try:
        with warnings.catch_warnings():
            # Which keys are long enough is for those to say who accept them.
            warnings.simplefilter("ignore")
            return jwt.encode(header, claims, key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError) as error:
        raise MintFailed("signature", f"the private key cannot sign with {algorithm}: {_words(error)}") from None


def lasting(claims: dict[str, Any], *, now: float | None = None, seconds: int = SECONDS) -> dict[str, Any]:
    """The claims with the time from which and until which they hold, and an id that no other has."""
    at = int(time.time() if now is None else now)
    return {**claims, "iat": at, "exp": at + seconds, "jti": str(uuid.uuid4())}


def _key(text: str, algorithm: str) -> Key:
    kind = _KEY_TYPES[algorithm[:2]]
    pem = text if "\n" in text.strip() else text.replace("\\n", "\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            key: Key = jwk.import_key(pem.strip() + "\n", kind)  # type: ignore[call-overload]  # one of its kinds
    except (JoseError, ValueError, TypeError):
        raise MintFailed("signature", f"the private key is no {kind} key in PEM, as {algorithm} needs it") from None
    if not key.is_private:
        raise MintFailed("signature", "the key is a public one: the private key is needed")
    return key


def _thumbprints(pem: str) -> dict[str, str]:
    try:
        certificate = x509.load_pem_x509_certificate(pem.replace("\\n", "\n").encode())
    except ValueError:
        raise MintFailed("signature", "the certificate is none in PEM") from None
    return {
        "x5t": _base64(certificate.fingerprint(hashes.SHA1())),
        "x5t#S256": _base64(certificate.fingerprint(hashes.SHA256())),
    }


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]
