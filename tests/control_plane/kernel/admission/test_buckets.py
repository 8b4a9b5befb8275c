from __future__ import annotations

import pytest

from control_plane.kernel.admission import buckets as buckets_module
from control_plane.kernel.admission.buckets import Buckets
from control_plane.kernel.words.errors import TooManyRequests


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_empty_bucket_says_when_there_is_a_token_again(clock: Clock) -> None:
    buckets = Buckets(size=2, per_minute=6, clock=clock)
    buckets.take("a", "too often")
    buckets.take("a", "too often")
    with pytest.raises(TooManyRequests, match="too often") as refused:
        buckets.take("a", "too often")
    clock.now += refused.value.details["retry_after"]
    buckets.take("a", "too often")


def test_keys_do_not_share(clock: Clock) -> None:
    buckets = Buckets(size=1, per_minute=1, clock=clock)
    buckets.take("a", "too often")
    buckets.take("b", "too often")


def test_what_is_given_back_was_not_taken_and_a_bucket_never_overflows(clock: Clock) -> None:
    buckets = Buckets(size=1, per_minute=1, clock=clock)
    buckets.give_back("a")
    buckets.take("a", "too often")
    buckets.give_back("a")
    buckets.take("a", "too often")
    with pytest.raises(TooManyRequests):
        buckets.take("a", "too often")


def test_only_so_many_keys_are_kept(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets_module, "MOST_KEPT", 2)
    buckets = Buckets(size=1, per_minute=1, clock=clock)
    for key in "abc":
        buckets.take(key, "too often")
    buckets.take("a", "too often")
