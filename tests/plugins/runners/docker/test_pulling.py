"""Images are fetched from a registry when a flow says so, with the account it gives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugins.contracts import PluginError
from tests.plugins.runners.docker.engines import root
from tests.plugins.runners.docker.registry import Registry, serving
from tests.plugins.tasks.memory import run

SHELL = "io.kestra.plugin.scripts.shell.Commands"
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"


@pytest.fixture
def registry(host: str) -> Iterator[Registry]:
    if "podman" in host:
        pytest.skip("Podman speaks to a registry without TLS only where its configuration names it")
    with serving(Registry(root())) as registry:
        yield registry


def run_from(ctx, registry, **runner):
    image = f"{registry.address}/team/image:1"
    run(ctx, SHELL, commands=["echo ran"], containerImage=image, taskRunner={"type": DOCKER, **runner})


def test_an_image_is_pulled_once_and_then_is_here(ctx, engine, registry):
    run_from(ctx, registry)
    assert registry.pulls > 0
    seen = registry.pulls
    run_from(ctx, registry, pullPolicy="IF_NOT_PRESENT")
    run_from(ctx, registry, pullPolicy="NEVER")
    assert registry.pulls == seen
    run_from(ctx, registry, pullPolicy="ALWAYS")
    assert registry.pulls > seen
    assert ctx.messages == ["ran"] * 4


def test_a_registry_is_asked_with_the_account_that_a_flow_gives(ctx, engine, registry):
    registry.account = "me:value-of-PASSWORD"
    with pytest.raises(PluginError, match=r"cannot be pulled|refuses"):
        run_from(ctx, registry)
    given = {"registry": registry.address, "username": "me", "password": "{{ secret('PASSWORD') }}"}
    run_from(ctx, registry, credentials=given)
    assert ctx.messages == ["ran"]


def test_an_account_may_stand_in_a_configuration_of_docker(ctx, engine, registry):
    registry.account = "me:secret"
    run_from(ctx, registry, config={"auths": {registry.address: {"username": "me", "password": "secret"}}})
    assert ctx.messages == ["ran"]
