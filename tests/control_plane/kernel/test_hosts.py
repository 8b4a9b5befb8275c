"""The names by which an instance is reached."""

import pytest

from control_plane.kernel.config import override
from control_plane.kernel.hosts import is_ours


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "192.0.2.1", "web", "a.svc", "box.local", "x.test"],
)
def test_numbers_and_names_of_ones_own_network_are_ours(host: str):
    assert is_ours(host)


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "a/b", "["],
)
def test_names_of_somebody_else_are_not(host: str | None):
    assert not is_ours(host)


def test_configured_names_are_ours():
    with override(public_url="https://orrery.example.com", hosts=("flows.example.org",)):
        assert is_ours("ORRERY.example.com.") and is_ours("flows.example.org:443")
        assert not is_ours("other.example.com")
