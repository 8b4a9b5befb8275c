"""The worker API's endpoint: native on the event loop, a thread only while the database is asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

import msgspec
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope

from control_plane.kernel.asgi_routes import AsyncRoute, body_of, until_gone
from control_plane.kernel.live.feed import feed
from control_plane.kernel.threads import in_thread
from workers.queue.leases import claim_jobs, parts_of, take_report
from workers.queue.orders import group_channel, worker_channel
from workers.runtime import protocol
from workers.worker_api import fleet
from workers.worker_api.job_endpoints import JOB_ENDPOINTS
from workers.worker_api.messages import answered, bearer, read_message, respond

LONGEST_WAIT = 25.0
LONGEST_REPORT = 64 * 1024 * 1024
LONGEST_QUESTION = 1024 * 1024
PATIENT = frozenset({"claim", "orders"})
"""Questions whose answer is held back until there is one, while somebody waits for it."""
MOST_JOBS = 256
MOST_AT_ONCE = 3
"""Parts of one report that are folded at the same time; each holds a thread and a connection."""
_encoder = msgspec.json.Encoder(enc_hook=str)

Door = Callable[[HTTPScope, str, bytes], Coroutine[Any, Any, Any]]


async def _register(scope: HTTPScope, token: str, body: bytes) -> protocol.Registered:
    return await in_thread(fleet.register_worker, token, read_message(body, protocol.Register))


async def _claim(scope: HTTPScope, token: str, body: bytes) -> protocol.Claimed:
    asked = read_message(body, protocol.Claim)
    member, jobs = await in_thread(_claim_now, token, asked)
    if jobs or asked.wait <= 0:
        return protocol.Claimed(jobs=jobs)
    return protocol.Claimed(jobs=await _claim_when_there_is_one(token, asked, member.group))


def _claim_now(token: str, asked: protocol.Claim) -> tuple[Any, list[protocol.Job]]:
    member = fleet.member_of(token, asked.worker_id)
    return member, claim_jobs(member, asked.request_id, min(asked.max, MOST_JOBS))


async def _claim_when_there_is_one(token: str, asked: protocol.Claim, group: str) -> list[protocol.Job]:
    """Hold the request open until a job of the group is ordered, or the time is up."""
    deadline = asyncio.get_running_loop().time() + min(asked.wait, LONGEST_WAIT)
    async with feed().subscribe(group_channel(group)) as reports:
        while True:
            # What was told before the queue is looked at is no reason to look again.
            reports.mend()
            _, jobs = await in_thread(_claim_now, token, asked)
            left = deadline - asyncio.get_running_loop().time()
            if jobs or left <= 0:
                return jobs
            await reports.wait(min(left, 5.0))


async def _report(scope: HTTPScope, token: str, body: bytes) -> protocol.Reported:
    """Executions do not wait for each other's commits."""
    early, last = parts_of(read_message(body, protocol.Report), MOST_AT_ONCE)
    told = await asyncio.gather(*(in_thread(_report_now, token, part) for part in early))
    told.append(await in_thread(_report_now, token, last))
    results = [result for each in told for result in each.results]
    return protocol.Reported(results=results, jobs=told[-1].jobs)


def _report_now(token: str, report: protocol.Report) -> protocol.Reported:
    report.want_jobs = min(report.want_jobs, MOST_JOBS)
    return take_report(fleet.member_of(token, report.worker_id), report)


async def _heartbeat(scope: HTTPScope, token: str, body: bytes) -> protocol.Beat:
    asked = read_message(body, protocol.Heartbeat)
    return await in_thread(lambda: fleet.beat(fleet.member_of(token, asked.worker_id), asked))


async def _orders(scope: HTTPScope, token: str, body: bytes) -> protocol.Orders:
    """Holds no thread and no connection while it waits; the heartbeat repeats what is missed. An order for a job whose
    row is gone already stands in the message alone."""
    query = _query(scope)
    worker_id, cursor = query.get("workerId", ""), query.get("cursor", "")
    async with feed().subscribe(worker_channel(worker_id)) as reports:
        told = await in_thread(lambda: fleet.orders_for(fleet.member_of(token, worker_id), cursor))
        if told.orders or not await reports.wait(LONGEST_WAIT):
            return told
        heard = [order for message in reports.take() for order in _order_in(message)]
        told = await in_thread(lambda: fleet.orders_for(fleet.member_of(token, worker_id), cursor))
        known = {order.job_id for order in told.orders}
        return protocol.Orders(cursor=told.cursor, orders=[*told.orders, *(o for o in heard if o.job_id not in known)])


def _order_in(message: Mapping[str, msgspec.Raw]) -> list[protocol.Order]:
    """The kill that a message of the worker's channel tells; none in any other."""
    job_id = message.get("jobId")
    return [] if job_id is None else [protocol.Order(order="kill", job_id=msgspec.json.decode(job_id, type=str))]


async def _release(scope: HTTPScope, token: str, body: bytes) -> protocol.Empty:
    asked = read_message(body, protocol.Release)
    await in_thread(lambda: fleet.release(fleet.member_of(token, asked.worker_id), asked))
    return protocol.Empty()


async def _goodbye(scope: HTTPScope, token: str, body: bytes) -> protocol.Empty:
    asked = read_message(body, protocol.Goodbye)
    await in_thread(lambda: fleet.say_goodbye(fleet.member_of(token, asked.worker_id)))
    return protocol.Empty()


def _query(scope: HTTPScope) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(scope["query_string"].decode("ascii")))


def _door(answer: Door, is_patient: bool) -> ASGI3Application:
    async def app(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        work = answer(scope, bearer(scope), body_of(scope).read())
        result = await (until_gone(scope, receive, work) if is_patient else work)
        await respond(send, 200, _encoder.encode(result))

    return cast(ASGI3Application, answered(app))


_POST = frozenset({"POST"})
_GET = frozenset({"GET"})


def _route(name: str, door: Door, methods: frozenset[str] = _POST) -> AsyncRoute:
    address = re.compile(re.escape(protocol.BASE) + name)
    most = LONGEST_REPORT if name == "report" else LONGEST_QUESTION
    return AsyncRoute(address, _door(door, name in PATIENT), methods, vouch=_vouch, most=lambda: most)


def _vouch(scope: HTTPScope) -> None:
    """Before a large body is taken in: the token is that of a worker group."""
    fleet.group_of(bearer(scope))


async_routes = [
    _route("claim", _claim),
    _route("report", _report),
    _route("heartbeat", _heartbeat),
    _route("orders", _orders, _GET),
    _route("register", _register),
    _route("release", _release),
    _route("goodbye", _goodbye),
    *JOB_ENDPOINTS,
]
