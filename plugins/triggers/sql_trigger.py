"""Triggers that ask a database: an execution when a query finds rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, listed, record, whole
from plugins.contracts.services import Starts
from plugins.tasks.jdbc.query_task import Session, SqlTask
from plugins.tasks.jdbc.statements import split
from plugins.triggers.kinds import PollingTrigger

FOUND: Outputs = {
    "row": record("The first row, with `fetchType: FETCH_ONE`."),
    "rows": listed("The rows, with `fetchType: FETCH`.", {"type": "object"}),
    "size": whole("How many rows there are."),
    "uri": address("The file of rows, with `fetchType: STORE`."),
}


class SqlTrigger(PollingTrigger):
    """Run SQL every `interval`, and start an execution when its last statement finds rows.

    What `afterSQL` says is done in the same session once the execution is certain: mark rows there as seen. Both belong
    to one transaction, so that rows whose mark is lost are found again, and none is skipped.
    """

    SHARED: ClassVar[tuple[str, ...]] = ("sql", "parameters", "fetch_type", "fetch_size", "username", "password", "url")
    """What the task that asks has as well."""
    BEFORE: ClassVar[str | None] = None
    """A statement before all others, so that what comes meanwhile is neither found nor marked."""

    sql: Property[str]
    """The SQL to run, with parameters written as `:name`."""
    after_sql: Property[str] | None = Field(default=None, alias="afterSQL")
    """SQL to run when the execution has begun, in the same transaction."""
    parameters: Property[dict[str, Any]] = default({})
    """Values of the parameters."""
    fetch_type: Property[Literal["STORE", "FETCH", "FETCH_ONE"]] = default("FETCH")
    """What becomes of the rows: all into a file (`uri`), all into `rows`, or the first into `row`."""
    fetch_size: Property[int] = default(10_000)
    """How many rows are asked for at once."""
    username: Property[str] | None = None
    """The user of the database."""
    password: Property[str] | None = None
    """The password of the user."""

    @abstractmethod
    def task(self) -> SqlTask:
        """The task that asks."""

    def evaluate(self, ctx: RunContext) -> Mapping[str, Any] | None:
        task = self.task()
        with task.session(ctx) as session:
            if self.BEFORE is not None:
                session.execute(self.BEFORE, {})
            found = list(task.results(ctx, session, task.statements(ctx)))[-1]
            if not found.get("size"):
                session.commit()
                return None
            if self.after_sql is not None:
                self._begin_and_mark(ctx, session, found, ctx.render(self.after_sql))
                return None
            session.commit()
            return found

    def _begin_and_mark(self, ctx: RunContext, session: Session, found: Mapping[str, Any], after: str) -> None:
        """A mark that cannot be set is known before anything begins; one that is lost with the commit comes again."""
        parameters = ctx.render(self.parameters)
        try:
            for statement in split(after):
                session.execute(statement, parameters)
            starts: Starts = ctx.service("starts")
            starts.begin(found=[found])
            session.commit()
        except session.errors as error:
            raise PluginError(f"{type(error).__name__}: {error}") from error

    def shared(self) -> dict[str, Any]:
        """The properties of the task, as far as the author has given them."""
        given = {name: getattr(self, name) for name in self.SHARED if name in self.model_fields_set}
        return {"id": self.id, "fetch_type": self.fetch_type, **given}
