"""The one endpoint that every write goes through: authorised, scoped, transactional, recorded."""

from __future__ import annotations

import copy
import functools
import inspect
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from django.db import connection

from audit.recording.trail import Action, append
from control_plane.kernel.actor import Change, Context
from control_plane.kernel.authorization import admit, authorizer, require
from control_plane.kernel.permissions import Permission, Right, Rule
from control_plane.kernel.scope import ScopeError, after_rollback, instance_scope, tenant_scope
from control_plane.kernel.words.errors import ControlPlaneError, Forbidden, NotFound

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)

_running: ContextVar[str | None] = ContextVar("orrery_command", default=None)
# A read may take locks (`FOR UPDATE`), and a write may hide in a WITH.
_WRITE = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|EXECUTE write_"
    r"|WITH\b.*?(INSERT INTO|DELETE FROM|(?<!FOR )(?<!KEY )UPDATE)\b)",
    re.S | re.I,
)


class NotRecorded(RuntimeError):
    """A programming mistake: a command changed something and did not say what."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is about, where the loaded object alone does not tell it.

    `permission` replaces the right declared, for a command that creates or updates as it finds, or a thing that is the
    actor's own; `exists` is False for what is only about to be made, so that a refusal is a 403 and hides nothing.
    `absent` is raised where it is not there and `value` is None, and just so for whoever may not know that it is.
    """

    value: object = None
    namespace: str | None = None
    exists: bool = True
    permission: Right | None = None
    absent: ControlPlaneError | None = None

    @property
    def is_missing(self) -> bool:
        return self.value is None and self.absent is not None


Resolver = Callable[..., object]


class Targets(list[Target]):
    """Targets that ask for another right than the one declared, also when there are none of them."""

    def __init__(self, targets: Iterable[Target], right: Right) -> None:
        super().__init__(targets)
        self.right = right


