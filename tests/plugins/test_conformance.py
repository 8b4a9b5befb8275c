"""What every plugin must keep, checked for everything that is discovered: documents, names, schemas, and examples that run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import jsonschema
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from control_plane.embedded.postgres import OWNER
from executions.simulator.simulated import Simulated
from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator
from flows.expressions import Environment
from flows.model.documents.compose import compose
from flows.model.documents.tree import plain
from flows.model.facts import renderer
from flows.model.parse import parse_flow
from flows.model.schema import flow_schema
from plugins.catalog.registry import discover, group_of, kind_of, name_of, registry
from plugins.catalog.schemas import is_internal, schema
from plugins.conditions.facts import Facts
from plugins.contracts import Condition, Plugin, Runner, State, Task, Trigger
from plugins.flowables.allow_failure import AllowFailure
from plugins.runners.docker.runner import Docker
from plugins.tasks.execution.resume import Resume
from plugins.triggers.flow import Flow as FlowTrigger
from plugins.triggers.http_trigger import HttpTrigger
from plugins.triggers.kinds import ClockTrigger
from plugins.triggers.turn import take_turn
from plugins.triggers.webhook import Webhook, webhook_variables
from tests.plugins.tasks.memory import MemoryContext

ALL = registry().all()
PUBLIC = [plugin for plugin in ALL if not is_internal(plugin)]
EXAMPLES = [
    pytest.param(plugin, source, id=f"{group_of(plugin).rpartition('.')[2]}.{name_of(plugin)}-{number}")
    for plugin in PUBLIC
    for number, source in enumerate(plugin.EXAMPLES)
]


def tasks_of(group: str) -> list[Any]:
    """Examples of tasks that a server answers."""
    return [each for each in EXAMPLES if group in each.values[0].TYPE and issubclass(each.values[0], Task)]


ON_POSTGRES, ON_REDIS, ON_RABBIT = tasks_of("jdbc.postgresql"), tasks_of("plugin.redis"), tasks_of("plugin.amqp")
IN_CONTAINERS = [each for each in EXAMPLES if each.values[0] is Docker]
"""Run on a real engine in `tests/plugins/runners/docker`."""
ON_SERVERS = [*ON_POSTGRES, *ON_REDIS, *ON_RABBIT, *IN_CONTAINERS]


def started_by(kind: type[Trigger]) -> list[Any]:
    return [
        each
        for each in EXAMPLES
        if any(isinstance(trigger, kind) for trigger in parse_flow(each.values[1]).flow.triggers)
    ]


ON_CLOCK, ON_FLOWS = started_by(ClockTrigger), started_by(FlowTrigger)
PAUSED = "2TgbY8sTYGDKZ5ipnVTFYq"
NEEDED = (
    """
id: child
namespace: company.team
inputs:
  - {id: file, type: STRING, required: false}
  - {id: greeting, type: STRING, required: false}
tasks:
  - {id: work, type: io.kestra.plugin.core.debug.Return, format: x}
""",
    """
id: waits
namespace: company.team
tasks:
  - id: ask
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: approved, type: BOOLEAN}]
""",
)
WORK = "tasks: [{id: work, type: io.kestra.plugin.core.debug.Return, format: x}]"
RETRIED = """id: upstream
tasks:
  - {id: work, type: io.kestra.plugin.core.execution.Fail, retry: {type: constant, interval: PT1S, maxAttempts: 2}}
