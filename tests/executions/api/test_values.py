"""Numbers, dates and texts of a start come back as they were sent: from storage, over the API, and out of an expression."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast
from tests.executions.ground import save

pytestmark = pytest.mark.django_db
START = "/api/v1/acme/executions/prod.data/values"
FLOW = """
id: values
namespace: prod.data
inputs:
  - {id: s, type: STRING, required: false}
  - {id: i, type: INT, required: false}
  - {id: f, type: FLOAT, required: false}
  - {id: d, type: DATETIME, required: false}
  - {id: j, type: JSON, required: false}
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)
GIVEN = st.one_of(
    st.tuples(st.just("s"), TEXTS | st.sampled_from(["\r", "a\r\nb\rc", " x ", "7615917337495251231", "\ufeffx"])),
    st.tuples(st.just("i"), st.integers(-(2**63) + 1, 2**63 - 1) | st.just(7615917337495251231)),
    st.tuples(st.just("f"), st.floats(allow_nan=False, allow_infinity=False, width=32)),
    st.tuples(
        st.just("j"),
        st.dictionaries(
            TEXTS, TEXTS | st.integers(-(2**63), 2**63 - 1) | st.sampled_from([7615917337495251231, 0.1]), max_size=3
        ),
    ),
)


def start(people: Cast, inputs: Any, status: int = 200) -> dict[str, Any]:
    body = inputs if isinstance(inputs, bytes) else json.dumps(inputs).encode()
    answer = people.olga.client.post(START, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def evaluated(people: Cast, execution_id: str, expression: str) -> str:
    address = f"/api/v1/acme/executions/{execution_id}/actions/eval"
    answer = people.olga.client.post(address, expression, content_type="text/plain")
    assert answer.status_code == 200, answer.content
    return answer.json()["result"]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(given=GIVEN)
def test_a_value_comes_back_as_it_was_sent(people: Cast, given: tuple[str, Any]) -> None:
    name, value = given
    sent = json.dumps(value) if name == "j" else value
    save_once(people)
    execution_id = start(people, {name: sent})["id"]
    shown = people.olga.client.get(f"/api/v1/acme/executions/{execution_id}").json()["inputs"][name]
    if name == "f":  # of 32 bits, and written with as many digits as tell it from its neighbours
        assert struct.unpack("f", struct.pack("f", shown)) == struct.unpack("f", struct.pack("f", value))
        return
    assert shown == value and isinstance(shown, bool) == isinstance(value, bool)
    if name == "s":
        assert evaluated(people, execution_id, "{{ inputs.s }}") == value
    if name in "ij":
        assert json.loads(evaluated(people, execution_id, f"{{{{ inputs.{name} | json }}}}")) == value


def save_once(people: Cast) -> None:
    if people.olga.client.get("/api/v1/acme/flows/prod.data/values").status_code == 404:
        save(people, FLOW)


@pytest.mark.parametrize(
    "body", [b'{"s": "\\ud800"}', b'{"s": "a\\u0000b"}', b'{"j": "{\\"a\\": \\"\\\\u0000\\"}"}', b'{"s": "\xff"}']
)
def test_what_no_text_can_hold_is_refused_and_starts_nothing(people: Cast, body: bytes) -> None:
    save(people, FLOW)
    start(people, body, status=422)
    assert people.olga.client.get("/api/v1/acme/executions/search").json()["total"] == 0


@pytest.mark.parametrize("date", ["2030-01-31T12:00:05Z", "2030-01-31T12:00:05.120Z", "2030-01-31T12:00:05.000001Z"])
def test_a_date_keeps_its_moment_to_the_microsecond(people: Cast, date: str) -> None:
    save(people, FLOW)
    execution_id = start(people, {"d": date})["id"]
    shown = people.olga.client.get(f"/api/v1/acme/executions/{execution_id}").json()["inputs"]["d"]
    assert shown == date
    assert evaluated(people, execution_id, "{{ inputs.d }}") == date
