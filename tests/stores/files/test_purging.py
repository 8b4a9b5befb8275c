"""Old revisions of files: by their number, by their date, in which namespaces."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from stores.files.purging import purge_revisions
from stores.files.queries import files_of
from stores.models import NamespaceFileRevision
from stores.storage.keys import tenant_prefix
from stores.storage.place import storage
from tests.cast import ACME, Cast, make_cast
from tests.stores.files.written import write_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    storage().delete_prefix(tenant_prefix(ACME))
    ctx = made.olga.context(ACME)
    for namespace in ("prod", "prod.data", "prod2"):
        for path, times in (("/a.sql", 3), ("/b.py", 1)):
            for number in range(times):
                write_file(ctx, namespace, path, f"{number}".encode())
    return made


def purge(cast: Cast, **what: Any) -> int:
    what = {"namespace": "prod", "wanted": lambda path: True} | what
    return purge_revisions(cast.olga.context(ACME), **what)


def kept() -> dict[str, list[int]]:
    with tenant_scope(ACME):
        rows = NamespaceFileRevision.objects.order_by("file__namespace", "file__path", "revision")
        found: dict[str, list[int]] = {}
        for namespace, path, revision in rows.values_list("file__namespace", "file__path", "revision"):
            found.setdefault(namespace + path, []).append(revision)
        assert sum(map(len, found.values())) == sum(1 for _ in storage().list(tenant_prefix(ACME)))
        return found


EVERYTHING = {f"{name}{path}": numbers for name in ("prod", "prod.data", "prod2") for path, numbers in
              (("/a.sql", [1, 2, 3]), ("/b.py", [1]))}  # fmt: skip


def test_the_newest_are_kept(cast: Cast) -> None:
    assert purge(cast, keep=1) == 2
    assert kept() == EVERYTHING | {"prod/a.sql": [3]}


def test_namespaces_below_are_purged_where_it_is_said(cast: Cast) -> None:
    assert purge(cast, keep=2, includes_children=True) == 2
    assert kept() == EVERYTHING | {"prod/a.sql": [2, 3], "prod.data/a.sql": [2, 3]}


def test_only_files_and_namespaces_of_the_patterns_are_purged(cast: Cast) -> None:
    assert purge(cast, keep=0, wanted=lambda path: path.endswith(".py")) == 1
    assert purge(cast, keep=1, includes_children=True, namespace_pattern="*.data") == 2
    assert "prod/b.py" not in kept()
    assert kept()["prod.data/a.sql"] == [3]


def test_what_was_written_before_a_date_goes_and_a_file_with_its_last_revision(cast: Cast) -> None:
    with tenant_scope(ACME):
        old = NamespaceFileRevision.objects.filter(file__namespace="prod").exclude(revision=3)
        old.update(created_at=now() - timedelta(days=10))
    assert purge(cast, before=now() - timedelta(days=1)) == 3
    assert kept() == {name: numbers for name, numbers in EVERYTHING.items() if name != "prod/b.py"} | {
        "prod/a.sql": [3]
    }
    with tenant_scope(ACME):
        assert list(files_of("prod").values_list("path", flat=True)) == ["/a.sql"]


def test_both_together_keep_what_either_keeps(cast: Cast) -> None:
    with tenant_scope(ACME):
        NamespaceFileRevision.objects.update(created_at=now() - timedelta(days=10))
    assert purge(cast, before=now() - timedelta(days=1), keep=2) == 1
    assert kept()["prod/a.sql"] == [2, 3]


def test_nothing_is_purged_where_nothing_is_said(cast: Cast) -> None:
    assert purge(cast) == 0
    assert kept() == EVERYTHING
