"""Values of secrets do not show, however they were written down."""

import base64
import html
import json
import re
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.runtime.control_plane import job
from workers.runtime.masking import MASK, Masker

VALUE = "s3cr et/+'\"\\=ü&<value>"
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEAAo\n-----END KEY-----\n"


def masker(*values: str) -> Masker:
    made = Masker()
    made.add(values)
    return made


@pytest.mark.parametrize(
    "shown",
    [
        VALUE,
        json.dumps(VALUE),
        json.dumps(VALUE, ensure_ascii=False),
        quote(VALUE),
        quote(VALUE, safe=""),
        quote_plus(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
        "".join(each.upper() if place % 3 else each for place, each in enumerate(VALUE.encode().hex())),
        VALUE.encode().hex(" "),
        VALUE.encode().hex(":").upper(),
        json.dumps(VALUE).replace("/", "\\/"),
        shlex.quote(VALUE),
        repr(VALUE),
        html.escape(VALUE),
    ],
)
def test_a_secret_is_hidden_in_every_stated_spelling(shown):
    hidden = masker(VALUE).mask(f"before {shown} after")
    assert MASK in hidden
    assert "s3cr" not in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")


def test_letters_of_percent_codes_may_be_small():
    value = "pass/wörd+/=of"
    small = re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quote(value, safe=""))
    assert masker(value).mask(f"<{small}>") == f"<{MASK}>"


@pytest.mark.parametrize("width", [76, 64])
def test_base64_that_is_broken_into_lines_is_hidden_line_by_line(width):
    value = "".join(chr(33 + number % 90) for number in range(300))
    whole = base64.b64encode(value.encode()).decode()
    lines = [whole[start : start + width] for start in range(0, len(whole), width)]
    hidden = masker(value)
    assert [hidden.mask(line).rstrip("=") for line in lines] == [MASK] * len(lines)


def test_a_value_of_the_largest_size_can_be_hidden():
    value = "".join(chr(33 + number % 90) for number in range(64 * 1024))
    hidden = masker(value)
    assert hidden.mask(f"<{value}>") == f"<{MASK}>"
    assert hidden.mask(f"<{value.encode().hex().upper()}>") == f"<{MASK}>"


@pytest.mark.parametrize("around", ["", "x", "xy", "user:"])
def test_a_secret_inside_a_longer_base64_text_is_hidden(around):
    value = "averylongsecretvalue"
    shown = base64.b64encode(f"{around}{value}more".encode()).decode()
    assert MASK in masker(value).mask(shown)


def test_lines_of_a_key_are_hidden_one_by_one():
    hidden = masker(PEM)
    assert [hidden.mask(line) for line in PEM.splitlines()] == [MASK] * 4


def test_short_values_hide_nothing():
    assert masker("a", "12", "abc").mask("a 12 abc") == "a 12 abc"


def test_the_longest_of_overlapping_secrets_wins():
    assert masker("password", "password123").mask("password123") == MASK


def test_secrets_may_be_added_while_lines_are_printed():
    made = masker("first")
    made.add(["second"])
    assert made.mask("first second") == f"{MASK} {MASK}"
    assert made.mask_deep({"first": ["second", 1, None]}) == {MASK: [MASK, 1, None]}


@given(st.text(min_size=4, alphabet=st.characters(exclude_categories=["Cs"])), st.text(max_size=20))
def test_no_secret_survives(value, around):
    assert value not in masker(value).mask(around + value + around).replace(MASK, "") or value in MASK


def test_a_secret_that_a_script_prints_is_hidden_in_its_log(plane, start):
    plane.services["secrets", "read"] = lambda key, namespace=None: f"{key}-very-secret"
    script = {
        "id": "s",
        "type": "io.kestra.plugin.scripts.shell.Commands",
        "env": {"TOKEN": "{{ secret('API') }}"},
        "commands": ["echo token=$TOKEN", "printf %s $TOKEN | base64", "echo $TOKEN >&2", "exit 1"],
    }
    plane.offer(job("one", script))
    start()
    end = plane.end_of("one")
    text = json.dumps([plane.messages("one"), end.error, end.outputs])
    assert "API-very-secret" not in text
    assert base64.b64encode(b"API-very-secret").decode() not in text
    assert f"token={MASK}" in plane.messages("one")


def test_a_secret_changed_by_an_expression_is_hidden(plane, start):
    plane.services["secrets", "read"] = lambda key, namespace=None: "very-secret-value"
    message = "{{ secret('A') | upper }} and {{ secret('A') | slice(0, 8) }}"
    plane.offer(job("one", {"id": "l", "type": "io.kestra.plugin.core.log.Log", "message": message}))
    start()
    plane.end_of("one")
    assert plane.messages("one") == [f"{MASK} and {MASK}"]


def test_a_secret_in_an_error_is_hidden(plane, start):
    plane.services["secrets", "read"] = lambda key, namespace=None: "very-secret-value"
    fail = {"id": "f", "type": "io.kestra.plugin.core.execution.Fail", "errorMessage": "no: {{ secret('A') }}"}
    plane.offer(job("one", fail))
    start()
    assert plane.end_of("one").error == f"no: {MASK}"


def test_a_secret_that_came_with_the_job_is_masked(plane, start):
    task = {"id": "l", "type": "io.kestra.plugin.core.log.Log", "message": "it is {{ inputs.password }}"}
    scope = {"inputs": {"password": "hunter-two"}}
    plane.offer(job("one", task, scope=scope, secrets=["hunter-two"]))
    start()
    plane.end_of("one")
    assert plane.messages("one") == ["it is ******"]
