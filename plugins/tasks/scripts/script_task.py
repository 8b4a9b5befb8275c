"""What every script task has: where it runs, the files it gets and leaves, and its outputs."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from plugins.contracts import (
    LogLevel,
    Model,
    Outcome,
    PluginError,
    Property,
    RunContext,
    RunnableTask,
    Runner,
    ScriptCommand,
    ScriptResult,
    State,
)
from plugins.contracts.dynamic import default
from plugins.contracts.services import NamespaceFiles
from plugins.runners.docker.runner import Docker
from plugins.runners.process import Process
from plugins.working_directory.files import (
    make_folders,
    matcher,
    open_source,
    put_input_files,
    safe_path,
    store_output_files,
    write_file,
)
from plugins.working_directory.own import OwnFiles, own_files

_SHELLS = frozenset({"sh", "ash", "bash", "dash", "ksh", "zsh"})
_PATTERN = re.compile(r"[*?\[\]{}\\]|^(?:glob|regex):")
"""A name in `outputFiles` that has none of this is that of one file."""
_ADDRESS = re.compile(r"kestra://[-\w._+~#=/%]*")


class NamespaceFilesOption(Model):
    """Which files of the namespace a task finds in its working directory."""

    enabled: Property[bool] = default(True)
    """Whether any are copied."""
    include: Property[list[str]] = default([])
    """Patterns of the files to copy; all when empty. A pattern without a leading slash matches in every folder."""
    exclude: Property[list[str]] = default([])
    """Patterns of files that are not copied."""
    namespaces: Property[list[str]] = default(["{{ flow.namespace }}"])
    """Namespaces to copy from, in this order: a later one replaces files of the same name."""
    if_exists: Property[Literal["OVERWRITE", "FAIL", "WARN", "IGNORE"]] = default("OVERWRITE")
    """What happens when the working directory already has a file of that name."""
    folder_per_namespace: Property[bool] = default(False)
    """Put the files of each namespace into a folder of its name."""


class ScriptTask(RunnableTask):
    """A task that hands commands to a runner. Subclasses say what the commands are."""

    task_runner: Runner | None = None
    """Where the commands run; when absent in a container if an image is named, else as a process of the worker."""
    env: Property[dict[str, Any]] = default({})
    """Environment variables. Nothing of the worker's own environment is passed on."""
    input_files: Property[dict[str, Any]] = default({})
    """Files to put into the working directory: name and content, or the address of a stored file."""
    output_files: Property[list[str]] = default([])
    """Patterns of the files to keep; their addresses are the output `outputFiles`."""
    namespace_files: NamespaceFilesOption | None = None
    """Files of the namespace to put into the working directory."""
    before_commands: Property[list[str]] = default([])
    """Commands to run first, in the same shell."""
    interpreter: Property[list[str]] = default(["/bin/sh", "-c"])
    """The program the commands are given to, with its arguments."""
    fail_fast: Property[bool] = default(True)
    """Stop at the first command that fails."""
    warning_on_std_err: Property[bool] = default(False)
    """End with WARNING when anything was written to the error output."""
    container_image: Property[str] | None = None
    """Image of the container; each language has its own when absent. The Process runner ignores it."""
    target_os: Property[Literal["LINUX", "WINDOWS", "AUTO"]] = Field(
        default="LINUX", validate_default=True, alias="targetOS"
    )
    """The system the commands are written for."""
    output_directory: Property[bool] = default(False)
    """Keep everything that is left in the directory `{{ outputDir }}`."""
    docker: Any = Field(default=None, json_schema_extra={"deprecated": True})
    """Old settings of the container; use `taskRunner`."""
    runner: Literal["DOCKER", "PROCESS"] | None = Field(default=None, json_schema_extra={"deprecated": True})
    """Old choice of the runner; use `taskRunner`."""

    OUTPUT_DIRECTORY: ClassVar[str] = "outputs"
    IMAGE: ClassVar[str] = "ubuntu"
    """What a container is made from where a task names no image."""

    def prepare(self, ctx: RunContext, extra: Mapping[str, Any], own: OwnFiles) -> list[str]:
        """The lines the shell runs after `beforeCommands`; may write files of its own."""
        raise PluginError(f"{self.type} has no commands")

    def run(self, ctx: RunContext) -> Outcome:
        self._put_files(ctx)
        extra = self._variables(ctx)
        try:
            with own_files(ctx) as own:
                result = self._run_commands(ctx, extra, own)
        except PluginError as error:
            error.outputs = {**error.outputs, "outputFiles": self._files_of_failure(ctx)}
            raise
        return self._outcome(ctx, result)

    def _run_commands(self, ctx: RunContext, extra: Mapping[str, Any], own: OwnFiles) -> ScriptResult:
        before = render_lines(ctx, self.before_commands.source, extra, own)
        command = ScriptCommand(
            argv=self._arguments(ctx, [*before, *self.prepare(ctx, extra, own)], own),
            env={"TMPDIR": str(own.temporary), **self._environment(ctx, extra)},
            workdir=ctx.workdir,
            own=own.folder,
            timeout=_time_left(ctx),
            image=self._image(ctx),
        )
        return self._runner().run_commands(ctx, command)

    def _runner(self) -> Runner:
        """The runner of the task, or the one that `runner` names in flows of old; who names an image means Docker."""
        if self.task_runner is not None:
            return self.task_runner
        names_image = self.container_image is not None or self.docker is not None
        in_container = names_image if self.runner is None else self.runner == "DOCKER"
        return Docker(type=Docker.TYPE) if in_container else Process(type=Process.TYPE)

    def _image(self, ctx: RunContext) -> str:
        if self.container_image is not None:
            return ctx.render(self.container_image)
        old = self.docker.get("image") if isinstance(self.docker, Mapping) else None
        return str(ctx.render_any(old)) if old else self.IMAGE

    def _put_files(self, ctx: RunContext) -> None:
        if self.namespace_files is not None:
            put_namespace_files(ctx, self.namespace_files)
        files = ctx.render(self.input_files)
        put_input_files(ctx, files)

    def _variables(self, ctx: RunContext) -> dict[str, Any]:
        """Variables that only script tasks have."""
        extra: dict[str, Any] = {"workingDir": str(ctx.workdir), "outputFiles": self._places(ctx)}
        if ctx.render(self.output_directory):
            folder = safe_path(ctx.workdir, self.OUTPUT_DIRECTORY)
            folder.mkdir(exist_ok=True)
            extra["outputDir"] = str(folder)
        return extra

    def _places(self, ctx: RunContext) -> dict[str, str]:
        """Where a file is to be written that `outputFiles` names without a pattern; its folder is there."""
        places = {}
        for name in ctx.render(self.output_files):
            if not _PATTERN.search(name):
                path = safe_path(ctx.workdir, name)
                make_folders(ctx.workdir, path.parent)
                places[name] = str(path)
        return places

    def _arguments(self, ctx: RunContext, lines: Sequence[str], own: OwnFiles) -> list[str]:
        """The program to start. A shell reads the commands from a file, as everybody can see a process's arguments."""
        interpreter = ctx.render(self.interpreter)
        opening = ["set -e"] if ctx.render(self.fail_fast) else []
        text = "\n".join([*opening, *lines])
        if interpreter[-1:] != ["-c"] or Path(interpreter[0]).name not in _SHELLS:
            return [*interpreter, text]
        path = write_file(own.folder, "commands", f"{text}\n".encode())
        return [*interpreter, '. "$0"', str(path)]

    def _environment(self, ctx: RunContext, extra: Mapping[str, Any]) -> dict[str, str]:
        rendered = ctx.render_any(self.env.source, extra)
        values = self.env.convert(rendered) if isinstance(rendered, Mapping) else ctx.render(self.env)
        environment = {str(key): _text(ctx, value) for key, value in values.items()}
        if "outputDir" in extra:
            environment["OUTPUT_DIR"] = extra["outputDir"]
        for name, value in environment.items():
            if not name or "=" in name or "\0" in name + value:
                raise PluginError(f"`{name}` cannot be an environment variable", retryable=False)
        return environment

    def _patterns(self, ctx: RunContext) -> list[str]:
        patterns = ctx.render(self.output_files)
        return [*patterns, f"{self.OUTPUT_DIRECTORY}/**"] if ctx.render(self.output_directory) else patterns

    def _files_of_failure(self, ctx: RunContext) -> dict[str, str]:
        """Files that a failed command left are kept too, as far as that is possible."""
        if ctx.is_killed():
            return {}
        try:
            return store_output_files(ctx, ctx.workdir, self._patterns(ctx))
        except (PluginError, OSError) as error:
            ctx.log(LogLevel.WARN, f"Output files were not kept: {error}")
            return {}

    def _outcome(self, ctx: RunContext, result: ScriptResult) -> Outcome:
        outputs = {
            "exitCode": result.exit_code,
            "vars": result.vars,
            "outputFiles": store_output_files(ctx, ctx.workdir, self._patterns(ctx)),
            "stdOutLineCount": result.stdout_lines,
            "stdErrLineCount": result.stderr_lines,
        }
        warns = result.stderr_lines > 0 and ctx.render(self.warning_on_std_err)
        return Outcome(outputs=outputs, state=State.WARNING if warns else State.SUCCESS)


