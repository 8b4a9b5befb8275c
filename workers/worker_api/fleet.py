"""The processes that joined: who they are, that they live, and when they leave."""

from __future__ import annotations

from control_plane.kernel.config import Config, config
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import ask_instance, instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, Forbidden, Unauthenticated
from iam.authentication.tokens import digest, is_well_formed
from workers.models import Worker
from workers.queue import queue, sql, tickets
from workers.queue.kinds import handler_of
from workers.queue.leases import Member
from workers.queue.lines import Subscribed, lines_of
from workers.runtime.protocol import (
    Beat,
    Broker,
    Heartbeat,
    Order,
    Orders,
    Register,
    Registered,
    Release,
)
from workers.worker_api.egress_rules import egress_rules
from workers.worker_api.tokens import GROUP


class UnknownWorker(Conflict):
    """This worker is not known here: register again."""

    code = "unknown_worker"


def register_worker(token: str, body: Register) -> Registered:
    """Let a process join the group of its token. Registering again with the same request id is the same worker."""
    with instance_scope():
        token_id, group = group_of(token)
        if body.group is not None and body.group != group:
            raise Forbidden(f"this token opens the group {group}, not {body.group}")
        worker_id = body.request_id[:22]
        worker, _ = Worker.objects.get_or_create(
            id=worker_id,
            defaults={
                "token_id": token_id,
                "group_id": group,
                "name": body.name[:255],
                "host": body.host[:255],
                "pid": body.pid,
                "version": body.version[:64],
                "slots": body.slots,
                "started_at": now(),
                "seen_at": now(),
            },
        )
    if worker.token_id != token_id:
        raise Conflict("this request id was used with another token: register with a new one")
    return _registered(worker, config())


def _registered(worker: Worker, knobs: Config) -> Registered:
    broker = knobs.worker_broker_url
    return Registered(
        worker_id=worker.id,
        group=worker.group_id,
        lease_seconds=knobs.worker.lease_seconds,
        heartbeat_seconds=knobs.worker.heartbeat_seconds,
        poll_seconds=knobs.worker.poll_seconds,
        broker=Broker(url=broker, queue=tickets.queue_of(worker.group_id)) if broker and _is_ours(worker) else None,
        egress=egress_rules(knobs),
    )


def _is_ours(worker: Worker) -> bool:
    """Only workers of the platform itself hear the broker; all others hold a request open instead."""
    return worker.token.name == "platform"


def member_of(token: str, worker_id: str) -> Member:
    """The worker that this token speaks for. Raises when it is revoked, or the worker is another one's or gone."""
    if not token.startswith(GROUP) or not is_well_formed(token):
        raise Unauthenticated("a worker group's token is needed")
    rows = ask_instance(sql.MEMBER, [worker_id, digest(token)])
    if not rows:
        raise Unauthenticated("this token is not valid, or no longer")
    group, known, is_draining, slots, subscribed = rows[0]
    if known is None:
        raise UnknownWorker()
    lines = lines_of(group, slots, [Subscribed(each[0], each[1], each[2], tuple(each[3])) for each in subscribed or ()])
    return Member(known, group, is_draining, lines)


def group_of(token: str) -> tuple[str, str]:
    """The token's id and its group. Raises when it is nobody's, or revoked."""
    if not token.startswith(GROUP) or not is_well_formed(token):
        raise Unauthenticated("a worker group's token is needed")
    rows = ask_instance(sql.TOKEN, [digest(token)])
    if not rows:
        raise Unauthenticated("this token is not valid, or no longer")
    return rows[0]


def beat(member: Member, body: Heartbeat) -> Beat:
    """Renew the leases a worker still holds, and repeat the orders it may have missed."""
    addresses = {address.rpartition(".")[2]: address for address in body.jobs}
    renewed = queue.renew(member.worker_id, list(addresses))
    _see(member, body.ended)
    orders = [Order(order="kill", job_id=addresses[job]) for job, is_killed in renewed.items() if is_killed]
    if member.is_draining:
        orders.append(Order(order="drain"))
    seconds = config().worker.lease_seconds
    return Beat(leases={addresses[job]: seconds for job in renewed}, orders=orders)


def _see(member: Member, ended: int) -> None:
    pipeline = Pipeline()
    pipeline.add(sql.SEEN, [ended, ended, member.worker_id])
    pipeline.run()


def orders_for(member: Member, cursor: str) -> Orders:
    """Orders given after the cursor."""
    since = float(cursor) if cursor.replace(".", "", 1).isdigit() else 0.0
    kills = [kill for kill in queue.kills_of(member.worker_id) if kill[1] > since]
    orders = [Order(order="kill", job_id=address) for address, _ in kills]
    if member.is_draining:
        orders.append(Order(order="drain"))
    latest = max([at for _, at in kills], default=since)
    return Orders(cursor=f"{latest:.6f}" if latest else "", orders=orders)


def release(member: Member, body: Release) -> None:
    """Take jobs back: what was never begun waits again; what was is lost without counting as a loss."""
    waiting = {address.rpartition(".")[2]: address for address in body.jobs}
    handed_back = queue.hand_back(member.worker_id, list(waiting))
    tickets.send([group for _, group in handed_back])
    for job, _ in handed_back:
        waiting.pop(job, None)
    _lose(member, [*waiting.values(), *body.begun])


def _lose(member: Member, addresses: list[str]) -> None:
    """Each as its kind has it; one that is over already is nobody's."""
    kinds = queue.kinds_of([address.rpartition(".")[2] for address in addresses])
    for address in addresses:
        parts = address.split(".")
        if len(parts) == 3 and parts[2] in kinds:
            with tenant_scope(parts[0]):
                handler_of(kinds[parts[2]]).lost(parts[1], parts[2], drained_by=member.worker_id)


def say_goodbye(member: Member) -> None:
    Worker.objects.filter(id=member.worker_id).update(left_at=now(), seen_at=now())
