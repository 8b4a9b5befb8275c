"""The configuration says where files are kept."""

import pytest

from plugins.storage.local import LocalStorage
from plugins.storage.s3 import S3Storage
from stores.storage.place import _open, storage


def test_the_local_storage_lies_in_the_data_folder(tmp_path):
    from control_plane.kernel import config

    with config.override(storage={"type": "local", "path": tmp_path / "kept"}):
        opened = storage()
    assert isinstance(opened, LocalStorage)
    assert (tmp_path / "kept").is_dir()


def test_a_bucket_is_opened_with_its_keys():
    from control_plane.kernel import config

    bucket = {"type": "s3", "bucket": "b", "secret_key": "s", "access_key": "a", "prefix": "p"}
    with config.override(storage=bucket):
        opened = storage()
        assert opened == S3Storage(bucket="b", prefix="p", access_key="a", secret_key="s")
        assert storage() is opened
    with config.override(storage=bucket, variables={"globals": {"a": {"b": 1}}}):
        assert storage() is opened, "whatever else is configured"


@pytest.fixture(autouse=True)
def _fresh():
    _open.cache_clear()
    yield
    _open.cache_clear()
