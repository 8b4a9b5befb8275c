"""Webhook: an execution for each request to an address that bears the key."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from plugins.conditions.facts import Facts
from plugins.contracts import PluginError, Problem, Trigger
from plugins.contracts.outputs import Outputs, address, anything, listed, record
from plugins.contracts.truth import is_true

_LONGEST_KEY = 256
MULTIPLE_CONDITION = "io.kestra.plugin.core.condition.MultipleCondition"


class Webhook(Trigger):
    """Start an execution for each GET, POST or PUT on `/executions/webhook/{namespace}/{flow}/{key}`.

    `{{ trigger.body }}` is the JSON sent (or the text, when it is none), `trigger.headers` and `trigger.parameters` are
    maps of lists. When a condition does not hold, nothing starts and the caller hears so.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.trigger.Webhook"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.triggers.types.Webhook",
        "io.kestra.plugin.core.http.Webhook",
    )
    TITLE: ClassVar[str] = "Start by a request from outside"
    OUTPUTS: ClassVar[Outputs] = {
        "body": anything("What was sent: JSON as what it is, anything else as text."),
        "formFields": record("The fields of a form."),
        "headers": record("The headers, each with all its values."),
        "parameters": record("The parameters of the query, each with all its values."),
        "parts": listed("The files of a form.", {"type": "object"}),
        "uri": address("Where the body is kept, with `fetchType: STORE`."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: on_request
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.body ?? 'nothing' }}"
triggers:
  - id: webhook
    type: io.kestra.plugin.core.trigger.Webhook
    key: 4wjtkzwVGBM9yKnjm3yv8r
""",
    )

    key: str = Field(min_length=1, max_length=_LONGEST_KEY)
    wait: bool = False
    return_outputs: bool = False
    fetch_type: Literal["NONE", "FETCH", "STORE"] = "FETCH"
    """Whether the body is given to the execution, kept as a file whose address is `trigger.uri`, or left out."""
    response_content_type: Literal["application/json", "text/plain"] | None = None
    response_code: int | None = Field(default=None, ge=100, le=599)

    def problems(self) -> Iterable[Problem]:
        for condition in self.conditions:
            if condition.TYPE == MULTIPLE_CONDITION:
                yield Problem(f"invalid webhook: conditions of type [{condition.type}] are not supported", "conditions")

    def has_key(self, given: str, facts: Facts) -> bool:
        """Whether the key of a request is this one's. A key that cannot be rendered matches nothing."""
        try:
            own = str(facts.render(self.key))
        except PluginError:
            return False
        return bool(own) and hmac.compare_digest(own.encode(), given.encode())

    def accepts(self, variables: Mapping[str, Any], facts: Facts) -> bool:
        """Whether all conditions hold for this request. Raises PluginError when one cannot be decided."""
        there = facts.with_variables({"trigger": variables})
        if self.when is not None and not is_true(there.render(self.when)):
            return False
        return all(condition.holds(there) for condition in self.conditions)


def webhook_variables(
    body: str | None, headers: Mapping[str, Sequence[str]], parameters: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """`trigger` as expressions see it: the body as JSON where that is a map or a list, else as it came."""
    variables: dict[str, Any] = {
        "headers": {name: list(values) for name, values in headers.items()},
        "parameters": {name: list(values) for name, values in parameters.items()},
    }
    if body:
        variables["body"] = _body(body)
    return variables


def _body(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict | list) else text
