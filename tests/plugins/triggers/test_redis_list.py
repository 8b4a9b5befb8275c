"""Elements of a list of a real Redis start executions, and none of them is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from control_plane.embedded.valkey import Valkey
from flows.model.parse import parse_trigger
from plugins.contracts import PluginError
from plugins.triggers.redis_list_realtime import RedisListRealtime
from plugins.triggers.redis_list_trigger import RedisListTrigger
from tests.plugins.tasks.memory import MemoryContext, run
from tests.plugins.triggers.listening import until_begun

LIST = "io.kestra.plugin.redis.list"
TAKEN = "orders:taken:main.company.team.flow.t"


@pytest.fixture
def client(valkey: Valkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as made:
        yield made


@pytest.fixture
def place(valkey: Valkey) -> dict[str, Any]:
    return {"url": valkey.url, "key": "orders"}


def polling(place: dict[str, Any], **more: Any) -> RedisListTrigger:
    parsed = parse_trigger({"id": "t", "type": f"{LIST}.Trigger", **place, **more})
    assert isinstance(parsed, RedisListTrigger)
    return parsed


def listening(place: dict[str, Any], **more: Any) -> RedisListRealtime:
    parsed = parse_trigger({"id": "t", "type": f"{LIST}.RealtimeTrigger", **place, **more})
    assert isinstance(parsed, RedisListRealtime)
    return parsed


def test_each_element_is_told_in_order_as_soon_as_it_comes(
    ctx: MemoryContext, client: redis.Redis, place: dict[str, Any]
) -> None:
    client.rpush("orders", "a", "b")
    until_begun(ctx, 3, listening(place), lambda: client.rpush("orders", "c"))
    assert ctx.starts.begun == [{"value": "a"}, {"value": "b"}, {"value": "c"}]
    assert client.exists("orders", TAKEN) == 0


def test_what_starts_nothing_is_kept_and_told_again(
    ctx: MemoryContext, client: redis.Redis, place: dict[str, Any]
) -> None:
    client.rpush("orders", "a", "b")
    ctx.starts.refuses = True
    with pytest.raises(PluginError, match="nothing begins"):
        listening(place).listen(ctx)
    assert client.lrange(TAKEN, 0, -1) == [b"a", b"b"]
    ctx.starts.refuses = False
    until_begun(ctx, 3, listening(place), lambda: client.rpush("orders", "c"))
    assert [each["value"] for each in ctx.starts.begun] == ["a", "b", "c"]


def test_elements_are_json_where_it_says_so_and_any_text_holds_nobody_up(
    ctx: MemoryContext, client: redis.Redis, place: dict[str, Any]
) -> None:
    client.rpush("orders", '{"n": 1}', "no json", b"\xff\x00")
    until_begun(ctx, 3, listening(place, serdeType="JSON"), lambda: None)
    assert [each["value"] for each in ctx.starts.begun] == [{"n": 1}, "no json", "\ufffd\ufffd"]


def test_a_look_starts_one_execution_with_all_that_is_there(
    ctx: MemoryContext, client: redis.Redis, place: dict[str, Any]
) -> None:
    assert polling(place).evaluate(ctx) is None
    assert ctx.starts.begun == []
    client.rpush("orders", *range(250))
    assert polling(place, maxRecords=200).evaluate(ctx) is None
    (begun,) = ctx.starts.begun
    assert begun["count"] == 200
    assert ctx.text(begun["uri"]).splitlines()[:2] == ['"0"', '"1"']
    assert (client.llen("orders"), client.exists(TAKEN)) == (50, 0)


def test_a_look_that_starts_nothing_loses_nothing(
    ctx: MemoryContext, client: redis.Redis, place: dict[str, Any]
) -> None:
    client.rpush("orders", "a")
    ctx.starts.refuses = True
    with pytest.raises(PluginError):
        polling(place).evaluate(ctx)
    ctx.starts.refuses = False
    polling(place).evaluate(ctx)
    assert [each["count"] for each in ctx.starts.begun] == [1]


def test_tasks_put_elements_there_and_take_them(ctx: MemoryContext, client: redis.Redis, place: dict[str, Any]) -> None:
    pushed = run(ctx, f"{LIST}.ListPush", **place, from_=["a", "b", "c"])
    assert pushed == {"count": 3}
    popped = run(ctx, f"{LIST}.ListPop", **place, maxRecords=2)
    assert (popped["count"], ctx.text(popped["uri"]).splitlines()) == (2, ['"a"', '"b"'])
    assert client.lrange("orders", 0, -1) == [b"c"]
    file = ctx.keep('"x"\n{n:1}\n')
    assert run(ctx, f"{LIST}.ListPush", **place, from_=file) == {"count": 2}
    assert client.lrange("orders", 0, -1) == [b"c", b"x", b'{"n": 1}']
    assert client.keys("*taken*") == []


def test_a_task_that_cannot_keep_what_it_took_gives_it_back(
    ctx: MemoryContext, client: redis.Redis, place: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise PluginError("the storage is full")

    client.rpush("orders", "a", "b")
    monkeypatch.setattr(ctx, "store", full)
    with pytest.raises(PluginError, match="full"):
        run(ctx, f"{LIST}.ListPop", **place)
    assert client.lrange("orders", 0, -1) == [b"a", b"b"]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://127.0.0.1:1", "Redis: "),
        ("http://127.0.0.1", "begins with redis"),
        ("redis://127.0.0.1:x", "is no URL"),
        ("redis://169.254.169.254:6379", "link-local"),
    ],
)
def test_a_server_that_is_away_or_may_not_be_reached_is_told(ctx: MemoryContext, url: str, told: str) -> None:
    with pytest.raises(PluginError, match=told):
        polling({"url": url, "key": "k"}).evaluate(ctx)
