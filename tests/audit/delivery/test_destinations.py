"""Each destination keeps a batch whole and in order, or says that it did not."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from audit.delivery.destinations import Batch, DeliveryFailed
from audit.delivery.opening import anchor_destinations, open_destination
from control_plane.kernel.config import config, override
from control_plane.kernel.trail_knobs import Audit
from tests.audit.delivery.peers import Listener, SyslogServer

KEYS = {"access_key": "a", "secret_key": "b", "region": "us-east-1", "path_style": True}


def batch(*names: str, first: int = 1, tenant: str = "acme") -> Batch:
    lines = [
        json.dumps({"seq": first + place, "entry": {"object_id": name, "at": "2026-01-01T00:00:00Z", "is_refused": name == "no"}})
        for place, name in enumerate(names)
    ]  # fmt: skip
    return Batch("entries", tenant, first, first + len(names) - 1, lines)


def names(text: bytes) -> list[str]:
    return [json.loads(line)["entry"]["object_id"] for line in text.splitlines()]


def test_a_file_grows_line_by_line(tmp_path: Path):
    file = open_destination((tmp_path / "trail").as_uri(), Audit())
    file.send(batch("a", "b"))
    file.send(batch("c", first=3))
    assert names((tmp_path / "trail").read_bytes()) == ["a", "b", "c"]
    assert (tmp_path / "trail").stat().st_mode & 0o777 == 0o640


def test_what_a_crash_tore_off_stays_a_line_of_its_own(tmp_path: Path):
    (tmp_path / "trail").write_text('{"seq":1,"ent')
    open_destination((tmp_path / "trail").as_uri(), Audit()).send(batch("a"))
    torn, whole = (tmp_path / "trail").read_bytes().splitlines()
    assert (torn, names(whole)) == (b'{"seq":1,"ent', ["a"])


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path):
    with pytest.raises(DeliveryFailed, match="No such file"):
        open_destination((tmp_path / "none" / "trail").as_uri(), Audit()).send(batch("a"))


def test_a_webhook_is_signed_and_must_say_yes():
    listener = Listener()
    with listener.listening() as url:
        hook = open_destination(f"{url}?token=hidden", Audit(webhook_secret="shared"))
        assert "hidden" not in hook.name
        hook.send(batch("a", "b"))
        headers, body = listener.taken.get(timeout=5)
        wanted = "sha256=" + hmac.new(b"shared", body, hashlib.sha256).hexdigest()
        assert (names(body), headers["X-Orrery-Signature"]) == (["a", "b"], wanted)
        assert (headers["X-Orrery-Tenant"], headers["X-Orrery-Range"]) == ("acme", "1-2")
        listener.answers = [500]
        with pytest.raises(DeliveryFailed, match="answered 500"):
            hook.send(batch("a"))
        hook._client.close()
    with pytest.raises(DeliveryFailed):
        open_destination(url, Audit()).send(batch("a"))


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_syslog_messages_are_whole_and_tell_refusals(transport: str):
    server = SyslogServer(transport)
    with server.listening() as address:
        peer = open_destination(address, Audit())
        peer.send(batch("a", "no"))
        peer.send(batch("c", first=3))
        messages = [server.messages.get(timeout=5) for _ in range(3)]
        peer.close()
    assert [message[:7] for message in messages] == [b"<110>1 ", b"<108>1 ", b"<110>1 "]
    assert [names(b"{" + message.partition(b"{")[2]) for message in messages] == [["a"], ["no"], ["c"]]
    assert b" orrery - ENTRIES - {" in messages[0]


def test_a_syslog_server_that_was_restarted_is_found_again():
    first = SyslogServer("tcp")
    with first.listening() as address:
        peer = open_destination(address, Audit())
        peer.send(batch("a"))
        first.messages.get(timeout=5)
    with pytest.raises(DeliveryFailed):
        peer.send(batch("b"))
    second = SyslogServer("tcp")
    with second.listening() as address:
        peer.port = int(address.rpartition(":")[2])
        peer.send(batch("b"))
        assert names(b"{" + second.messages.get(timeout=5).partition(b"{")[2]) == ["b"]
        peer.close()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_bucket_holds_an_object_for_each_batch_once(endpoint: str):
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a",
                          aws_secret_access_key="b")  # fmt: skip
    client.create_bucket(Bucket="trail")
    place = open_destination("s3://trail/audit", Audit(endpoint=endpoint, **KEYS))
    for each in (batch("a", "b"), batch("a", "b"), batch("c", first=3), batch("i", tenant="")):
        place.send(each)
    found = {each["Key"] for each in client.list_objects_v2(Bucket="trail")["Contents"]}
    assert found == {
        "audit/entries/acme/0000000000000001-0000000000000002.ndjson",
        "audit/entries/acme/0000000000000003-0000000000000003.ndjson",
        "audit/entries/_instance/0000000000000001-0000000000000001.ndjson",
    }
    lost = open_destination("s3://nowhere/x", Audit(endpoint=endpoint, **KEYS))
    with pytest.raises(DeliveryFailed, match="NoSuchBucket"):
        lost.send(batch("a"))
    for each in (place, lost):
        each._storage._client.close()
    client.close()


@pytest.mark.parametrize(
    "address", ["ftp://x", "trail", "file:trail.ndjson", "file://host/x", "s3:///prefix", "https:///x"]
)
def test_what_is_no_destination_is_refused_before_anything_starts(address: str):
    with pytest.raises(ValueError, match="ship_to"):
        Audit(ship_to=(address,))


def test_anchors_are_kept_in_the_data_folder_where_nothing_else_is_said(tmp_path: Path):
    with override(data_dir=tmp_path):
        assert [each.name for each in anchor_destinations()] == [(config().data_dir / "audit-anchors.ndjson").as_uri()]
    with override(audit={"anchor_to": ("https://keeper.example/a",)}):
        assert [each.name for each in anchor_destinations()] == ["https://keeper.example/a"]
