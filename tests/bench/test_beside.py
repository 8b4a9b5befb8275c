"""Two sides of a comparison are paired by name, and the ratio is that of pairs."""

from __future__ import annotations

from tests.bench.beside import _figure, numbers


def test_numbers_are_named_by_their_path_and_texts_are_left_out():
    figures = {"n": 3, "bar": "0.3 s", "ok": True, "cpu": {"web": 4.5, "worker": 1}}
    assert dict(numbers(figures)) == {"n": 3.0, "cpu.web": 4.5, "cpu.worker": 1.0}


def test_the_ratio_is_the_median_of_the_pairs_with_their_spread():
    ours, theirs = [{"s": 1.0}, {"s": 3.0}, {"s": 2.0}], [{"s": 2.0}, {"s": 3.0}, {"s": 1.0}]
    assert _figure("s", ours, theirs) == {"here": 2.0, "there": 2.0, "ratio": 1.0, "least": 0.5, "most": 2.0}
