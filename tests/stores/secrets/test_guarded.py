"""A place that sleeps, fails or is slow is asked as little as it can be borne."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from control_plane.kernel.threads import in_thread
from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.catalog import settings_of
from plugins.secrets.port import (
    BackendAway,
    BackendBusy,
    BackendRefused,
    Described,
    Level,
    Place,
    SecretMissing,
)
from stores.secrets.guarded import THREADS, Guarded

HOME = Place("acme", "company.team")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def place(elsewhere, clock):
    settings = settings_of("memory", {"timeoutSeconds": 5}, Level.NAMESPACE)
    made = Guarded(elsewhere(settings, Level.NAMESPACE, EgressPolicy()), clock)
    elsewhere.kept[HOME]["K"] = ("v", Described("K"))
    yield made
    if elsewhere.gate is not None:
        elsewhere.gate.set()
    made.close()


def test_a_value_is_asked_for_once_within_the_cache_time(place, elsewhere, clock):
    assert [place.value(HOME, key) for key in ("K", "k", "K")] == ["v"] * 3
    assert elsewhere.reads == ["K"]
    clock.now += 59
    assert place.value(HOME, "K") == "v"
    assert elsewhere.reads == ["K"]


def test_a_new_value_is_used_after_the_cache_time(place, elsewhere, clock):
    place.value(HOME, "K")
    elsewhere.kept[HOME]["K"] = ("new", Described("K"))
    clock.now += 60
    assert place.value(HOME, "K") == "new"


def test_a_value_that_is_set_from_here_is_used_at_once(place):
    assert place.value(HOME, "K") == "v"
    place.write(HOME, Described("K"), "new")
    assert place.value(HOME, "k") == "new"
    place.delete(HOME, "K")
    with pytest.raises(SecretMissing):
        place.value(HOME, "K")


def test_that_one_is_missing_is_remembered_for_a_moment(place, elsewhere, clock):
    for _ in range(3):
        with pytest.raises(SecretMissing):
            place.value(HOME, "LATE")
    assert elsewhere.reads == ["LATE"]
    elsewhere.kept[HOME]["LATE"] = ("there", Described("LATE"))
    clock.now += 5
    assert place.value(HOME, "LATE") == "there"


def test_the_memory_has_an_end(elsewhere, clock):
    settings = settings_of("memory", {"cache": {"maximumSize": 2}}, Level.NAMESPACE)
    place = Guarded(elsewhere(settings, Level.NAMESPACE, EgressPolicy()), clock)
    for key in ("A", "B", "C"):
        elsewhere.kept[HOME][key] = (key, Described(key))
        place.value(HOME, key)
    place.value(HOME, "C")
    place.value(HOME, "A")
    assert elsewhere.reads == ["A", "B", "C", "A"]
    place.close()


def test_no_cache_asks_each_time(elsewhere, clock):
    settings = settings_of("memory", {"cache": {"enabled": False}}, Level.NAMESPACE)
    place = Guarded(elsewhere(settings, Level.NAMESPACE, EgressPolicy()), clock)
    elsewhere.kept[HOME]["K"] = ("v", Described("K"))
    assert [place.value(HOME, "K") for _ in range(2)] == ["v", "v"]
    assert elsewhere.reads == ["K", "K"]
    place.close()


async def test_a_thousand_jobs_that_start_at_once_ask_once(place, elsewhere):
    elsewhere.gate = threading.Event()
    waiting = [asyncio.create_task(place.value_in_time(HOME, "K")) for _ in range(1000)]
    await asyncio.sleep(0)
    elsewhere.gate.set()
    assert set(await asyncio.gather(*waiting)) == {"v"}
    assert elsewhere.reads == ["K"]


@pytest.mark.django_db
async def test_jobs_that_wait_hold_no_thread_of_a_request(place, elsewhere):
    elsewhere.gate = threading.Event()
    waiting = [asyncio.create_task(place.value_in_time(HOME, f"K{number}")) for number in range(100)]
    await asyncio.sleep(0)
    free = [in_thread(threading.current_thread) for _ in range(32)]
    assert {thread.name.partition("_")[0] for thread in await asyncio.gather(*free)} == {"request"}
    assert not any(each.done() for each in waiting)
    elsewhere.gate.set()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_job_that_gives_up_takes_the_answer_from_nobody(place, elsewhere):
    elsewhere.gate = threading.Event()
    first, second = (asyncio.create_task(place.value_in_time(HOME, "K")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    elsewhere.gate.set()
    assert await second == "v"


async def test_one_that_is_closed_while_jobs_wait_tells_them_to_ask_again(place, elsewhere):
    elsewhere.gate = threading.Event()
    waiting = [asyncio.create_task(place.value_in_time(HOME, f"K{number}")) for number in range(THREADS + 2)]
    await asyncio.sleep(0)
    place.close()
    elsewhere.gate.set()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(each) for each in ended[THREADS:]} == {BackendAway}
    with pytest.raises(BackendAway, match="ask again"):
        place.value(HOME, "K")


async def test_a_sleeping_place_fails_in_time(elsewhere, clock):
    settings = settings_of("memory", {"timeoutSeconds": 0.01}, Level.NAMESPACE)
    place = Guarded(elsewhere(settings, Level.NAMESPACE, EgressPolicy()), clock)
    elsewhere.gate = threading.Event()
    with pytest.raises(BackendAway, match=r"did not answer within 0\.03 s"):
        await place.value_in_time(HOME, "K")
    elsewhere.gate.set()
    place.close()


def test_after_three_failures_nothing_is_asked_for_a_while(place, elsewhere, clock):
    elsewhere.failure = BackendAway("it is down")
    for _ in range(3):
        with pytest.raises(BackendAway, match="it is down"):
            place.value(HOME, "K")
    with pytest.raises(BackendAway, match="it is down; it is asked again in 10 s"):
        place.value(HOME, "K")
    assert len(elsewhere.reads) == 3
    assert (place.standing.state, place.standing.message) == ("failing", "it is down")


def test_it_heals_by_itself(place, elsewhere, clock):
    elsewhere.failure = BackendAway("it is down")
    for _ in range(3):
        with pytest.raises(BackendAway):
            place.value(HOME, "K")
    elsewhere.failure = None
    clock.now += 11
    assert place.value(HOME, "K") == "v"
    assert place.standing.state == "ok"


def test_one_request_finds_out_whether_it_is_back(place, elsewhere, clock):
    elsewhere.failure = BackendAway("it is down")
    for _ in range(3):
        with pytest.raises(BackendAway):
            place.value(HOME, "K")
    clock.now += 11
    for _ in range(4):
        with pytest.raises(BackendAway):
            place.value(HOME, "K")
    assert len(elsewhere.reads) == 4


def test_it_is_left_alone_for_as_long_as_it_asks_but_not_for_ever(place, elsewhere, clock):
    elsewhere.failure = BackendBusy("slowly", retry_after=30)
    with pytest.raises(BackendBusy):
        place.value(HOME, "K")
    elsewhere.failure = None
    clock.now += 29
    with pytest.raises(BackendAway, match="asked again in 1 s"):
        place.value(HOME, "K")
    clock.now += 2
    assert place.value(HOME, "K") == "v"
    elsewhere.failure = BackendBusy("slowly", retry_after=86400)
    with pytest.raises(BackendBusy):
        place.value(HOME, "OTHER")
    elsewhere.failure = None
    clock.now += 61
    assert place.value(HOME, "K") == "v"


def test_a_refusal_is_told_each_time_and_keeps_nothing_else_from_being_asked(place, elsewhere):
    elsewhere.failure = BackendRefused("permission denied")
    for _ in range(5):
        with pytest.raises(BackendRefused):
            place.value(HOME, "K")
    assert len(elsewhere.reads) == 5


def test_people_who_wait_hold_few_threads(place, elsewhere):
    elsewhere.gate = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(place.entries, HOME) for _ in range(2)]
        while place._people._value:
            assert not any(each.done() for each in waiting)
        with pytest.raises(BackendBusy, match="others wait"):
            place.entries(HOME)
        elsewhere.gate.set()
        assert [[each.key for each in each.result()] for each in waiting] == [["K"], ["K"]]


async def test_a_place_has_threads_of_its_own_and_an_end_of_what_waits(place, elsewhere):
    elsewhere.gate = threading.Event()
    waiting = [asyncio.create_task(place.value_in_time(HOME, f"K{number}")) for number in range(256)]
    await asyncio.sleep(0)
    with pytest.raises(BackendBusy, match="256 questions"):
        await place.value_in_time(HOME, "ONE_MORE")
    elsewhere.gate.set()
    assert all(isinstance(each, SecretMissing) for each in await asyncio.gather(*waiting, return_exceptions=True))
    assert len({each.name for each in threading.enumerate() if each.name.startswith("secrets-memory")}) <= THREADS
