"""The configuration says where files are kept."""

import pytest

from control_plane.kernel.config import override
from plugins.storage.azure import AzureStorage
from plugins.storage.gcs import GcsStorage
from plugins.storage.local import LocalStorage
from plugins.storage.s3 import S3Storage
from stores.storage.choice import _of_instance, instance_storage


def test_the_local_storage_lies_in_the_data_folder(tmp_path):
    with override(storage={"type": "local", "path": tmp_path / "kept"}):
        opened = instance_storage()
    assert isinstance(opened, LocalStorage)
    assert (tmp_path / "kept").is_dir()


def test_a_bucket_is_opened_with_its_keys():
    bucket = {"type": "s3", "bucket": "b", "secret_key": "s", "access_key": "a", "prefix": "p", "encryption": "AES256"}
    with override(storage=bucket):
        opened = instance_storage()
        assert opened == S3Storage(bucket="b", prefix="p", access_key="a", secret_key="s", encryption="AES256")
        assert instance_storage() is opened
    with override(storage=bucket, variables={"globals": {"a": {"b": 1}}}):
        assert instance_storage() is opened, "whatever else is configured"


@pytest.mark.parametrize(
    ("knobs", "opened"),
    [
        (
            {"type": "gcs", "bucket": "b", "service_account": "{}", "kms_key": "k"},
            GcsStorage(bucket="b", service_account="{}", kms_key="k"),
        ),
        (
            {"type": "azure", "account": "a", "container": "c", "account_key": "k", "encryption_scope": "s"},
            AzureStorage("a", "c", account_key="k", encryption_scope="s"),
        ),
    ],
)
def test_each_type_is_opened_with_its_own(knobs, opened):
    with override(storage=knobs):
        assert instance_storage() == opened


@pytest.mark.parametrize("kind", ["s3", "gcs", "azure"])
def test_what_a_type_needs_is_asked_for(kind):
    with pytest.raises(ValueError, match=f"is needed when type is {kind}"), override(storage={"type": kind}):
        pass


@pytest.mark.parametrize("told", ["XAES256", "aws:kms-of-mine", ""])
def test_an_encryption_is_one_of_those_that_there_are(told):
    bucket = {"type": "s3", "bucket": "b", "encryption": told}
    with pytest.raises(ValueError, match="encryption"), override(storage=bucket):
        instance_storage()


@pytest.fixture(autouse=True)
def _fresh():
    _of_instance.cache_clear()
    yield
    _of_instance.cache_clear()