def render_lines(ctx: RunContext, source: Any, extra: Mapping[str, Any], own: OwnFiles) -> list[str]:
    """Commands rendered; addresses of stored files in them are replaced by files that were fetched."""
    rendered = ctx.render_any(source, extra)
    if isinstance(rendered, str):
        rendered = Property[list[str]](source).convert(ctx.render(Property[list[str]](source)))
    return [with_local_files(ctx, _text(ctx, line), own) for line in rendered]


def with_local_files(ctx: RunContext, text: str, own: OwnFiles) -> str:
    """The text with each `kestra://` address replaced by the path of a local copy."""
    copies: dict[str, str] = {}
    for uri in _ADDRESS.findall(text):
        if uri not in copies and uri != "kestra://":
            copies[uri] = str(_fetch(ctx, uri, own))
    return _ADDRESS.sub(lambda found: copies.get(found.group(), found.group()), text)


def _fetch(ctx: RunContext, uri: str, own: OwnFiles) -> Path:
    source = open_source(ctx, uri)
    assert source is not None
    with source:
        return write_file(own.folder, f"{os.urandom(6).hex()}-{uri.rpartition('/')[2] or 'file'}", source)


def put_namespace_files(ctx: RunContext, option: NamespaceFilesOption) -> None:
    """Copy the files of the namespaces that the option names into the working directory."""
    if not ctx.render(option.enabled):
        return
    files: NamespaceFiles = ctx.service("files")
    include, exclude = ctx.render(option.include), ctx.render(option.exclude)
    wanted = matcher(include, recursive=True) if include else lambda _name: True
    unwanted = matcher(exclude, recursive=True)
    in_folders = ctx.render(option.folder_per_namespace)
    namespaces = ctx.render(option.namespaces)
    for namespace in dict.fromkeys(namespaces):
        for path in files.list(namespace=namespace):
            if wanted(path) and not unwanted(path):
                name = f"{namespace}{path}" if in_folders else path
                _put_namespace_file(ctx, files, namespace, path, name, ctx.render(option.if_exists))


