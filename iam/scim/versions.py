"""Versions of resources as entity tags."""

from __future__ import annotations

from iam.models import ScimResource
from iam.record.pushed import Expect
from iam.scim.refusals import Stale


def tag_of(row: ScimResource) -> str:
    return f'W/"{row.version}"'


def expecting(header: str) -> Expect:
    """Raises Stale for a row of another version than one that the header names; without a header any will do."""
    wanted = _tags(header)

    def expect(row: ScimResource) -> None:
        if header.strip() and "*" not in wanted and str(row.version) not in wanted:
            raise Stale(f"it is at version {row.version} by now")

    return expect


def is_known(header: str, row: ScimResource) -> bool:
    """Whether the caller of a GET has this version already."""
    wanted = _tags(header)
    return "*" in wanted or str(row.version) in wanted


def _tags(header: str) -> set[str]:
    return {each.strip().removeprefix("W/").strip('"') for each in header.split(",") if each.strip()}
