"""Render in one line, for tests."""

from typing import Any

from flows.expressions import Environment, Template, compile


def show(template: str, /, env: Environment | None = None, **scope: Any) -> str:
    return compile(template).render(scope, env or Environment())


def value(template: str, /, env: Environment | None = None, **scope: Any) -> Any:
    return compile(template).evaluate(scope, env or Environment())


def template(source: str) -> Template:
    return compile(source)