def _put_namespace_file(
    ctx: RunContext, files: NamespaceFiles, namespace: str, path: str, name: str, if_exists: str
) -> None:
    if safe_path(ctx.workdir, name).exists():
        if if_exists == "FAIL":
            raise PluginError(f"The file {name} already exists in the working directory", retryable=False)
        if if_exists == "WARN":
            ctx.log(LogLevel.WARN, f"The file {name} already exists in the working directory")
        if if_exists != "OVERWRITE":
            return
        ctx.log(LogLevel.DEBUG, f"The file {name} is overwritten")
    with files.open(path=path, namespace=namespace) as source:
        write_file(ctx.workdir, name, source)


def quoted(path: Path) -> str:
    """A path as one word of a shell."""
    return shlex.quote(str(path))


def known_as(name: str, other: str) -> str:
    """A line of the shell: a program is known by the name that flows use also where a machine has another for it."""
    return f'command -v {name} >/dev/null 2>&1 || {name}() {{ {other} "$@"; }}'


def _time_left(ctx: RunContext) -> timedelta | None:
    if ctx.deadline is None:
        return None
    return max(timedelta(seconds=0.001), ctx.deadline - type(ctx.deadline).now(ctx.deadline.tzinfo))


def _text(ctx: RunContext, value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else str(ctx.render_any("{{ it }}", {"it": value}))
