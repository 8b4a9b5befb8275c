"""`orrery secrets`: what it refuses before it does anything."""

from __future__ import annotations

import pytest

from control_plane.cli.command import Refused
from control_plane.cli.main import command_line
from control_plane.cli.secrets import _configuration, _rotate
from control_plane.kernel.config import override


def test_places_and_their_configurations_are_named() -> None:
    said = ["secrets", "migrate", "--tenant", "acme", "--from", "built-in", "--to", "vault", "--dry-run"]
    args = command_line().parse_args([*said, "--to-configuration", "vault.yml", "--namespace", "prod"])
    assert (args.source, args.target, args.dry_run, args.namespace) == ("built-in", "vault", True, ["prod"])


def test_a_rotation_without_an_earlier_key_says_what_to_do() -> None:
    args = command_line().parse_args(["secrets", "rotate-key"])
    with override(previous_encryption_keys=()), pytest.raises(Refused, match="ORRERY_PREVIOUS_ENCRYPTION_KEYS"):
        _rotate(args)


@pytest.mark.parametrize("content", ["- a list", "{broken", "text"])
def test_a_configuration_that_is_no_map_is_refused_by_name(tmp_path, content: str) -> None:
    file = tmp_path / "vault.yml"
    file.write_text(content)
    with pytest.raises(Refused, match=r"vault\.yml"):
        _configuration(file)
    assert _configuration(None) == {}
