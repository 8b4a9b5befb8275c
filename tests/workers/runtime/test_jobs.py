"""What a job puts out is kept as plain JSON, whatever a program wrote."""

import pytest

from plugins.contracts import PluginError
from workers.runtime.outputs import checked_outputs
from workers.runtime.text import readable


@pytest.mark.parametrize("text", ["caf\udce9", "\ud800", "a\udcffb"])
def test_half_of_a_surrogate_pair_is_replaced_as_in_log_lines(text):
    kept = checked_outputs({"a": text, "deep": [{text: text}], "plain": "é"})
    shown = readable(text)
    assert kept == {"a": shown, "deep": [{shown: shown}], "plain": "é"}
    assert shown.encode() and shown != text


def test_what_is_no_json_is_refused():
    with pytest.raises(PluginError, match="cannot be kept"):
        checked_outputs({"a": object()})
