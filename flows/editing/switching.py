"""Turn a flow on or off in its own text, touching nothing else an author wrote."""

from __future__ import annotations

import json
import re

from flows.model.defaults import NO_DEFAULTS, Defaults
from flows.model.errors import FlowInvalid
from flows.model.parse import ParsedFlow, parse_flow

_TOP_LEVEL = re.compile(r"^disabled[ \t]*:.*$", re.MULTILINE)


def switched(source: str, is_disabled: bool, defaults: Defaults = NO_DEFAULTS) -> tuple[str, ParsedFlow]:
    """The source with `disabled` set at its top level, and what it parses to. Comments and order stay.

    A source that is not written as a block of lines (JSON, say) is written anew. It is read under these `defaults`.
    """
    line = f"disabled: {str(is_disabled).lower()}"
    changed, found = _TOP_LEVEL.subn(line, source, count=1)
    if not found:
        changed = source.rstrip("\n") + "\n" + line + "\n"
    try:
        parsed = parse_flow(changed, defaults=defaults)
        if parsed.flow.disabled is is_disabled:
            return changed, parsed
    except FlowInvalid:
        pass  # It was no block of lines, so a line could not be added.
    document = {**parse_flow(source, defaults=defaults).flow.document, "disabled": is_disabled}
    changed = json.dumps(document, indent=2, ensure_ascii=False)
    return changed, parse_flow(changed, defaults=defaults)
