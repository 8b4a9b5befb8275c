"""Whether this process lives, and whether it can serve."""

from __future__ import annotations

import hmac
import logging
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import redis
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from control_plane.kernel.config import config

_logger = logging.getLogger(__name__)
LEAST_ROOM = 64 * 1024 * 1024
"""Bytes free on a disk below which it counts as full."""
_LOOPBACK = ("127.0.0.1", "::1")


@require_safe
def liveness(request: HttpRequest) -> JsonResponse:
    """Answers while the process can answer at all: a database that is away is no reason to restart it."""
    return JsonResponse({"status": "UP"})


@require_safe
def readiness(request: HttpRequest) -> JsonResponse:
    checks: dict[str, Callable[[], object]] = {"database": _database, "redis": _redis}
    details: dict[str, dict[str, object]] = {
        name: {"status": "UP" if _passes(name, check) else "DOWN"} for name, check in checks.items()
    }
    up = all(detail["status"] == "UP" for detail in details.values())
    # Nobody is served better elsewhere when a disk is full, and what is there can still be read.
    details |= {name: _room(path) for name, path in _folders().items()}
    return JsonResponse({"status": "UP" if up else "DOWN", "details": details}, status=200 if up else 503)


def _folders() -> dict[str, Path]:
    """What is kept on a disk of this machine, by its name in the answer."""
    knobs = config()
    return {"storage": knobs.storage_path} if knobs.storage.type == "local" else {}


def _room(path: Path) -> dict[str, object]:
    """Whether there is room left where this is kept, or will be."""
    there = next((each for each in (path, *path.parents) if each.exists()), None)
    try:
        usage = shutil.disk_usage(there or path)
    except OSError as error:
        return {"status": "DOWN", "message": error.strerror or "cannot be read"}
    status = "FULL" if usage.free < LEAST_ROOM else "UP"
    return {"status": status, "free": usage.free, "total": usage.total}


@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Figures of the whole instance: for who holds the token or, without one, for this machine alone."""
    if not _may_measure(request):
        return HttpResponseForbidden("metrics_token is needed\n", content_type="text/plain")
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    token = config().metrics_token
    if token is None:
        return request.META["REMOTE_ADDR"] in _LOOPBACK and "HTTP_X_FORWARDED_FOR" not in request.META
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), token.get_secret_value().encode())


def _passes(name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except (Error, redis.RedisError) as error:
        _logger.warning("%s is down: %s", name, error)
        return False
    return True


def _database() -> object:
    with connection.cursor() as cursor:
        return cursor.execute("SELECT 1")


def _redis() -> object:
    return _client(config().redis_url).ping()


@cache
def _client(url: str | None) -> redis.Redis:
    if url is None:
        raise redis.ConnectionError("redis_url is not set")
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
