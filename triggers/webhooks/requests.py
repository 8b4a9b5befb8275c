"""What a request to a webhook brought, as the flow that it starts sees it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.words.ids import new_id
from plugins.triggers.webhook import Webhook, webhook_variables
from stores.storage.keys import uri_of
from stores.storage.place import storage

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a form."""

    name: str
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Brought:
    body: bytes
    headers: Values
    parameters: Values
    fields: Values | None = None
    parts: Sequence[Part] = field(default_factory=tuple)

    def variables(self, webhook: Webhook, prefix: str) -> dict[str, Any]:
        """`trigger`, with what is kept as a file stored below the prefix."""
        text = self.body.decode("utf-8", "replace").replace("\0", "\ufffd")
        found = webhook_variables(text if webhook.fetch_type == "FETCH" else None, self.headers, self.parameters)
        if webhook.fetch_type == "STORE" and self.body:
            found["uri"] = _stored(f"{prefix}{new_id()}.body", self.body)
        if self.fields is not None:
            found["formFields"] = {name: list(values) for name, values in self.fields.items()}
        if self.parts and webhook.fetch_type != "NONE":
            found["parts"] = [_part(part, prefix) for part in self.parts]
        return found


def _part(part: Part, prefix: str) -> dict[str, Any]:
    uri = _stored(f"{prefix}{new_id()}.part", part.content)
    return {"name": part.name, "filename": part.filename, "contentType": part.content_type, "uri": uri}


def _stored(key: str, content: bytes) -> str:
    storage().put(key, io.BytesIO(content))
    return uri_of(key)
