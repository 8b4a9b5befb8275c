"""Every rule, in the order they are applied: names first, what builds on them later."""

from __future__ import annotations

from flows.model.upgrading.rules import conditions, echo, flow_triggers, inputs, loops, names, pauses, types
from flows.model.upgrading.rules.rule import Rule

RULES: tuple[Rule, ...] = (types, names, inputs, echo, pauses, flow_triggers, conditions, loops)
