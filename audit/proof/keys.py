"""The keys that sign anchors and tombstones: Ed25519, the newest signs, each vouched for by the one before it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.models import AuditKey
from audit.verifier.verify import Keys, canonical, key_id
from control_plane.kernel.crypto import decrypt, encrypt
from control_plane.kernel.words.clock import iso, now

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SigningKey:
    id: str
    private: Ed25519PrivateKey

    def signed(self, document: Mapping[str, Any]) -> Document:
        """The document with the name of the key and its signature."""
        told = {**document, "kid": self.id}
        return {**told, "signature": self.sign(told)}

    def sign(self, told: Mapping[str, Any]) -> str:
        return base64.b64encode(self.private.sign(canonical(told).encode())).decode()


class KnownKeys(Keys):
    """The same rules as the verifier's, with the faster arithmetic that is at hand here."""

    @staticmethod
    def proves(public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def newest_key() -> SigningKey | None:
    """The one that signs, None before there is any."""
    row = AuditKey.objects.order_by("-number").first()
    return _opened(row) if row is not None else None


def make_key() -> tuple[Document, Document | None]:
    """Let another key sign from now on; what verifiers are shown of it and of the one before."""
    last = AuditKey.objects.order_by("-number").first()
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    document: Document = {"kind": "key", "public": public, "at": iso(now())}
    if last is not None:
        before = _opened(last)
        document["signedBy"] = before.id
        document["signature"] = before.sign(document)
    kid = key_id(public)
    AuditKey.objects.create(
        id=kid,
        number=last.number + 1 if last is not None else 1,
        document=canonical(document),
        sealed=encrypt(private.private_bytes_raw(), belongs_to=_place(kid)),
        created_at=now(),
    )
    return document, json.loads(last.document) if last is not None else None


def key_documents() -> list[Document]:
    """What verifiers need of all keys, the first one first."""
    return [json.loads(text) for text in AuditKey.objects.order_by("number").values_list("document", flat=True)]


def _opened(row: AuditKey) -> SigningKey:
    return SigningKey(row.id, Ed25519PrivateKey.from_private_bytes(decrypt(row.sealed, belongs_to=_place(row.id))))


def _place(kid: str) -> tuple[str, ...]:
    return "audit", "key", kid
