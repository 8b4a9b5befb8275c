"""How files of the internal storage are called: `kestra://` addresses outside, tenant-prefixed keys inside."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote_to_bytes

from control_plane.kernel.words.errors import BadParameter
from control_plane.kernel.words.ids import ID_LENGTH
from plugins.storage.port import task_folder

SCHEME = "kestra://"
MAX_KEY_BYTES = 1000
MAX_SEGMENT_BYTES = 255
_PLAIN = "!'()*+,-.=@_~"
_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_EXECUTION = re.compile(rf"[0-9A-Za-z]{{{ID_LENGTH}}}")
FILES = "_files"
"""The folder of a namespace's own files; no namespace or flow can be called like this."""


EXECUTIONS = "executions"
"""The folder of a flow's executions."""
CACHES = "_caches"
"""The folder of a flow's caches; beside it are its executions."""


class BadAddress(BadParameter):
    """This is no address of a file."""

    code = "bad_address"


def execution_prefix(tenant: str, namespace: str, flow_id: str, execution_id: str) -> str:
    """Keys of an execution's files begin with this."""
    return _key(tenant, (*_namespace(namespace), flow_id, "executions", execution_id)) + "/"


def task_file_key(prefix: str, task_id: str, task_run_id: str, name: str) -> str:
    """The key of a file that a task run keeps; `prefix` is that of its execution."""
    return _below(prefix, ("tasks", task_folder(task_id), task_run_id, *_parts(name)))


def input_key(prefix: str, input_id: str, name: str) -> str:
    """The key of a file given as an input; `prefix` is that of the execution."""
    return _below(prefix, ("inputs", input_id, *_parts(name)))


def flow_prefix(tenant: str, namespace: str, flow_id: str) -> str:
    """Keys of everything that the executions of a flow keep begin with this."""
    return _key(tenant, (*_namespace(namespace), flow_id)) + "/"


def cache_prefix(tenant: str, namespace: str, flow_id: str) -> str:
    """Keys of what tasks of a flow keep for its next execution begin with this."""
    return _below(flow_prefix(tenant, namespace, flow_id), (CACHES,)) + "/"


def cache_key(tenant: str, namespace: str, flow_id: str, task_id: str, values: Sequence[str]) -> str:
    """The key of the cache of one task; in a loop of one for these values, from the outermost to its own."""
    told = hashlib.sha256("\0".join(values).encode()).hexdigest()[:32] if values else "own"
    return _below(cache_prefix(tenant, namespace, flow_id), (task_id, told, "cache.zip"))


def namespace_prefix(tenant: str, namespace: str) -> str:
    """Keys of everything in a namespace and below begin with this."""
    return _key(tenant, _namespace(namespace)) + "/"


def namespace_of(key: str) -> tuple[str, str] | None:
    """The namespace and the path of a namespace file by its key; None for the key of anything else."""
    _, _, rest = key.partition("/")
    owner, found, path = rest.partition(f"/{FILES}/")
    return (owner.replace("/", "."), f"/{path}") if found else None


def namespace_at(path: str) -> str:
    """The namespace to which a key belongs, by what follows the tenant in it; "" where nothing tells.

    One path may be read in two ways, for a flow may be called as a namespace is; each is always read in the same one.
    """
    segments = path.split("/")
    found, index = _landmark(segments)
    if found is None:
        return ".".join(segments[:-1])
    return ".".join(segments[: index if found == FILES else index - 1])


def execution_folder(key: str) -> tuple[str, str] | None:
    """How the keys of an execution's files begin, and its id, by one of them; None for the key of anything else."""
    tenant, _, path = key.partition("/")
    segments = path.split("/")
    found, index = _landmark(segments)
    if found != EXECUTIONS:
        return None
    return f"{'/'.join([tenant, *segments[: index + 2]])}/", segments[index + 1]


def namespace_content(key: str) -> tuple[str, str] | None:
    """The namespace, and the name of one content of its files, by its key; None for the key of anything else."""
    segments = key.partition("/")[2].split("/")
    found, index = _landmark(segments)
    if found != FILES or len(segments) != index + 2:
        return None
    return ".".join(segments[:index]), segments[-1]


