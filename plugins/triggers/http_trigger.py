"""http.Trigger: an execution when an HTTP API answers as hoped for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import HEADERS, Outputs, address, text, whole
from plugins.contracts.services import Ciphers
from plugins.contracts.truth import is_true
from plugins.tasks.http.exchange import Method, Options, Ssl
from plugins.tasks.http.request import Request
from plugins.triggers.kinds import PollingTrigger


class HttpTrigger(PollingTrigger):
    """Ask an HTTP API every `interval`, and start an execution when `responseCondition` is true of the answer.

    The condition sees `response.statusCode`, `response.body` and `response.headers`; the execution sees, as
    `trigger`, the outputs of a Request.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.http.Trigger"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.fs.http.Trigger",)
    TITLE: ClassVar[str] = "Start when an HTTP API answers"
    OUTPUTS: ClassVar[Outputs] = {
        "body": text("The body of the answer, if it has one."),
        "code": whole("The status code."),
        "encryptedBody": text("The body, encrypted, with `encryptBody`."),
        "headers": HEADERS,
        "uri": address("The address that was asked."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: when_in_stock
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.body ?? 'nothing yet' }}"
triggers:
  - id: stock
    type: io.kestra.plugin.core.http.Trigger
    uri: https://dummyjson.com/products/1
    interval: PT1M
    responseCondition: "{{ (response.body | jq('.stock') | first) > 0 }}"
""",
    )

    uri: Property[str]
    method: Property[Method] = default("GET")
    params: Property[dict[str, Any]] = default({})
    body: Property[str] | None = None
    form_data: Property[dict[str, Any]] | None = None
    content_type: Property[str] = default("application/json")
    headers: Property[dict[str, Any]] = default({})
    options: Options = Options()
    ssl_options: Ssl | None = None
    encrypt_body: Property[bool] = default(False)
    response_condition: str = "{{ response.statusCode < 400 }}"

    def evaluate(self, ctx: RunContext) -> Mapping[str, Any] | None:
        outputs = dict(self._request().run(ctx))
        response = {"statusCode": outputs["code"], "body": outputs.get("body"), "headers": outputs["headers"]}
        if not is_true(ctx.render_any(self.response_condition, {"response": response})):
            return None
        if ctx.render(self.encrypt_body):
            ciphers: Ciphers = ctx.service("ciphers")
            outputs["encryptedBody"] = ciphers.encrypt(text=outputs.pop("body", ""))
        return outputs

    def _request(self) -> Request:
        """The task that asks. An answer of 400 and above is for the condition to judge."""
        shared = {name: getattr(self, name) for name in _SHARED if name in self.model_fields_set}
        lenient = self.options.model_copy(update={"allow_failed": Property(True)})
        return Request.model_validate({**shared, "id": self.id, "type": Request.TYPE, "options": lenient})


# Not `encrypt_body`: the condition judges the clear body.
_SHARED = ("uri", "method", "params", "body", "form_data", "content_type", "headers")