class Command(Generic[P, R]):
    """A service function with its right. Calling it is the whole write; see `command`."""

    registered: dict[str, Command[Any, Any]] = {}

    def __init__(
        self,
        function: Callable[Concatenate[Context, P], R],
        right: Right,
        on: str | Resolver | None,
        instance: bool | None,
        action: Action | None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.right = right
        self.instance = instance
        self.action = action
        self.on = on
        self.name = f"{function.__module__}.{function.__qualname__}"
        self._targets = _targets_of(function, on)
        if self.name in Command.registered:
            raise ValueError(f"command {self.name} is declared twice")
        Command.registered[self.name] = self

    def asking(self, right: Right) -> Command[P, R]:
        """The same command as an endpoint declares it whose targets ask for another right: see `Targets`."""
        other = copy.copy(self)
        other.right = right
        return other

    def __call__(self, ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if _running.get() is not None:
            raise ScopeError(f"{self.name} was called inside {_running.get()}: commands do not call commands")
        token = _running.set(self.name)
        try:
            with self._scope(ctx):
                return self._run(ctx, *args, **kwargs)
        finally:
            ctx.changes.clear()
            ctx.target = None
            _running.reset(token)

    def _scope(self, ctx: Context) -> AbstractContextManager[None]:
        if self.instance or (self.instance is None and ctx.tenant_id is None):
            return instance_scope()
        if ctx.tenant_id is None:
            raise ScopeError(f"{self.name} needs a tenant")
        return tenant_scope(ctx.tenant_id)

    def _run(self, ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        ctx.changes.clear()
        watch = _Watch()
        with connection.execute_wrapper(watch):
            ctx.target = self._load_and_check(ctx, kwargs)
            result = self.function(ctx, *args, **kwargs)
        if watch.has_written and not ctx.changes:
            raise NotRecorded(f"{self.name} changed something and recorded nothing")
        append(ctx, ctx.changes, action=self.action, by=self.name)
        return result

    def _load_and_check(self, ctx: Context, arguments: dict[str, Any]) -> object:
        admit(ctx, self.right if isinstance(self.right, Rule) else None)
        loaded = self._found(ctx, arguments)
        if not isinstance(loaded, list):
            return self._checked(ctx, _as_target(loaded))
        # Who may do it nowhere is refused, even when there is nothing to do.
        admit(ctx, loaded.right if isinstance(loaded, Targets) else self.right)
        return [self._checked(ctx, _as_target(each)) for each in loaded]

    def _found(self, ctx: Context, arguments: dict[str, Any]) -> object:
        """What is hidden from somebody must not be told from what is not there by what is done about it: so whoever may
        not do this everywhere is written down for either."""
        try:
            return self._targets(ctx, arguments)
        except Forbidden:
            self._remember_refusal(ctx, self.right, Target())
            raise
        except NotFound:
            self._remember_missing(ctx, self.right)
            raise

    def _checked(self, ctx: Context, target: Target) -> object:
        right, absent = target.permission or self.right, target.absent or NotFound()
        if target.is_missing:
            self._remember_missing(ctx, right)
            raise absent
        try:
            require(ctx, right, target.namespace, absent=absent if target.exists else None)
        except (Forbidden, NotFound):
            self._remember_refusal(ctx, right, target)
            raise
        return target.value

    def _remember_missing(self, ctx: Context, right: Right) -> None:
        if isinstance(right, Permission) and ctx.tenant_id and not authorizer().may(ctx, right, None):
            self._remember_refusal(ctx, right, Target())

    def _remember_refusal(self, ctx: Context, right: Right, target: Target) -> None:
        """Tell of it after the rollback, in a scope of its own; that it cannot be told does not change the refusal."""
        resource = right.resource if isinstance(right, Permission) else right.name
        identity = getattr(target.value, "id", "") or ""
        change = Change(resource, str(identity), target.namespace, None, None, {"asked": str(right)})

        def remember() -> None:
            try:
                with self._scope(ctx):
                    append(ctx, [change], action=self.action, by=self.name, is_refused=True)
            except Exception:
                logger.exception("a refusal of %s could not be recorded", self.name)

        after_rollback(remember)


def command(
    right: Right,
    *,
    on: str | Resolver | None = None,
    instance: bool | None = False,
    action: Action | None = None,
) -> Callable[[Callable[Concatenate[Context, P], R]], Command[P, R]]:
    """Make a function `fn(ctx, *, ...)` the only way to do a thing.

    `on` says what it is about: a template over the arguments that gives a namespace (`"{namespace}"`), or a function
    of the context and any of the arguments that loads it (locked, for a write) and raises NotFound. It may return an
    object with a `namespace`, a Target, a namespace, None for the whole tenant, or a list of these, each of which is
    checked. The function finds it in `ctx.target`. `instance=True` writes what belongs to the instance, None either.

    Whatever it changes it tells by `ctx.record`; the entries are written last, in the same transaction.
    """

    def declare(function: Callable[Concatenate[Context, P], R]) -> Command[P, R]:
        return Command(function, right, on, instance, action)

    return declare


@contextmanager
def nothing_untold(ctx: Context, name: str) -> Iterator[None]:
    """Raises NotRecorded when what runs here has written something without an entry on the account of `ctx`."""
    watch, before = _Watch(), ctx.entries
    with connection.execute_wrapper(watch):
        yield
    if watch.has_written and ctx.entries == before:
        raise NotRecorded(f"{name} changed something and recorded nothing")


class _Watch:
    """Notices that something is written, so that a silent change is a crash."""

    def __init__(self) -> None:
        self.has_written = False

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        if not self.has_written and context["cursor"].rowcount != 0:
            self.has_written = _WRITE.match(sql if isinstance(sql, str) else sql.as_string()) is not None
        return result


def _as_target(loaded: object) -> Target:
    if isinstance(loaded, Target):
        return loaded
    if loaded is None:
        return Target(exists=False)
    if isinstance(loaded, str):
        return Target(loaded, loaded, exists=False)
    return Target(loaded, getattr(loaded, "namespace", None))


def _targets_of(function: Callable[..., Any], on: str | Resolver | None) -> Callable[[Context, dict[str, Any]], object]:
    """Check the declaration and return what finds the targets; wrong use fails while importing."""
    names = _keywords(function)
    if on is None:
        return lambda ctx, arguments: None
    if isinstance(on, str):
        template = on
        _check_template(template, function, names)
        return lambda ctx, arguments: template.format_map(arguments)
    resolve, wanted = on, _keywords(on)
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise TypeError(f"{on.__qualname__} asks for {unknown}, which {function.__qualname__} does not take")
    defaults = {name: default for name, default in names.items() if default is not inspect.Parameter.empty}

    def load(ctx: Context, arguments: dict[str, Any]) -> object:
        return resolve(ctx, **{name: arguments.get(name, defaults.get(name)) for name in wanted})

    return load


def _check_template(template: str, function: Callable[..., Any], names: Iterable[str]) -> None:
    try:
        template.format_map(dict.fromkeys(names, ""))
    except KeyError as error:
        raise TypeError(f"{function.__qualname__} takes no {error} for its `on`") from None


def _keywords(function: Callable[..., Any]) -> dict[str, Any]:
    parameters: Sequence[inspect.Parameter] = list(inspect.signature(function).parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise TypeError(f"{function.__qualname__}: `{parameter.name}` must be keyword-only")
    return {parameter.name: parameter.default for parameter in parameters}
