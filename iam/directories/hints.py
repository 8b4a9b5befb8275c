"""The ID token that began a session: the provider wants to see it when the session ends."""

from __future__ import annotations

from control_plane.kernel.crypto import CannotDecrypt, decrypt, encrypt
from iam.models import Session

LONGEST = 6_000


def seal_hint(provider_id: str, subject: str, id_token: str) -> str:
    """Encrypted, since claims about a person are in it; one that is too long for an address is not kept."""
    if not id_token or len(id_token) > LONGEST:
        return ""
    return encrypt(id_token.encode(), belongs_to=_place(provider_id, subject))


def hint_of(session: Session) -> str:
    """ "" where it is not known any more."""
    try:
        return decrypt(session.sealed_hint, belongs_to=belongs_to(session)).decode() if session.sealed_hint else ""
    except CannotDecrypt:
        return ""


def belongs_to(session: Session) -> tuple[str, ...]:
    return _place(session.provider_id, session.subject)


def _place(provider_id: str, subject: str) -> tuple[str, ...]:
    return ("sign-out-hint", provider_id, subject)