"""
UPSTREAM = {
    # by the id of the example's flow: the flows whose ends start it
    "after_one_flow": ["id: other", "id: upstream"],
    "after_labelled": ["id: other", "id: upstream\nlabels: {owner: finance}"],
    "after_any_in_namespace": ["id: upstream", "id: other\nnamespace: elsewhere"],
    "after_good_output": [
        "id: other\noutputs: [{id: status, type: STRING, value: bad}]",
        "id: upstream\noutputs: [{id: status, type: STRING, value: good}]",
    ],
    "after_success": ["id: upstream"],
    "when_expression": ["id: upstream"],
    "only_this_flow": ["id: upstream"],
    "only_this_namespace": ["id: upstream"],
    "after_retries": ["id: other", RETRIED],
    "after_both": ["id: first", "id: first", "id: second"],
    "after_extract": ["id: other", "id: extract"],
}


def ids(plugins: list[type[Plugin]]) -> list[Any]:
    return [pytest.param(plugin, id=plugin.TYPE) for plugin in plugins]


def test_every_kind_of_plugin_is_among_them() -> None:
    assert {kind_of(plugin) for plugin in PUBLIC} == {"task", "trigger", "condition", "runner"}
    assert len(PUBLIC) >= 85
    assert [plugin for plugin in discover() if plugin not in ALL] == []


@pytest.mark.parametrize("plugin", ids(PUBLIC))
def test_it_says_what_it_is(plugin) -> None:
    assert plugin.TITLE
    assert plugin.__doc__
    assert plugin.__doc__ != (plugin.__mro__[1].__doc__)
    assert not plugin.TITLE.endswith(".")


@pytest.mark.parametrize("plugin", ids(PUBLIC))
def test_it_shows_itself_in_a_whole_flow(plugin) -> None:
    assert plugin.EXAMPLES
    for source in plugin.EXAMPLES:
        document = plain(compose(source))
        assert {"id", "namespace", "tasks"} <= document.keys()
        assert plugin.TYPE in source


@pytest.mark.parametrize("plugin", ids(ALL))
def test_each_of_its_names_leads_to_it(plugin) -> None:
    assert registry().find(plugin.TYPE).replaces is None
    for alias in plugin.ALIASES:
        found = registry().find(alias)
        assert (found.plugin, found.replaces) == (plugin, alias)
    kind = kind_of(plugin)
    assert getattr(registry(), kind)(plugin.TYPE) is plugin
    assert issubclass(plugin, {"task": Task, "trigger": Trigger, "condition": Condition, "runner": Runner}[kind])


@pytest.mark.parametrize("plugin", ids(PUBLIC))
def test_its_schema_is_one_and_describes_its_properties(plugin) -> None:
    described = schema(plugin.TYPE)
    jsonschema.Draft202012Validator.check_schema(described)
    properties = described["properties"]
    assert plugin.TYPE in str(properties["type"])
    assert len(properties) >= len(plugin.model_fields) - 1


@pytest.mark.parametrize(("plugin", "source"), EXAMPLES)
def test_its_example_fits_the_schema_and_warns_of_nothing_but_its_age(plugin, source) -> None:
    parsed = parse_flow(source)
    assert parsed.warnings == [] or plugin.DEPRECATED
    jsonschema.Draft202012Validator(flow_schema()).validate(plain(compose(source)))


class Answering:
    """A way out that leads to one answer."""

    def __init__(self, stock: int = 1) -> None:
        self.stock = stock

    def client(self, **_: Any) -> httpx.Client:
        answer = {"id": 1, "stock": self.stock}
        return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)))

    def resolve(self, *, host: str, port: int) -> list[str]:
        return ["127.0.0.1"]


def world_for(source: str) -> tuple[Simulator, Any]:
    """A world with what examples mention: other flows, files, a secret, an answering web."""
    memory_stores = MemoryStores(files={"/in.txt": b"a\nb\n"}, secrets={"SHOP_PASSWORD": "secret"})
    world = Simulator(NEEDED, memory_stores=memory_stores, http_service=Answering())
    return world, world.add(parse_flow(source).flow).flow


def run(world: Simulator, flow: Any) -> Simulated:
    given = {each.id: "kestra:///in.txt" for each in flow.inputs if each.type == "FILE"}
    execution = world.run(flow.namespace, flow.id, given)
    assert execution.is_done
    return execution


@pytest.mark.parametrize(("plugin", "source"), [each for each in EXAMPLES if each not in ON_SERVERS])
def test_its_example_runs_to_its_end(plugin, source) -> None:
    world, flow = world_for(source)
    if plugin is Resume:
        waiting = world.run("company.team", "waits")
        world.executions[PAUSED] = waiting
    execution = run(world, flow)
    expected = State.WARNING if plugin is AllowFailure else State.SUCCESS
    assert execution.state is expected, [line.message for line in execution.logs]


@pytest.fixture
def shop(postgres):
    """The table that examples of SQL speak of, on a real server; its address and who may enter."""
    owner = postgres.url(OWNER)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.orders (id int, total int, day text, seen boolean)")
        connection.execute("INSERT INTO public.orders VALUES (1, 5, '2024-01-01', false)")
        yield f"127.0.0.1:{postgres.port}", conninfo_to_dict(owner)
        connection.execute("DROP TABLE public.orders")


@pytest.mark.parametrize(("plugin", "source"), ON_POSTGRES)
def test_its_example_runs_on_a_real_postgresql(plugin, source, shop) -> None:
    place, access = shop
    document = source.replace("db.example.com:5432/shop", f"{place}/{access['dbname']}")
    for name in ("reader", "writer"):
        document = document.replace(f"username: {name}", f"username: {access['user']}")
    world, flow = world_for(document)
    world.memory_stores.secrets["SHOP_PASSWORD"] = access["password"]
    execution = run(world, flow)
    assert execution.state is State.SUCCESS, [line.message for line in execution.logs]
    outputs = execution.runs[0].outputs
    assert outputs["size"] == 1 if "size" in outputs else outputs["outputs"][-1]["rows"] == [{"seen": 1}]


@pytest.mark.parametrize(("plugin", "source"), ON_REDIS)
def test_its_example_runs_on_a_real_redis(plugin, source, valkey) -> None:
    world, flow = world_for(source.replace("redis://redis.example.com:6379/0", valkey.url))
    execution = run(world, flow)
    assert execution.state is State.SUCCESS, [line.message for line in execution.logs]


@pytest.mark.parametrize(("plugin", "source"), ON_RABBIT)
def test_its_example_runs_on_a_real_rabbitmq(plugin, source, rabbit) -> None:
    rabbit.put("orders", "an order")
    document = source.replace("host: rabbit.example.com", f"host: 127.0.0.1\n    port: {rabbit.port}")
    for name in ("reader", "writer"):
        document = document.replace(f"username: {name}", "username: guest")
    world, flow = world_for(document)
    world.memory_stores.secrets["RABBIT_PASSWORD"] = "guest"
    execution = run(world, flow)
    assert execution.state is State.SUCCESS, [line.message for line in execution.logs]


def facts() -> Facts:
    return Facts(renderer(Environment(clock=lambda: datetime(2024, 5, 6, tzinfo=UTC))), zone=UTC)


@pytest.mark.parametrize(("plugin", "source"), ON_CLOCK)
def test_its_example_starts_on_the_clock(plugin, source) -> None:
    (trigger,) = parse_flow(source).flow.triggers
    first = trigger.first_date(datetime(2024, 5, 6, tzinfo=UTC), facts())
    turn = take_turn(trigger, first, first, facts())
    fires = [turn.fire]
    while fires[-1] is None and turn.next_date is not None:
        turn = take_turn(trigger, turn.next_date, turn.next_date, facts())
        fires.append(turn.fire)
    assert turn.failure is None
    assert fires[-1].date >= datetime(2024, 5, 6, tzinfo=UTC)
    world, flow = world_for(source)
    started = world.run(
        flow.namespace, flow.id, trigger={"id": trigger.id, "type": trigger.type, "variables": fires[-1].variables()}
    )
    assert started.state is State.SUCCESS


@pytest.mark.parametrize(("plugin", "source"), ON_FLOWS)
def test_its_example_starts_when_others_end(plugin, source) -> None:
    world, flow = world_for(source)
    for upstream in UPSTREAM[flow.id]:
        namespace = "" if "namespace:" in upstream else "\nnamespace: company.team"
        tasks = "" if "tasks:" in upstream else f"\n{WORK}"
        known = world.add(upstream + namespace + tasks).flow
        world.run(known.namespace, known.id)
    started = [each for each in world.executions.values() if each.execution.flow_id == flow.id]
    assert [each.state for each in started] == [State.SUCCESS]
    assert started[0].execution.trigger["variables"]["executionId"]


def test_every_example_that_waits_for_others_is_told_of_them() -> None:
    assert {parse_flow(each.values[1]).flow.id for each in ON_FLOWS} == UPSTREAM.keys()


def test_the_example_of_a_webhook_takes_its_key_and_no_other() -> None:
    (source,) = Webhook.EXAMPLES
    world, flow = world_for(source)
    (trigger,) = flow.triggers
    variables = webhook_variables('{"a": 1}', {}, {})
    assert trigger.has_key("4wjtkzwVGBM9yKnjm3yv8r", facts())
    assert not trigger.has_key("4wjtkzwVGBM9yKnjm3yv8R", facts())
    assert trigger.accepts(variables, facts())
    execution = world.run(
        flow.namespace, flow.id, trigger={"id": trigger.id, "type": trigger.type, "variables": variables}
    )
    assert [line.message for line in execution.logs] == ['{"a":1}']


@pytest.mark.parametrize(("stock", "starts"), [(3, True), (0, False)])
def test_the_example_of_a_poll_starts_when_the_answer_is_as_hoped_for(stock, starts, tmp_path) -> None:
    (source,) = HttpTrigger.EXAMPLES
    (trigger,) = parse_flow(source).flow.triggers
    ctx = MemoryContext(tmp_path)
    ctx.services["http"] = Answering(stock)
    outputs = trigger.evaluate(ctx)
    assert (outputs is not None) is starts
