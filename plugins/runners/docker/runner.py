"""Running commands in a container of a Docker Engine, or of Podman, which speaks its API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from control_plane.kernel.words.durations import Duration
from plugins.contracts import PluginError, Property, RunContext, Runner, ScriptCommand, ScriptResult
from plugins.contracts.dynamic import default
from plugins.runners.docker import images
from plugins.runners.docker.address import engine_at
from plugins.runners.docker.container_run import ContainerRun, Wishes
from plugins.runners.docker.engine import Engine
from plugins.runners.docker.properties import (
    Cpu,
    Credentials,
    DeviceRequest,
    Memory,
    login_of,
    memory_of,
    ports_of,
    registry_of,
    size,
)


class Docker(Runner):
    """Run the commands in a container, made from the task's `containerImage` and removed afterwards.

    Files of the working directory are copied into the container and back. A container is named after its job: when the
    worker dies, the next one finds it, reads its output from the beginning and waits for its end; nothing runs twice.
    The engine is the worker's own, at the socket of the machine or at its `DOCKER_HOST`, unless `host` names another.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.scripts.runner.docker.Docker"
    TITLE: ClassVar[str] = "Run in a container"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: docker_runner
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.scripts.shell.Commands
    containerImage: ubuntu
    taskRunner:
      type: io.kestra.plugin.scripts.runner.docker.Docker
      pullPolicy: IF_NOT_PRESENT
      cpu:
        cpus: 0.5
      memory:
        memory: 256MB
    commands:
      - echo "Hello from $(uname)"
