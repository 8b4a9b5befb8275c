"""Lines and metrics of an attempt, until a report takes them along."""

from __future__ import annotations

import threading

from plugins.contracts import LogLevel
from workers.runtime import journal
from workers.runtime.journal import MAX_MESSAGE_CHARS, MAX_METRICS, Journal
from workers.runtime.masking import MASK, Masker


def made(least: LogLevel | None = None, secret: str | None = None) -> Journal:
    masker = Masker()
    masker.add([secret] if secret else [])
    return Journal(masker, lambda: None, least)


def messages(taken: Journal) -> list[str]:
    return [line.message for line in taken.take_lines(1 << 30)]


def test_lines_below_the_level_are_not_kept_and_not_counted():
    lines = made(LogLevel.WARN)
    lines.log(LogLevel.INFO, "quiet")
    lines.log(LogLevel.ERROR, "loud")
    (kept,) = lines.take_lines(1000)
    assert (kept.message, kept.n) == ("loud", 0)


def test_what_a_database_cannot_keep_is_replaced():
    lines = made()
    lines.log(LogLevel.INFO, "a\x00b\ud800c")
    assert messages(lines) == ["a\ufffdb?c"]


def test_a_long_line_says_how_much_is_missing():
    lines = made()
    lines.log(LogLevel.INFO, "x" * (MAX_MESSAGE_CHARS + 7))
    assert messages(lines)[0].endswith("x... (7 more characters)")


def test_at_least_one_line_is_taken_and_no_more_than_fit():
    lines = made()
    for text in ("a" * 500, "b" * 500, "c"):
        lines.log(LogLevel.INFO, text)
    assert [line.message[0] for line in lines.take_lines(1)] == ["a"]
    assert [line.message[0] for line in lines.take_lines(1 << 20)] == ["b", "c"]
    assert not lines.has_lines


def test_whoever_prints_faster_than_lines_are_taken_is_held_up(monkeypatch):
    monkeypatch.setattr(journal, "MAX_WAITING_BYTES", 200)
    lines = made()
    lines.log(LogLevel.INFO, "x" * 300)
    printed = threading.Thread(target=lines.log, args=(LogLevel.INFO, "next"))
    printed.start()
    printed.join(0.05)
    assert printed.is_alive()
    assert len(messages(lines)) == 1
    printed.join(10)
    assert messages(lines) == ["next"]


def test_a_line_that_nobody_takes_in_time_is_dropped(monkeypatch):
    monkeypatch.setattr(journal, "MAX_WAITING_BYTES", 200)
    monkeypatch.setattr(journal, "_HOLD_UP_SECONDS", 0.01)
    lines = made()
    for text in ("x" * 300, "dropped"):
        lines.log(LogLevel.INFO, text)
    assert len(messages(lines)) == 1


def test_an_attempt_that_is_over_takes_no_line_and_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(journal, "MAX_WAITING_BYTES", 200)
    lines = made()
    lines.log(LogLevel.INFO, "x" * 300)
    late = threading.Thread(target=lines.log, args=(LogLevel.INFO, "late"))
    late.start()
    lines.close()
    late.join(10)
    assert not late.is_alive()
    assert len(messages(lines)) == 1


def test_metrics_of_the_same_name_and_tags_add_up():
    kept = made(secret="hunter-two")
    kept.measure("counter", "rows", 2, {"table": "a"}, None)
    kept.measure("counter", "rows", 3, {"table": "a"}, None)
    kept.measure("counter", "rows", 1, {"table": "hunter-two"}, None)
    kept.measure("timer", "rows", 1.5, {}, "child")
    found = [(each.type, each.value, each.tags, each.task_run_id) for each in kept.take_metrics()]
    assert found == [
        ("counter", 5, {"table": "a"}, None),
        ("counter", 1, {"table": MASK}, None),
        ("timer", 1.5, {}, "child"),
    ]
    assert kept.take_metrics() == []


def test_a_secret_in_the_name_or_the_tags_of_a_metric_is_masked():
    lines = made(secret="hunter-two")
    lines.measure("counter", "of hunter-two", 1.0, {"hunter-two": "it is hunter-two"}, None)
    (metric,) = lines.take_metrics()
    assert (metric.name, metric.tags) == (f"of {MASK}", {MASK: f"it is {MASK}"})


def test_of_a_gauge_the_last_value_counts():
    kept = made()
    for value in (3, 5, 4):
        kept.measure("gauge", "fill", value, {}, None)
    assert [(each.type, each.value) for each in kept.take_metrics()] == [("gauge", 4)]


def test_too_many_different_metrics_are_left_out():
    kept = made()
    for number in range(MAX_METRICS + 5):
        kept.measure("counter", f"m{number}", 1, {}, None)
    kept.measure("counter", "m0", 1, {}, None)
    assert len(found := kept.take_metrics()) == MAX_METRICS
    assert found[0].value == 2
