"""Files are carried to another storage while everything goes on, and again from where it broke off."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.cli import main as cli
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.errors import Conflict, NotFound
from plugins.storage.over_http import StorageRefused
from stores.storage import moving
from stores.storage.choice import instance_storage, layout_of
from stores.storage.moving import Progress, Scope, choose, move, present, waiting
from stores.storage.place import storage
from tenants.models import Namespace, Tenant
from tests.cast import ACME, GLOBEX, Cast
from tests.stores.storage.conftest import Bucket
from tests.stores.storage.test_routed import key_of, put, read

pytestmark = pytest.mark.django_db


def said(bucket: Bucket) -> dict[str, Any]:
    made = bucket()
    return {"type": made["storageType"], "configuration": made["storageConfiguration"]}


def keys(tenant: str = ACME) -> list[str]:
    return [each.key for each in instance_storage().list(f"{tenant}/")]


def many(count: int = 5, namespace: str = "prod", tenant: str = ACME) -> list[str]:
    found = [key_of(tenant, namespace, f"file{number}") for number in range(count)]
    for number, key in enumerate(found):
        put(key, b"x" * number)
    return found


def test_everything_is_carried_over_and_deleted_where_it_was(cast: Cast, bucket: Bucket):
    mine, theirs = many(), many(tenant=GLOBEX)
    told: list[Progress] = []
    choose(Scope(ACME), said(bucket))
    assert waiting(Scope(ACME)) == Progress(all_files=5, all_size=10)
    done = move(Scope(ACME), told.append)
    assert (done.files, done.size) == (5, 10)
    assert [each.files for each in told] == [0, 1, 2, 3, 4, 5] and {each.all_files for each in told} == {5}
    assert keys() == [] and keys(GLOBEX) == theirs
    assert [len(read(key)) for key in mine] == [0, 1, 2, 3, 4]
    assert len(layout_of(ACME).places[""]) == 1, "nothing is looked for where it was"


def test_a_long_file_is_carried_in_parts(cast: Cast, bucket: Bucket):
    content = b"0123456789abcdef" * (1 << 20)
    put(key_of(ACME, "prod"), content)
    choose(Scope(ACME), said(bucket))
    move(Scope(ACME))
    assert read(key_of(ACME, "prod")) == content


def test_what_broke_off_goes_on_with_what_is_left(cast: Cast, bucket: Bucket):
    many()
    choose(Scope(ACME), said(bucket))

    def stop(progress: Progress) -> None:
        if progress.files == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(Scope(ACME), stop)
    assert len(keys()) == 3 and len(list(storage().list(f"{ACME}/"))) == 5
    done = move(Scope(ACME))
    assert (done.files, done.all_files) == (3, 3) and keys() == []
    assert move(Scope(ACME)).files == 0, "once more changes nothing"


def test_what_is_written_meanwhile_is_not_replaced_by_what_was(cast: Cast, bucket: Bucket):
    first, second, third = many(3)
    choose(Scope(ACME), said(bucket))

    def meanwhile(progress: Progress) -> None:
        if progress.files == 1:
            put(second, b"newer")
            storage().delete(third)

    move(Scope(ACME), meanwhile)
    assert read(second) == b"newer"
    assert [each.key for each in storage().list(f"{ACME}/")] == [first, second]


def test_what_is_deleted_while_it_is_carried_is_not_brought_back(
    cast: Cast, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
):
    (key,) = many(1)
    choose(Scope(ACME), said(bucket))
    target = layout_of(ACME).places[""][0]

    class Late:
        """Puts what it was given after somebody has deleted it."""

        def put(self, name: str, source: Any, *, only_new: bool = False) -> int:
            content = source.read()
            storage().delete(name)
            return target.put(name, io.BytesIO(content), only_new=only_new)

        stat, delete = target.stat, target.delete

    found = instance_storage().stat(key)
    assert found is not None
    moving._carry(Late(), instance_storage(), found)  # type: ignore[arg-type]  # as much of one as is used
    assert storage().stat(key) is None


def test_what_another_server_wrote_to_the_old_place_is_found_at_the_end(cast: Cast, bucket: Bucket):
    """It had not heard of the change yet."""
    many(2)
    choose(Scope(ACME), said(bucket))
    late = key_of(ACME, "prod", "late")

    def meanwhile(progress: Progress) -> None:
        if progress.files == 2:
            instance_storage().put(late, io.BytesIO(b"late"))

    assert move(Scope(ACME), meanwhile).files == 3
    assert read(late) == b"late" and keys() == []


def test_a_namespace_is_moved_by_itself(cast: Cast, bucket: Bucket):
    inside, below, outside = many(1, "prod.eng"), many(1, "prod.eng.deep"), many(1, "prod")
    scope = Scope(ACME, "prod.eng")
    choose(scope, said(bucket))
    assert move(scope).files == 2
    assert keys() == outside and [read(key) for key in (*inside, *below)] == [b"", b""]
    choose(scope, {})
    assert move(scope).files == 2 and sorted(keys()) == sorted([*inside, *below, *outside])


def test_a_tenant_waits_for_its_namespaces(cast: Cast, bucket: Bucket):
    """One that still looks for files where the tenant had them would lose them."""
    many(1, "prod.eng")
    choose(Scope(ACME, "prod.eng"), said(bucket))
    choose(Scope(ACME), said(bucket))
    with pytest.raises(Conflict, match=r"namespace prod\.eng are being moved"):
        move(Scope(ACME))
    assert move(Scope(ACME, "prod.eng")).files == 1
    move(Scope(ACME))
    assert keys() == []


def test_a_bucket_that_cannot_be_used_is_not_chosen(cast: Cast, bucket: Bucket):
    wrong = said(bucket)
    wrong["configuration"]["bucket"] = "there-is-none"
    with pytest.raises(StorageRefused, match="NoSuchBucket"):
        choose(Scope(ACME), wrong)
    with instance_scope():
        assert "storageType" not in Tenant.objects.get(id=ACME).settings


def test_a_tenant_that_is_not_there_is_told():
    for act in (waiting, present, move, lambda scope: choose(scope, {})):
        with pytest.raises(NotFound, match="no tenant nobody"):
            act(Scope("nobody"))


def test_the_trail_tells_who_chose_and_how_many_were_moved(cast: Cast, bucket: Bucket):
    many(2, "prod")
    choose(Scope(ACME, "prod"), said(bucket))
    move(Scope(ACME, "prod"))
    with tenant_scope(ACME):
        chosen, forgotten = list(AuditEntry.objects.filter(resource="NAMESPACE").order_by("seq"))[-2:]
        assert "key-that-nobody-sees" not in chosen.body + forgotten.body
        assert json.loads(chosen.body)["detail"]["storageChosen"] == "s3"
        assert json.loads(forgotten.body)["detail"]["filesMoved"] == 2
        assert set(Namespace.objects.get(name="prod").settings) == {"storageType", "storageConfiguration"}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from control_plane.cli import storage as command

    monkeypatch.setattr(command, "as_server", nullcontext)


def test_the_command_counts_first_and_moves_then(
    cast: Cast, bucket: Bucket, here: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    many()
    file = tmp_path / "to.json"
    file.write_text(json.dumps(said(bucket)))
    move_to = ["storage", "move", "--tenant", ACME, "--to", str(file)]
    assert cli.main([*move_to, "--dry-run"]) == 0
    assert capsys.readouterr().out == "5 files would be moved, 10 bytes\n"
    assert len(keys()) == 5 and len(layout_of(ACME).places[""]) == 1
    assert cli.main(move_to) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "5 files were moved, 10 bytes"
    assert keys() == []
    assert cli.main(["storage", "move", "--tenant", ACME, "--to", "default"]) == 0
    assert len(keys()) == 5


@pytest.mark.parametrize("text", ["[]", "type: 1", "type: s3\nbukket: b", "{", ""])
def test_a_file_that_says_nothing_is_refused(here: None, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "to.yml"
    file.write_text(text)
    assert cli.main(["storage", "move", "--tenant", ACME, "--to", str(file)]) == 2
    assert "--to" in capsys.readouterr().err
