"""Many watch one execution: told alike, in order, each thing once, and none of them waits for another."""

from __future__ import annotations

import pytest

from executions.live import execution_fan_out, fan_out
from tests.executions.live.audience import Theatre, settle


async def test_all_who_are_at_the_same_place_share_the_same_bytes(theatre: Theatre) -> None:
    outlets = [await theatre.watcher() for _ in range(30)]
    theatre.tell(theatre.happen())
    for outlet in outlets:
        assert (await outlet.next())["cursor"] == 2
    assert len({id(outlet.written[-1]) for outlet in outlets}) == 1


async def test_each_is_told_under_the_id_of_its_own_subscription(theatre: Theatre) -> None:
    outlets = [await theatre.watcher(name) for name in ("1", 'a"b')]
    theatre.tell(theatre.happen())
    assert [(await outlet.next())["id"] for outlet in outlets] == ["1", 'a"b']


async def test_changes_of_one_moment_go_out_together_and_in_order(theatre: Theatre) -> None:
    outlet = await theatre.watcher()
    theatre.tell(*[theatre.happen() for _ in range(20)])
    assert [(await outlet.next())["cursor"] for _ in range(20)] == list(range(2, 22))
    assert len(outlet.written) == 2


async def test_lines_of_one_moment_are_one_message(theatre: Theatre) -> None:
    outlet = await theatre.reader()
    theatre.tell(theatre.happen("a", "b"), theatre.happen("c", is_change=False))
    told = await outlet.next()
    assert (told["type"], told["cursor"]) == ("state", 3)
    assert [line["message"] for line in told["data"]["logs"]] == ["a", "b", "c"]
    theatre.tell(theatre.happen("d"))
    told = await outlet.next()
    assert (told["type"], told["cursor"]) == ("change", 4)


async def test_lines_of_other_levels_are_left_out_without_a_message(theatre: Theatre) -> None:
    outlet = await theatre.reader(min_level="ERROR")
    theatre.tell(theatre.happen("quiet"))
    theatre.tell(theatre.happen("end", is_done=True))
    assert [each["type"] for each in await outlet.until("end")] == ["end"]


async def test_an_overtaken_message_is_waited_for_and_nothing_is_read(theatre: Theatre) -> None:
    outlet, reads = await theatre.watcher(), theatre.reads
    first, second = theatre.happen(), theatre.happen()
    theatre.tell(second)
    await settle()
    theatre.tell(first)
    assert [(await outlet.next())["cursor"] for _ in range(2)] == [2, 3]
    assert theatre.reads == reads


async def test_a_gap_is_healed_by_one_reading_for_all(theatre: Theatre) -> None:
    outlets = [await theatre.watcher() for _ in range(10)]
    reads = theatre.reads
    theatre.happen()
    theatre.tell(theatre.happen())
    for outlet in outlets:
        told = await outlet.next()
        assert (told["type"], told["cursor"]) == ("state", 3)
    assert theatre.reads == reads + 1
    theatre.tell(theatre.happen())
    assert [(await outlet.next())["cursor"] for outlet in outlets] == [4] * 10


async def test_missing_lines_are_read_from_where_each_stands(theatre: Theatre) -> None:
    outlet = await theatre.reader()
    theatre.happen("lost")
    theatre.tell(theatre.happen("told"))
    told = await outlet.next()
    assert [line["message"] for line in told["data"]["logs"]] == ["lost", "told"]


async def test_a_broken_feed_is_healed_by_reading(theatre: Theatre) -> None:
    outlet = await theatre.watcher()
    theatre.happen()
    theatre.break_off()
    assert (await outlet.next())["cursor"] == 2


async def test_a_message_that_was_the_last_and_lost_is_found(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_fan_out, "LOOK_SECONDS", 0.01)
    watcher, reader = await theatre.watcher(), await theatre.reader()
    theatre.happen("bye", is_done=True)
    assert [each["type"] for each in await watcher.until("end")] == ["state", "end"]
    assert [each["type"] for each in await reader.until("end")] == ["state", "end"]


async def test_a_client_that_does_not_read_holds_up_nobody_and_is_told_all_later(theatre: Theatre) -> None:
    slow, quick = await theatre.watcher(), await theatre.watcher()
    slow.stop_reading()
    for place in range(2, 6):
        theatre.tell(theatre.happen())
        assert (await quick.next())["cursor"] == place
    reads = theatre.reads
    slow.read_on()
    assert [(await slow.next())["cursor"] for _ in range(4)] == [2, 3, 4, 5]
    assert theatre.reads == reads
    assert len(slow.written) == 2


async def test_a_client_far_behind_is_told_the_state_instead(theatre: Theatre) -> None:
    slow, quick = await theatre.watcher(), await theatre.watcher()
    slow.stop_reading()
    for place in range(2, 2500):
        theatre.tell(theatre.happen())
        if place % 500 == 0:
            await settle()
    while (await quick.next())["cursor"] != 2499:
        pass
    slow.read_on()
    told = await slow.next()
    assert (told["type"], told["cursor"]) == ("state", 2499)
    assert slow.is_silent


async def test_the_end_comes_after_the_last_line_even_if_that_comes_late(theatre: Theatre) -> None:
    outlet = await theatre.reader()
    line, end = theatre.happen("last", is_change=False), theatre.happen(is_done=True)
    theatre.tell(end)
    await settle()
    assert outlet.is_silent
    theatre.tell(line)
    assert [each["type"] for each in await outlet.until("end")] == ["change", "end"]


async def test_an_execution_that_is_over_is_told_with_its_end(theatre: Theatre) -> None:
    theatre.happen("one", is_done=True)
    assert (await (await theatre.watcher()).next())["type"] == "end"
    assert (await (await theatre.reader()).next())["type"] == "end"


async def test_one_that_begins_again_after_its_end_is_told_of_and_ends_again(theatre: Theatre) -> None:
    watcher, reader = await theatre.watcher(), await theatre.reader()
    theatre.tell(theatre.happen("a", is_done=True))
    await watcher.until("end")
    await reader.until("end")
    theatre.tell(theatre.happen())
    assert (await watcher.next())["type"] == "change"
    theatre.tell(theatre.happen("b", is_done=True))
    assert [each["type"] for each in await watcher.until("end")] == ["change", "end"]
    assert [each["type"] for each in await reader.until("end")] == ["change", "end"]


async def test_nothing_stays_after_the_last_watcher_left(theatre: Theatre) -> None:
    for _ in range(3):
        await theatre.watcher()
    await theatre.close()
    assert theatre.watches == []
    assert not any(fan_out._stages.values())
