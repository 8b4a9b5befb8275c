"""The token of a job, which dies with its lease, and the prefix of a group's token."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache

from control_plane.kernel.config import config
from workers.queue.kinds import Leased

GROUP = "orw_"
JOB = "orj_"


@dataclass(frozen=True, slots=True)
class JobClaim:
    """What a job's token says. It counts only while the lease lives."""

    tenant: str
    subject_id: str
    job_id: str
    attempt: int


def job_token(job: Leased) -> str:
    said = f"{job.tenant_id}.{job.subject_id}.{job.id}.{job.attempt}"
    return f"{JOB}{said}.{_sign(said)}"


def read_job_token(token: str) -> JobClaim | None:
    """None unless we signed it. Whether the lease lives must be asked of the database."""
    said, _, signature = token.removeprefix(JOB).rpartition(".")
    parts = said.split(".")
    if not token.startswith(JOB) or len(parts) != 4 or not token.isascii() or not parts[3].isdigit():
        return None
    if not hmac.compare_digest(signature, _sign(said)):
        return None
    return JobClaim(parts[0], parts[1], parts[2], int(parts[3]))


def _sign(said: str) -> str:
    return hmac.new(_key(_secret()), said.encode(), hashlib.sha256).hexdigest()


def _secret() -> str:
    secret = config().secret_key
    if secret is None:
        raise RuntimeError("job tokens need a secret key")
    return secret.get_secret_value()


@cache
def _key(secret: str) -> bytes:
    """A key of its own, so that no other signature is ever one of these."""
    return hmac.new(secret.encode(), b"orrery job token", hashlib.sha256).digest()
