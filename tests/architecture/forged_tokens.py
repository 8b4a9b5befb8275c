"""Tokens that must open nothing: of other makes, damaged, misspelt, of another kind, and good ones that are over."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from control_plane.kernel.actor import ANONYMOUS, Context
from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope
from control_plane.kernel.words.clock import now
from iam.authentication.tokens import (
    INVITATION,
    PREFIX_LENGTH,
    RESET,
    SERVICE_ACCOUNT,
    SESSION,
    USER,
    _checksum,
    digest,
    new_token,
)
from iam.authorization import versions
from iam.models import ApiToken, Session, User
from iam.record.tokens import NewToken
from iam.services.service_accounts import create_account, create_account_token, disable_account
from iam.services.sessions import sign_in
from iam.services.tokens import create_my_token
from tests.cast import ACME, PASSWORD, Cast, make_person
from workers.worker_api.tokens import GROUP, JOB

STATEMENT = "x' UNION SELECT 'k"
ROOT = {"sub": "root", "superAdmin": True}


def part(**claims: Any) -> str:
    return text_of(json.dumps(claims))


def text_of(raw: str | bytes) -> str:
    data = raw.encode() if isinstance(raw, str) else raw
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: dict[str, Any], claims: dict[str, Any], key: str = "secret") -> str:
    said = f"{part(**header)}.{part(**claims)}"
    return f"{said}.{text_of(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest())}"


def of_other_makes() -> dict[str, str]:
    """JWTs and their like: we read none, so that no way of forging one helps."""
    moment, ours = int(time.time()), config().secret_key
    key = ours.get_secret_value() if ours else ""
    good = {"alg": "HS256", "typ": "JWT"}
    claims = {
        "whoever": ROOT,
        "without an end": {**ROOT, "iat": moment},
        "over": {**ROOT, "exp": moment - 1},
        "over since ever": {**ROOT, "exp": -1},
        "ending late": {**ROOT, "exp": 2**63},
        "ending in words": {**ROOT, "exp": "never"},
        "not begun": {**ROOT, "nbf": moment + 3600},
        "of tomorrow": {**ROOT, "iat": moment + 86_400},
        "for somebody else": {**ROOT, "aud": "https://other.test"},
        "for all": {**ROOT, "aud": ["orrery", "*"]},
        "from somebody else": {**ROOT, "iss": "https://evil.test"},
        "from one slash off": {**ROOT, "iss": "http://testserver/"},
        "of another tenant": {**ROOT, "tenant": ACME},
    }
    headers: dict[str, dict[str, Any]] = {
        "a key of its own": {**good, "jwk": {"kty": "oct", "k": text_of("secret")}},
        "a key elsewhere": {**good, "jku": "http://evil.test/keys"},
        "a certificate elsewhere": {**good, "x5u": "http://evil.test/cert"},
        "a certificate of its own": {**good, "x5c": [text_of(b"cert")]},
        "a key by path": {**good, "kid": "../../../dev/null"},
        "a key by statement": {**good, "kid": STATEMENT},
        "a key by address": {**good, "kid": "http://169.254.169.254/"},
        "a key by command": {**good, "kid": "|id"},
        "a critical part": {**good, "crit": ["exp"]},
        "another type": {**good, "typ": "at+jwt"},
        "a nested type": {**good, "cty": "JWT"},
    }
    twice = f'{{"alg":"none","alg":"HS256"}}.{json.dumps(ROOT)}'.split(".", 1)
    return {
        **{f"algorithm {name}": f"{part(alg=name)}.{part(**ROOT)}." for name in ("none", "None", "NONE", "nOnE", "")},
        **{f"algorithm {name}": signed({"alg": name}, ROOT) for name in ("HS512", "RS256", "ES256", "EdDSA", "PS256")},
        **{f"claims {name}": signed(good, each) for name, each in claims.items()},
        **{f"header with {name}": signed(each, ROOT) for name, each in headers.items()},
        "signed with our key": signed(good, ROOT, key),
        "signed with nothing": signed(good, ROOT, ""),
        "signed with a line": signed(good, ROOT, "\n"),
        "claims twice": f"{text_of(twice[0])}.{text_of(twice[1])}.x",
        "without a signature": signed(good, ROOT).rpartition(".")[0],
        "an empty signature": signed(good, ROOT).rpartition(".")[0] + ".",
        "encrypted": ".".join([part(alg="dir", enc="A256GCM"), "", "a", "b", "c"]),
        "deep": f"{text_of('[' * 5000)}.{text_of(']' * 5000)}.x",
        "PASETO": "v4.local." + "a" * 80,
        "macaroon": "MDAxY2xvY2F0aW9uIA",
        "Biscuit": "En0KEwoEMTIzNBgDIgkKBwgKEgMYgAgSJAgAEiA",
        "of GitHub": "ghp_" + "a" * 36,
    }


def damaged(good: str) -> dict[str, str]:
    """A token that is let in, one slip away from it."""
    body, check = good[:-6], good[-6:]
    other = "b" if good[10] == "a" else "a"
    return {
        **{f"without character {at}": good[:at] + good[at + 1 :] for at in (0, 4, 20, len(good) - 1)},
        **{f"another character {at}": good[:at] + _other(good[at]) + good[at + 1 :] for at in (0, 3, 4, 15, 30, 36)},
        "another secret, checked again": _checked(good[:10] + other + good[11:-6]),
        "turned round": good[::-1],
        "upper case": good.upper(),
        "lower case": good.lower(),
        "swapped case": good.swapcase(),
        "without its check": body,
        "its check alone": check,
        "its secret alone": body[PREFIX_LENGTH:],
        "half": good[:20],
        "its check twice": good + check,
        "twice": good * 2,
        "and another": f"{good},{good}",
        "and a word": f"{good} x",
        "and a line": f"{good}\nx",
        "and nothing": f"{good}\x00",
        "a space within": f"{good[:10]} {good[10:]}",
        "a space of another kind before": f"\xa0{good}",
        "a space of another kind behind": f"{good}\x85",
        "quoted": f'"{good}"',
        "in an address": quote(good, safe="").replace("o", "%6f", 1),
        "in base64": base64.b64encode(good.encode()).decode(),
        "its digest": digest(good),
        "like its digest": f"{USER}{digest(good)[:33]}",
        "bearer in bearer": f"Bearer {good}",
        "a name and it": f"token:{good}",
        "it and a name": f"{good}:x",
        "not ASCII": good[:-1] + "\xe9",
        "large": USER + "a" * 100_000,
    }


def of_another_kind(good: str) -> dict[str, str]:
    """The same secret under the prefix of something else, with a check that fits; and what else is well formed."""
    secret = good[PREFIX_LENGTH:-6]
    kinds = {"machine": SERVICE_ACCOUNT, "session": SESSION, "invitation": INVITATION, "reset": RESET, "group": GROUP}
    return {
        **{f"as of a {name}": _checked(prefix + secret) for name, prefix in kinds.items()},
        **{f"a new one of a {name}": new_token(prefix) for name, prefix in kinds.items()},
        "nobody's": new_token(USER),
        "of no kind": new_token("xyz_"),
        "without a kind": new_token("____"),
        "a job's": f"{JOB}{ACME}.s.j.1.{'0' * 64}",
        "a job's with many digits": f"{JOB}{ACME}.s.j.{'9' * 5000}.{'0' * 64}",
        "a job's without a signature": f"{JOB}{ACME}.s.j.1.",
        "a job's with other digits": f"{JOB}{ACME}.s.j.\N{SUPERSCRIPT TWO}.{'0' * 64}",
    }


def of_no_make() -> dict[str, str]:
    return {
        "empty": "",
        "blanks": "   ",
        "null": "null",
        "undefined": "undefined",
        "a list": "[]",
        "true": "true",
        "statement": "' OR '1'='1",
        "wildcard": "%",
        "under score": "_" * 37,
        "path": "../../etc/passwd",
        "a template": "{{ secret('X') }}",
        "a line break": "x\r\nX-User: root",
        "marks": "\xff\xfe\xfd",
    }


def over(cast: Cast) -> dict[str, str]:
    """Good ones whose time has come: revoked, ended, of people and machines that are shut out, or used from elsewhere."""
    return {
        "revoked": _revoked(),
        "expired": _expired(),
        "of somebody disabled": _of_somebody_disabled(),
        "of somebody deleted": _of_somebody_deleted(),
        "of a disabled machine": _of_a_disabled_machine(cast),
        "from elsewhere": _from_elsewhere(),
        "a session": _session(),
        "a session that ended": _session(is_over=True),
    }


def every_forgery(cast: Cast) -> dict[str, str]:
    """By name. `cast.vera` holds the token that the damaged ones come from; it opens what she may open."""
    good = cast.vera.token
    made = [of_other_makes(), damaged(good), of_another_kind(good), of_no_make(), over(cast)]
    named = {name: token for each in made for name, token in each.items()}
    assert len(named) == sum(map(len, made)), "two forgeries have one name"
    return named


def _other(character: str) -> str:
    return "b" if character == "a" else "a"


def _checked(body: str) -> str:
    return body + _checksum(body)


def _revoked() -> str:
    person = make_person("revoked@forged.test", tenants=[ACME])
    ApiToken.objects.filter(user_id=person.user.id).delete()
    _forget()
    return person.token


def _expired() -> str:
    person = make_person("expired@forged.test", tenants=[ACME])
    ApiToken.objects.filter(user_id=person.user.id).update(expires_at=now() - timedelta(seconds=1))
    _forget()
    return person.token


def _of_somebody_disabled() -> str:
    person = make_person("disabled@forged.test", tenants=[ACME])
    User.objects.filter(id=person.user.id).update(is_disabled=True)
    _forget()
    return person.token


def _of_somebody_deleted() -> str:
    person = make_person("deleted@forged.test", tenants=[ACME])
    User.objects.filter(id=person.user.id).delete()
    _forget()
    return person.token


def _of_a_disabled_machine(cast: Cast) -> str:
    ctx = cast.olga.context(ACME)
    account = create_account(ctx, name="forged")
    _, token = create_account_token(ctx, account_id=account.id, wanted=NewToken("forged"))
    disable_account(ctx, account_id=account.id, is_disabled=True)
    return token


def _from_elsewhere() -> str:
    person = make_person("elsewhere@forged.test", tenants=[ACME])
    _, token = create_my_token(person.context(), wanted=NewToken("far", networks=("192.0.2.0/24",)))
    return token


def _session(*, is_over: bool = False) -> str:
    email = "over@forged.test" if is_over else "session@forged.test"
    make_person(email, password=PASSWORD, tenants=[ACME])
    secret = sign_in(Context(ANONYMOUS), username=email, password=PASSWORD)
    if is_over:
        Session.objects.filter(digest=digest(secret)).delete()
        _forget()
    return secret


def _forget() -> None:
    with instance_scope():
        versions.move_identities()