def _landmark(segments: Sequence[str]) -> tuple[str | None, int]:
    """The first segment that tells what lies there, and where it stands: names further on are those of users."""
    for index, segment in enumerate(segments):
        if segment == FILES and index > 0:
            return FILES, index
        if segment == CACHES and index > 1:
            return CACHES, index
        is_execution = segment == EXECUTIONS and index > 1 and len(segments) > index + 1
        if is_execution and _EXECUTION.fullmatch(segments[index + 1]):
            return EXECUTIONS, index
    return None, -1


def namespace_files_prefix(tenant: str, namespace: str) -> str:
    """Keys of the namespace files begin with this."""
    return _key(tenant, (*_namespace(namespace), FILES)) + "/"


def namespace_file_key(tenant: str, namespace: str, path: str) -> str:
    """What a namespace file is called among the tenant's files; its content lies elsewhere: see `stores.files`."""
    return _below(namespace_files_prefix(tenant, namespace), _parts(path))


def plain_path(path: str) -> str:
    """A path inside a namespace, beginning with a slash. Raises BadAddress for one that leads elsewhere."""
    found = _below("", _parts(path))
    return f"/{found}"


def state_key(tenant: str, namespace: str, flow_id: str | None, name: str, value: str | None) -> str:
    """The key of a state that a flow, or a whole namespace, keeps between executions."""
    owner = (*_namespace(namespace), *((flow_id,) if flow_id else ()), "_states")
    return _key(tenant, (*owner, *((value,) if value else ()), name))


def is_tenant(text: str) -> bool:
    """Whether a key may begin so."""
    return _TENANT.fullmatch(text) is not None


def tenant_prefix(tenant: str) -> str:
    """Keys of everything of a tenant begin with this."""
    if not is_tenant(tenant):
        raise BadAddress(f"`{tenant[:100]}` is no tenant")
    return f"{tenant}/"


def uri_of(key: str) -> str:
    """The address of a key: the tenant is left out, since nobody may choose it."""
    return f"{SCHEME}/{quote(key.partition('/')[2], safe='/' + _PLAIN)}"


def key_of(tenant: str, uri: str) -> str:
    """The key that an address means to this tenant. Raises BadAddress for anything that is no plain address.

    The text is decoded once; what is still encoded then is part of a name.
    """
    if not uri.startswith(f"{SCHEME}/") or len(uri) > 4 * MAX_KEY_BYTES:
        raise BadAddress(f"`{uri[:200]}` is no address of a stored file")
    path = uri[len(SCHEME) + 1 :]
    if any(char in path for char in "?#\\") or not path.isprintable():
        raise BadAddress(f"`{uri[:200]}` is no address of a stored file")
    try:
        decoded = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise BadAddress(f"`{uri[:200]}` is not UTF-8") from None
    return _key(tenant, decoded.split("/"))


def is_below(key: str, prefix: str) -> bool:
    """Whether the key is one of those that begin with the prefix."""
    return prefix.endswith("/") and key.startswith(prefix)


def name_of(key: str) -> str:
    """The name of the file itself."""
    return key.rpartition("/")[2]


def _namespace(namespace: str) -> list[str]:
    return namespace.split(".")


def _parts(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _key(tenant: str, segments: Iterable[str]) -> str:
    return _below(tenant_prefix(tenant), segments)


def _below(prefix: str, segments: Iterable[str]) -> str:
    key = prefix + "/".join(_segment(segment) for segment in segments)
    if len(key.encode()) > MAX_KEY_BYTES:
        raise BadAddress(f"a path is at most {MAX_KEY_BYTES} bytes long")
    return key


def _segment(text: str) -> str:
    """One part of a key: composed Unicode, visible, and no step elsewhere."""
    composed = unicodedata.normalize("NFC", text)
    if composed.strip(" .") == "" or "/" in composed or "\\" in composed:
        raise BadAddress(f"`{text[:100]}` cannot be part of a path")
    if any(unicodedata.category(char) in ("Cc", "Cs", "Cf", "Zl", "Zp") for char in composed):
        raise BadAddress("a path holds no control characters")
    if composed != composed.strip(" ") or composed.endswith("."):
        raise BadAddress(f"`{text[:100]}` begins or ends with a blank, or ends with a dot")
    if len(composed.encode()) > MAX_SEGMENT_BYTES:
        raise BadAddress(f"a part of a path is at most {MAX_SEGMENT_BYTES} bytes long")
    return composed
