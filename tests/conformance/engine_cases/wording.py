"""Texts in the form the measured cases are written in: what changes from run to run has a name instead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_STEPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?(\[[A-Za-z/_]+\])?"), "<time>"),
    (re.compile(r"\b(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[a-zA-Z])[A-Za-z0-9]{20,23}\b"), "<id>"),
    (re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "<date>"),
    (re.compile(r"execution duration of PT[\d.]+S"), "execution duration of <duration>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"(?<![:/\w])/[^\s\"]*?/(tmp|wd|working|jobs?)/[^\s\"]*"), "<path>"),
    (re.compile(r"/\d{6,}\.(\w+)"), r"/<n>.\1"),
)
_CHOSEN_BY_THE_SERVER: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r'(kestra:///[^"\s\\]*/)[^/"\s\\|]+?(\.\w+)?(?=["\s\\|]|$)'), r"\1<file>\2"),
    (re.compile(r"\b(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{20,23}\b"), "<id>"),
    (re.compile(r'execution=\\\\\\"\w{18,23}'), 'execution=\\\\\\"<id>'),
)


class Wording:
    """What a run calls its namespace and its small HTTP server, and what a case calls them."""

    def __init__(self, namespace: str, small: str) -> None:
        self.namespace = namespace
        self.small = small

    def source(self, text: str) -> str:
        """A flow of the case, for this run."""
        return text.replace("__NS__", self.namespace).replace("__HTTP__", self.small)

    def text(self, text: str, names: Mapping[str, str] | None = None) -> str:
        """`names` are the ids of this run that the case has names for."""
        for name, meant in (names or {}).items():
            text = text.replace(name, meant).replace(name.lower(), meant)
        text = text.replace(self.namespace, "NS").replace(self.namespace.replace(".", "/"), "NS")
        text = text.replace(self.small, "HTTP").replace(self.small.removeprefix("http://"), "HTTPHOST")
        return _replaced(text, _STEPS)

    def value(self, value: Any, names: Mapping[str, str] | None = None) -> Any:
        return json.loads(self.text(json.dumps(value, ensure_ascii=False), names))


def alike(value: Any) -> Any:
    """A value without the names a server gives to files and executions, and without what is a matter of Java: the order
    of the keys of a printed map, and the class of an exception in front of what it says."""
    named = json.loads(_replaced(json.dumps(value, ensure_ascii=False), _CHOSEN_BY_THE_SERVER))
    return _each_text(named, lambda text: _EXCEPTION.sub("", _with_sorted_maps(text)))


_EXCEPTION = re.compile(r"\b(?:[a-z]\w*\.){2,}[A-Z]\w*Exception: ")
_DECODER = json.JSONDecoder()


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(each, change) for each in value]
    return {key: _each_text(each, change) for key, each in value.items()} if isinstance(value, dict) else value


def _with_sorted_maps(text: str) -> str:
    """A text in which every map that is printed as JSON has its keys in order, those within texts of it too."""
    parts: list[str] = []
    position = 0
    while (found := _START.search(text, position)) is not None:
        try:
            value, end = _DECODER.raw_decode(text, found.start())
        except ValueError:
            parts.append(text[position : found.end()])
            position = found.end()
            continue
        ordered = json.dumps(_each_text(value, _with_sorted_maps), sort_keys=True, ensure_ascii=False)
        parts += [text[position : found.start()], ordered]
        position = end
    return "".join([*parts, text[position:]])


_START = re.compile(r"[{\[]")


def _replaced(text: str, steps: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, meant in steps:
        text = pattern.sub(meant, text)
    return text
