"""Many watch one execution: told alike, in order, each thing once, and none of them waits for another."""

from __future__ import annotations

import pytest

from executions.live import execution_fan_out, fan_out
from tests.executions.live.audience import Audience, settle


async def test_all_who_are_at_the_same_place_share_the_same_bytes(audience: Audience) -> None:
    sinks = [await audience.watcher() for _ in range(30)]
    audience.tell(audience.happen())
    for sink in sinks:
        assert (await sink.next())["cursor"] == 2
    assert len({id(sink.written[-1]) for sink in sinks}) == 1


async def test_each_is_told_under_the_id_of_its_own_subscription(audience: Audience) -> None:
    sinks = [await audience.watcher(name) for name in ("1", 'a"b')]
    audience.tell(audience.happen())
    assert [(await sink.next())["id"] for sink in sinks] == ["1", 'a"b']


async def test_changes_of_one_moment_go_out_together_and_in_order(audience: Audience) -> None:
    sink = await audience.watcher()
    audience.tell(*[audience.happen() for _ in range(20)])
    assert [(await sink.next())["cursor"] for _ in range(20)] == list(range(2, 22))
    assert len(sink.written) == 2


async def test_lines_of_one_moment_are_one_message(audience: Audience) -> None:
    sink = await audience.reader()
    audience.tell(audience.happen("a", "b"), audience.happen("c", is_change=False))
    told = await sink.next()
    assert (told["type"], told["cursor"]) == ("state", 3)
    assert [line["message"] for line in told["data"]["logs"]] == ["a", "b", "c"]
    audience.tell(audience.happen("d"))
    told = await sink.next()
    assert (told["type"], told["cursor"]) == ("change", 4)


async def test_lines_of_other_levels_are_left_out_without_a_message(audience: Audience) -> None:
    sink = await audience.reader(min_level="ERROR")
    audience.tell(audience.happen("quiet"))
    audience.tell(audience.happen("end", is_done=True))
    assert [each["type"] for each in await sink.until("end")] == ["end"]


async def test_an_overtaken_message_is_waited_for_and_nothing_is_read(audience: Audience) -> None:
    sink, reads = await audience.watcher(), audience.reads
    first, second = audience.happen(), audience.happen()
    audience.tell(second)
    await settle()
    audience.tell(first)
    assert [(await sink.next())["cursor"] for _ in range(2)] == [2, 3]
    assert audience.reads == reads


async def test_a_gap_is_healed_by_one_reading_for_all(audience: Audience) -> None:
    sinks = [await audience.watcher() for _ in range(10)]
    reads = audience.reads
    audience.happen()
    audience.tell(audience.happen())
    for sink in sinks:
        told = await sink.next()
        assert (told["type"], told["cursor"]) == ("state", 3)
    assert audience.reads == reads + 1
    audience.tell(audience.happen())
    assert [(await sink.next())["cursor"] for sink in sinks] == [4] * 10


async def test_missing_lines_are_read_from_where_each_stands(audience: Audience) -> None:
    sink = await audience.reader()
    audience.happen("lost")
    audience.tell(audience.happen("told"))
    told = await sink.next()
    assert [line["message"] for line in told["data"]["logs"]] == ["lost", "told"]


async def test_a_broken_feed_is_healed_by_reading(audience: Audience) -> None:
    sink = await audience.watcher()
    audience.happen()
    audience.break_off()
    assert (await sink.next())["cursor"] == 2


async def test_a_message_that_was_the_last_and_lost_is_found(
    audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution_fan_out, "LOOK_SECONDS", 0.01)
    watcher, reader = await audience.watcher(), await audience.reader()
    audience.happen("bye", is_done=True)
    assert [each["type"] for each in await watcher.until("end")] == ["state", "end"]
    assert [each["type"] for each in await reader.until("end")] == ["state", "end"]


async def test_a_client_that_does_not_read_holds_up_nobody_and_is_told_all_later(audience: Audience) -> None:
    slow, quick = await audience.watcher(), await audience.watcher()
    slow.stop_reading()
    for place in range(2, 6):
        audience.tell(audience.happen())
        assert (await quick.next())["cursor"] == place
    reads = audience.reads
    slow.read_on()
    assert [(await slow.next())["cursor"] for _ in range(4)] == [2, 3, 4, 5]
    assert audience.reads == reads
    assert len(slow.written) == 2


async def test_a_client_far_behind_is_told_the_state_instead(audience: Audience) -> None:
    slow, quick = await audience.watcher(), await audience.watcher()
    slow.stop_reading()
    for place in range(2, 2500):
        audience.tell(audience.happen())
        if place % 500 == 0:
            await settle()
    while (await quick.next())["cursor"] != 2499:
        pass
    slow.read_on()
    told = await slow.next()
    assert (told["type"], told["cursor"]) == ("state", 2499)
    assert slow.is_silent


async def test_the_end_comes_after_the_last_line_even_if_that_comes_late(audience: Audience) -> None:
    sink = await audience.reader()
    line, end = audience.happen("last", is_change=False), audience.happen(is_done=True)
    audience.tell(end)
    await settle()
    assert sink.is_silent
    audience.tell(line)
    assert [each["type"] for each in await sink.until("end")] == ["change", "end"]


async def test_an_execution_that_is_over_is_told_with_its_end(audience: Audience) -> None:
    audience.happen("one", is_done=True)
    assert (await (await audience.watcher()).next())["type"] == "end"
    assert (await (await audience.reader()).next())["type"] == "end"


async def test_one_that_begins_again_after_its_end_is_told_of_and_ends_again(audience: Audience) -> None:
    watcher, reader = await audience.watcher(), await audience.reader()
    audience.tell(audience.happen("a", is_done=True))
    await watcher.until("end")
    await reader.until("end")
    audience.tell(audience.happen())
    assert (await watcher.next())["type"] == "change"
    audience.tell(audience.happen("b", is_done=True))
    assert [each["type"] for each in await watcher.until("end")] == ["change", "end"]
    assert [each["type"] for each in await reader.until("end")] == ["change", "end"]


async def test_nothing_stays_after_the_last_watcher_left(audience: Audience) -> None:
    for _ in range(3):
        await audience.watcher()
    await audience.close()
    assert audience.watches == []
    assert not any(fan_out._fan_outs.values())
