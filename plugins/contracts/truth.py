"""What counts as true: one rule for every condition, wherever it stands."""

from __future__ import annotations

import json
from typing import Any

_FALSE = frozenset({"", "false", "0", "-0"})


def is_true(rendered: Any) -> bool:
    """Everything is true but null and what reads, without the blanks around it, "", "false", "0" or "-0"."""
    if rendered is None:
        return False
    text = rendered if isinstance(rendered, str) else json.dumps(rendered, default=str)
    return text.strip() not in _FALSE