""",
    )

    host: Property[str] | None = None
    """Address of the engine. A socket must be the worker's own or lie in a folder its operator has opened to flows."""
    config: Property[Any] | None = None
    """A `config.json` of Docker, as text or map, with accounts at registries."""
    credentials: Credentials | None = None
    """The account at the registry of the image."""
    pull_policy: Literal["IF_NOT_PRESENT", "ALWAYS", "NEVER"] | None = None
    """When the image is fetched; when the engine has none, where nothing is said."""
    entry_point: Property[list[str]] = default([""])
    """The program that gets the commands; none, whatever the image says, unless one is given."""
    user: Property[str] | None = None
    """Who the commands run as in the container."""
    network_mode: Property[str] | None = None
    """The network it joins: `none`, `bridge`, `host`, or a name."""
    extra_hosts: Property[list[str]] = default([])
    """Names and addresses it knows, as `name:address`."""
    port_bindings: Property[list[str]] = default([])
    """Ports of the machine that lead to it, as `8080:80`."""
    volumes: Property[list[str]] = default([])
    """Volumes and folders it sees, as `name:/path`; a folder of the machine must be one that flows may reach."""
    file_handling_strategy: Property[Literal["MOUNT", "VOLUME"]] = default("VOLUME")
    """VOLUME copies files in and out; MOUNT shares the working directory with an engine on the worker's machine."""
    cpu: Cpu | None = None
    """How much processor time it gets."""
    memory: Memory | None = None
    """How much memory it gets."""
    shm_size: Property[str] | None = None
    """The size of its /dev/shm."""
    device_requests: list[DeviceRequest] = Field(default_factory=list)
    """Devices it needs, as graphics processors."""
    privileged: bool | None = None
    """Give it all rights on the machine."""
    kill_grace_period: Duration = Field(default=timedelta(0), ge=timedelta(0), validate_default=True)
    """How long it may take to end after it was asked, before it is killed."""
    delete: bool = True
    """Remove the container when it has ended."""
    wait: bool = True
    """Wait for its end; otherwise the task ends as soon as it runs, and nothing is collected."""
    resume: bool = True
    """Follow the container of this task that a worker left behind when it died; otherwise it is replaced."""

    def run_commands(self, ctx: RunContext, command: ScriptCommand) -> ScriptResult:
        if not command.image:
            raise PluginError("A container needs an image: set `containerImage`", retryable=False)
        host = ctx.render(self.host) if self.host else None
        self._refuse_the_machine(ctx)
        body = self._body(ctx, command)
        with engine_at(ctx, host) as engine:
            if self._must_pull(engine, command.image):
                images.pull(ctx, engine, command.image, self._login(ctx, command.image), command.timeout)
            return ContainerRun(ctx, engine, command, self._wishes(ctx)).finish(body)

    def _wishes(self, ctx: RunContext) -> Wishes:
        return Wishes(
            copies_files=ctx.render(self.file_handling_strategy) == "VOLUME",
            deletes=self.delete,
            waits=self.wait,
            resumes=self.resume,
            grace_seconds=self.kill_grace_period.total_seconds(),
        )

    def _must_pull(self, engine: Engine, image: str) -> bool:
        return self.pull_policy == "ALWAYS" or (self.pull_policy != "NEVER" and not engine.has_image(image))

    def _login(self, ctx: RunContext, image: str) -> dict[str, Any] | None:
        registry = registry_of(image)
        if self.credentials is not None:
            given = {
                "username": self.credentials.username,
                "password": self.credentials.password,
                "auth": self.credentials.auth,
                "identitytoken": self.credentials.identity_token,
                "registrytoken": self.credentials.registry_token,
                "serveraddress": self.credentials.registry,
            }
            return {"serveraddress": registry} | {name: ctx.render(prop) for name, prop in given.items() if prop}
        if self.config is None:
            return None
        config = ctx.render(self.config)
        try:
            config = json.loads(config) if isinstance(config, str) else config
        except ValueError as error:
            raise PluginError("`config` is not JSON", retryable=False) from error
        return login_of(config, registry) if isinstance(config, Mapping) else None

    def _refuse_the_machine(self, ctx: RunContext) -> None:
        """All rights, and the network of the machine or of another container, are the operator's to give."""
        network = ctx.render(self.network_mode) if self.network_mode else ""
        if self.privileged:
            ctx.service("local").open_to_containers(asked="privileged: true")
        if network == "host" or ":" in network:
            ctx.service("local").open_to_containers(asked=f"networkMode: {network}")

    def _body(self, ctx: RunContext, command: ScriptCommand) -> dict[str, Any]:
        entry = [each for each in ctx.render(self.entry_point) if each]
        exposed, bound = ports_of(ctx.render(self.port_bindings))
        return {
            "Image": command.image,
            "Entrypoint": entry or list(command.argv),
            "Cmd": list(command.argv) if entry else [],
            "Env": [f"{name}={value}" for name, value in self._environment(command).items()],
            "WorkingDir": str(command.workdir),
            "User": ctx.render(self.user) if self.user else "",
            "ExposedPorts": exposed,
            "HostConfig": self._host_config(ctx, command) | {"PortBindings": bound},
        }

    def _environment(self, command: ScriptCommand) -> dict[str, str]:
        return {"WORKING_DIR": str(command.workdir), **command.env}

    def _host_config(self, ctx: RunContext, command: ScriptCommand) -> dict[str, Any]:
        shared = size(ctx, self.shm_size, "shmSize")
        return {
            **memory_of(ctx, self.memory),
            **({"NanoCpus": int(self.cpu.cpus * 1e9)} if self.cpu and self.cpu.cpus else {}),
            **({"ShmSize": shared} if shared else {}),
            **({"NetworkMode": ctx.render(self.network_mode)} if self.network_mode else {}),
            "Binds": self._binds(ctx, command),
            "ExtraHosts": ctx.render(self.extra_hosts),
            "Privileged": bool(self.privileged),
            "DeviceRequests": [each.rendered(ctx) for each in self.device_requests],
            "LogConfig": {"Type": "json-file"},
        }

    def _binds(self, ctx: RunContext, command: ScriptCommand) -> list[str]:
        binds = [_allowed(ctx, volume) for volume in ctx.render(self.volumes)]
        if ctx.render(self.file_handling_strategy) == "MOUNT":
            binds += [f"{folder}:{folder}" for folder in (command.workdir, command.own) if folder is not None]
        return binds


def _allowed(ctx: RunContext, volume: str) -> str:
    """The bind of a named volume, or of a folder of the machine, as what it leads to. Raises PluginError."""
    source, colon, rest = volume.partition(":")
    if not colon or not rest.startswith("/"):
        raise PluginError(f"`volumes`: `{volume[:200]}` is not of the form `name:/path`", retryable=False)
    if "/" not in source and not source.startswith((".", "~")):
        return volume
    return f"{ctx.service('local').path(name=source)}:{rest}"
