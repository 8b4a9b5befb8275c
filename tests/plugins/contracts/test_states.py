"""States and levels keep their meaning."""

from plugins.contracts import TERMINAL, LogLevel, State


def test_terminal_states_are_those_after_which_nothing_starts():
    assert {state for state in State if state.is_terminal} == TERMINAL
    assert State.FAILED.is_failed
    assert not State.KILLED.is_failed
    assert not State.PAUSED.is_terminal


def test_levels_are_ordered():
    assert sorted(LogLevel, key=lambda level: level.rank) == list(LogLevel)
