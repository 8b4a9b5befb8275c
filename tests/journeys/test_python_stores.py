"""A colleague keeps values, files and inputs of a namespace with the public Python package, unchanged."""

import io
import warnings
import zipfile

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kestrapy
    from kestrapy import KestraClient

pytestmark = [pytest.mark.journey, pytest.mark.filterwarnings("default")]
TENANT, NAMESPACE, BELOW = "acme", "company.stores", "company.stores.deep"
BLOCK = "id: period\ninputs:\n  - id: days\n    type: INT\n    defaults: 7\n"


@pytest.fixture(scope="module")
def client(instance, token):
    with KestraClient(host=instance.url, token=token, timeout=60) as connected:
        yield connected


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        ('"a text"', "STRING", "a text"),
        ("1.5", "NUMBER", 1.5),
        ("true", "BOOLEAN", True),
        ("2026-01-31T12:00:00.000Z", "DATETIME", "2026-01-31T12:00:00Z"),
        ("2026-01-31", "DATE", "2026-01-31"),
        ("PT15M", "DURATION", "PT15M"),
        ('{"a": [1, 2]}', "JSON", {"a": [1, 2]}),
    ],
)
def test_a_value_of_every_type_comes_back(client, body, kind, value):
    client.kv.set_key_value(NAMESPACE, f"of-{kind}", TENANT, body)
    found = client.kv.key_value(NAMESPACE, f"of-{kind}", TENANT)
    assert (found.type.value, found.value) == (kind, value)


def test_pairs_are_listed_inherited_and_deleted(client):
    for key in ("one", "two"):
        client.kv.set_key_value(NAMESPACE, key, TENANT, "1")
    listed = client.kv.list_all_keys(TENANT, page=1, size=100, sort=["key:asc"])
    assert {"one", "two"} <= {entry.key for entry in listed.results if entry.namespace == NAMESPACE}
    assert {"one", "two"} <= {entry.key for entry in client.kv.list_keys_with_inheritance(BELOW, TENANT)}
    wanted = kestrapy.KVControllerApiDeleteBulkRequest(keys=["one", "two", "never"])
    assert sorted(client.kv.delete_key_values(NAMESPACE, TENANT, wanted).keys) == ["one", "two"]
    assert client.kv.delete_key_value(NAMESPACE, "one", TENANT) is False
    with pytest.raises(kestrapy.ApiException) as refused:
        client.kv.key_value(NAMESPACE, "one", TENANT)
    assert refused.value.status == 404


def test_a_file_is_written_twice_and_both_are_there(client):
    client.files.create_namespace_file(NAMESPACE, "/scripts/a.py", TENANT, b"print(1)")
    client.files.create_namespace_file(NAMESPACE, "/scripts/a.py", TENANT, b"print(2)")
    assert client.files.file_content(NAMESPACE, "/scripts/a.py", TENANT) == b"print(2)"
    assert client.files.file_content(NAMESPACE, "/scripts/a.py", TENANT, revision=1) == b"print(1)"
    assert [each.revision for each in client.files.file_revisions(NAMESPACE, TENANT, "/scripts/a.py")] == [1, 2]
    about = client.files.file_metadatas(NAMESPACE, TENANT, "/scripts/a.py")
    assert (about.file_name, about.type.value, about.size) == ("a.py", "File", 8)


def test_files_are_moved_found_carried_away_and_deleted(client):
    client.files.create_namespace_directory(NAMESPACE, TENANT, path="/empty")
    client.files.move_file_directory(NAMESPACE, "/scripts", "/moved", TENANT)
    listed = client.files.list_namespace_directory_files(NAMESPACE, TENANT)
    assert [(entry.file_name, entry.type.value) for entry in listed] == [("empty", "Directory"), ("moved", "Directory")]
    assert client.files.search_namespace_files(NAMESPACE, "a.p", TENANT) == ["/moved/a.py"]
    archive = zipfile.ZipFile(io.BytesIO(client.files.export_namespace_files(NAMESPACE, TENANT)))
    assert archive.namelist() == ["moved/a.py"]
    client.files.delete_file_directory(NAMESPACE, "/moved", TENANT)
    assert client.files.search_namespace_files(NAMESPACE, "a.p", TENANT) == []


def test_inputs_are_shared_and_seen_below(client):
    saved = client.reusable_inputs.create_or_update_reusable_inputs(NAMESPACE, "period", TENANT, BLOCK)
    assert (saved.id, saved.namespace, [each.id for each in saved.inputs]) == ("period", NAMESPACE, ["days"])
    assert client.reusable_inputs.reusable_inputs(BELOW, "period", TENANT).namespace == NAMESPACE
    assert [each.id for each in client.reusable_inputs.list_reusable_inputs(BELOW, TENANT).results] == ["period"]
    with pytest.raises(kestrapy.ApiException) as refused:
        client.reusable_inputs.create_or_update_reusable_inputs(NAMESPACE, "period", TENANT, BLOCK, fail_if_exists=True)
    assert refused.value.status == 409
