"""Names with a dash that an expression reads as a subtraction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from flows.model.flow import Flow
from flows.model.reading.session import Reading, child
from flows.model.walk import Walked

_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def check_dashes(flow: Flow, tasks: Sequence[Walked], reading: Reading) -> None:
    """`inputs.my-name` and `outputs.my-task` are never what their author means: brackets are."""
    names = {
        "input": [entry.id for entry in flow.asked if "-" in entry.id],
        "output": [walked.task.id for walked in tasks if "-" in walked.task.id],
    }
    patterns = {word: _pattern(f"{word}s", own) for word, own in names.items() if own}
    if not patterns:
        return
    nodes = [_node(reading.root, walked.keys) for walked in tasks]
    others = {id(node) for node in nodes}
    texts = [list(_expressions(node, others)) for node in nodes]
    for word, pattern in patterns.items():
        guilty = [walked for walked, found in zip(tasks, texts, strict=True) if any(map(pattern.search, found))]
        if guilty:
            listed = ", ".join(walked.task.id for walked in guilty)
            reading.complain_of_flow(
                f"Invalid {word} reference: use {word}s[key-name] instead of {word}s.key-name — keys with dashes "
                f"require bracket notation, offending tasks: [{listed}]",
                guilty[0].keys,
            )


def _pattern(root: str, names: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b{root}\.(?:{'|'.join(map(re.escape, names))})(?![\w-])")


def _node(root: Any, keys: Sequence[str | int]) -> Any:
    for key in keys:
        root = child(root, key)
    return root


def _expressions(node: Any, others: set[int]) -> Iterator[str]:
    """Those a task holds itself, its own tasks left out."""
    if isinstance(node, str):
        yield from _EXPRESSION.findall(node)
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if id(item) not in others:
            yield from _expressions(item, others)
